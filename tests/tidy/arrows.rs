//! Which crate and which module may need which other.

use std::collections::BTreeSet;
use std::process::Command;

use crate::{files, module_graph, root, text};

#[test]
fn compile_time_arrows_go_one_way() {
    let tree = |package: &str| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["tree", "--package", package, "--edges", "normal,build", "--prefix", "none"])
            .current_dir(root());
        let names = tests::run(&mut cargo);
        names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let without = |package: &str, forbidden: &[&str]| {
        let tree = tree(package);
        for name in forbidden {
            assert!(!tree.contains(*name), "{package} depends on {name}");
        }
    };
    let desktop = ["tauri", "wry", "webkit2gtk", "gtk", "reqwest", "keyring-core", "adapters", "practice"];
    without("oauth", &[&desktop[..], &["tokio", "rand", "log", "connection"]].concat());
    without("connection", &desktop);
    // No library of the system: the one crate of this kind brings its own source along.
    for package in ["oauth", "connection"] {
        let tree = tree(package);
        let libraries: Vec<_> = tree.iter().filter(|name| name.ends_with("-sys")).collect();
        assert_eq!(libraries, ["aws-lc-sys"], "{package}");
    }
    without("door", &["tauri", "wry", "webkit2gtk", "gtk", "practice"]);
    without("adapters", &["tauri", "wry", "webkit2gtk", "gtk", "practice"]);
    without("background", &["tauri", "wry", "webkit2gtk", "gtk", "command_line"]);
    without("command_line", &["tauri", "wry", "webkit2gtk", "gtk", "practice"]);
    without("practice", &["tauri", "wry", "webkit2gtk", "gtk", "oauth", "connection", "adapters"]);
}

#[test]
fn no_two_modules_of_a_crate_need_each_other() {
    let crates: Vec<_> = files("src-tauri").into_iter().chain(files("tests")).collect();
    let roots: Vec<_> = crates.iter().filter(|file| file.ends_with("src/lib.rs")).collect();
    assert!(roots.len() >= 8, "{roots:?}");
    for file in roots {
        let graph = module_graph::of_crate(&root().join(file));
        if let Some(circle) = module_graph::circle(&graph) {
            panic!("{file}: {}", circle.join(" → "));
        }
    }
}

#[test]
fn a_circle_of_modules_is_seen_also_through_what_the_crate_passes_on() {
    let straight = [
        ("", "mod a; mod b; pub use b::B; pub use a::A;"),
        ("a", "use crate::B; pub struct A(B);"),
        ("b", "pub struct B; #[cfg(test)] mod tests { use crate::A; }"),
    ];
    let graph = module_graph::of_sources(&straight);
    assert!(graph["a"].contains("b"), "{graph:?}");
    assert_eq!(module_graph::circle(&graph), None);
    for b in [
        "use crate::A; pub struct B(A);",
        "use super::a; pub fn b() -> a::A { a::A }",
        "pub struct B; impl From<crate::a::A> for B {}",
    ] {
        let mut bent = straight;
        bent[2].1 = b;
        let graph = module_graph::of_sources(&bent);
        let circle = module_graph::circle(&graph);
        assert!(
            circle.is_some_and(|circle| circle.contains(&"a") && circle.contains(&"b")),
            "{b}: {graph:?}"
        );
    }
}

#[test]
fn no_two_modules_of_the_window_need_each_other() {
    let scripts: Vec<_> =
        files("ui").into_iter().filter(|file| file.ends_with(".js") && !file.contains("locales")).collect();
    let name = |file: &str| file.rsplit('/').next().unwrap().to_owned();
    let imports = |file: &String| {
        let script = text(file);
        let from = script.lines().filter(|line| line.starts_with("import ") || line.starts_with("export "));
        from.filter_map(|line| Some(name(line.split_once(" from \"./")?.1.split('"').next()?)))
            .collect::<BTreeSet<_>>()
    };
    let graph = scripts.iter().map(|file| (name(file), imports(file))).collect();
    assert_eq!(module_graph::circle(&graph), None);
}

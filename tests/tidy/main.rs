//! Rules about the repository itself, held by a test instead of by memory.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod arrows;
mod module_graph;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use background::CommandError;
use connection::{ErrorCode, Notice, PastedProblem, ReturnPath, Verdict, View};
use strum::VariantNames;
use syn::visit::Visit;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn text(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files git knows or would take, below a folder.
fn files(folder: &str) -> Vec<String> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", folder]).current_dir(root());
    let listed = tests::run(&mut git);
    listed.lines().filter(|file| root().join(file).exists()).map(str::to_owned).collect()
}

fn rust_files() -> Vec<String> {
    files(".").into_iter().filter(|file| file.ends_with(".rs")).collect()
}

#[test]
fn the_top_level_holds_what_the_design_names_and_nothing_else() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "Makefile",
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "deny.toml",
        "LICENSE",
        "rust-toolchain.toml",
        "icons",
        "ui",
        "src-tauri",
        "tests",
    ];
    for file in files(".") {
        let top = file.split('/').next().unwrap();
        assert!(top.starts_with('.') || allowed.contains(&top), "{top} is not part of the layout");
    }
}

#[test]
fn the_window_loads_all_its_modules_at_once() {
    let page = text("ui/index.html");
    for file in files("ui").iter().filter(|file| file.ends_with(".js") && *file != "ui/main.js") {
        let name = file.strip_prefix("ui/").unwrap();
        assert!(page.contains(&format!(r#"<link rel="modulepreload" href="{name}" />"#)), "{name}");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for file in rust_files() {
        assert!(text(&file).starts_with("//! "), "{file} does not begin with what it is for");
    }
    for file in files("ui").iter().filter(|file| file.ends_with(".js") && !file.contains("locales")) {
        assert!(text(file).starts_with("// "), "{file} does not begin with what it is for");
    }
}

#[test]
fn hotmart_token_and_the_program_without_a_window_load_no_webview() {
    for program in ["hotmart-token", "hotmart-connect-tray"] {
        let libraries = tests::run(Command::new("ldd").arg(tests::built_programs().join(program)));
        assert!(libraries.contains("libc.so"), "{libraries}");
        for library in ["webkit", "gtk", "gdk", "javascriptcore"] {
            assert!(!libraries.contains(library), "{program}: {libraries}");
        }
    }
}

/// The installed manual and completions are made by the build, in every language.
#[test]
fn every_file_that_a_package_installs_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = Command::new(root().join("src-tauri/packaging/stage.sh"));
    stage.args([Path::new("desktop"), &tests::built_programs(), folder.path()]);
    tests::run(stage.env("SOURCE_DATE_EPOCH", "0"));
    let usr = folder.path().join("usr");
    let programs =
        ["hotmart-connect", "hotmart-connect-tray", "hotmart-token"].map(|name| format!("bin/{name}"));
    let manuals = ["man1", "pt_BR/man1", "es/man1"].into_iter().flat_map(|language| {
        let pages = ["hotmart-connect", "hotmart-connect-tray", "hotmart-token", "hotmart-token-forget"];
        pages.map(|page| format!("share/man/{language}/{page}.1.gz"))
    });
    let others = [
        "share/applications/app.hotmart-connect.desktop",
        "share/icons/hicolor/scalable/apps/app.hotmart-connect.svg",
        "share/metainfo/app.hotmart-connect.metainfo.xml",
        "share/bash-completion/completions/hotmart-token",
    ];
    for file in programs.into_iter().chain(manuals).chain(others.map(str::to_owned)) {
        let found = std::fs::metadata(usr.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(found.len() > 100, "{file} is empty");
    }
    let manual = text("src-tauri/crates/command_line/generated/man/pt-BR/hotmart-token.1");
    assert!(manual.contains("chaveiro") && manual.contains("hotmart\\-token exec"), "{manual}");
    assert!(manual.contains("\n.SH SINOPSE\n"), "{manual}");
}

/// The values of the constants in a file that are strings or numbers, by their names.
struct Constants(BTreeMap<String, Vec<String>>);

impl Constants {
    fn of(file: &str) -> Self {
        let mut constants = Self(BTreeMap::new());
        constants.visit_file(&syn::parse_file(&text(file)).unwrap());
        constants
    }
}

impl<'ast> Visit<'ast> for Constants {
    fn visit_item_const(&mut self, constant: &'ast syn::ItemConst) {
        struct Literals(Vec<String>);
        impl<'ast> Visit<'ast> for Literals {
            fn visit_lit(&mut self, literal: &'ast syn::Lit) {
                match literal {
                    syn::Lit::Str(text) => self.0.push(text.value()),
                    syn::Lit::Int(number) => self.0.push(number.base10_digits().to_owned()),
                    _ => {}
                }
            }
        }
        let mut literals = Literals(Vec::new());
        literals.visit_expr(&constant.expr);
        self.0.insert(constant.ident.to_string(), literals.0);
    }
}

#[test]
fn the_readme_has_every_exit_code() {
    let readme = text("README.md");
    let Constants(mut codes) = Constants::of("src-tauri/crates/command_line/src/exit_codes.rs");
    // That is where the signals begin.
    assert_eq!(codes.remove("SIGNAL"), Some(vec!["128".to_owned()]));
    codes.remove("EXIT_CODES");
    assert!(codes.len() >= 13, "{codes:?}");
    for (name, code) in codes {
        assert!(readme.contains(&format!("\n| {} |", code[0])), "exit code {name} is not in the README");
    }
}

#[test]
fn the_window_may_call_our_own_commands_and_nothing_else() {
    let capability: serde_json::Value =
        serde_json::from_str(&text("src-tauri/capabilities/main.json")).unwrap();
    let permissions = capability["permissions"].as_array().unwrap();
    let allowed: BTreeSet<_> = permissions.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    let Constants(constants) = Constants::of("src-tauri/build.rs");
    let commands = &constants["COMMANDS"];
    assert!(commands.len() <= 15, "what is asked of a connection is one command");
    let declared = commands.iter().map(|command| format!("allow-{}", command.replace('_', "-"))).collect();
    assert_eq!(allowed, declared);
    let files = files("src-tauri/capabilities");
    assert_eq!(files, ["src-tauri/capabilities/main.json"], "one window, one capability");
}

#[test]
fn the_installed_desktop_entry_hands_the_link_on() {
    let entry = text("src-tauri/linux/app.hotmart-connect.desktop");
    assert!(entry.contains("\nExec=hotmart-connect %u\n"));
    assert!(entry.contains("\nMimeType=x-scheme-handler/app.hotmart-connect;\n"));
}

/// A locale file: a JSON object after `export default`.
fn locale(name: &str) -> BTreeMap<String, String> {
    let text = text(format!("ui/locales/{name}.js"));
    let json = text.trim().strip_prefix("export default ").and_then(|text| text.strip_suffix(';')).unwrap();
    serde_json::from_str(json).unwrap()
}

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

#[test]
fn the_languages_say_the_same() {
    let portuguese = locale("pt-BR");
    for name in ["es", "en"] {
        let other = locale(name);
        let keys = |locale: &BTreeMap<String, String>| locale.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(&portuguese), keys(&other), "{name}");
        for (key, text) in &portuguese {
            assert_eq!(places(text), places(&other[key]), "{name}: {key}");
            assert!(!other[key].trim().is_empty(), "{name}: {key}");
        }
    }
}

#[test]
fn every_code_has_a_sentence() {
    let known = locale("pt-BR");
    let keys = |start: &'static str, codes: &[&'static str]| {
        codes.iter().map(|code| format!("{start}.{code}")).collect::<Vec<_>>()
    };
    let mut needed = keys("error", ErrorCode::VARIANTS);
    needed.extend(keys("notice", Notice::VARIANTS).into_iter().filter(|key| key != "notice.came_back"));
    needed.extend(ReturnPath::VARIANTS.iter().map(|path| format!("notice.came_back_{path}")));
    needed.extend(keys("check", Verdict::VARIANTS));
    needed.extend(keys("state", View::VARIANTS));
    needed.extend(keys("command", CommandError::VARIANTS));
    needed.extend(keys("pasted", PastedProblem::VARIANTS));
    let outcomes = ["revoked", "revocation_failed", "revocation_not_offered", "nothing_to_revoke"];
    needed.extend(keys("removed", &outcomes));
    for key in &needed {
        assert!(known.contains_key(key), "no sentence for {key}");
    }
}

#[test]
fn every_sentence_is_used_and_every_key_has_one() {
    let known = locale("pt-BR");
    let scripts: String = files("ui")
        .iter()
        .filter(|file| file.ends_with(".js") && !file.contains("locales"))
        .chain(&files("src-tauri/crates/command_line/src"))
        .chain(&files("src-tauri/crates/background/src"))
        .chain(&files("src-tauri/crates/adapters/src"))
        .chain(&files("src-tauri/src"))
        .map(text)
        .collect();
    // A key that is put together in the script begins with one of these.
    let composed = [
        "environment.",
        "settings.clipboard",
        "settings.zoom",
        "settings.tray",
        "settings.login",
        "settings.notifications",
        "computer.",
        "token.form.",
        "notification.",
        "menu.",
        "scope.",
        "error.",
        "notice.",
        "command.",
        "keyring.",
        "expired.",
        "form.endpoint_",
        "form.missing_",
        "form.kind_",
        "form.authentication_",
        "action.move_to_",
        "check.",
        "built_in.",
        "practice.",
        "pasted.",
        "recipe.",
        "tool.",
        "use.field.",
        "start.step_",
        "start.place_",
        "removed.",
        "state.",
        "forgetting.",
        "loading.",
        "exchanging.",
        "disconnecting.",
        "cli.option.",
        "cli.value.",
        "cli.command.",
        "cli.argument.",
        "cli.status.",
        "cli.next.",
        "page.",
        "door.refused.",
        "local.example.",
        "local.how.",
        "update.waiting_",
        "update.failed_",
    ];
    let pills = [
        "connected.pill",
        "refreshing.pill",
        "retrying.pill",
        "settings.broken",
        "settings.unreadable",
        "settings.from_the_future",
    ];
    for key in known.keys() {
        let literal = scripts.contains(&format!("\"{key}\""));
        let by_part = composed.iter().any(|start| key.starts_with(start)) || pills.contains(&key.as_str());
        assert!(literal || by_part, "{key} is said nowhere");
    }
    for literal in scripts.split("text(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(known.contains_key(literal), "{literal} has no sentence");
    }
}

#[test]
fn every_size_has_a_name() {
    let styles = text("ui/styles.css");
    let rules = styles.split_once("* {").unwrap().1;
    let is_size = |word: &str| {
        let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = &word[number.len()..];
        ["px", "rem", "em"].contains(&unit) && number.parse::<f64>().is_ok_and(|number| number != 0.0)
    };
    for line in rules.lines().filter(|line| !line.contains("@media")) {
        let mut words = line.split(|c: char| c.is_whitespace() || "(),;:".contains(c));
        assert!(!words.any(is_size), "a size without a name: {line}");
    }
}

#[test]
fn the_invariants_name_tests_that_exist() {
    let invariants = text("CONTRIBUTING.md");
    let invariants = invariants.split("## Invariants").nth(1).unwrap().split("\n## ").next().unwrap();
    let code: String = rust_files().iter().map(text).collect();
    let named: Vec<_> =
        invariants.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() >= 3).collect();
    assert!(named.len() >= 6);
    for name in named {
        assert!(code.contains(&format!("fn {name}(")), "a test is named that is gone: {name}");
    }
}

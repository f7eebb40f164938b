//! Rules about the repository itself, held by a test instead of by memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

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
    let allowed =
        ["Cargo.toml", "Cargo.lock", "Makefile", "README.md", "LICENSE", "icons", "ui", "src-tauri", "tests"];
    for file in files(".") {
        let top = file.split('/').next().unwrap();
        assert!(top.starts_with('.') || allowed.contains(&top), "{top} is not part of the layout");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for file in rust_files() {
        assert!(text(&file).starts_with("//! "), "{file} does not begin with what it is for");
    }
}

#[test]
fn compile_time_arrows_go_one_way() {
    let tree = |package: &str| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["tree", "--package", package, "--edges", "normal", "--prefix", "none"])
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
    without("adapters", &["tauri", "wry", "webkit2gtk", "gtk", "practice"]);
    without("background", &["tauri", "wry", "webkit2gtk", "gtk", "command_line"]);
    without("command_line", &["tauri", "wry", "webkit2gtk", "gtk", "practice"]);
    without("practice", &["tauri", "wry", "webkit2gtk", "gtk", "oauth", "connection", "adapters"]);
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
    let bundle: serde_json::Value = serde_json::from_str(&text("src-tauri/tauri.conf.json")).unwrap();
    for kind in ["deb", "rpm"] {
        let files = bundle["bundle"]["linux"][kind]["files"].as_object().unwrap();
        assert!(files.len() >= 20);
        for (place, file) in files {
            let content = text(Path::new("src-tauri").join(file.as_str().unwrap()));
            assert!(content.len() > 100, "{place} is empty");
        }
    }
    let manual = text("src-tauri/crates/command_line/generated/man/pt-BR/hotmart-token.1");
    assert!(manual.contains("chaveiro") && manual.contains("hotmart\\-token exec"), "{manual}");
}

#[test]
fn the_readme_has_every_exit_code() {
    let (readme, codes) = (text("README.md"), text("src-tauri/crates/command_line/src/exit_codes.rs"));
    let codes: Vec<_> = codes.split(": u8 = ").skip(1).filter_map(|rest| rest.split(';').next()).collect();
    assert!(codes.len() >= 14);
    // 128 is where the signals begin.
    for code in codes.into_iter().filter(|code| *code != "128") {
        assert!(readme.contains(&format!("\n| {code} |")), "exit code {code} is not in the README");
    }
}

#[test]
fn the_window_may_call_our_own_commands_and_nothing_else() {
    let capability: serde_json::Value =
        serde_json::from_str(&text("src-tauri/capabilities/main.json")).unwrap();
    let allowed: BTreeSet<_> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    let commands = text("src-tauri/build.rs");
    let commands = commands.split("COMMANDS: &[&str] = &[").nth(1).unwrap().split("];").next().unwrap();
    let declared: BTreeSet<_> = commands
        .split('"')
        .skip(1)
        .step_by(2)
        .map(|command| format!("allow-{}", command.replace('_', "-")))
        .collect();
    assert_eq!(allowed, declared);
    let files = files("src-tauri/capabilities");
    assert_eq!(files, ["src-tauri/capabilities/main.json"], "one window, one capability");
}

#[test]
fn what_crosses_to_the_window_has_no_field_for_a_secret() {
    let ipc: String = files("src-tauri/src").iter().filter(|file| file.contains("/ipc")).map(text).collect();
    let messages: String = ipc
        .split("#[derive(")
        .filter(|item| item.starts_with("Debug, Serialize"))
        .filter_map(|item| item.split("\n}").next())
        .collect();
    for name in ["Secret", "access_token", "refresh_token", "verifier", " client_secret:"] {
        assert!(!messages.contains(name), "a message to the window names {name}");
    }
    for name in ["pub struct Message", "pub enum State", "pub struct Discovery"] {
        assert!(messages.contains(name), "the messages were found");
    }
}

#[test]
fn the_installed_desktop_entry_hands_the_link_on() {
    let template = text("src-tauri/hotmart-connect.desktop");
    assert!(template.contains("\nExec={{exec}} %u\n"));
    let bundle = text("src-tauri/tauri.conf.json");
    assert_eq!(bundle.matches("\"desktopTemplate\": \"hotmart-connect.desktop\"").count(), 2, "deb and rpm");
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
fn every_code_has_a_sentence_and_every_sentence_is_used() {
    let known = locale("pt-BR");
    let codes = text("src-tauri/crates/connection/src/problem.rs");
    let (errors, notices) = codes.split_once("impl Notice").unwrap();
    let strings = |text: &str| {
        text.lines()
            .filter_map(|line| line.trim().split("=> \"").nth(1)?.split('"').next().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let (errors, notices) = (strings(errors), strings(notices));
    assert!(errors.len() >= 12 && notices.len() >= 9);
    let mut needed: BTreeSet<String> = errors.iter().map(|code| format!("error.{code}")).collect();
    needed.extend(notices.iter().map(|code| format!("notice.{code}")));
    let verdicts = strings(&text("src-tauri/crates/connection/src/api_check.rs"));
    let states = text("src-tauri/crates/connection/src/snapshot.rs");
    let states = strings(states.split("fn name(").nth(1).unwrap());
    assert!(verdicts.len() >= 12 && states.len() >= 16);
    needed.extend(verdicts.iter().map(|code| format!("check.{code}")));
    needed.extend(states.iter().map(|name| format!("state.{name}")));
    let outcomes = ["revoked", "revocation_failed", "revocation_not_offered", "nothing_to_revoke"];
    needed.extend(outcomes.iter().map(|code| format!("removed.{code}")));
    let commands = text("src-tauri/crates/background/src/command_error.rs");
    let commands = commands.split("pub enum CommandError {").nth(1).unwrap().split('}').next().unwrap();
    for variant in commands.lines().map(str::trim).filter(|line| line.ends_with(',')) {
        let code: String = variant
            .trim_end_matches(',')
            .char_indices()
            .flat_map(|(at, letter)| {
                let gap = (letter.is_uppercase() && at > 0).then_some('_');
                gap.into_iter().chain(letter.to_lowercase())
            })
            .collect();
        needed.insert(format!("command.{code}"));
    }
    for key in &needed {
        assert!(known.contains_key(key), "no sentence for {key}");
    }

    let scripts: String = files("ui")
        .iter()
        .filter(|file| file.ends_with(".js") && !file.contains("locales"))
        .chain(&files("src-tauri/crates/command_line/src"))
        .chain(&files("src-tauri/crates/background/src"))
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
fn the_readme_names_tests_that_exist() {
    let readme = text("README.md");
    let invariants = readme.split("## Invariants").nth(1).unwrap().split("\n## ").next().unwrap();
    let code: String = rust_files().iter().map(text).collect();
    let named: Vec<_> =
        invariants.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() >= 3).collect();
    assert!(named.len() >= 6);
    for name in named {
        assert!(code.contains(&format!("fn {name}(")), "the README names a test that is gone: {name}");
    }
}

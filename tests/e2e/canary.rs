//! No secret in any log, file, message to the window, or argument of a child process.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use practice::Observation;
use tests::{CLIENT_SECRET, HotmartOptions, wait_until};

use crate::journeys::Ready;

/// Collects the arguments of every process of the machine, again and again.
struct ArgumentWatch {
    seen: Arc<Mutex<HashSet<String>>>,
    stop: Arc<AtomicBool>,
}

impl ArgumentWatch {
    fn start() -> Self {
        let watch = Self { seen: Arc::default(), stop: Arc::default() };
        let (seen, stop) = (Arc::clone(&watch.seen), Arc::clone(&watch.stop));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let processes = std::fs::read_dir("/proc").unwrap().flatten();
                for process in processes {
                    if let Ok(arguments) = std::fs::read(process.path().join("cmdline")) {
                        seen.lock().unwrap().insert(String::from_utf8_lossy(&arguments).into_owned());
                    }
                }
            }
        });
        watch
    }

    fn stop(self) -> HashSet<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.seen.lock().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_flows_leave_no_secret_in_logs_files_messages_and_arguments() {
    let arguments = ArgumentWatch::start();
    let mut ready = Ready::unconfigured(HotmartOptions::default()).await;
    ready.app.wait_for_sentence("form.missing_client_secret").await;
    ready.app.driver().type_into("client-secret", CLIENT_SECRET).await;
    ready.app.click("save").await;
    ready.app.wait_for_state("disconnected").await;
    let hotmart_in_trouble = |body: &'static str| (400, "application/json", None, body);

    // Failure: denied, a refused exchange, forged links. Success: connected, copied, renewed.
    ready.connect_and("deny").await;
    ready.app.wait_for_state("denied").await;
    let (status, kind, wait, body) = hotmart_in_trouble(r#"{"error":"invalid_client"}"#);
    ready.hotmart.practice().break_token_endpoint(status, kind, wait, body);
    ready.connect_and("allow").await;
    ready.app.wait_for_state("failed").await;
    ready.hotmart.practice().recover();
    ready.connect_and("allow").await;
    ready.app.wait_for_state("connected").await;
    ready.app.click("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;
    ready.app.click("refresh").await;
    wait_until("the server saw a renewal", || (ready.hotmart.refreshes() == 1).then_some(()));
    ready.app.wait_for_state("connected").await;
    let state = ready.hotmart.last_state();
    let forged = format!("{}?code=canary-forged-code-81aa&state={state}", connection::DEFAULT_REDIRECT_URI);
    ready.desktop.quiet(ready.desktop.program()).arg(forged).status().unwrap();
    wait_until("the forged link was judged", || {
        ready.desktop.log().contains("nobody waits for").then_some(())
    });
    // Programs that ask for a token, and are told no.
    let mut words = String::new();
    for arguments in [
        &["--renew"][..],
        &["status"],
        &["status", "--json"],
        &["exec", "--", "sh", "-c", "echo $HOTMART_ACCESS_TOKEN"],
        &["api", "GET", "/payments/api/v1/sales/summary"],
        &["api", "GET", "/nothing/here"],
        &["--format", "curl"],
        &["--nonsense"],
    ] {
        let told = ready.desktop.token(arguments);
        words += &told.words;
        if arguments[0] == "status" {
            words += &told.answer;
        }
    }
    ready.app.click("refresh").await;
    ready.app.wait_for_state("connected").await;
    // A look at this computer, and the report on it, saved and copied.
    ready.app.click("settings").await;
    ready.app.click("check-computer").await;
    ready.app.press("save-report").await;
    ready.app.wait_for_sentence("computer.report_saved").await;
    ready.app.press("copy-report").await;
    ready.app.wait_for_sentence("computer.report_copied").await;
    let report = ready.desktop.clipboard();
    assert!(report.contains("account 1") && !report.contains(tests::CLIENT_ID), "a report names nobody");
    words += &report;
    ready.app.press("close-settings").await;
    // A server whose words repeat the refresh token, as Spring's do.
    let given = tokens(&ready.hotmart.seen());
    let refresh_token = given.iter().rfind(|token| token.starts_with("RT-")).unwrap();
    let echo = format!(
        r#"{{"error":"invalid_grant","error_description":"Invalid refresh token: {refresh_token}"}}"#
    );
    ready.hotmart.practice().break_token_endpoint(400, "application/json", None, &echo);
    ready.app.click("refresh").await;
    ready.app.wait_for_state("expired").await;
    words += &ready.desktop.token(&[]).words;

    let page = ready.app.driver().script("return document.documentElement.outerHTML").await.to_string();
    let arguments = arguments.stop();
    let seen = ready.hotmart.seen();
    let Ready { app, desktop, browser, .. } = ready;
    app.close(&desktop).await;
    drop(browser);

    let log = desktop.log();
    assert!(log.contains("to the window: {"), "messages to the window are in the log at this level");
    let mut everywhere: Vec<(String, String)> =
        vec![("the page".into(), page), ("the log".into(), log), ("hotmart-token's words".into(), words)];
    collect_files(desktop.home(), &mut everywhere);

    // What only the program and the server know. `state` and the code also pass
    // through the browser's own address bar and the operating system's own
    // start of the handler; the program writes them nowhere itself.
    let secrets = tokens(&seen).into_iter().chain(verifiers(&seen)).chain([CLIENT_SECRET.to_owned()]);
    let secrets: Vec<String> = secrets.collect();
    assert!(secrets.len() >= 8, "{}", secrets.len());
    for secret in secrets.iter().chain(&states_and_codes(&seen)) {
        assert!(secret.len() >= 16);
        for (place, text) in &everywhere {
            assert!(!text.contains(secret.as_str()), "a secret is in {place}");
        }
    }
    for secret in &secrets {
        assert!(
            !arguments.iter().any(|arguments| arguments.contains(secret.as_str())),
            "a secret is an argument"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_disconnected_is_no_longer_in_memory() {
    let ready = Ready::connected(HotmartOptions::default()).await;
    ready.app.click("refresh").await;
    wait_until("the server saw a renewal", || (ready.hotmart.refreshes() == 1).then_some(()));
    ready.app.wait_for_state("connected").await;
    ready.app.click("copy-token").await;
    ready.app.wait_for_sentence("connected.copied").await;
    let given = tokens(&ready.hotmart.seen());
    assert!(given.len() >= 4, "{}", given.len());
    let memory = ready.desktop.home().join("memory");
    let is_held = || {
        std::fs::write(&memory, ready.desktop.memory()).unwrap();
        let mut grep = Command::new("grep");
        grep.args(["--text", "--quiet", "--fixed-strings"]).arg(&memory);
        for token in &given {
            grep.args(["-e", token]);
        }
        grep.status().unwrap().success()
    };
    assert!(is_held(), "what is in the clipboard is found");
    ready.app.click("disconnect").await;
    ready.app.click("disconnect-now").await;
    ready.app.wait_for_sentence("notice.revoked").await;
    // The clipboard is wiped beside the window's being told.
    wait_until("no token is in memory", || (!is_held()).then_some(()));
}

fn tokens(seen: &[Observation]) -> Vec<String> {
    let of = |observation: &Observation| match observation {
        Observation::Exchanged { tokens, .. } | Observation::Refreshed { tokens } => tokens.clone(),
        _ => Vec::new(),
    };
    seen.iter().flat_map(of).collect()
}

fn verifiers(seen: &[Observation]) -> Vec<String> {
    let of = |observation: &Observation| match observation {
        Observation::Exchanged { verifier, .. } => Some(verifier.clone()),
        _ => None,
    };
    seen.iter().filter_map(of).collect()
}

fn states_and_codes(seen: &[Observation]) -> Vec<String> {
    let of = |observation: &Observation| match observation {
        Observation::Asked { state } => Some(state.clone()),
        Observation::CodeIssued { code } => Some(code.clone()),
        _ => None,
    };
    seen.iter().filter_map(of).chain(["canary-forged-code-81aa".to_owned()]).collect()
}

/// Every file under the home, but for the keyring's own and the browser's own.
fn collect_files(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if name == "keyrings" || name == "chromium" || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect_files(&path, files);
        } else if path.is_file()
            && !name.to_string_lossy().starts_with("hotmart-connect-tray")
            && name != "hotmart-connect"
            && name != "hotmart-token"
        {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).into_owned();
            files.push((path.display().to_string(), text));
        }
    }
}

//! Settings, forms of the token, and the look at this computer.

use serde_json::json;
use tests::{App, Desktop, Hotmart, HotmartOptions, wait_until};

use crate::journeys::Ready;

#[tokio::test(flavor = "multi_thread")]
async fn each_form_is_copied_as_its_tool_reads_it_and_the_refresh_token_behind_a_warning() {
    let ready = Ready::connected(HotmartOptions::default()).await;
    let token = ready.hotmart.access_tokens().remove(0);
    ready.app.click("formats-title").await;
    for (form, start) in [
        ("header", format!("Authorization: Bearer {token}")),
        ("curl", format!("curl -H 'Authorization: Bearer {token}' http")),
        ("env", format!("HOTMART_ACCESS_TOKEN={token}\n")),
        ("powershell", format!("$env:HOTMART_ACCESS_TOKEN = '{token}'")),
        ("json", "{".to_owned()),
        ("n8n", "{".to_owned()),
    ] {
        ready.app.press(&format!("copy-{form}")).await;
        wait_until(form, || {
            let copied = ready.desktop.clipboard();
            (copied.starts_with(&start) && copied.contains(&token)).then_some(())
        });
        if start == "{" {
            serde_json::from_str::<serde_json::Value>(&ready.desktop.clipboard()).expect("it is JSON");
        }
    }
    let shown = "return document.getElementById('copy-refresh-token').checkVisibility()";
    assert_eq!(ready.app.driver().script(shown).await, json!(false), "the warning comes first");
    ready.app.press("details-title").await;
    ready.app.press("refresh-token-title").await;
    ready.app.wait_for_sentence("token.refresh_warning").await;
    ready.app.press("copy-refresh-token").await;
    wait_until("the refresh token is copied", || ready.desktop.clipboard().starts_with("RT-").then_some(()));
    assert!(ready.desktop.clipboard_targets().contains("x-kde-passwordManagerHint"));
    let Ready { app, desktop, .. } = ready;
    app.close(&desktop).await;
    assert_eq!(desktop.clipboard(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_chosen_is_kept_and_holds_for_the_next_copy() {
    let ready = Ready::connected(HotmartOptions::default()).await;
    let choose = |id: &str, value: &str| {
        format!(
            "const field = document.getElementById('{id}'); field.value = '{value}'; \
             field.dispatchEvent(new Event('change'))"
        )
    };
    ready.app.click("settings").await;
    ready.app.wait_for_sentence("settings.tray_none").await;
    ready.app.driver().script(&choose("setting-clipboard", "15")).await;
    wait_until("it is kept", || (ready.desktop.settings()["clipboard_seconds"] == json!(15)).then_some(()));
    ready.app.press("setting-login").await;
    let entry = ready.desktop.home().join(".config/autostart/app.hotmart-connect.desktop");
    let started = format!("Exec={} --background\n", ready.desktop.program().display());
    wait_until("it starts at login", || {
        std::fs::read_to_string(&entry).is_ok_and(|text| text.contains(&started)).then_some(())
    });
    ready.app.press("setting-login").await;
    wait_until("it no longer does", || (!entry.exists()).then_some(()));
    ready.app.press("close-settings").await;
    ready.app.click("copy-token").await;
    let seconds =
        "return parseInt(document.querySelector('.copied')?.textContent.match(/\\d+/)?.[0]) || null";
    let left = ready.app.driver().wait_for("the countdown", seconds).await;
    assert!((1..=15).contains(&left.as_u64().unwrap()), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_look_at_this_computer_finds_what_is_wrong_and_puts_it_right() {
    let mut desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    hotmart.configure(&desktop, 60);
    let app = App::start_under_clock(&desktop, "-2h").await;
    app.wait_for_state("disconnected").await;
    app.click("settings").await;
    app.click("check-computer").await;
    let outcome = |name: &str, outcome: &str| {
        format!("return !!document.querySelector('#finding-{name}.is-{outcome}')")
    };
    for (name, expected) in [
        ("links", "good"),
        ("keyring", "good"),
        ("server", "good"),
        ("clock", "bad"),
        ("clipboard", "good"),
        ("tray", "note"),
    ] {
        app.driver().wait_for(&format!("{name} is {expected}"), &outcome(name, expected)).await;
    }
    app.wait_for_sentence("computer.clock.behind").await;
    assert!(desktop.secret("self-test-0-/pending-request").is_none(), "what was written is gone");

    desktop.restart_keyring_locked();
    app.press("check-computer").await;
    app.driver().wait_for("the keyring is locked", &outcome("keyring", "bad")).await;
    app.wait_for_sentence("computer.keyring.locked").await;
    desktop.restart_keyring_unlocked();
    app.press("fix-keyring").await;
    app.driver().wait_for("it is open again", &outcome("keyring", "good")).await;

    app.press("save-report").await;
    app.wait_for_sentence("computer.report_saved").await;
    let reports: Vec<_> = std::fs::read_dir(desktop.home())
        .unwrap()
        .flatten()
        .filter(|file| file.file_name().to_string_lossy().starts_with("hotmart-connect-"))
        .collect();
    let report = std::fs::read_to_string(reports[0].path()).unwrap();
    assert!(
        report.contains("keyring: works [Good]")
            && report.contains("clock: behind")
            && report.contains("log (")
    );
    assert!(!report.contains(tests::CLIENT_SECRET));
    app.press("copy-report").await;
    app.wait_for_sentence("computer.report_copied").await;
    assert!(desktop.clipboard().contains("keyring: works"));
}

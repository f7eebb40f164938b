//! The real window.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::desktop::Desktop;
use crate::driver::Driver;
use crate::process::{Running, clock_that_is_off, free_port, wait_until};
use crate::sentences::{pt_with, words_between_values};

/// The program, driven through its window.
pub struct App(Driver);

impl App {
    /// Starts the program and waits for its window.
    pub async fn start(desktop: &Desktop) -> Self {
        Self::start_with_all(desktop, &[]).await
    }

    /// Starts the program with one more variable in its environment.
    pub async fn start_with(desktop: &Desktop, variable: &str, value: &Path) -> Self {
        Self::start_with_all(desktop, &[(variable, value.display().to_string())]).await
    }

    /// Starts the program with more variables in its environment.
    pub async fn start_with_all(desktop: &Desktop, variables: &[(&str, String)]) -> Self {
        Self::running(desktop, variables, desktop.program(), &[]).await
    }

    /// Starts the program with a folder in front of its path.
    pub async fn start_with_path(desktop: &Desktop, folder: &Path) -> Self {
        Self::start_with_all(desktop, &[path_that_begins_with(folder)]).await
    }

    /// Starts the program under a clock that is off, such as `+2h`.
    pub async fn start_under_clock(desktop: &Desktop, off: &str) -> Self {
        // A driver with a wrong clock would only confuse itself.
        Self::start_alone_with(desktop, &clock_that_is_off(off)).await
    }

    /// Starts the program with more variables in its environment, which its driver does not have.
    pub async fn start_alone_with<V: std::fmt::Display>(desktop: &Desktop, variables: &[(&str, V)]) -> Self {
        let wrapper = desktop.home().join("with-variables");
        let variables: String = variables.iter().map(|(name, value)| format!("{name}='{value}' ")).collect();
        let script = format!("#!/bin/sh\n{variables}exec '{}' \"$@\"\n", desktop.program().display());
        std::fs::write(&wrapper, script).unwrap();
        std::fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        Self::running(desktop, &[], &wrapper, &[]).await
    }

    /// Starts the program with more variables in its environment, and with arguments.
    pub async fn start_with_arguments(
        desktop: &Desktop,
        variables: &[(&str, String)],
        arguments: &[&str],
    ) -> Self {
        Self::running(desktop, variables, desktop.program(), arguments).await
    }

    async fn running(
        desktop: &Desktop,
        variables: &[(&str, String)],
        application: &Path,
        arguments: &[&str],
    ) -> Self {
        let start = |port: u16| {
            let mut driver = desktop.command(tauri_driver());
            driver
                .envs(variables.iter().map(|(name, value)| (name, value)))
                .args(["--port", &port.to_string(), "--native-port", &free_port().to_string()])
                .args(["--native-driver", "/usr/bin/WebKitWebDriver"]);
            let output = std::fs::File::create(desktop.home().join("driver.log")).unwrap();
            Running::start(driver.stdout(output.try_clone().unwrap()).stderr(output))
        };
        let capabilities = json!({
            "browserName": "wry",
            "tauri:options": { "application": application, "args": arguments },
        });
        let driver = Driver::start(start, capabilities).await;
        driver.wait_for("the window has drawn a state", "return document.body.dataset.state").await;
        Self(driver)
    }

    /// The session on the window.
    pub fn driver(&self) -> &Driver {
        &self.0
    }

    /// Clicks a button.
    pub async fn click(&self, id: &str) {
        self.0.click(id).await;
    }

    /// Copies the link and gives it: another one than is in the clipboard now.
    pub async fn copied_link(&self, desktop: &Desktop) -> String {
        let before = desktop.clipboard();
        self.click("copy-link").await;
        wait_until("the link is copied", || {
            Some(desktop.clipboard()).filter(|now| !now.is_empty() && *now != before)
        })
    }

    /// From the first screen to the one with a field for everything.
    pub async fn open_the_form(&self) {
        self.wait_for_state("unconfigured").await;
        self.click("fill-in").await;
        self.0.wait_for("the form", "return document.querySelector('#save')").await;
    }

    /// Pastes into the first screen's field, and waits until it is read.
    pub async fn paste_credentials(&self, text: &str) {
        let script = format!(
            "const field = document.getElementById('pasted'); field.value = {}; field.dispatchEvent(new Event('input'))",
            json!(text)
        );
        self.0.wait_for("the field", "return document.getElementById('pasted')").await;
        self.0.script("document.getElementById('understood').textContent = ''").await;
        self.0.script(&script).await;
        self.0.wait_for("it is read", "return document.getElementById('understood').textContent").await;
    }

    /// Presses a button as a screen reader does: wherever it is just moving to.
    pub async fn press(&self, id: &str) {
        let there = format!("return document.getElementById({})", json!(id));
        self.0.wait_for(id, &there).await;
        self.0.script(&format!("document.getElementById({}).click()", json!(id))).await;
    }

    /// The name of the state that is shown.
    pub async fn state(&self) -> String {
        let state = self.0.script("return document.body.dataset.state").await;
        state.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a state is shown.
    pub async fn wait_for_state(&self, name: &str) {
        let script = format!("return document.body.dataset.state === {}", json!(name));
        self.0.wait_for(&format!("the state {name}"), &script).await;
    }

    /// All the words in the window.
    pub async fn words(&self) -> String {
        let words: Value = self.0.script("return document.body.innerText").await;
        words.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until some words are in the window.
    pub async fn wait_for_words(&self, words: &str) {
        let script = format!("return document.body.innerText.includes({})", json!(words));
        self.0.wait_for(&format!("the words {words}"), &script).await;
    }

    /// Waits until the window says a sentence, whatever values are in it.
    pub async fn wait_for_sentence(&self, key: &str) {
        let parts = json!(words_between_values(key));
        let script = format!(
            "let rest = document.body.innerText; return {parts}.every((part) => {{
                const at = rest.indexOf(part);
                if (at >= 0) rest = rest.slice(at + part.length);
                return at >= 0;
            }})"
        );
        self.0.wait_for(&format!("the sentence {key}"), &script).await;
    }

    /// Waits until the window says a sentence with these values.
    pub async fn wait_for_sentence_with(&self, key: &str, values: &[(&str, &str)]) {
        self.wait_for_words(&pt_with(key, values)).await;
    }

    /// Saves a picture of the window.
    pub async fn picture(&self, path: &Path) {
        // What was drawn last may not be painted yet: two pictures in a row must agree.
        let mut picture = self.0.picture().await;
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let next = self.0.picture().await;
            if std::mem::replace(&mut picture, next) == picture {
                break;
            }
        }
        std::fs::write(path, picture).expect("the picture is saved");
    }

    /// Closes the window as a person does, and waits for the program's end.
    pub async fn close(self, desktop: &Desktop) {
        desktop.close_the_window();
        wait_until("the program ends", || (!desktop.program_runs()).then_some(()));
    }
}

/// The variable that has programs of a folder go before all others.
pub fn path_that_begins_with(folder: &Path) -> (&'static str, String) {
    let path = std::env::var("PATH").unwrap_or_default();
    ("PATH", format!("{}:{path}", folder.display()))
}

/// Where `cargo install` puts it, whether or not that is on the path.
fn tauri_driver() -> std::path::PathBuf {
    let home = std::env::var_os("CARGO_HOME").map(Into::into);
    let home: std::path::PathBuf =
        home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).expect("there is a home");
    let installed = home.join("bin/tauri-driver");
    if installed.is_file() { installed } else { "tauri-driver".into() }
}

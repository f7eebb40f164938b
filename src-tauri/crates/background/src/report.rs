//! A report for whoever helps: what is needed to understand a problem, and no secret.

use std::fmt::Write;

use adapters::{Places, Words};

use crate::accounts::Shown;
use crate::checkup::Item;

/// As many of the log's last lines go along.
const LOG_LINES: usize = 200;

/// The program, the system and the webview, with their versions.
pub fn version(webview: &str) -> String {
    format!("Hotmart Connect {} · {} · WebView {webview}", env!("CARGO_PKG_VERSION"), adapters::system_name())
}

/// The report as text.
pub fn text(shown: &Shown, items: &[Item], places: &Places, words: &Words) -> String {
    let mut text = format!("{}\n\n", words.text("report.title"));
    for item in items {
        let value = item.value.as_ref().map(|value| format!(" ({value})")).unwrap_or_default();
        let _ = writeln!(text, "{}: {}{value} [{:?}]", item.name, item.code, item.outcome);
    }
    let _ = writeln!(text, "session: {}", adapters::session_kind());
    let _ = writeln!(text, "language: {}", words.language());
    let _ = writeln!(text, "settings: {}", places.settings_file().display());
    if let Some(problem) = shown.problem {
        let _ = writeln!(text, "settings problem: {problem:?}");
    }
    // Neither names nor client ids: whoever helps needs neither.
    for (number, listed) in shown.list.iter().enumerate() {
        let (number, environment) = (number + 1, listed.environment.as_str());
        let _ = writeln!(text, "account {number}: {environment}, {}", listed.state());
    }
    let _ = writeln!(text, "\nlog ({}):", places.logs().display());
    for line in adapters::last_lines_of_the_log(&places.logs(), LOG_LINES) {
        let _ = writeln!(text, "{line}");
    }
    text
}

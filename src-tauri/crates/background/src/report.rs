//! A report for the person who helps the user: what is needed to understand a problem, and no secret.

use std::fmt::Write;

use adapters::{Directories, Translations};
use connection::AccountId;

use crate::overview::Overview;

/// The words before a colon in our log that are no account's id.
const OWN_WORDS: [&str; 1] = ["checkup"];
/// Stands for an account that is gone.
const REMOVED: &str = "a removed account";
/// As many of the log's last lines go along.
const LOG_LINES: usize = 200;

/// The program, the system and the webview, with their versions.
pub fn version(webview: &str) -> String {
    format!("Hotmart Connect {} · {} · WebView {webview}", env!("CARGO_PKG_VERSION"), adapters::system_name())
}

/// The report as text.
pub fn text(shown: &Overview, directories: &Directories, words: &Translations) -> String {
    let mut text = format!("{}\n\n", words.text("report.title"));
    for finding in shown.state.checkup.iter().flat_map(|checkup| &checkup.findings) {
        let value = finding.value.as_ref().map(|value| format!(" ({value})")).unwrap_or_default();
        let _ = writeln!(text, "{}: {}{value} [{:?}]", finding.name, finding.code, finding.severity);
    }
    let _ = writeln!(text, "session: {}", adapters::session_kind());
    let _ = writeln!(text, "language: {}", words.language());
    let _ = writeln!(text, "settings: {}", directories.settings_file().display());
    if let Some(problem) = shown.problem {
        let _ = writeln!(text, "settings problem: {problem:?}");
    }
    // Neither names nor client ids: the person who helps needs neither.
    for (number, listed) in shown.list.iter().enumerate() {
        let (number, environment) = (number + 1, listed.environment.as_str());
        let _ = writeln!(text, "account {number}: {environment}, {}", listed.state());
    }
    let _ = writeln!(text, "\nlog ({}):", directories.logs().display());
    for line in adapters::last_lines_of_the_log(&directories.logs(), LOG_LINES) {
        let _ = writeln!(text, "{}", without_names(&line, shown));
    }
    text
}

/// A line of the log without what the accounts are called, here or at Hotmart,
/// also of those that were removed since.
fn without_names(line: &str, shown: &Overview) -> String {
    let is_shown = |id: &str| shown.list.iter().any(|listed| listed.id.as_str() == id);
    let mut line = without_removed_names(line, is_shown);
    for (number, listed) in shown.list.iter().enumerate() {
        let names =
            [listed.client_id.as_str(), listed.name.as_deref().unwrap_or_default(), listed.id.as_str()];
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            line = replace_word(&line, name, &format!("account {}", number + 1));
        }
    }
    line
}

/// A line whose message begins with a word and a colon is about an account, by
/// its id or by the name of its record in the keyring, unless the word is one of
/// the program's own. Behind the colon may stand what is known of it besides, in quotation marks.
fn without_removed_names(line: &str, is_shown: impl Fn(&str) -> bool) -> String {
    // "[time] LEVEL [module] file:line: message"
    let Some((_, message)) = line.split_once(".rs:").and_then(|(_, rest)| rest.split_once(": ")) else {
        return line.to_owned();
    };
    let Some((name, rest)) = message.split_once(": ") else { return line.to_owned() };
    let id = name.split('/').next().unwrap_or_default();
    if is_shown(id) || OWN_WORDS.contains(&name) || AccountId::parse(id).is_err() {
        return line.to_owned();
    }
    let quoted = rest.split('"').enumerate().map(|(place, text)| if place % 2 == 1 { "…" } else { text });
    format!("{}{REMOVED}: {}", &line[..line.len() - message.len()], quoted.collect::<Vec<_>>().join("\""))
}

/// Replaces a name where it stands alone, and not inside of a longer word.
fn replace_word(line: &str, name: &str, by: &str) -> String {
    let is_part = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '-');
    let mut replaced = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let alone = !is_part(before.chars().next_back()) && !is_part(after.chars().next());
        replaced.push_str(before);
        replaced.push_str(if alone { by } else { name });
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_was_removed_is_not_named_either() {
        let of =
            |message: &str| format!("[2026-11-25 10:00:00] INFO [connection::custody] a/b.rs:7: {message}");
        let without = |message: &str| without_removed_names(&of(message), |id| id == "main");
        assert_eq!(without("bia-shop: renewing (Due)"), of("a removed account: renewing (Due)"));
        assert_eq!(without("bia/tokens: damaged"), of("a removed account: damaged"));
        assert_eq!(without(r#"bia: Client { id: "abc" }"#), of(r#"a removed account: Client { id: "…" }"#));
        for kept in
            ["main: renewing (Due)", "checkup: links Good", "the keyring is locked: x", "another one runs"]
        {
            assert_eq!(without(kept), of(kept));
        }
        assert_eq!(without_removed_names("no line of ours", |_| false), "no line of ours");
    }

    #[test]
    fn a_name_is_replaced_where_it_stands_alone() {
        assert_eq!(
            replace_word("[x] main: domain main/tokens", "main", "account 1"),
            "[x] account 1: domain account 1/tokens"
        );
        assert_eq!(
            replace_word("client_id: \"abc-7\" abc-78", "abc-7", "account 2"),
            "client_id: \"account 2\" abc-78"
        );
    }
}

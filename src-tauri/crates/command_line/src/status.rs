//! Says how every account stands. No secret is in it.

use std::time::Duration;

use clap::ArgMatches;
use connection::{AccountSettings, ExpiryReason, Session, StoredSession};
use serde_json::{Value, json};

use crate::context::{Account, Context};
use crate::failure::Failure;
use crate::terminal;
use crate::time_span::time_span;

/// The status renews nothing, so it does not wait for another process that renews.
const NO_WAIT: Duration = Duration::ZERO;

/// How one account stands.
struct Line {
    id: String,
    label: String,
    environment: Value,
    /// A stable word for programs; its sentence is `cli.status.…`.
    state: &'static str,
    /// What to do next, likewise: `cli.next.…`.
    next: &'static str,
    session: Option<Session>,
    time_left: Option<Duration>,
    /// Whether programs get its token if they name no account.
    is_default: bool,
}

pub async fn status(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = matches.contains_id("account");
    let chosen = context.chosen(matches);
    let accounts: Vec<AccountSettings> = match chosen {
        Ok(account) if wanted => vec![account],
        Ok(_) => context.settings.accounts.clone(),
        Err(Failure::NotSetUp(_)) => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let mut lines = Vec::new();
    let mut trouble = None;
    for account in accounts {
        let (line, failure) = look(context, account).await;
        lines.push(line);
        trouble = trouble.or(failure);
    }
    let text = if matches.get_flag("json") { in_json(&lines) } else { in_words(context, &lines) };
    terminal::answer(text.as_bytes())?;
    trouble.map_or(Ok(()), Err)
}

/// How an account stands, and what keeps us from knowing.
async fn look(context: &Context, settings: AccountSettings) -> (Line, Option<Failure>) {
    let is_default = context.settings.default_account().is_some_and(|account| account.id == settings.id);
    let mut line = Line {
        id: settings.id.to_string(),
        label: settings
            .name
            .clone()
            .map_or_else(|| settings.id.to_string(), |name| format!("{} “{name}”", settings.id)),
        environment: serde_json::to_value(settings.environment).unwrap_or_default(),
        state: "not_set_up",
        next: "set_up",
        session: None,
        time_left: None,
        is_default,
    };
    let Ok(account) = context.account(settings, NO_WAIT) else { return (line, None) };
    match stored_session(&account).await {
        Ok((state, next, session)) => {
            let now = account.custody.clock.now();
            line.time_left =
                session.as_ref().and_then(|session| session.expires_at).map(|end| end.since(now));
            (line.state, line.next, line.session) = (state, next, session);
            (line, None)
        }
        Err(problem) => {
            use connection::KeyringProblem::{Failed, Locked, Missing, Unresponsive};
            (line.state, line.next) = match problem {
                Locked => ("keyring_locked", "unlock"),
                Missing => ("keyring_missing", "install_keyring"),
                Unresponsive | Failed => ("keyring_failing", "check_keyring"),
            };
            (line, Some(Failure::Keyring(problem)))
        }
    }
}

async fn stored_session(
    account: &Account,
) -> Result<(&'static str, &'static str, Option<Session>), connection::KeyringProblem> {
    let stored_session =
        account.custody.stored_session(&account.settings.id, &account.resolved.fingerprint()).await?;
    Ok(match stored_session {
        StoredSession::Nothing => ("not_connected", "connect", None),
        StoredSession::Expired(ExpiryReason::AnswerLost { .. }) => ("answer_lost", "reconnect", None),
        StoredSession::Expired(_) => ("over", "reconnect", None),
        StoredSession::Session(session) => {
            let alive = session.lives_longer_than(Duration::ZERO, account.custody.clock.now());
            let (state, next) = match (alive, session.renewable) {
                (true, true) => ("connected", "nothing"),
                (true, false) => ("connected", "reconnect_later"),
                (false, true) => ("spent", "renews_when_asked"),
                (false, false) => ("over", "reconnect"),
            };
            (state, next, Some(session))
        }
    })
}

fn in_json(lines: &[Line]) -> String {
    let accounts: Vec<_> = lines
        .iter()
        .map(|line| {
            json!({
                "account": line.id,
                "environment": line.environment,
                "state": line.state,
                "next": line.next,
                "expires_at": line.session.as_ref().and_then(|session| session.expires_at).map(oauth::Timestamp::seconds),
                "expires_in": line.time_left.map(|left| left.as_secs()),
                "renews": line.session.as_ref().map(|session| session.renewable),
                "scope": line.session.as_ref().and_then(|session| session.scope.clone()),
                "stored_in": line.session.as_ref().map(|_| "keyring"),
                "default": line.is_default,
            })
        })
        .collect();
    format!("{}\n", json!({ "accounts": accounts }))
}

fn in_words(context: &Context, lines: &[Line]) -> String {
    let words = &context.words;
    if lines.is_empty() {
        return format!("{}\n", words.text("cli.failure.no_credentials"));
    }
    let mut text = String::new();
    for line in lines {
        let mark = if line.is_default { "*" } else { " " };
        let environment =
            words.text(&format!("environment.{}", line.environment.as_str().unwrap_or_default()));
        let state = words.text(&format!("cli.status.{}", line.state));
        text += &format!("{mark} {} ({environment}): {state}\n", line.label);
        if let Some(left) = line.time_left.filter(|left| !left.is_zero()) {
            text += &format!("    {}\n", words.with("cli.status.time_left", &[("time", &time_span(left))]));
        }
        if line.session.is_some() {
            text += &format!("    {}\n", words.text("cli.status.stored_in"));
        }
        text += &format!("    {}\n", words.text(&format!("cli.next.{}", line.next)));
    }
    text
}

//! Leaves nothing of the program on this computer: revokes the tokens of every
//! account, and deletes all that was ever written for this user.

use std::time::Duration;

use clap::ArgMatches;
use connection::ports::Keyring;
use connection::{AccountSettings, KeyringProblem, Notice};

use crate::context::Context;
use crate::disconnect::{WAIT, kept_secret, with_secret};
use crate::failure::Failure;
use crate::terminal;

/// A program that was just closed is gone within this time: 3 seconds.
const GOODBYE: Duration = Duration::from_secs(3);
/// A desktop has taken a notification within this time: 2 seconds.
const SHOWING: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

pub async fn forget(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let result = forget_everything(context, matches).await;
    if matches.get_flag("notify") {
        let said = match &result {
            Ok(()) => Some(context.words.text("cli.forget.done")),
            Err(failure) => failure.sentence(&context.words),
        };
        let shown =
            adapters::notify(context.words.text("forget.title"), said.unwrap_or_default(), String::new());
        let _ = tokio::time::timeout(SHOWING, shown).await;
    }
    result
}

async fn forget_everything(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    if still_runs().await {
        return Err(Failure::StillRuns);
    }
    // Settings that cannot be read may name accounts whose tokens are to be revoked.
    context.settings_are_usable()?;
    let accounts = &context.settings.accounts;
    if !matches.get_flag("yes") && !is_confirmed(context) {
        return Err(Failure::NotConfirmed);
    }
    for account in accounts {
        let notice = forget_account(context, account).await?;
        let name = account.label();
        terminal::say(&context.words.with(&format!("removed.{}", notice.code()), &[("name", name)]));
    }
    match context.keyring.forget_what_is_left().await {
        // Where there are no accounts there need not be a keyring.
        Err(KeyringProblem::Missing) if accounts.is_empty() => {}
        result => result?,
    }
    let left = adapters::delete_traces(&context.directories);
    if !left.is_empty() {
        let files = left.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        return Err(Failure::TracesLeft { files });
    }
    terminal::say(&context.words.text("cli.forget.done"));
    Ok(())
}

/// Whether the window or the program in the tray runs, and not only for a moment longer.
async fn still_runs() -> bool {
    let ends = async {
        while adapters::a_program_runs() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(GOODBYE, ends).await.is_err()
}

/// Whether the person at the terminal means it. Where nobody types, nobody does.
fn is_confirmed(context: &Context) -> bool {
    if !terminal::somebody_types() {
        return false;
    }
    let names: Vec<_> = context.settings.accounts.iter().map(AccountSettings::label).collect();
    let names = if names.is_empty() { "–".to_owned() } else { names.join(", ") };
    terminal::say(&context.words.with("cli.forget.question", &[("accounts", &names)]));
    let yes = context.words.text("cli.forget.yes");
    terminal::read_line().is_some_and(|line| line.expose().trim().eq_ignore_ascii_case(&yes))
}

/// Revokes an account's tokens where its server can, and deletes every keyring entry of it.
async fn forget_account(context: &Context, settings: &AccountSettings) -> Result<Notice, Failure> {
    let Ok(account) = context.account(settings.clone(), WAIT) else {
        // What nobody knows the server of can only be deleted.
        context.keyring.forget(&settings.id).await?;
        return Ok(Notice::NothingToRevoke);
    };
    let (custody, id) = (&account.custody, &settings.id);
    let secret = kept_secret(custody, id, &account.resolved).await?;
    Ok(custody.forget(id, Some(&with_secret(&account.resolved, secret))).await?)
}

//! Leaves nothing of the program on this computer: revokes the tokens of every
//! account, and deletes all that was ever written for this user.

use std::time::Duration;

use clap::ArgMatches;
use connection::ports::{Keyring, SecretKind};
use connection::{AccountId, AccountSettings, KeyringProblem, Notice};

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
            Ok(said) => Some(said.join(" ")),
            Err(failure) => failure.sentence(&context.words),
        };
        let shown =
            adapters::notify(context.words.text("forget.title"), said.unwrap_or_default(), String::new());
        let _ = tokio::time::timeout(SHOWING, shown).await;
    }
    result.map(drop)
}

/// Gives what the person must know: what is not as they wish it, and that it is done.
async fn forget_everything(context: &Context, matches: &ArgMatches) -> Result<Vec<String>, Failure> {
    refuse_if_it_still_runs(context).await?;
    // Settings that cannot be read may name accounts whose tokens are to be revoked.
    context.settings_are_usable()?;
    let accounts = &context.settings.accounts;
    let kept = match context.keyring.accounts_with_tokens().await {
        // Where nothing was ever filled in there need not be a keyring.
        Err(KeyringProblem::Missing) if accounts.iter().all(|account| account.client_id.is_empty()) => None,
        kept => Some(kept?),
    };
    let is_known = |id: &AccountId| accounts.iter().any(|account| account.id == *id);
    let unknown: Vec<_> = kept.iter().flatten().filter(|id| !is_known(id)).collect();
    if !matches.get_flag("yes") {
        let names = accounts.iter().map(AccountSettings::label);
        let names: Vec<_> = names.chain(unknown.iter().map(|id| id.as_str())).collect();
        if !is_confirmed(context, &names) {
            return Err(Failure::NotConfirmed);
        }
    }
    refuse_if_it_still_runs(context).await?;
    let mut said = Vec::new();
    let mut tell = |name: &str, notice: Notice| {
        let sentence = context.words.with(&format!("removed.{}", notice.code()), &[("name", name)]);
        terminal::say(&sentence);
        if notice == Notice::RevocationFailed {
            said.push(sentence);
        }
    };
    if kept.is_some() {
        for account in accounts {
            tell(account.label(), forget_account(context, account).await?);
        }
        context.keyring.forget_what_is_left().await?;
        // Nobody knows the server of these any more.
        unknown.iter().for_each(|id| tell(id.as_str(), Notice::RevocationFailed));
    }
    refuse_if_it_still_runs(context).await?;
    let left = adapters::delete_traces(&context.directories);
    if !left.is_empty() {
        let files = left.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        return Err(Failure::TracesLeft { files });
    }
    let done = context.words.text("cli.forget.done");
    terminal::say(&done);
    said.push(done);
    Ok(said)
}

/// The window or the program in the tray would write again what is deleted.
async fn refuse_if_it_still_runs(context: &Context) -> Result<(), Failure> {
    let ends = async {
        while adapters::a_program_runs(&context.directories) {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(GOODBYE, ends).await.map_err(|_| Failure::StillRuns)
}

/// Whether the person at the terminal means it. Where nobody types, nobody does.
fn is_confirmed(context: &Context, names: &[&str]) -> bool {
    if !terminal::somebody_types() {
        return false;
    }
    let names = if names.is_empty() { "–".to_owned() } else { names.join(", ") };
    terminal::say(&context.words.with("cli.forget.question", &[("accounts", &names)]));
    let yes = context.words.text("cli.forget.yes");
    terminal::read_line().is_some_and(|line| line.expose().trim().to_lowercase() == yes)
}

/// Revokes an account's tokens where its server can, and deletes every keyring entry of it.
async fn forget_account(context: &Context, settings: &AccountSettings) -> Result<Notice, Failure> {
    let id = &settings.id;
    let Ok(account) = context.account(settings.clone(), WAIT) else {
        // What nobody knows the server of can only be deleted.
        let tokens = context.keyring.read(id, SecretKind::Tokens).await?;
        context.keyring.forget(id).await?;
        return Ok(if tokens.is_some() { Notice::RevocationFailed } else { Notice::NothingToRevoke });
    };
    let secret = kept_secret(&account.custody, id, &account.resolved).await?;
    Ok(account.custody.forget(id, Some(&with_secret(&account.resolved, secret))).await?)
}

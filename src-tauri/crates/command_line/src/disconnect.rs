//! Revokes an account's tokens and forgets them.

use std::time::Duration;

use clap::ArgMatches;
use connection::ports::SecretKind;
use connection::{Notice, StoredSession};

use crate::context::Context;
use crate::failure::Failure;
use crate::terminal;

/// Waits for another process that is renewing; one that hangs does not keep the seller connected.
const WAIT: Duration = Duration::from_secs(30);

pub async fn disconnect(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let account = context.account(context.chosen(matches)?, WAIT)?;
    let (custody, id) = (&account.custody, &account.settings.id);
    let fingerprint = account.resolved.fingerprint();
    let secret = custody.secret(id, SecretKind::ClientSecret, &fingerprint).await?;
    let secret_stays = secret.is_some();
    let with_secret = secret
        .filter(|_| account.resolved.client.secret.is_none())
        .map(|secret| account.resolved.with_client_secret(secret));
    let resolved = with_secret.as_ref().unwrap_or(&account.resolved);
    if custody.stored_session(id, &fingerprint).await? == StoredSession::Nothing {
        return Err(Failure::NotConnected);
    }
    let notice: Notice = custody.disconnect(id, resolved).await?;
    let mut said = context.words.text(&format!("notice.{}", notice.code()));
    if secret_stays {
        said += &format!(" {}", context.words.text("cli.secret_stays"));
    }
    terminal::say(&said);
    Ok(())
}

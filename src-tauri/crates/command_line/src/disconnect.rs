//! Revokes an account's tokens and forgets them.

use std::time::Duration;

use clap::ArgMatches;
use connection::ports::SecretKind;
use connection::{AccountId, Custody, KeyringProblem, Notice, ResolvedAccount, StoredSession};
use oauth::Secret;

use crate::context::Context;
use crate::failure::Failure;
use crate::terminal;

/// Waits for another process that is renewing; one that hangs does not keep the seller connected.
pub const WAIT: Duration = Duration::from_secs(30);

pub async fn disconnect(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let account = context.account(context.chosen(matches)?, WAIT)?;
    let (custody, id) = (&account.custody, &account.settings.id);
    if custody.stored_session(id, &account.resolved.fingerprint()).await? == StoredSession::Nothing {
        return Err(Failure::NotConnected);
    }
    let (notice, secret_stays) = revoke_and_delete(custody, id, &account.resolved).await?;
    let mut said = context.words.text(&format!("notice.{}", notice.code()));
    if secret_stays {
        said += &format!(" {}", context.words.text("cli.secret_stays"));
    }
    terminal::say(&said);
    Ok(())
}

/// Revokes an account's tokens where its server can and deletes them. Also says
/// whether a client secret stays in the keyring.
pub async fn revoke_and_delete(
    custody: &Custody,
    id: &AccountId,
    resolved: &ResolvedAccount,
) -> Result<(Notice, bool), Failure> {
    let secret = kept_secret(custody, id, resolved).await?;
    let secret_stays = secret.is_some();
    let notice = custody.disconnect(id, &with_secret(resolved, secret)).await?;
    Ok((notice, secret_stays))
}

/// The application's secret that is in the keyring.
pub async fn kept_secret(
    custody: &Custody,
    id: &AccountId,
    resolved: &ResolvedAccount,
) -> Result<Option<Secret>, KeyringProblem> {
    custody.secret(id, SecretKind::ClientSecret, &resolved.fingerprint()).await
}

/// The account as its server wants to see it: with a secret, if there is one.
pub fn with_secret(resolved: &ResolvedAccount, secret: Option<Secret>) -> ResolvedAccount {
    let secret = secret.filter(|_| resolved.client.secret.is_none());
    secret.map_or_else(|| resolved.clone(), |secret| resolved.with_client_secret(secret))
}

//! Revokes an account's tokens and forgets them.

use std::time::Duration;

use clap::ArgMatches;
use connection::ports::Item;
use connection::{Notice, Standing};

use crate::failure::Failure;
use crate::machine::Machine;
use crate::terminal;

/// Somebody who renews just now is waited for; somebody who hangs keeps nobody connected.
const WAIT: Duration = Duration::from_secs(30);

pub async fn disconnect(machine: &Machine, matches: &ArgMatches) -> Result<(), Failure> {
    let account = machine.account(machine.chosen(matches)?, WAIT)?;
    let (custody, id) = (&account.custody, &account.settings.id);
    let fingerprint = account.setup.fingerprint();
    let secret = custody.secret(id, Item::ClientSecret, &fingerprint).await?;
    let with_secret = secret
        .filter(|_| account.setup.server.client_secret.is_none())
        .map(|secret| account.setup.with_client_secret(secret));
    let setup = with_secret.as_ref().unwrap_or(&account.setup);
    if custody.standing(id, &fingerprint).await? == Standing::Nothing {
        return Err(Failure::NotConnected);
    }
    let notice: Notice = custody.disconnect(id, setup).await?;
    terminal::say(&machine.words.text(&format!("notice.{}", notice.as_str())));
    Ok(())
}

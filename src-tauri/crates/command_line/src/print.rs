//! Prints the token.

use clap::ArgMatches;
use connection::Session;
use oauth::Secret;

use crate::failure::Failure;
use crate::format::{Facts, render};
use crate::fresh::{self, Wanted};
use crate::machine::{Account, Machine};
use crate::terminal;

pub async fn print(machine: &Machine, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = Wanted::of(matches);
    let account = machine.account(machine.chosen(matches)?, wanted.wait)?;
    let (token, session) = fresh::token(machine, &account, wanted).await?;
    let format = matches.get_one::<String>("format").map_or("token", String::as_str);
    let rendered = render(format, &facts(&account, &token, &session));
    Ok(terminal::answer(rendered.expose().as_bytes())?)
}

/// What is known of a token of this account.
pub fn facts<'a>(account: &'a Account, token: &'a Secret, session: &Session) -> Facts<'a> {
    Facts {
        token,
        account: account.settings.id.as_str(),
        api_base: &account.setup.api_base,
        expires_at: session.expires_at,
        now: account.custody.clock.now(),
    }
}

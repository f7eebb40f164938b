//! Prints the token.

use clap::ArgMatches;
use connection::{Facts, Session, TokenForm, render};
use oauth::Secret;

use crate::failure::Failure;
use crate::fresh::{self, Wanted};
use crate::machine::{Account, Machine};
use crate::terminal;

pub async fn print(machine: &Machine, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = Wanted::of(matches);
    let account = machine.account(machine.chosen(matches)?, wanted.wait)?;
    let (token, session) = fresh::token(machine, &account, wanted).await?;
    let form = form_of(matches.get_one::<String>("format").map_or("token", String::as_str));
    let rendered = render(form, &facts(&account, &token, &session));
    let line = Secret::new(format!("{}\n", rendered.expose()));
    Ok(terminal::answer(line.expose().as_bytes())?)
}

/// The form of one of [`crate::interface::FORMATS`].
fn form_of(format: &str) -> TokenForm {
    match format {
        "header" => TokenForm::Header,
        "env" => TokenForm::Env,
        "json" => TokenForm::Json,
        "curl" => TokenForm::CurlConfiguration,
        "powershell" => TokenForm::PowerShell,
        _ => TokenForm::Token,
    }
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

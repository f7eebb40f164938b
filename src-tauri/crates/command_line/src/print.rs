//! Prints the token.

use clap::ArgMatches;
use connection::{TokenFormat, render};
use oauth::Secret;

use crate::context::Context;
use crate::failure::Failure;
use crate::fresh_token::{self, Freshness};
use crate::terminal;

pub async fn print(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = Freshness::of(matches);
    let account = context.account(context.chosen(matches)?, wanted.wait)?;
    let (token, session) = fresh_token::token(context, &account, wanted).await?;
    let format = format_of(matches.get_one::<String>("format").map_or("token", String::as_str));
    let rendered = render(format, &account.token_context(&token, &session));
    let line = Secret::new(format!("{}\n", rendered.expose()));
    Ok(terminal::answer(line.expose().as_bytes())?)
}

/// The format of one of [`crate::interface::FORMATS`]. What feeds curl here is
/// read from a pipe, where no other process sees it.
fn format_of(name: &str) -> TokenFormat {
    let format = if name == "curl" { Ok(TokenFormat::CurlConfiguration) } else { name.parse() };
    format.unwrap_or(TokenFormat::Token)
}

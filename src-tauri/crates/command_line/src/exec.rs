//! Runs a program with a token in its environment, or with the credential itself
//! if it is one that has tokens by itself.

use std::ffi::OsString;

use clap::ArgMatches;
use connection::ports::SecretKind;
use connection::{Missing, credential_variables, variables};
use oauth::Secret;

use crate::context::{Account, Context};
use crate::failure::Failure;
use crate::fresh_token::{self, Freshness};

pub async fn exec(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = Freshness::of(matches);
    let of_account = async |settings| -> Result<_, Failure> {
        let account = context.account(settings, wanted.wait)?;
        let (token, session) = fresh_token::token(context, &account, wanted).await?;
        Ok((account, token, session))
    };
    let variables = if let Some(named) = matches.get_many::<String>("env") {
        let mut variables = Vec::new();
        for (name, account) in named.map(|text| variable(text)).collect::<Result<Vec<_>, _>>()? {
            let settings = match account {
                Some(account) => context.named(account)?,
                None => context.chosen(matches)?,
            };
            variables.push((name.to_owned(), of_account(settings).await?.1));
        }
        variables
    } else if matches.get_flag("credentials") {
        owned(credentials(&context.account(context.chosen(matches)?, wanted.wait)?).await?)
    } else {
        let (account, token, session) = of_account(context.chosen(matches)?).await?;
        owned(variables(&account.token_context(&token, &session)))
    };
    let mut words = matches.get_many::<OsString>("command").into_iter().flatten().cloned();
    let program = words.next().unwrap_or_default();
    let arguments: Vec<_> = words.collect();
    // Where a process cannot be replaced, Ctrl-C is the program's own business.
    let _shield = adapters::SignalShield::raise();
    let error = adapters::become_program(&program, &arguments, &variables);
    Err(Failure::Program { name: program.to_string_lossy().into_owned(), error })
}

/// A variable's name, and the account whose token it gets: `NAME` or `NAME:ACCOUNT`.
fn variable(text: &str) -> Result<(&str, Option<&str>), Failure> {
    let (name, account) = match text.split_once(':') {
        Some((name, account)) => (name, Some(account)),
        None => (text, None),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = name.bytes().all(plain) && name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    if is_name { Ok((name, account)) } else { Err(Failure::Usage("cli.usage.env")) }
}

fn owned(variables: Vec<(&'static str, Secret)>) -> Vec<(String, Secret)> {
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The seller's own credential. One that this build brings along is not handed out.
async fn credentials(account: &Account) -> Result<Vec<(&'static str, Secret)>, Failure> {
    let (custody, id) = (&account.custody, &account.settings.id);
    let secret = custody.secret(id, SecretKind::ClientSecret, &account.resolved.fingerprint()).await?;
    let secret = secret.ok_or(Failure::NotSetUp(Missing::ClientSecret))?;
    Ok(credential_variables(&account.resolved.client.id, &secret))
}

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
    let account = context.account(context.chosen(matches)?, wanted.wait)?;
    let variables = if matches.get_flag("credentials") {
        credentials(&account).await?
    } else {
        let (token, session) = fresh_token::token(context, &account, wanted).await?;
        variables(&account.token_context(&token, &session))
    };
    let mut words = matches.get_many::<OsString>("command").into_iter().flatten().cloned();
    let program = words.next().unwrap_or_default();
    let arguments: Vec<_> = words.collect();
    // Where a process cannot be replaced, Ctrl-C is the program's own business.
    let _shield = adapters::SignalShield::raise();
    let error = adapters::become_program(&program, &arguments, &variables);
    Err(Failure::Program { name: program.to_string_lossy().into_owned(), error })
}

/// The seller's own credential. One that this build brings along is not handed out.
async fn credentials(account: &Account) -> Result<Vec<(&'static str, Secret)>, Failure> {
    let (custody, id) = (&account.custody, &account.settings.id);
    let secret = custody.secret(id, SecretKind::ClientSecret, &account.resolved.fingerprint()).await?;
    let secret = secret.ok_or(Failure::NotSetUp(Missing::ClientSecret))?;
    Ok(credential_variables(&account.resolved.client.id, &secret))
}

//! Runs a program with a token in its environment.

use std::ffi::OsString;

use clap::ArgMatches;
use connection::variables;

use crate::context::Context;
use crate::failure::Failure;
use crate::fresh_token::{self, Freshness};

pub async fn exec(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = Freshness::of(matches);
    let account = context.account(context.chosen(matches)?, wanted.wait)?;
    let (token, session) = fresh_token::token(context, &account, wanted).await?;
    let mut words = matches.get_many::<OsString>("command").into_iter().flatten().cloned();
    let program = words.next().unwrap_or_default();
    let arguments: Vec<_> = words.collect();
    // Where a process cannot be replaced, Ctrl-C is the program's own business.
    let _shield = adapters::SignalShield::raise();
    let error =
        adapters::become_program(&program, &arguments, &variables(&account.token_context(&token, &session)));
    Err(Failure::Program { name: program.to_string_lossy().into_owned(), error })
}

//! Runs a program with a token in its environment.

use std::ffi::OsString;

use clap::ArgMatches;
use connection::variables;

use crate::failure::Failure;
use crate::fresh::{self, Wanted};
use crate::machine::Machine;
use crate::print::facts;

pub async fn exec(machine: &Machine, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = Wanted::of(matches);
    let account = machine.account(machine.chosen(matches)?, wanted.wait)?;
    let (token, session) = fresh::token(machine, &account, wanted).await?;
    let mut words = matches.get_many::<OsString>("command").into_iter().flatten().cloned();
    let program = words.next().unwrap_or_default();
    let arguments: Vec<_> = words.collect();
    // Where a process cannot be replaced, Ctrl-C is the program's own business.
    let _shield = adapters::SignalShield::raise();
    let error =
        adapters::become_program(&program, &arguments, &variables(&facts(&account, &token, &session)));
    Err(Failure::Program { name: program.to_string_lossy().into_owned(), error })
}

//! `hotmart-token`: a token that works, for any program on the machine.
//!
//! The answer goes to standard output and nothing else does; words go to
//! standard error, in the person's language; the exit code tells programs
//! what happened. In suggested reading order:

mod exit_codes;
mod interface;
mod machine;

mod failure;
mod fresh;

mod api;
mod check;
mod connect;
mod exec;
mod print;
mod status;

mod disconnect;
mod login;
mod terminal;
mod terminal_ports;
mod time_span;
mod words {
    //! The sentences; under this name the build knows them too.
    pub use adapters::Words;
}

use std::process::ExitCode;

use clap::ArgMatches;
use clap::error::{ContextKind, ErrorKind};
use clap::parser::ValueSource;

use failure::Failure;
use machine::Machine;
use words::Words;

/// Runs the program to its end.
pub fn run() -> ExitCode {
    let machine = match Machine::of_this_user() {
        Ok(machine) => machine,
        Err(error) => {
            terminal::say(&format!("{}: {error}", interface::NAME));
            return ExitCode::FAILURE;
        }
    };
    let _logging = machine.start_logging();
    let matches = match interface::command(&machine.words).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return explain(&error, &machine.words),
    };
    // One thread is enough, and starts at once.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::say(&format!("{}: {error}", interface::NAME));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(perform(&machine, &matches));
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(sentence) = failure.sentence(&machine.words) {
                terminal::say(&sentence);
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn perform(machine: &Machine, matches: &ArgMatches) -> Result<(), Failure> {
    if let Some((command, _)) = matches.subcommand()
        && let Some(name) = interface::OF_PRINTING
            .into_iter()
            .find(|name| matches.value_source(name) == Some(ValueSource::CommandLine))
    {
        return Err(Failure::Conflict { what: format!("--{name}"), other: command.to_owned() });
    }
    match matches.subcommand() {
        None => print::print(machine, matches).await,
        Some(("status", matches)) => status::status(machine, matches).await,
        Some(("exec", matches)) => exec::exec(machine, matches).await,
        Some(("api", matches)) => api::api(machine, matches).await,
        Some(("check", matches)) => check::check(machine, matches).await,
        Some(("connect", matches)) => connect::connect(machine, matches).await,
        Some((_, matches)) => disconnect::disconnect(machine, matches).await,
    }
}

/// Help and version are answers; anything else was typed wrongly.
fn explain(error: &clap::Error, words: &Words) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let text = error.render().to_string();
        let printed = terminal::answer(text.as_bytes());
        return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let found = |kind| error.get(kind).map(ToString::to_string);
    let what =
        found(ContextKind::InvalidArg).or_else(|| found(ContextKind::InvalidSubcommand)).unwrap_or_default();
    let value = found(ContextKind::InvalidValue).filter(|value| !value.is_empty());
    let said = match (error.kind(), value) {
        (ErrorKind::ArgumentConflict, _) => {
            let other = found(ContextKind::PriorArg).unwrap_or_default();
            words.with("cli.usage.conflict", &[("what", &what), ("other", &other)])
        }
        (ErrorKind::MissingRequiredArgument, _) | (ErrorKind::InvalidValue, None) => {
            words.with("cli.usage.missing", &[("what", &what)])
        }
        (_, Some(value)) => words.with("cli.usage.value", &[("what", &what), ("value", &value)]),
        _ => words.with("cli.usage.unknown", &[("what", &what)]),
    };
    terminal::say(&format!("{said}\n{}", words.text("cli.usage.help")));
    ExitCode::from(exit_codes::USAGE)
}

//! `hotmart-token`: a token that works, for any program on the machine.
//!
//! The answer goes to standard output and nothing else does; words go to
//! standard error, in the person's language; the exit code tells programs
//! what happened. In suggested reading order:

mod exit_codes;
mod interface;
mod time_span;
mod failure;
mod terminal;
mod patience;
mod context;
mod fresh_token;
mod print;
mod exec;
mod api_output;
mod api;
mod check;
mod status;
mod disconnect;
mod forget;
mod terminal_ports;
mod login;
mod connect;
mod keys;
mod serve;
#[cfg(windows)]
mod path;
mod translations;

use std::process::ExitCode;
use std::sync::Arc;

use clap::ArgMatches;
use clap::error::{ContextKind, ErrorKind};
use clap::parser::ValueSource;

use context::Context;
use failure::Failure;
use translations::Translations;

/// Runs the program to its end.
pub fn run() -> ExitCode {
    adapters::keep_memory_private();
    let too_little = match (adapters::files_suffice(), adapters::memory_suffices()) {
        (true, true) => None,
        (false, _) => Some("cli.failure.too_few_files"),
        (_, false) => Some("cli.failure.too_little_memory"),
    };
    if let Some(too_little) = too_little {
        let words = Translations::of_first(adapters::system_languages());
        terminal::say(&words.text(too_little));
        return ExitCode::from(exit_codes::OTHER);
    }
    let context = match Context::of_this_user() {
        Ok(context) => Arc::new(context),
        Err(error) => {
            terminal::say(&format!("{}: {error}", interface::NAME));
            return ExitCode::FAILURE;
        }
    };
    let _logging = context.start_logging();
    // The parser needs words for help and for complaints alone, and gives both as an error:
    // without one, they are not even read.
    let read = |words: &Translations| interface::command(words).try_get_matches();
    let matches = match read(&Translations::without_sentences()).or_else(|_| read(&context.words)) {
        Ok(matches) => matches,
        Err(error) => return explain(&error, &context.words),
    };
    // One thread is enough, and starts at once. A door with two is slower: calls go back and forth between them.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::say(&format!("{}: {error}", interface::NAME));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(perform(&context, &matches));
    // The keyring's connection and its thread end with the process: taking them down first takes longer.
    std::mem::forget(Arc::clone(&context));
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(sentence) = failure.sentence(&context.words) {
                terminal::say(&sentence);
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn perform(context: &Arc<Context>, matches: &ArgMatches) -> Result<(), Failure> {
    if let Some((command, _)) = matches.subcommand()
        && let Some(name) = interface::PRINT_OPTIONS
            .into_iter()
            .find(|name| matches.value_source(name) == Some(ValueSource::CommandLine))
    {
        return Err(Failure::Conflict { what: format!("--{name}"), other: command.to_owned() });
    }
    match matches.subcommand() {
        None => print::print(context, matches).await,
        Some(("status", matches)) => status::status(context, matches).await,
        Some(("exec", matches)) => exec::exec(context, matches).await,
        Some(("api", matches)) => api::api(context, matches).await,
        Some(("check", matches)) => check::check(context, matches).await,
        Some(("connect", matches)) => connect::connect(context, matches).await,
        Some(("key", matches)) => keys::key(context, matches),
        Some(("serve", matches)) => serve::serve(context, matches).await,
        #[cfg(windows)]
        Some(("path", matches)) => path::path(context, matches),
        Some(("forget", matches)) => forget::forget(context, matches).await,
        Some((_, matches)) => disconnect::disconnect(context, matches).await,
    }
}

/// Help and version are answers; anything else was typed wrongly.
fn explain(error: &clap::Error, words: &Translations) -> ExitCode {
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

//! Has terminals on Windows find this program, or no longer.

use clap::ArgMatches;

use crate::context::Context;
use crate::failure::Failure;
use crate::terminal;

pub fn path(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let said = match matches.subcommand_name() {
        Some("add") => adapters::user_path::add_this_program()
            .map(|new| if new { "cli.path.added" } else { "cli.path.there_already" }),
        _ => adapters::user_path::remove_this_program()
            .map(|was_there| if was_there { "cli.path.removed" } else { "cli.path.was_not_there" }),
    };
    terminal::say(&context.words.text(said.map_err(|error| Failure::Path { error })?));
    Ok(())
}

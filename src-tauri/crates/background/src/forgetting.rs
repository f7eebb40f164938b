//! The end of a program of which nothing is to be left.

use std::ffi::OsString;

/// `hotmart-token`, which knows how.
const FORGETS: &str = "hotmart-token";
/// Revokes and deletes without asking again, and shows a notification of what became of it.
const ARGUMENTS: [&str; 4] = ["forget", "--everything", "--yes", "--notify"];

/// Goes on as the program that deletes all that this one left. Returns only if it could not be started.
pub fn become_the_one_that_forgets_everything() -> std::io::Error {
    let Some(program) = adapters::this_file().map(|file| file.with_file_name(FORGETS)) else {
        return std::io::ErrorKind::NotFound.into();
    };
    adapters::become_program(&OsString::from(program), &ARGUMENTS.map(OsString::from), &[])
}

//! Becoming another program.

use std::ffi::OsString;
use std::process::Command;

use oauth::Secret;

use crate::memory;

/// Runs a program in place of this one, with more variables in its
/// environment: signals reach it directly, and its exit code is ours.
/// Returns only if it could not be started. Where a process cannot be
/// replaced (Windows), waits for its end and exits with its code.
pub fn become_program(
    program: &OsString,
    arguments: &[OsString],
    variables: &[(String, Secret)],
) -> std::io::Error {
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, value) in variables {
        command.env(name, value.expose());
    }
    memory::leave_to_others();
    run(&mut command)
}

#[cfg(unix)]
fn run(command: &mut Command) -> std::io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

#[cfg(not(unix))]
fn run(command: &mut Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

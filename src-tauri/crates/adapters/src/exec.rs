//! Becoming another program.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::Path;
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
    memory::leave_to_others();
    let mut error = ErrorKind::NotFound.into();
    for name in names_of(program) {
        let mut command = Command::new(name);
        command.args(arguments);
        for (name, value) in variables {
            command.env(name, value.expose());
        }
        error = run(&mut command);
        if !is_another_name_to_try(&error) {
            break;
        }
    }
    error
}

/// There is none of this name, or Windows found a script for other systems'
/// shells, as packages of npm have one beside that for its own.
pub(crate) fn is_another_name_to_try(error: &std::io::Error) -> bool {
    /// `ERROR_BAD_EXE_FORMAT`.
    const NO_PROGRAM: i32 = 193;
    error.kind() == ErrorKind::NotFound || (cfg!(windows) && error.raw_os_error() == Some(NO_PROGRAM))
}

/// The names under which a program is looked for, one after the other. Many
/// that developers start on Windows, such as `npm`, are scripts, which its own
/// shells find by the name alone.
pub(crate) fn names_of(program: &OsStr) -> Vec<OsString> {
    let mut names = vec![program.to_owned()];
    if cfg!(windows) && Path::new(program).extension().is_none() {
        names.extend([".cmd", ".bat"].map(|ending| [program, ending.as_ref()].into_iter().collect()));
    }
    names
}

/// Leaves the rest to a program that goes on after this one, which ends.
/// Returns only if it could not be started.
pub fn leave_the_rest_to(program: &OsString, arguments: &[OsString]) -> std::io::Error {
    #[cfg(not(windows))]
    return become_program(program, arguments, &[]);
    #[cfg(windows)]
    {
        /// No console opens for a program that nobody sees: `CREATE_NO_WINDOW`.
        const WITHOUT_A_CONSOLE: u32 = 0x0800_0000;
        let mut command = Command::new(program);
        std::os::windows::process::CommandExt::creation_flags(&mut command, WITHOUT_A_CONSOLE);
        match command.args(arguments).spawn() {
            Ok(_) => std::process::exit(0),
            Err(error) => error,
        }
    }
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

//! Becoming another program.

use std::convert::Infallible;
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
    let started = under_its_names(program, |name| {
        let mut command = Command::new(name);
        command.args(arguments);
        for (name, value) in variables {
            command.env(name, value.expose());
        }
        Err::<Infallible, _>(run(&mut command))
    });
    let Err(error) = started;
    error
}

/// Starts a program under the first of its names that there is. Many that
/// developers start on Windows, such as `npm`, are scripts, which its own shells
/// find by the name alone; and packages of npm have one for other systems'
/// shells beside it.
pub(crate) fn under_its_names<T>(
    program: &OsStr,
    start: impl Fn(&OsStr) -> std::io::Result<T>,
) -> std::io::Result<T> {
    /// Windows found something that is none of its programs: `ERROR_BAD_EXE_FORMAT`.
    const NO_PROGRAM: i32 = 193;
    let mut started = start(program);
    if cfg!(windows) && Path::new(program).extension().is_none() {
        for ending in [".cmd", ".bat"] {
            let is_missing = |error: &std::io::Error| {
                error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(NO_PROGRAM)
            };
            if started.as_ref().is_err_and(is_missing) {
                let name: OsString = [program, ending.as_ref()].into_iter().collect();
                started = start(&name);
            }
        }
    }
    started
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

//! Starting this very program once more.

use std::process::Command;
use std::time::Duration;

const TRY_VARIABLE: &str = "HOTMART_CONNECT_TRY";
const MOST_TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(400);

/// Starts this program again in place of itself, with the same arguments,
/// after a pause; returns only if that was tried often enough, or failed.
///
/// A link can start the program in the moment in which the one before it is
/// dying and still has its name on the session bus: the dying one can't take
/// the link, and without another try it would be lost.
pub fn relaunch() {
    let tries = std::env::var(TRY_VARIABLE).ok().and_then(|tries| tries.parse().ok()).unwrap_or(0u32);
    let Ok(program) = std::env::current_exe() else { return };
    if tries >= MOST_TRIES {
        return;
    }
    std::thread::sleep(PAUSE);
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1)).env(TRY_VARIABLE, (tries + 1).to_string());
    replace_this_process(&mut command);
}

#[cfg(unix)]
fn replace_this_process(command: &mut Command) {
    let error = std::os::unix::process::CommandExt::exec(command);
    log::error!("the program could not be started again: {error}");
}

#[cfg(not(unix))]
fn replace_this_process(command: &mut Command) {
    match command.spawn() {
        Ok(_) => std::process::exit(0),
        Err(error) => log::error!("the program could not be started again: {error}"),
    }
}

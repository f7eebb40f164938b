//! The desktop program's entry.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    #[cfg(unix)]
    start_again_with_readable_arguments();
    hotmart_connect::run()
}

/// A link can start the program with an argument that is not text, and a
/// library in use would panic on it. Unreadable bytes are replaced by U+FFFD,
/// which no valid answer contains, so such a link is ignored like any forgery.
#[cfg(unix)]
#[allow(clippy::disallowed_methods)] // A program's own edge.
fn start_again_with_readable_arguments() {
    use std::os::unix::process::CommandExt;

    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments.iter().all(|argument| argument.to_str().is_some()) {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        let readable = arguments.iter().map(|argument| argument.to_string_lossy().into_owned());
        // Returns only if it failed; then the program goes on as it is.
        let _ = std::process::Command::new(program).args(readable).exec();
    }
}

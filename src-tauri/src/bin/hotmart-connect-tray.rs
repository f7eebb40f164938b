//! The program without a window, on Linux: see `background`.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    background::run()
}

/// Elsewhere the program with the window goes on without it.
#[cfg(not(target_os = "linux"))]
fn main() {}

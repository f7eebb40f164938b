//! The command-line program's entry. It links no webview.

fn main() -> std::process::ExitCode {
    command_line::run()
}

//! The three streams. Only this module writes to them.

use std::io::{self, IsTerminal, Write};

use oauth::Secret;

/// Tells the person at the terminal something.
pub fn say(text: &str) {
    // The reader of this output may be gone; that changes nothing.
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// The answer, byte for byte.
pub fn answer(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()
}

/// Whether a person is typing.
pub fn somebody_types() -> bool {
    io::stdin().is_terminal()
}

/// Whether a person sees what is said.
pub fn somebody_reads() -> bool {
    io::stderr().is_terminal()
}

/// Reads a line; `None` at the end of the input.
pub fn read_line() -> Option<Secret> {
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line).ok()?;
    (read > 0).then(|| Secret::new(line))
}

/// Asks for something that must not be seen; takes a line of the input where no user types.
pub fn ask_for_secret(question: &str) -> Option<Secret> {
    if somebody_types() {
        rpassword::prompt_password(format!("{question} ")).ok().map(Secret::new)
    } else {
        read_line()
    }
}

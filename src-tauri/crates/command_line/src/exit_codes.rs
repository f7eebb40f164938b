//! What the program ends with: one number for each thing a program may want to know.

/// Something else; the words say what.
pub const OTHER: u8 = 1;
/// The command line could not be understood, as every program says it.
pub const USAGE: u8 = 2;
/// Not connected, or not set up.
pub const NOT_CONNECTED: u8 = 3;
/// The connection is over.
pub const RECONNECT: u8 = 4;
/// The server cannot be reached or is in trouble.
pub const NETWORK: u8 = 5;
/// The keyring is locked.
pub const KEYRING_LOCKED: u8 = 6;
/// There is no keyring.
pub const KEYRING_MISSING: u8 = 7;
/// The keyring does not answer, or cannot write.
pub const KEYRING_FAILING: u8 = 8;
/// Another program renews and does not finish.
pub const BUSY: u8 = 9;
/// The server refused the application or the request.
pub const REFUSED: u8 = 10;
/// The API answered with an error.
pub const API: u8 = 11;
/// As a shell says it: found, but not to be run.
pub const NOT_RUNNABLE: u8 = 126;
/// As a shell says it: not found.
pub const NOT_FOUND: u8 = 127;
/// As a shell says it: ended by this signal.
pub const SIGNAL: u8 = 128;

/// The codes and the keys of what they mean, in the order of the manual.
pub const EXIT_CODES: [(u8, &str); 14] = [
    (0, "cli.exit.ok"),
    (OTHER, "cli.exit.other"),
    (USAGE, "cli.exit.usage"),
    (NOT_CONNECTED, "cli.exit.not_connected"),
    (RECONNECT, "cli.exit.reconnect"),
    (NETWORK, "cli.exit.network"),
    (KEYRING_LOCKED, "cli.exit.keyring_locked"),
    (KEYRING_MISSING, "cli.exit.keyring_missing"),
    (KEYRING_FAILING, "cli.exit.keyring_failing"),
    (BUSY, "cli.exit.busy"),
    (REFUSED, "cli.exit.refused"),
    (API, "cli.exit.api"),
    (NOT_RUNNABLE, "cli.exit.not_runnable"),
    (NOT_FOUND, "cli.exit.not_found"),
];

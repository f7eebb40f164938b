//! What Practice Hotmart remembers from one start to the next, and where it is.

use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use connection::PRACTICE_PORT;
use url::Url;

use crate::Directories;
use crate::files::{read_small, write_whole};

/// A server on this machine accepts a connection at once.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// Whether something on this machine answers at this address.
pub fn answers(address: &str) -> bool {
    let url = Url::parse(address).ok();
    let addresses = url.and_then(|url| url.socket_addrs(|| None).ok()).unwrap_or_default();
    addresses.iter().any(|address| TcpStream::connect_timeout(address, ANSWERS_WITHIN).is_ok())
}

/// A file with the hashes of what Practice Hotmart issued, and one with its
/// address. A session with it outlives a restart, as it would with a server
/// that never restarts.
#[derive(Clone, Debug)]
pub struct PracticeLedger {
    ledger: PathBuf,
    address: PathBuf,
}

impl PracticeLedger {
    /// The ledger among this user's files.
    pub fn new(directories: &Directories) -> Self {
        Self { ledger: directories.practice_ledger(), address: directories.practice_address() }
    }

    /// What is remembered, if anything.
    pub fn read(&self) -> Option<String> {
        String::from_utf8(read_small(&self.ledger).ok()?).ok()
    }

    /// Remembers. A ledger that cannot be written costs a practice session, no more.
    pub fn write(&self, ledger: &str) {
        if let Err(error) = write_whole(&self.ledger, ledger.as_bytes()) {
            log::warn!("Practice Hotmart's ledger was not written: {error}");
        }
    }

    /// Tells other programs where Practice Hotmart is now.
    pub fn publish(&self, address: &Url) {
        if let Err(error) = write_whole(&self.address, address.as_str().as_bytes()) {
            log::warn!("Practice Hotmart's address was not written: {error}");
        }
    }

    /// Where Practice Hotmart is, or is usually found.
    pub fn address(&self) -> Option<Url> {
        let text = read_small(&self.address).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        text.and_then(|text| Url::parse(&text).ok())
            .or_else(|| Url::parse(&format!("http://127.0.0.1:{PRACTICE_PORT}/")).ok())
    }
}

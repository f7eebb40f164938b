//! What Practice Hotmart remembers from one start to the next.

use std::path::PathBuf;

use crate::places::write_whole;

/// A file with the hashes of what Practice Hotmart issued. A session with it
/// outlives a restart, as it would with a server that never restarts.
#[derive(Clone, Debug)]
pub struct PracticeLedger(PathBuf);

impl PracticeLedger {
    /// The ledger in this file.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// What is remembered, if anything.
    pub fn read(&self) -> Option<String> {
        std::fs::read_to_string(&self.0).ok()
    }

    /// Remembers. A ledger that cannot be written costs a practice session, no more.
    pub fn write(&self, ledger: &str) {
        if let Err(error) = write_whole(&self.0, ledger.as_bytes()) {
            log::warn!("Practice Hotmart's ledger was not written: {error}");
        }
    }
}

//! Connections that have shown no good key yet. There is room for so many; who
//! comes later takes the place of the one that has been waiting longest.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

/// Which connection it is, in the order in which they came.
pub type Number = u64;

/// The strangers of one door.
pub struct Strangers {
    most: usize,
    /// Connections come in one task, and show keys or end in tasks of their own.
    waiting: Mutex<BTreeMap<Number, AbortHandle>>,
}

impl Strangers {
    /// Room for this many.
    pub const fn new(most: usize) -> Self {
        Self { most, waiting: Mutex::new(BTreeMap::new()) }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<Number, AbortHandle>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another one comes, and is served from now on. Whether the one that waited
    /// longest was hung up on for it.
    pub fn come(&self, number: Number, serve: impl FnOnce() -> AbortHandle) -> bool {
        // Held while it starts: it must be known before it can cease to be a stranger.
        let mut waiting = self.waiting();
        waiting.insert(number, serve());
        let oldest = if waiting.len() > self.most { waiting.pop_first() } else { None };
        if let Some((_, task)) = &oldest {
            task.abort();
        }
        oldest.is_some()
    }

    /// Hangs up on all that are there.
    pub fn send_away(&self) {
        for task in std::mem::take(&mut *self.waiting()).into_values() {
            task.abort();
        }
    }

    /// This one has shown a good key, or is gone.
    pub fn is_none(&self, number: Number) {
        self.waiting().remove(&number);
    }
}

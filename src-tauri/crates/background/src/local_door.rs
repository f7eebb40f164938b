//! The door for local keys, as long as this program runs: open once there is
//! any key, and left to the program that takes this one's place.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adapters::{Directories, DoorListeners};
use door::{DOOR_PORT, Door, LocalKeys, Parts};

use crate::program_state::DoorState;

/// The keys of this user, and the door that they open.
pub struct LocalDoor {
    /// The keys.
    pub keys: Arc<LocalKeys>,
    port: u16,
    /// Opened by whoever finds that there is a key; taken at the program's end.
    place: Mutex<Place>,
    /// How many keys are in the clipboard that were copied just now: they are nowhere else.
    copied: AtomicUsize,
}

/// What there is of the door.
#[derive(Default)]
struct Place {
    /// What the program before this one left.
    left: Option<DoorListeners>,
    door: Option<Door>,
}

impl LocalDoor {
    /// A door that is not open yet, at this port or the usual one.
    pub fn new(directories: &Directories, port: Option<u16>) -> Self {
        Self {
            keys: Arc::new(LocalKeys::of(directories)),
            port: port.unwrap_or(DOOR_PORT),
            place: Mutex::new(Place { left: DoorListeners::left(), door: None }),
            copied: AtomicUsize::new(0),
        }
    }

    /// What tools call in the place of Hotmart's address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Opens it if there is any key, and it is not open yet.
    ///
    /// Must be called within a Tokio runtime.
    pub fn open_if_wanted(&self, parts: impl FnOnce(Arc<LocalKeys>) -> Parts) -> DoorState {
        let mut place = self.place();
        // What nobody takes from here on is refused, and does not hang.
        let left = place.left.take();
        let readable = match self.keys.are_there() {
            Ok(false) => return DoorState::NotNeeded,
            Ok(true) => true,
            // Tools are told so, and not that nothing is there.
            Err(_) => false,
        };
        if place.door.is_none() {
            match Door::open(parts(Arc::clone(&self.keys)), self.port, left) {
                Ok(opened) => place.door = Some(opened),
                Err(error) => {
                    log::warn!("the door for local keys is not open: {error}");
                    return DoorState::Taken;
                }
            }
        }
        if readable { DoorState::Open } else { DoorState::KeysUnreadable }
    }

    /// For the end of the program: calls that are under way are answered.
    pub async fn close(&self) {
        if let Some(door) = self.take() {
            door.close().await;
        }
    }

    /// For the program that takes this one's place: what that one goes on with.
    pub async fn leave(&self) -> Option<DoorListeners> {
        let listeners = self.take()?.leave().await;
        // Without a key there is no door.
        self.keys.are_there().unwrap_or(true).then_some(listeners)
    }

    /// A key was copied, and is in the clipboard alone until the end of `clears`.
    pub async fn while_a_key_is_copied(&self, clears: impl Future<Output = ()>) {
        self.copied.fetch_add(1, Ordering::SeqCst);
        clears.await;
        self.copied.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether a key is in the clipboard that is nowhere else: the program that
    /// put it there stays until that is over.
    pub fn has_a_copied_key(&self) -> bool {
        self.copied.load(Ordering::SeqCst) > 0
    }

    fn take(&self) -> Option<Door> {
        self.place().door.take()
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The door for local keys, as long as this program runs: open once there is
//! any key, and left to the program that takes this one's place.

use std::sync::{Arc, Mutex, PoisonError};

use adapters::Directories;
use door::{DOOR_PORT, Door, LocalKeys, Parts};
use oauth::Secret;

use crate::program_state::DoorState;

/// The keys of this user, and the door that they open.
pub struct LocalDoor {
    /// The keys.
    pub keys: Arc<LocalKeys>,
    port: u16,
    /// Opened by whoever finds that there is a key; taken at the program's end.
    door: Mutex<Option<Door>>,
}

impl LocalDoor {
    /// A door that is not open yet, at this port or the usual one.
    pub fn new(directories: &Directories, port: Option<u16>) -> Self {
        Self {
            keys: Arc::new(LocalKeys::of(directories)),
            port: port.unwrap_or(DOOR_PORT),
            door: Mutex::new(None),
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
        let mut door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        let readable = match self.keys.are_there() {
            Ok(false) => return DoorState::NotNeeded,
            Ok(true) => true,
            // Tools are told so, and not that nothing is there.
            Err(_) => false,
        };
        if door.is_none() {
            match Door::open(parts(Arc::clone(&self.keys)), self.port) {
                Ok(opened) => *door = Some(opened),
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

    /// For the program that takes this one's place: the variables with which
    /// it is started, so that it goes on with this door.
    pub async fn leave(&self) -> Vec<(String, Secret)> {
        match self.take() {
            Some(door) => door.leave().await,
            None => Vec::new(),
        }
    }

    fn take(&self) -> Option<Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

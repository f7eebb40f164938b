//! The Secret Service of Linux desktops: gnome-keyring, KWallet, KeePassXC.
//!
//! Used directly, on one connection: the `keyring` crate's store would unlock
//! what is locked, and so open a prompt in the middle of a read.

use std::collections::HashMap;

use connection::KeyringProblem;
use secret_service::blocking::{Collection, Item, SecretService};
use secret_service::{EncryptionType, Error};
use zbus::blocking::Connection;
use zbus::message::{Flags, Message};

use crate::keyring::SERVICE;

const CONTENT_TYPE: &str = "text/plain; charset=utf-8";

pub struct Store(SecretService<'static>);

impl Store {
    pub fn open() -> Result<Self, KeyringProblem> {
        let connect = || {
            let bus = Connection::session()?;
            make_ourselves_known(&bus)?;
            SecretService::connect_with_existing(EncryptionType::Dh, bus)
        };
        connect().map(Self).map_err(|_| KeyringProblem::Missing)
    }

    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeyringProblem> {
        let items = self.items(name)?;
        let Some(item) = items.first() else {
            // A locked keyring may not even tell what is in it.
            return self.ready().map(|_| None);
        };
        item.get_secret().map(Some).map_err(|error| problem_of(&error))
    }

    pub fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        let items = self.items(name)?;
        let written = match items.first() {
            Some(item) => item.set_secret(secret, CONTENT_TYPE),
            None => {
                // What the person reads in their keyring's own window.
                let label = format!("Hotmart Connect ({name})");
                let collection = self.ready()?;
                collection.create_item(&label, attributes(name), secret, true, CONTENT_TYPE).map(drop)
            }
        };
        written.map_err(|error| problem_of(&error))
    }

    pub fn delete(&self, name: &str) -> Result<(), KeyringProblem> {
        let items = self.items(name)?;
        if items.is_empty() {
            return self.ready().map(drop);
        }
        items.iter().try_for_each(Item::delete).map_err(|error| problem_of(&error))
    }

    /// The names of all entries of this program, those that are locked among them.
    pub fn names(&self) -> Result<Vec<String>, KeyringProblem> {
        let ours = HashMap::from([("service", SERVICE)]);
        let found = self.0.search_items(ours).map_err(|error| problem_of(&error))?;
        let name = |item: &Item<'_>| {
            let attributes = item.get_attributes().map_err(|error| problem_of(&error))?;
            Ok(attributes.get("username").cloned().unwrap_or_default())
        };
        found.unlocked.iter().chain(&found.locked).map(name).collect()
    }

    /// Asks for the password; where there is no default keyring yet, has one made.
    pub fn unlock(&self) -> Result<(), KeyringProblem> {
        match self.0.get_default_collection() {
            Ok(collection) => collection.unlock(),
            Err(Error::NoResult) => self.0.create_collection("Login", "default").map(drop),
            Err(error) => Err(error),
        }
        .map_err(|error| problem_of(&error))?;
        self.ready().map(drop)
    }

    /// The entries of this name that can be read without asking the user.
    fn items(&self, name: &str) -> Result<Vec<Item<'_>>, KeyringProblem> {
        let found = self.0.search_items(attributes(name)).map_err(|error| problem_of(&error))?;
        if found.unlocked.is_empty() && !found.locked.is_empty() {
            return Err(KeyringProblem::Locked);
        }
        Ok(found.unlocked)
    }

    /// The default keyring, if it can be used without asking the user.
    fn ready(&self) -> Result<Collection<'_>, KeyringProblem> {
        let collection = self.0.get_default_collection().map_err(|error| problem_of(&error))?;
        match collection.is_locked() {
            Ok(false) => Ok(collection),
            Ok(true) => Err(KeyringProblem::Locked),
            Err(error) => Err(problem_of(&error)),
        }
    }
}

/// gnome-keyring notes a caller with its first message, on another thread than the
/// one that answers. If that first message opens a session, and another caller
/// leaves just then, the daemon finds no note and aborts (its issues 144, 190 and
/// 196, also in version 50): every keyring is locked then. So the first message
/// is one that is answered without the note. Nobody waits for that answer.
fn make_ourselves_known(bus: &Connection) -> Result<(), zbus::Error> {
    let ping = Message::method_call("/org/freedesktop/secrets", "Ping")?
        .destination("org.freedesktop.secrets")?
        .interface("org.freedesktop.DBus.Peer")?
        .with_flags(Flags::NoReplyExpected)?
        .build(&())?;
    bus.send(&ping)
}

fn attributes(name: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("username", name)])
}

/// The error itself is not printed: it could carry what the service said of a secret.
fn problem_of(error: &Error) -> KeyringProblem {
    match error {
        Error::Locked | Error::Prompt | Error::NoResult => KeyringProblem::Locked,
        Error::Unavailable | Error::PromptDisconnected => KeyringProblem::Missing,
        // An answer of the service's own: it is there, and could not.
        Error::Zbus(zbus::Error::MethodError(name, ..)) if !nobody_is_there(name) => KeyringProblem::Failed,
        Error::Zbus(_) | Error::ZbusFdo(_) => KeyringProblem::Missing,
        _ => KeyringProblem::Failed,
    }
}

/// What the bus itself answers in place of a service that is gone.
fn nobody_is_there(name: &str) -> bool {
    ["ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected", "Spawn."].iter().any(|error| {
        name.strip_prefix("org.freedesktop.DBus.Error.").is_some_and(|name| name.starts_with(error))
    })
}

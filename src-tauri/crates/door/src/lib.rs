//! The local door. A tool on this machine calls it with a local key, which
//! does not end; the door calls Hotmart's API with the account's token of the
//! moment. The tool never holds a token.
//!
//! A request goes one way through the modules: the [`server`](Door) takes the
//! connection, the guard judges the request, the key names the account, the
//! account's token is kept fresh, and the request is passed on. Whatever stops
//! it is a [`Refusal`]. In suggested reading order:

mod local_key;
mod key_file;
mod key_uses;
mod local_keys;
mod refusal;
mod guard;
mod fresh_token;
mod passage;
mod strangers;
mod server;

pub use fresh_token::{AccountSource, ReachableAccount};
pub use key_file::{InvalidKeyName, LocalKey};
pub use local_key::KEY_PREFIX;
pub use local_keys::{ListedKey, LocalKeys};
pub use refusal::Refusal;
pub use server::{Door, Parts};

/// The port of the door, unless the settings name another.
pub const DOOR_PORT: u16 = 47_993;

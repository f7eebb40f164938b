//! What the window shows that neither the settings nor a connection tells.

use connection::{AccountId, Notice};
use door::ListedKey;
use serde::Serialize;

use crate::checkup::Checkup;
use crate::updates::UpdateStatus;

/// What is known of the program as a whole while it runs. It lives in a
/// `watch` channel, so that the window hears of each change.
#[derive(Clone, Debug, Default)]
pub struct ProgramState {
    /// Whether links come back.
    pub links: Links,
    /// The account that was removed last, until that was read.
    pub removed: Option<Removed>,
    /// What the last look at this computer found, if there was one.
    pub checkup: Option<Checkup>,
    /// Whether this desktop has a tray, as far as is known.
    pub tray_is_there: bool,
    /// Whether the program starts with the session.
    pub starts_at_login: bool,
    /// The local keys of all accounts.
    pub local_keys: Vec<ListedKey>,
    /// How the door stands that they open.
    pub door: DoorState,
    /// How this version stands beside the newest.
    pub update: UpdateStatus,
}

/// How the door for local keys stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DoorState {
    /// There is no key that could open it.
    #[default]
    NotNeeded,
    /// Tools can call.
    Open,
    /// Another program has its port.
    Taken,
    /// The keys cannot be read.
    KeysUnreadable,
}

/// Whether the browser's links come back to this program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Links {
    /// They do, as far as is known.
    #[default]
    ComeBack,
    /// They opened another program, and now this one.
    Repaired,
    /// They open another program or none, and that could not be changed.
    DoNotComeBack,
}

/// An account that is no longer there, or could not be taken out of the settings.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Removed {
    /// Its id.
    pub id: AccountId,
    /// What it was called, if its owner named it.
    pub name: Option<String>,
    /// What became of its tokens; none if it could not be taken out of the settings.
    pub outcome: Option<Notice>,
}

//! What the user chose for the program as a whole.

use std::ops::RangeInclusive;
use std::time::Duration;

use adapters::Settings;
use serde::{Deserialize, Serialize};

use crate::program_state::ProgramState;

/// A copied token stays in the clipboard for this long, in seconds: no user
/// copies and pastes faster than the first, and a secret does not lie around
/// longer than the second.
const CLIPBOARD_SECONDS: RangeInclusive<u64> = 5..=3_600;
/// The window's content is drawn from half its size to three times, in percent.
const ZOOM: RangeInclusive<u32> = 50..=300;

/// One choice.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "name", content = "value", rename_all = "snake_case")]
pub enum Preference {
    /// The language, as a BCP 47 tag.
    Language(String),
    /// How long a copied token stays in the clipboard, in seconds.
    ClipboardSeconds(u64),
    /// Whether the program stays in the tray when its window is closed.
    KeepInTray(bool),
    /// Whether it starts with the session.
    StartAtLogin(bool),
    /// Whether the person is notified when they must act.
    Notifications(bool),
    /// How large the window's content is drawn, in percent.
    Zoom(u32),
}

/// All choices, as the window shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Preferences {
    /// How long a copied token stays in the clipboard, in seconds.
    pub clipboard_seconds: u64,
    /// Whether the program stays in the tray when its window is closed.
    pub keep_in_tray: bool,
    /// Whether this desktop has a tray, as far as is known.
    pub tray_is_there: bool,
    /// Whether it starts with the session.
    pub start_at_login: bool,
    /// Whether the person is notified when they must act.
    pub notifications: bool,
    /// How large the window's content is drawn, in percent.
    pub zoom: u32,
}

impl Preferences {
    /// What was chosen, within the limits.
    pub fn of(settings: &Settings, state: &ProgramState) -> Self {
        Self {
            clipboard_seconds: clipboard_time(settings.clipboard_seconds).as_secs(),
            keep_in_tray: settings.keep_in_tray,
            tray_is_there: state.tray_is_there,
            start_at_login: state.starts_at_login,
            notifications: settings.notifications,
            zoom: zoom(settings.zoom),
        }
    }
}

/// How long a copied token stays, for a number of seconds that was chosen.
pub fn clipboard_time(seconds: u64) -> Duration {
    Duration::from_secs(seconds.clamp(*CLIPBOARD_SECONDS.start(), *CLIPBOARD_SECONDS.end()))
}

/// How large the content is drawn, for a size in percent that was chosen.
pub fn zoom(percent: u32) -> u32 {
    percent.clamp(*ZOOM.start(), *ZOOM.end())
}

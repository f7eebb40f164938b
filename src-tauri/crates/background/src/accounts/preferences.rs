//! What the person chose for the program as a whole.

use std::sync::atomic::Ordering;
use std::time::Duration;

use adapters::{LANGUAGES, Settings, Words, start_at_login};
use serde::{Deserialize, Serialize};

use super::{Accounts, lock, words_of};
use crate::arguments::BACKGROUND;
use crate::command_error::CommandError;

/// Nobody copies and pastes faster than this, in seconds.
const SHORTEST_COPY: u64 = 5;
/// A secret does not lie around longer than this, in seconds.
const LONGEST_COPY: u64 = 3_600;
/// A desktop knows its tray within this time.
const TRAY_DEADLINE: Duration = Duration::from_secs(3);
/// The window's content is drawn from half its size to three times.
const ZOOM: std::ops::RangeInclusive<u32> = 50..=300;

/// One choice.
#[derive(Clone, Debug, Deserialize)]
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

impl Accounts {
    /// What was chosen.
    pub fn preferences(&self) -> Preferences {
        let settings = lock(&self.settings);
        Preferences {
            clipboard_seconds: usable(settings.1.clipboard_seconds),
            keep_in_tray: settings.1.keep_in_tray,
            tray_is_there: self.tray_is_there.load(Ordering::Relaxed),
            start_at_login: self.starts_at_login.load(Ordering::Relaxed),
            notifications: settings.1.notifications,
            zoom: settings.1.zoom.clamp(*ZOOM.start(), *ZOOM.end()),
        }
    }

    /// Makes a choice, and keeps it.
    pub fn choose(&self, preference: Preference) -> Result<(), CommandError> {
        match preference {
            Preference::Language(language) if !LANGUAGES.contains(&language.as_str()) => {
                return Err(CommandError::Configuration);
            }
            Preference::Language(language) => {
                self.change_choice(|settings| settings.language = Some(language))?
            }
            Preference::ClipboardSeconds(seconds) => {
                self.change_choice(|settings| settings.clipboard_seconds = usable(seconds))?;
                self.clear_after.send_replace(Duration::from_secs(usable(seconds)));
            }
            Preference::KeepInTray(on) => self.change_choice(|settings| settings.keep_in_tray = on)?,
            Preference::StartAtLogin(on) => {
                start_at_login::set(on, BACKGROUND, &self.places).map_err(|error| {
                    log::error!("starting at login was not changed: {error}");
                    CommandError::StartAtLogin
                })?;
                self.starts_at_login.store(start_at_login::is_on(), Ordering::Relaxed);
            }
            Preference::Notifications(on) => self.change_choice(|settings| settings.notifications = on)?,
            Preference::Zoom(percent) => {
                let percent = percent.clamp(*ZOOM.start(), *ZOOM.end());
                self.change_choice(|settings| settings.zoom = percent)?;
            }
        }
        self.tell_the_window();
        Ok(())
    }

    /// A settings file that could not be used is not replaced for a choice alone.
    fn change_choice(&self, change: impl FnOnce(&mut Settings)) -> Result<(), CommandError> {
        let mut settings = lock(&self.settings);
        if settings.0.problem().is_some() {
            change(&mut settings.1);
            return Ok(());
        }
        drop(settings);
        self.change_settings(change)
    }

    /// Looks whether the session starts this program, at the place where it is now.
    pub fn look_at_start_at_login(&self) {
        let on = start_at_login::is_on();
        if on && let Err(error) = start_at_login::set(true, BACKGROUND, &self.places) {
            log::warn!("the session may start an older copy: {error}");
        }
        self.starts_at_login.store(on, Ordering::Relaxed);
    }

    /// Looks whether this desktop has a tray. It may come later than the program.
    pub async fn look_for_a_tray(&self) -> bool {
        let look = tokio::task::spawn_blocking(adapters::there_is_a_tray);
        // A panel that hangs is none.
        let there = tokio::time::timeout(TRAY_DEADLINE, look).await.is_ok_and(|there| there.unwrap_or(false));
        if self.tray_is_there.swap(there, Ordering::Relaxed) != there {
            log::info!("a tray is {}", if there { "there" } else { "not there" });
            self.tell_the_window();
        }
        there
    }

    /// The sentences in the window's language.
    pub fn words(&self) -> Words {
        let chosen = lock(&self.settings).1.language.clone();
        words_of(chosen)
    }
}

fn usable(seconds: u64) -> u64 {
    seconds.clamp(SHORTEST_COPY, LONGEST_COPY)
}

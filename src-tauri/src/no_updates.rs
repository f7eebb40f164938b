//! Newer versions are not looked for in this build: the feature `updater` is off.

use tauri::{AppHandle, Builder, Wry};

pub const fn prepare(builder: Builder<Wry>) -> Builder<Wry> {
    builder
}

pub const fn look_once_a_day(_: &AppHandle) {}
pub const fn look(_: &AppHandle) {}
pub const fn install(_: &AppHandle) {}
pub const fn cancel(_: &AppHandle) {}
pub const fn start_the_new_version_if_there_is_one(_: &AppHandle) {}

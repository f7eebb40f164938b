//! Newer versions are not looked for in this build: the feature `updater` is off.

use std::path::PathBuf;

use tauri::{AppHandle, Builder, Wry};

pub const fn prepare(builder: Builder<Wry>) -> Builder<Wry> {
    builder
}

pub const fn look_once_a_day(_: &AppHandle) {}
pub const fn look(_: &AppHandle) {}
pub const fn install(_: &AppHandle) {}
pub const fn cancel(_: &AppHandle) {}
pub const fn stop(_: &AppHandle) {}
pub const fn wait_until_replaced(_: &AppHandle) -> Option<PathBuf> {
    None
}
pub fn start(_: PathBuf) {}

//! What is opened in a browser, on a desktop without one.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::desktop::Desktop;
use crate::process::wait_until;

/// Programs in the place of the desktop's openers, which only note what they are given.
pub struct Openers(PathBuf);

impl Openers {
    /// Puts them there. They count for programs whose path begins with [`Openers::folder`].
    pub fn on(desktop: &Desktop) -> Self {
        let openers = Self(desktop.home().join("openers"));
        std::fs::create_dir_all(&openers.0).unwrap();
        let opener = format!("#!/bin/sh\necho \"$@\" >> '{}'\n", openers.notes().display());
        for name in ["xdg-open", "gio", "gnome-open", "kde-open", "wslview"] {
            std::fs::write(openers.0.join(name), &opener).unwrap();
            std::fs::set_permissions(openers.0.join(name), PermissionsExt::from_mode(0o755)).unwrap();
        }
        openers
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    fn notes(&self) -> PathBuf {
        self.0.join("opened")
    }

    /// Waits until something is opened, and gives what.
    pub fn opened(&self) -> String {
        wait_until("something is opened", || {
            std::fs::read_to_string(self.notes()).ok().filter(|line| line.ends_with('\n'))
        })
    }
}

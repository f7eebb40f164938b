//! What the program leaves on a machine, besides secrets: taken away where the
//! user wants nothing of it to stay.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::files::unless_held;
use crate::{Directories, start_at_login};

/// A webview's processes have ended within this time after their program's end.
const HELD_UNTIL_THEY_END: Duration = Duration::from_secs(10);

/// Deletes everything that the programs of this home wrote: settings, logs,
/// locks, notes, what the webview kept, and the entries that start it with the
/// session and for links. Gives what could not be deleted, or stands where a
/// link of the user's points at; nothing if all is gone.
pub fn delete_traces(directories: &Directories) -> Vec<PathBuf> {
    crate::delete_fetched_packages();
    let mut left = Vec::new();
    let mut or_note = |path: &Path, result: std::io::Result<()>| {
        if let Err(error) = result {
            log::error!("{} stays: {error}", path.display());
            left.push(path.to_owned());
        }
    };
    // The entries are the user's usual home's, as long as there is one.
    let usual = Directories::of_the_usual_home().map(|usual| usual.settings_file().exists());
    if directories.is_the_usual_home() || !usual.unwrap_or(false) {
        or_note(Path::new("autostart"), start_at_login::set(false, "", directories));
        #[cfg(target_os = "linux")]
        or_note(Path::new("mimeapps.list"), crate::scheme_handler::unregister());
        #[cfg(windows)]
        or_note(Path::new(r"HKCU\Software\Classes"), crate::scheme_handler::unregister());
        #[cfg(target_os = "macos")]
        or_note(&crate::terminal_link::the_link(), crate::terminal_link::unlink());
    }
    for path in directories.own_files().into_iter().chain(directories.own_folders()) {
        let elsewhere = path.canonicalize().ok().filter(|_| path.is_symlink());
        or_note(&path, delete(&path));
        if let Some(elsewhere) = elsewhere.filter(|elsewhere| !is_a_program(elsewhere)) {
            or_note(&elsewhere, Err(ErrorKind::AlreadyExists.into()));
        }
    }
    for folder in directories.made_folders() {
        // Whatever else is in it is not ours.
        let _ = std::fs::remove_dir(folder);
    }
    left
}

/// The link for desktop entries points at this program.
fn is_a_program(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "hotmart-connect") && path.is_file()
}

/// Deletes a file or a folder; fine if there is none. A link is deleted, and not what it points at.
fn delete(path: &Path) -> std::io::Result<()> {
    let found = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    unless_held(HELD_UNTIL_THEY_END, || {
        if found.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_folder_that_the_user_chose_only_what_is_ours_goes() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let directories = Directories::under(&home);
        let ours = [
            "settings.json",
            "settings.json.kept-1",
            "settings.lock",
            "practice.json",
            "local-keys.json",
            "local-key-uses.json.lock",
            "logs/hotmart-token_rCURRENT.log",
            "locks/main.lock",
            "clocks/main.json",
        ];
        let theirs = [
            "logs/mail.log",
            "locks/door",
            "settings.json.bak",
            "hotmart-connect/Cargo.toml",
            "settings.jsonnet",
        ];
        for name in ours.iter().chain(&theirs) {
            let path = home.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        assert!(directories.own_folders().is_empty());
        for path in directories.own_files() {
            delete(&path).unwrap();
        }
        assert!(ours.iter().all(|name| !home.join(name).exists()));
        assert!(theirs.iter().all(|name| home.join(name).exists()));
    }
}

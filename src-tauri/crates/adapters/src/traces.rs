//! What the program leaves on a machine, besides secrets: taken away where the
//! user wants nothing of it to stay.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::{Directories, start_at_login};

/// Deletes everything that the programs of this user wrote: settings, logs,
/// locks, notes, what the webview kept, and the entries that start it with the
/// session and for links. Gives what could not be deleted; nothing if all is gone.
pub fn delete_traces(directories: &Directories) -> Vec<PathBuf> {
    let mut left = Vec::new();
    let mut or_note = |path: PathBuf, result: std::io::Result<()>| {
        if let Err(error) = result {
            log::error!("{} stays: {error}", path.display());
            left.push(path);
        }
    };
    or_note("autostart".into(), start_at_login::set(false, "", directories));
    #[cfg(target_os = "linux")]
    or_note("mimeapps.list".into(), crate::scheme_handler::unregister());
    for path in directories.traces() {
        let result = delete(&path);
        or_note(path, result);
    }
    // A folder that the user chose is theirs, if anything else is in it.
    let _ = std::fs::remove_dir(directories.data());
    left
}

/// Deletes a file or a folder; fine if there is none. A link is deleted, and not what it points at.
fn delete(path: &Path) -> std::io::Result<()> {
    let found = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if found.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_folder_that_the_user_chose_only_what_is_ours_goes() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let directories = Directories::under(&home);
        std::fs::create_dir_all(directories.logs()).unwrap();
        for name in ["settings.json", "settings.json.kept-1", "settings.lock", "practice.json", "theirs.txt"]
        {
            std::fs::write(home.join(name), "x").unwrap();
        }
        for path in directories.traces() {
            delete(&path).unwrap();
        }
        let left: Vec<_> = std::fs::read_dir(&home).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(left, ["theirs.txt"]);
    }
}

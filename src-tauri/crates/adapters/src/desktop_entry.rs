//! Desktop entries of a Linux desktop: where this program is, and how that is written.

use std::path::{Path, PathBuf};

use crate::Directories;
use crate::files::{make_private_folder, write_whole};

/// Characters that a desktop entry would need quotes for (Desktop Entry Specification, "The Exec key").
const RESERVED: &str = " \t\n\"'\\><~|&;$*?#()`%=";

/// Where this program is. Inside of an AppImage it is the image; but a browser
/// that is an AppImage itself hands its own variables on to what it starts.
pub fn this_program() -> std::io::Result<PathBuf> {
    let program = without_the_mark_of_a_replaced_file(std::env::current_exe()?);
    let mounted = std::env::var_os("APPDIR").is_some_and(|folder| program.starts_with(folder));
    let image = std::env::var_os("APPIMAGE").filter(|_| mounted);
    Ok(image.map_or(program, PathBuf::from))
}

/// Linux writes ` (deleted)` behind the path of a program that was replaced
/// while it runs, as by an update: the new one is where the old one was.
fn without_the_mark_of_a_replaced_file(program: PathBuf) -> PathBuf {
    let path = program.to_str().and_then(|path| path.strip_suffix(" (deleted)")).map(PathBuf::from);
    path.filter(|path| path.exists()).unwrap_or(program)
}

/// The line of an entry that has desktops pass it over once the program is gone
/// (Desktop Entry Specification, "TryExec"). A path is not quoted there.
pub fn try_exec(program: &Path) -> String {
    let path = program.to_str().filter(|path| !path.contains(['\n', '\\']));
    path.map(|path| format!("TryExec={path}\n")).unwrap_or_default()
}

/// The program's path as it can stand unquoted; through a link where its own cannot.
pub fn command_path(program: &Path, directories: &Directories) -> std::io::Result<String> {
    let plain = |path: &Path| {
        path.to_str().filter(|text| !text.contains(|c| RESERVED.contains(c))).map(str::to_owned)
    };
    if let Some(path) = plain(program) {
        return Ok(path);
    }
    let link = directories.data().join("hotmart-connect");
    if let Some(path) = plain(&link) {
        make_private_folder(directories.data())?;
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(program, &link)?;
        return Ok(path);
    }
    // Both have spaces: quoted, which desktops take and plain xdg-utils does not.
    Ok(quoted(&program.to_string_lossy()))
}

/// Quoting of the Desktop Entry Specification: inside quotes four characters
/// are escaped, the backslash doubly since the value is a string; `%` is doubled.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '`' | '$' => quoted.push_str("\\\\"),
            '\\' => quoted.push_str("\\\\\\"),
            '%' => quoted.push('%'),
            _ => {}
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// Writes an entry. It is read by other programs; a temporary file is not.
pub fn write_entry(path: &Path, entry: &str) -> std::io::Result<()> {
    write_whole(path, entry.as_bytes())?;
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_spaces_goes_through_a_link_without() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("My Shop").join("hotmart-connect");
        let command = command_path(&program, &Directories::under(folder.path())).unwrap();
        assert_eq!(std::fs::read_link(&command).unwrap(), program);
        assert!(!command.contains([' ', '"']));
    }

    #[test]
    fn a_program_that_was_replaced_while_it_runs_is_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("hotmart-connect");
        let replaced = PathBuf::from(format!("{} (deleted)", program.display()));
        assert_eq!(without_the_mark_of_a_replaced_file(replaced.clone()), replaced, "nothing is there now");
        std::fs::write(&program, "").unwrap();
        assert_eq!(without_the_mark_of_a_replaced_file(replaced), program);
        assert_eq!(without_the_mark_of_a_replaced_file(program.clone()), program);
    }

    #[test]
    fn where_nothing_else_is_left_the_path_is_quoted_as_the_specification_says() {
        assert_eq!(quoted("/My Shop/100%/a$b"), r#""/My Shop/100%%/a\\$b""#);
    }
}

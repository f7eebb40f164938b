//! Who opens `app.hotmart-connect:` links on a Linux desktop.
//!
//! The handler is a desktop entry in the user's own folder. Its `Exec` must be
//! taken by gio and by plain xdg-utils alike, and the latter knows no quotes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Places;
use crate::places::{make_private_folder, write_whole};

/// The scheme, which is also the bundle identifier.
pub const SCHEME: &str = "app.hotmart-connect";
const ENTRY_NAME: &str = "app.hotmart-connect-handler.desktop";
/// Characters that a desktop entry would need quotes for (Desktop Entry Specification, "The Exec key").
const RESERVED: &str = " \t\n\"'\\><~|&;$*?#()`%=";

/// What was found and done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// An installed package registered this program.
    Installed,
    /// The user's own entry already pointed here.
    AlreadyOurs,
    /// The user's own entry was written.
    Written,
}

/// Makes this program the one that opens our links.
///
/// # Errors
/// A file could not be written, or `xdg-mime` is not there or failed. Links
/// will not come back then; pasting the address still works.
pub fn register(places: &Places) -> std::io::Result<Registration> {
    let program = match std::env::var_os("APPIMAGE") {
        Some(image) => PathBuf::from(image),
        None => std::env::current_exe()?,
    };
    let applications = applications_folder()?;
    let entry_path = applications.join(ENTRY_NAME);
    if program.starts_with("/usr") && an_installed_entry_exists() {
        // A development build's entry would win over the package's.
        let _ = std::fs::remove_file(&entry_path);
        return Ok(Registration::Installed);
    }
    let entry = desktop_entry(&command_path(&program, places)?);
    let unchanged = std::fs::read_to_string(&entry_path).is_ok_and(|old| old == entry);
    if unchanged && is_default() {
        return Ok(Registration::AlreadyOurs);
    }
    std::fs::create_dir_all(&applications)?;
    write_whole(&entry_path, entry.as_bytes())?;
    make_readable(&entry_path)?;
    // Only a cache: where the tool is missing, desktops read the folder itself.
    let _ = quiet(Command::new("update-desktop-database").arg(&applications));
    quiet(Command::new("xdg-mime").args(["default", ENTRY_NAME, &mime_type()]))?;
    Ok(Registration::Written)
}

/// The desktop entry for a program at `command`.
fn desktop_entry(command: &str) -> String {
    format!(
        "[Desktop Entry]\n\
         Type=Application\n\
         Name=Hotmart Connect\n\
         Exec={command} %u\n\
         Terminal=false\n\
         NoDisplay=true\n\
         StartupNotify=false\n\
         MimeType={};\n",
        mime_type()
    )
}

fn mime_type() -> String {
    format!("x-scheme-handler/{SCHEME}")
}

/// The program's path as it can stand unquoted; through a link where its own cannot.
fn command_path(program: &Path, places: &Places) -> std::io::Result<String> {
    let plain = |path: &Path| {
        path.to_str().filter(|text| !text.contains(|c| RESERVED.contains(c))).map(str::to_owned)
    };
    if let Some(path) = plain(program) {
        return Ok(path);
    }
    let link = places.data().join("hotmart-connect");
    if let Some(path) = plain(&link) {
        make_private_folder(places.data())?;
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

fn applications_folder() -> std::io::Result<PathBuf> {
    let data = dirs::data_dir().ok_or(std::io::ErrorKind::NotFound)?;
    Ok(data.join("applications"))
}

fn an_installed_entry_exists() -> bool {
    ["/usr/share/applications", "/usr/local/share/applications"].iter().any(|folder| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.path().extension().is_some_and(|kind| kind == "desktop"))
            .any(|entry| std::fs::read_to_string(entry.path()).is_ok_and(|text| text.contains(&mime_type())))
    })
}

/// Whether the user's list of defaults names our entry. Reading it is a
/// hundred times faster than asking `xdg-mime`.
fn is_default() -> bool {
    let list = dirs::config_dir().map(|folder| folder.join("mimeapps.list"));
    let line = format!("{}={ENTRY_NAME}", mime_type());
    list.and_then(|list| std::fs::read_to_string(list).ok())
        .is_some_and(|text| text.lines().any(|known| known.trim().trim_end_matches(';') == line))
}

/// Desktop entries are read by other programs; a temporary file is not.
fn make_readable(path: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644))
}

fn quiet(command: &mut Command) -> std::io::Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(std::io::Error::other(status.to_string())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_stands_unquoted_and_the_address_has_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let command =
            command_path(Path::new("/opt/shop/hotmart-connect"), &Places::under(folder.path())).unwrap();
        assert!(desktop_entry(&command).contains("\nExec=/opt/shop/hotmart-connect %u\n"));
    }

    #[test]
    fn a_path_with_spaces_goes_through_a_link_without() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("My Shop").join("hotmart-connect");
        let command = command_path(&program, &Places::under(folder.path())).unwrap();
        assert_eq!(std::fs::read_link(&command).unwrap(), program);
        assert!(!command.contains([' ', '"']));
    }

    #[test]
    fn where_nothing_else_is_left_the_path_is_quoted_as_the_specification_says() {
        assert_eq!(quoted("/My Shop/100%/a$b"), r#""/My Shop/100%%/a\\$b""#);
    }
}

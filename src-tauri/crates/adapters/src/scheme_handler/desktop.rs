//! Who opens our links on a Linux desktop.
//!
//! The handler is a desktop entry in the user's own folder. Its `Exec` must be
//! taken by gio and by plain xdg-utils alike, and the latter knows no quotes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::registration::{Registration, SCHEME};
use crate::Directories;
use crate::desktop_entry::{command_path, this_program, try_exec, write_entry};
use crate::files::{remove_if_there, write_whole};

const ENTRY_NAME: &str = "app.hotmart-connect-handler.desktop";

/// Makes this program the one that opens our links.
///
/// # Errors
/// A file could not be written, or `xdg-mime` is not there or failed. Links
/// will not come back then; pasting the address still works.
pub fn register(directories: &Directories) -> std::io::Result<Registration> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    // `xdg-mime` rewrites a file of the user's: never twice at once.
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let program = this_program()?;
    let applications = applications_folder()?;
    let entry_path = applications.join(ENTRY_NAME);
    let owner = default_entry();
    if program.starts_with("/usr")
        && let Some(installed) = installed_entry()
    {
        // A development build's entry would win over the package's.
        let _ = std::fs::remove_file(&entry_path);
        return match owner {
            Some(owner) if owner != installed => become_default(&installed).map(|()| Registration::Repaired),
            _ => Ok(Registration::Installed),
        };
    }
    let entry = desktop_entry(&command_path(&program, directories)?, &try_exec(&program));
    let old = std::fs::read_to_string(&entry_path).ok();
    let is_ours = owner.as_deref() == Some(ENTRY_NAME);
    if old.as_ref() == Some(&entry) && is_ours && is_in_the_cache(&applications) {
        return Ok(Registration::AlreadyOurs);
    }
    let repaired = old.is_some_and(|old| old != entry) || (owner.is_some() && !is_ours);
    std::fs::create_dir_all(&applications)?;
    write_entry(&entry_path, &entry)?;
    // Only a cache: where the tool is missing, desktops read the folder itself.
    let _ = quiet(Command::new("update-desktop-database").arg(&applications));
    become_default(ENTRY_NAME)?;
    Ok(if repaired { Registration::Repaired } else { Registration::Written })
}

/// Takes back what [`register`] wrote: the user's own entry, and what the user's
/// lists say of our links. An installed package goes on opening them.
///
/// # Errors
/// A file could not be changed.
pub fn unregister() -> std::io::Result<()> {
    let (applications, config) = (applications_folder()?, dirs::config_dir());
    remove_if_there(&applications.join(ENTRY_NAME))?;
    let desktops = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    for list in
        config.iter().flat_map(|folder| lists_in(folder, &desktops)).chain(lists_in(&applications, ""))
    {
        let Ok(text) = std::fs::read_to_string(&list) else { continue };
        let kept = without_our_links(&text);
        if kept == text {
            continue;
        }
        if kept.trim().is_empty() && !list.is_symlink() {
            remove_if_there(&list)?;
        } else {
            // As open to others as it was.
            let before = std::fs::metadata(&list)?.permissions();
            write_whole(&list, kept.as_bytes())?;
            std::fs::set_permissions(&list, before)?;
        }
    }
    // Without it, desktops would go by a cache that names an entry that is gone.
    if applications.join("mimeinfo.cache").exists() {
        let _ = quiet(Command::new("update-desktop-database").arg(&applications));
    }
    Ok(())
}

/// A list of defaults without the lines about our links, and without sections that held nothing else.
fn without_our_links(list: &str) -> String {
    let is_ours = |line: &&str| {
        line.trim().strip_prefix(&mime_type()).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let lines: Vec<_> = list.split_inclusive('\n').collect();
    let sections = lines.chunk_by(|_, next| !next.starts_with('['));
    let kept = sections.flat_map(|section| {
        let others: Vec<_> = section.iter().copied().filter(|line| !is_ours(line)).collect();
        let held_ours_alone =
            others.len() < section.len() && others.iter().skip(1).all(|line| line.trim().is_empty());
        if held_ours_alone { Vec::new() } else { others }
    });
    kept.collect()
}

/// Makes an entry the one that opens our links, and looks whether it is.
fn become_default(entry: &str) -> std::io::Result<()> {
    quiet(Command::new("xdg-mime").args(["default", entry, &mime_type()]))?;
    let is_default = default_entry().is_some_and(|owner| owner == entry);
    is_default.then_some(()).ok_or_else(|| std::io::Error::other("links still open another program"))
}

/// Whether the cache that some desktops go by knows our entry. Where there is
/// no cache, none is missed.
fn is_in_the_cache(applications: &Path) -> bool {
    let cache = std::fs::read_to_string(applications.join("mimeinfo.cache"));
    cache.map_or(true, |cache| cache.contains(&mime_type()))
}

/// The desktop entry for a program at `command`.
fn desktop_entry(command: &str, try_exec: &str) -> String {
    format!(
        "[Desktop Entry]\n\
         Type=Application\n\
         Name=Hotmart Connect\n\
         {try_exec}\
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

fn applications_folder() -> std::io::Result<PathBuf> {
    let data = dirs::data_dir().ok_or(std::io::ErrorKind::NotFound)?;
    Ok(data.join("applications"))
}

/// The name of a package's entry for our links.
fn installed_entry() -> Option<String> {
    let folders = ["/usr/share/applications", "/usr/local/share/applications"];
    let mut entries =
        folders.iter().flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten());
    let entry = entries.find(|entry| {
        entry.path().extension().is_some_and(|kind| kind == "desktop")
            && std::fs::read_to_string(entry.path()).is_ok_and(|text| text.contains(&mime_type()))
    })?;
    entry.file_name().into_string().ok()
}

/// The entry that the user's lists of defaults name for our links: a desktop's
/// own list first, then the one for all desktops (MIME Applications
/// Associations §2). Reading them is a hundred times faster than asking `xdg-mime`.
fn default_entry() -> Option<String> {
    let desktops = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    default_entry_in(&dirs::config_dir()?, &desktops)
}

fn default_entry_in(folder: &Path, desktops: &str) -> Option<String> {
    lists_in(folder, desktops).find_map(|list| entry_of(&std::fs::read_to_string(list).ok()?))
}

/// The lists of defaults that a folder may hold, the most important first.
fn lists_in(folder: &Path, desktops: &str) -> impl Iterator<Item = PathBuf> {
    let own =
        desktops.split(':').filter(|name| !name.is_empty()).map(|name| format!("{}-", name.to_lowercase()));
    own.chain([String::new()]).map(|desktop| folder.join(format!("{desktop}mimeapps.list")))
}

fn entry_of(list: &str) -> Option<String> {
    let section = list.split("[Default Applications]").nth(1)?.split("\n[").next()?;
    let names =
        section.lines().find_map(|line| line.trim().strip_prefix(&mime_type())?.trim().strip_prefix('='))?;
    names.trim().split(';').next().map(str::to_owned).filter(|name| !name.is_empty())
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
            command_path(Path::new("/opt/shop/hotmart-connect"), &Directories::under(folder.path())).unwrap();
        let entry = desktop_entry(&command, &try_exec(Path::new("/opt/shop/hotmart-connect")));
        assert!(entry.contains("\nTryExec=/opt/shop/hotmart-connect\nExec=/opt/shop/hotmart-connect %u\n"));
    }

    #[test]
    fn what_the_users_lists_say_of_other_links_stays() {
        let ours = format!("{}=app.hotmart-connect-handler.desktop;\n", mime_type());
        let list =
            format!("[Added Associations]\n{ours}\n[Default Applications]\ntext/html=a.desktop\n{ours}");
        assert_eq!(without_our_links(&list), "[Default Applications]\ntext/html=a.desktop\n");
        assert_eq!(without_our_links(&format!("[Default Applications]\n{ours}")), "");
        assert_eq!(without_our_links("[Default Applications]\n"), "[Default Applications]\n");
    }

    #[test]
    fn a_desktops_own_list_comes_before_the_one_for_all() {
        let folder = tempfile::tempdir().unwrap();
        let list = |name: &str, entry: &str| {
            let text = format!("[Default Applications]\n{}={entry}\n", mime_type());
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        list("mimeapps.list", "ours.desktop");
        let found = |desktops| default_entry_in(folder.path(), desktops).unwrap();
        assert_eq!(found("ubuntu:GNOME"), "ours.desktop");
        list("gnome-mimeapps.list", "theirs.desktop;");
        assert_eq!(found("ubuntu:GNOME"), "theirs.desktop");
        assert_eq!(found("KDE"), "ours.desktop");
    }
}

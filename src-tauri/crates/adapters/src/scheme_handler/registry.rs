//! Who opens our links on Windows: a key among the classes of the user, or of
//! the machine where it was installed for everybody.

use std::path::{Path, PathBuf};

use windows_registry::{CURRENT_USER, LOCAL_MACHINE};

use super::registration::{Registration, SCHEME};
use crate::Directories;

/// The classes of the user, and of the machine.
const CLASSES: &str = r"Software\Classes";
/// What the installer leaves beside the programs that it put there.
const UNINSTALLER: &str = "uninstall.exe";

/// Makes this program the one that opens our links, unless another copy of it
/// does and this one was not installed: one that was unpacked somewhere, or is
/// being developed. Whichever opens, the one that runs is handed the link.
///
/// # Errors
/// The registry's. Links will not come back then; pasting the address still works.
pub fn register(_: &Directories) -> std::io::Result<Registration> {
    let program = std::env::current_exe()?;
    let wanted = command_of(&program);
    let owner = owner();
    if owner.as_ref() == Some(&wanted) {
        return Ok(Registration::AlreadyOurs);
    }
    let is_there = owner.as_deref().and_then(program_of).is_some_and(|path| path.is_file());
    if is_there && !is_installed(&program) {
        return Ok(Registration::LeftToAnotherCopy);
    }
    let class = CURRENT_USER.create(format!(r"{CLASSES}\{SCHEME}"))?;
    class.set_string("", "URL:Hotmart Connect")?;
    // Without this value Windows takes it for the name of a kind of file.
    class.set_string("URL Protocol", "")?;
    class.create(r"shell\open\command")?.set_string("", wanted)?;
    Ok(if owner.is_some() { Registration::Repaired } else { Registration::Written })
}

/// Takes back what [`register`] wrote. Where the program was installed for
/// everybody, that goes on opening them.
///
/// # Errors
/// The registry's.
pub fn unregister() -> std::io::Result<()> {
    if CURRENT_USER.open(format!(r"{CLASSES}\{SCHEME}")).is_err() {
        return Ok(());
    }
    CURRENT_USER.options().read().write().open(CLASSES)?.remove_tree(SCHEME)?;
    Ok(())
}

/// The command line that opens our links now: the user's own goes before the machine's.
fn owner() -> Option<String> {
    let key = format!(r"{CLASSES}\{SCHEME}\shell\open\command");
    [CURRENT_USER, LOCAL_MACHINE].into_iter().find_map(|root| root.open(&key).ok()?.get_string("").ok())
}

fn command_of(program: &Path) -> String {
    format!("\"{}\" \"%1\"", program.display())
}

/// The program of a command line; its path may stand in quotes.
fn program_of(command: &str) -> Option<PathBuf> {
    let path = match command.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => command.split_whitespace().next(),
    };
    path.filter(|path| !path.is_empty()).map(PathBuf::from)
}

fn is_installed(program: &Path) -> bool {
    !cfg!(debug_assertions) && program.with_file_name(UNINSTALLER).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_takes_links_that_nobody_opens_and_leaves_those_of_another_copy() {
        let folder = tempfile::tempdir().unwrap();
        let directories = Directories::under(folder.path());
        let other = folder.path().join("Hotmart Connect.exe");
        let give_to_the_other = || {
            let key = format!(r"{CLASSES}\{SCHEME}\shell\open\command");
            CURRENT_USER.create(key).unwrap().set_string("", command_of(&other)).unwrap();
        };
        unregister().unwrap();
        assert_eq!(register(&directories).unwrap(), Registration::Written);
        assert_eq!(register(&directories).unwrap(), Registration::AlreadyOurs);

        std::fs::write(&other, "a program").unwrap();
        give_to_the_other();
        assert_eq!(register(&directories).unwrap(), Registration::LeftToAnotherCopy);
        assert_eq!(owner(), Some(command_of(&other)));

        std::fs::remove_file(&other).unwrap();
        assert_eq!(register(&directories).unwrap(), Registration::Repaired);
        assert_eq!(owner(), Some(command_of(&std::env::current_exe().unwrap())));

        unregister().unwrap();
        assert_eq!(owner(), None);
        unregister().unwrap();
    }

    #[test]
    fn a_program_is_found_in_its_command_line() {
        let found = |command| program_of(command).map(|path| path.display().to_string());
        assert_eq!(found(r#""C:\Ana Conceição\a.exe" "%1""#).as_deref(), Some(r"C:\Ana Conceição\a.exe"));
        assert_eq!(found(r"C:\a.exe %1").as_deref(), Some(r"C:\a.exe"));
        assert_eq!(found(""), None);
        assert_eq!(found(r#""""#), None);
    }
}

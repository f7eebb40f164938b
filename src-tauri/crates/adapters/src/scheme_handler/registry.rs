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
    let is_installed = !cfg!(debug_assertions) && program.with_file_name(UNINSTALLER).is_file();
    register_among(CLASSES, &program, is_installed)
}

fn register_among(classes: &str, program: &Path, is_installed: bool) -> std::io::Result<Registration> {
    let wanted = command_of(program);
    let owner = owner_among(classes);
    if owner.as_ref() == Some(&wanted) {
        return Ok(Registration::AlreadyOurs);
    }
    let is_a_copy = |other: PathBuf| other.file_name() == program.file_name() && other.is_file();
    if !is_installed && owner.as_deref().and_then(program_of).is_some_and(is_a_copy) {
        return Ok(Registration::LeftToAnotherCopy);
    }
    let class = CURRENT_USER.create(format!(r"{classes}\{SCHEME}"))?;
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
    unregister_among(CLASSES)
}

fn unregister_among(classes: &str) -> std::io::Result<()> {
    if CURRENT_USER.open(format!(r"{classes}\{SCHEME}")).is_err() {
        return Ok(());
    }
    CURRENT_USER.options().read().write().open(classes)?.remove_tree(SCHEME)?;
    Ok(())
}

/// The command line that opens our links now: the user's own goes before the machine's.
fn owner_among(classes: &str) -> Option<String> {
    let key = format!(r"{classes}\{SCHEME}\shell\open\command");
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Not the classes of whoever runs this.
    const PLACE: &str = r"Software\app.hotmart-connect-tests\Classes";

    #[test]
    fn a_copy_takes_links_that_no_copy_opens_and_the_installed_one_takes_them_always() {
        let folder = tempfile::tempdir().unwrap();
        let [this, other] =
            ["this", "other"].map(|name| folder.path().join(name).join("hotmart-connect.exe"));
        let stranger = folder.path().join("stranger.exe");
        for program in [&this, &other, &stranger] {
            std::fs::create_dir_all(program.parent().unwrap()).unwrap();
            std::fs::write(program, "a program").unwrap();
        }
        let give_to = |program: &Path| {
            let key = format!(r"{PLACE}\{SCHEME}\shell\open\command");
            CURRENT_USER.create(key).unwrap().set_string("", command_of(program)).unwrap();
        };
        let register = |is_installed| register_among(PLACE, &this, is_installed).unwrap();
        assert_eq!(register(false), Registration::Written);
        assert_eq!(register(false), Registration::AlreadyOurs);

        give_to(&other);
        assert_eq!(register(false), Registration::LeftToAnotherCopy);
        assert_eq!(owner_among(PLACE), Some(command_of(&other)));
        assert_eq!(register(true), Registration::Repaired);
        assert_eq!(owner_among(PLACE), Some(command_of(&this)));

        give_to(&stranger);
        assert_eq!(register(false), Registration::Repaired, "it is no copy of ours that opens them");
        give_to(&other);
        std::fs::remove_file(&other).unwrap();
        assert_eq!(register(false), Registration::Repaired, "nobody opens them any more");
        assert_eq!(owner_among(PLACE), Some(command_of(&this)));

        unregister_among(PLACE).unwrap();
        assert_eq!(owner_among(PLACE), None);
        unregister_among(PLACE).unwrap();
        CURRENT_USER.remove_tree(PLACE).unwrap();
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

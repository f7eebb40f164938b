//! How terminals on macOS find `hotmart-token`, which is inside of the bundle:
//! by a link in a folder that every terminal looks in.

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};

/// On the path of every terminal since macOS has one; often an administrator's alone.
const FOLDER: &str = "/usr/local/bin";
const NAME: &str = "hotmart-token";
/// What an administrator is asked to allow; the program's path is its argument.
const LINKS: [&str; 3] = [
    "on run argv",
    "do shell script \"mkdir -p /usr/local/bin && ln -sfn \" & quoted form of item 1 of argv & \
     \" /usr/local/bin/hotmart-token\" with administrator privileges",
    "end run",
];

#[cfg_attr(not(target_os = "macos"), allow(dead_code))]
const UNLINKS: [&str; 3] = [
    "on run argv",
    "do shell script \"rm /usr/local/bin/hotmart-token\" with administrator privileges",
    "end run",
];

/// Has terminals find `hotmart-token`. Asks for an administrator's password
/// where the folder is an administrator's, and takes as long as that takes.
///
/// # Errors
/// The program runs from a disk image or where macOS put it for a moment, the
/// folder has another program of that name, or an administrator said no.
pub fn link_for_terminals() -> std::io::Result<()> {
    let program = std::env::current_exe()?.with_file_name(NAME);
    if !stays(&program) {
        return Err(Error::new(ErrorKind::Unsupported, "the program is not in its own place yet"));
    }
    match link(Path::new(FOLDER), &program) {
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) => {
            ask_an_administrator(&LINKS, &program)
        }
        done => done,
    }
}

/// Whether a program will be at its path tomorrow: not on a disk image, and not
/// where macOS puts what was downloaded and not moved yet.
pub fn stays(program: &Path) -> bool {
    let has = |name: &str| program.components().any(|part| part.as_os_str() == name);
    program.is_file() && !program.starts_with("/Volumes") && !has("AppTranslocation")
}

/// Links to the program, in one step. A link of before is replaced; anything else stays.
fn link(folder: &Path, program: &Path) -> std::io::Result<()> {
    let (link, new) = (folder.join(NAME), folder.join(format!(".{NAME}.new")));
    if std::fs::symlink_metadata(&link).is_ok_and(|there| !there.is_symlink()) {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let _ = std::fs::remove_file(&new);
    std::os::unix::fs::symlink(program, &new)?;
    std::fs::rename(new, link)
}

/// Where the link is.
#[cfg(target_os = "macos")]
pub(crate) fn the_link() -> std::path::PathBuf {
    Path::new(FOLDER).join(NAME)
}

/// Takes the link to this program away, if there is one. Asks for an
/// administrator's password where the folder is an administrator's.
///
/// # Errors
/// An administrator said no.
#[cfg_attr(not(target_os = "macos"), allow(dead_code))] // What it does is tested here too.
pub(crate) fn unlink() -> std::io::Result<()> {
    // Called by that link, this is where it leads.
    let program = std::env::current_exe()?.canonicalize()?.with_file_name(NAME);
    match unlink_in(Path::new(FOLDER), &program) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => ask_an_administrator(&UNLINKS, &program),
        done => done,
    }
}

#[cfg_attr(not(target_os = "macos"), allow(dead_code))]
fn unlink_in(folder: &Path, program: &Path) -> std::io::Result<()> {
    let link = folder.join(NAME);
    let is_ours = std::fs::read_link(&link).is_ok_and(|named| named == program || leads_to(&named, program));
    if is_ours { std::fs::remove_file(link) } else { Ok(()) }
}

fn leads_to(named: &Path, program: &Path) -> bool {
    named.canonicalize().is_ok_and(|file| file == program)
}

fn ask_an_administrator(what: &[&str], program: &Path) -> std::io::Result<()> {
    let mut command = Command::new("/usr/bin/osascript");
    for line in what {
        command.args(["-e", line]);
    }
    let status = command.arg(program).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(ErrorKind::PermissionDenied.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_made_and_replaced_and_another_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
        for program in [&old, &new] {
            link(folder.path(), program).unwrap();
            assert_eq!(std::fs::read_link(folder.path().join(NAME)).unwrap(), *program);
        }
        std::fs::remove_file(folder.path().join(NAME)).unwrap();
        std::fs::write(folder.path().join(NAME), "another's").unwrap();
        assert_eq!(link(folder.path(), &new).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(folder.path().join(NAME)).unwrap(), "another's");
        unlink_in(folder.path(), &new).unwrap();
        assert!(folder.path().join(NAME).exists(), "it is another's");
        std::fs::remove_file(folder.path().join(NAME)).unwrap();
        link(folder.path(), &old).unwrap();
        unlink_in(folder.path(), &new).unwrap();
        assert!(folder.path().join(NAME).is_symlink(), "it is another copy's");
        unlink_in(folder.path(), &old).unwrap();
        assert!(!folder.path().join(NAME).is_symlink());
        let missing = link(&folder.path().join("none"), &new).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound, "then an administrator is asked");
    }

    #[test]
    fn a_program_that_will_not_be_there_tomorrow_is_not_linked_to() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("AppTranslocation/1/hotmart-token");
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        std::fs::write(&program, "x").unwrap();
        assert!(!stays(&program) && !stays(Path::new("/Volumes/Hotmart Connect/hotmart-token")));
        let there = folder.path().join(NAME);
        assert!(!stays(&there), "there is no such program");
        std::fs::write(&there, "x").unwrap();
        assert!(stays(&there));
    }
}

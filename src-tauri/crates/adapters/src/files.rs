//! Files that are written whole or not at all, in folders that only their owner can enter.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use oauth::Secret;

/// None of our files is larger: 4 MiB.
const LARGEST_FILE_BYTES: u64 = 4 * 1024 * 1024;
/// A link that names a link, and so on: Linux itself follows no more.
const MOST_LINKS: usize = 40;
/// What the name of a file begins with that is being written.
pub(crate) const UNFINISHED: &str = ".hotmart-connect-unfinished-";
/// A file is written within this time, or its writer was killed.
const UNFINISHED_FOR: Duration = Duration::from_secs(60);

/// A change takes milliseconds; a process that holds a file's lock for longer hangs.
const LOCK_DEADLINE: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// Another program has read a small file within this time.
const HELD_FOR_A_MOMENT: Duration = Duration::from_secs(1);

/// Saves a text for the person to find: in their downloads, or else at home.
///
/// # Errors
/// The file system's, or there is no such folder.
pub fn save_for_the_person(name: &str, text: &str) -> std::io::Result<PathBuf> {
    let folder = dirs::download_dir().filter(|folder| folder.is_dir()).or_else(dirs::home_dir);
    let path = folder.ok_or(ErrorKind::NotFound)?.join(name);
    write_whole(&path, text.as_bytes())?;
    Ok(path)
}

/// Reads a secret from a file that somebody else keeps, such as those of
/// `/run/secrets` or of systemd's `$CREDENTIALS_DIRECTORY`: its one line.
///
/// # Errors
/// It cannot be read, or is no text of an ordinary size in an ordinary file.
pub fn read_secret_file(path: &Path) -> std::io::Result<Secret> {
    let text = String::from_utf8(read_small(path)?).map(Secret::new);
    let text = text.map_err(|_| std::io::Error::from(ErrorKind::InvalidData))?;
    Ok(Secret::new(text.expose().trim().to_owned()))
}

/// Makes a folder that only its owner can enter.
pub(crate) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Takes from all other users what they may do with a file or folder of ours
/// that is there: an earlier version, or another program, may have made it.
pub(crate) fn make_private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let Ok(found) = std::fs::symlink_metadata(path) else { return };
        let mode = found.permissions().mode();
        // What a link points at is the user's own business.
        if mode & 0o077 != 0 && !found.is_symlink() {
            let private = std::fs::Permissions::from_mode(mode & 0o700);
            if let Err(error) = std::fs::set_permissions(path, private) {
                log::warn!("others may read {}: {error}", path.display());
            }
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Reads a file of ours. One that is none, such as a pipe that would be waited
/// at for ever, or larger than any of ours, is not read.
pub(crate) fn read_small(path: &Path) -> std::io::Result<Vec<u8>> {
    let found = std::fs::metadata(path)?;
    if !found.is_file() || found.len() > LARGEST_FILE_BYTES {
        return Err(ErrorKind::InvalidData.into());
    }
    std::fs::read(path)
}

/// Writes a file whole or not at all: beside it, to the disk, then over it. A
/// link to it stays one, also where the file that it names is not there yet.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let path = &behind_links(path);
    let (file, finished) = unfinished(path, content)?.keep().map_err(|error| error.error)?;
    drop(file);
    unless_held(HELD_FOR_A_MOMENT, || std::fs::rename(&finished, path)).inspect_err(|_| {
        let _ = std::fs::remove_file(&finished);
    })
}

/// Does something to a file that Windows may refuse for as long as another
/// program, such as a virus scanner, has it open: it is tried again for a while.
pub(crate) fn unless_held(
    patience: Duration,
    action: impl Fn() -> std::io::Result<()>,
) -> std::io::Result<()> {
    let started = Instant::now();
    loop {
        match action() {
            Err(error) if is_held(&error) && started.elapsed() < patience => std::thread::sleep(LOOK_AGAIN),
            done => return done,
        }
    }
}

/// Windows' words for it: access denied, a sharing violation, and a folder that
/// is not empty, since what was deleted in it is still open.
fn is_held(error: &std::io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32 | 145))
}

/// Writes a file of the caller's own, as a shell would: with the rights that it
/// has, or that the caller's files have.
///
/// # Errors
/// The file system's.
pub fn write_for_others(path: &Path, content: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, content)
}

/// The file that a link names, or the path itself.
fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(named) = std::fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new(".")).join(named);
    }
    path
}

/// Held while the file beside which this one lies is changed; the system frees
/// the lock of a process that dies.
///
/// # Errors
/// The file system's, or another process holds it and does not let go.
pub(crate) fn lock(path: &Path) -> std::io::Result<File> {
    let file = open_to_lock(path)?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if started.elapsed() < LOCK_DEADLINE => {
                std::thread::sleep(LOOK_AGAIN);
            }
            Err(TryLockError::WouldBlock) => return Err(ErrorKind::TimedOut.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// A file with nothing in it, which is there for its lock alone. It is made if there is none.
pub(crate) fn open_to_lock(path: &Path) -> std::io::Result<File> {
    make_private_folder(path.parent().unwrap_or(Path::new(".")))?;
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Deletes a file; fine if there is none.
pub(crate) fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether a file of this much could be written here now. Nothing is left of the trial.
pub(crate) fn try_writing(path: &Path, content: &[u8]) -> std::io::Result<()> {
    unfinished(path, content).map(drop)
}

/// A file that lies whole on the disk, and has no name that lasts yet.
fn unfinished(path: &Path, content: &[u8]) -> std::io::Result<tempfile::NamedTempFile> {
    use std::io::Write;

    let folder = path.parent().unwrap_or(Path::new("."));
    make_private_folder(folder)?;
    sweep(folder);
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Deletes what writers left behind that were killed.
fn sweep(folder: &Path) {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let unfinished = files.filter(|file| file.file_name().to_string_lossy().starts_with(UNFINISHED));
    for file in unfinished {
        let age = file.metadata().and_then(|found| found.modified()).map(|time| time.elapsed());
        if matches!(age, Ok(Ok(age)) if age > UNFINISHED_FOR) {
            let _ = std::fs::remove_file(file.path());
        }
    }
}

#[cfg(all(test, windows))]
mod windows_tests {
    use std::os::windows::fs::OpenOptionsExt;

    use super::*;

    /// `FILE_SHARE_READ`: nobody writes, and nobody deletes.
    const FOR_READERS_ALONE: u32 = 1;

    /// A virus scanner looks through a file in a moment.
    #[test]
    fn a_file_that_another_program_reads_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        write_whole(&path, b"old").unwrap();
        let held = File::options().read(true).share_mode(FOR_READERS_ALONE).open(&path).unwrap();
        let lets_go = std::thread::spawn(move || {
            std::thread::sleep(HELD_FOR_A_MOMENT / 4);
            drop(held);
        });
        write_whole(&path, b"new").unwrap();
        lets_go.join().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_link_to_a_file_stays_one_and_what_a_killed_writer_left_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real.json"), folder.path().join("settings.json"));
        write_whole(&file, b"1").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let left = folder.path().join(format!("{UNFINISHED}1"));
        std::fs::write(&left, "x").unwrap();
        write_whole(&link, b"2").unwrap();
        assert!(link.is_symlink() && left.exists(), "another writer may be at work");
        assert_eq!(std::fs::read(&file).unwrap(), b"2");
        let long_ago = std::time::SystemTime::now() - 2 * UNFINISHED_FOR;
        File::options().write(true).open(&left).unwrap().set_modified(long_ago).unwrap();
        write_whole(&link, b"3").unwrap();
        assert!(!left.exists());
    }

    #[test]
    fn a_link_to_what_is_not_there_yet_stays_one_and_links_in_a_circle_hold_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        std::os::unix::fs::symlink("real.json", path("between")).unwrap();
        std::os::unix::fs::symlink(path("between"), path("settings.json")).unwrap();
        write_whole(&path("settings.json"), b"1").unwrap();
        assert!(path("settings.json").is_symlink() && path("between").is_symlink());
        assert_eq!(std::fs::read(path("real.json")).unwrap(), b"1");
        std::os::unix::fs::symlink("back", path("there")).unwrap();
        std::os::unix::fs::symlink("there", path("back")).unwrap();
        write_whole(&path("there"), b"2").unwrap();
        assert_eq!(std::fs::read(path("there")).unwrap(), b"2");
    }

    #[test]
    fn a_pipe_a_folder_and_a_giant_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_small(folder.path()).is_err());
        let giant = folder.path().join("giant");
        File::create(&giant).unwrap().set_len(LARGEST_FILE_BYTES + 1).unwrap();
        assert!(read_small(&giant).is_err());
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(read_small(&pipe).is_err());
    }

    #[test]
    fn what_others_may_read_is_theirs_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log");
        std::fs::write(&file, "x").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        make_private(&file);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

//! Files that are written whole or not at all, in folders that only their owner can enter.

use std::path::{Path, PathBuf};

/// Saves a text for the person to find: in their downloads, or else at home.
///
/// # Errors
/// The file system's, or there is no such folder.
pub fn save_for_the_person(name: &str, text: &str) -> std::io::Result<PathBuf> {
    let folder = dirs::download_dir().filter(|folder| folder.is_dir()).or_else(dirs::home_dir);
    let path = folder.ok_or(std::io::ErrorKind::NotFound)?.join(name);
    write_whole(&path, text.as_bytes())?;
    Ok(path)
}

/// Makes a folder that only its owner can enter.
pub(crate) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a file whole or not at all: beside it, to the disk, then over it.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;

    let folder = path.parent().unwrap_or(Path::new("."));
    make_private_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

//! Where terminals on Windows look for programs: the variable `Path` of the
//! user's own environment, in the registry.
//!
//! Only this program's own folder is added or taken away. Every other entry
//! stays as it is written, with the variables that it may name.

use std::io::{Error, ErrorKind};

use windows_registry::{CURRENT_USER, Key, Type};

const ENVIRONMENT: &str = "Environment";
const PATH: &str = "Path";
const SEPARATOR: char = ';';
/// What the registry says where there is no such value, and of nothing else.
const NOT_THERE: i32 = 0x8007_0002_u32.cast_signed();

/// Has terminals that are opened from the next log-in on find this program.
/// Whether that is new.
///
/// # Errors
/// The registry's, or that there is something else than a path in it; it is
/// as it was then.
pub fn add_this_program() -> std::io::Result<bool> {
    change(&CURRENT_USER.create(ENVIRONMENT)?, with_folder)
}

/// Takes this program's folder away again. Whether it was there.
///
/// # Errors
/// As for [`add_this_program`].
pub fn remove_this_program() -> std::io::Result<bool> {
    change(&CURRENT_USER.create(ENVIRONMENT)?, without_folder)
}

/// The path with this folder too, in a way that leaves what was there when it
/// is taken away again; `None` if it has it.
fn with_folder(path: &str, folder: &str) -> Option<String> {
    let added = match path {
        "" => folder.to_owned(),
        _ if path.ends_with(SEPARATOR) => format!("{path}{folder};"),
        _ => format!("{path};{folder}"),
    };
    (!has(path, folder)).then_some(added)
}

fn without_folder(path: &str, folder: &str) -> Option<String> {
    let others = || path.split(SEPARATOR).filter(|entry| !is_same(entry, folder));
    has(path, folder).then(|| others().collect::<Vec<_>>().join(";"))
}

/// Writes what is made of the path and this program's folder, if it is another.
fn change(environment: &Key, edit: fn(&str, &str) -> Option<String>) -> std::io::Result<bool> {
    let program = std::env::current_exe()?;
    let folder = program.parent().map(|folder| folder.display().to_string());
    let folder = folder.filter(|folder| !folder.contains(SEPARATOR)).ok_or(ErrorKind::InvalidInput)?;
    let (kind, path) = match environment.get_value(PATH) {
        Ok(value) if matches!(value.ty(), Type::String | Type::ExpandString) => {
            (value.ty(), String::try_from(value)?)
        }
        Ok(_) => return Err(Error::new(ErrorKind::InvalidData, "the user's Path is no text")),
        Err(error) if error.code().0 == NOT_THERE => (Type::ExpandString, String::new()),
        // What could not be read is not replaced.
        Err(error) => return Err(error.into()),
    };
    edit(&path, &folder).map_or(Ok(false), |new| set(environment, kind, &new))
}

fn set(environment: &Key, kind: Type, path: &str) -> std::io::Result<bool> {
    match kind {
        Type::ExpandString => environment.set_expand_string(PATH, path)?,
        _ => environment.set_string(PATH, path)?,
    }
    Ok(true)
}

fn has(path: &str, folder: &str) -> bool {
    path.split(SEPARATOR).any(|entry| is_same(entry, folder))
}

/// As Windows reads it: whatever the case, and with or without a stroke at the end.
fn is_same(entry: &str, folder: &str) -> bool {
    let plain = |text: &str| text.trim().trim_matches('"').trim_end_matches('\\').to_lowercase();
    plain(entry) == plain(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_folder_comes_and_goes_and_every_other_entry_stays_as_it_is_written() {
        // Not the environment of whoever runs this.
        let place = r"Software\app.hotmart-connect-tests\Environment";
        let environment = CURRENT_USER.create(place).unwrap();
        let read = || environment.get_value(PATH).map(|value| (value.ty(), String::try_from(value).unwrap()));
        let add = || change(&environment, with_folder);
        let remove = || change(&environment, without_folder);
        let here = std::env::current_exe().unwrap().parent().unwrap().display().to_string();
        let long = format!(r"%USERPROFILE%\bin;C:\Ana Conceição;{};", "C:\\long".repeat(700));
        environment.set_expand_string(PATH, &long).unwrap();

        assert!(add().unwrap());
        assert_eq!(read().unwrap(), (Type::ExpandString, format!("{long}{here};")));
        assert!(!add().unwrap(), "it is there already");
        assert!(remove().unwrap());
        assert_eq!(read().unwrap(), (Type::ExpandString, long.clone()));
        assert!(!remove().unwrap(), "it is gone already");

        // As a person may have written it, and in the plain form.
        environment.set_string("PATH", format!(r"C:\a;{}\;C:\b", here.to_uppercase())).unwrap();
        assert!(!add().unwrap());
        assert!(remove().unwrap());
        assert_eq!(read().unwrap(), (Type::String, r"C:\a;C:\b".to_owned()));

        environment.set_u32(PATH, 7).unwrap();
        assert!(add().is_err(), "what is no path is left alone");
        environment.remove_value(PATH).unwrap();
        assert!(!remove().unwrap());
        assert!(add().unwrap());
        assert_eq!(read().unwrap(), (Type::ExpandString, here));
        assert!(remove().unwrap());
        assert_eq!(read().unwrap(), (Type::ExpandString, String::new()));
        CURRENT_USER.remove_tree(place).unwrap();
    }
}

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

/// Has terminals that are opened from the next log-in on find this program.
/// Whether that is new.
///
/// # Errors
/// The registry's, or that there is something else than a path in it; it is
/// as it was then.
pub fn add_this_program() -> std::io::Result<bool> {
    change(|path, folder| {
        if has(path, folder) {
            return None;
        }
        // In a way that leaves what was there when it is taken away again.
        Some(match path {
            "" => folder.to_owned(),
            _ if path.ends_with(SEPARATOR) => format!("{path}{folder};"),
            _ => format!("{path};{folder}"),
        })
    })
}

/// Takes this program's folder away again. Whether it was there.
///
/// # Errors
/// As for [`add_this_program`].
pub fn remove_this_program() -> std::io::Result<bool> {
    change(|path, folder| {
        let others = || path.split(SEPARATOR).filter(|entry| !is_same(entry, folder));
        has(path, folder).then(|| others().collect::<Vec<_>>().join(";"))
    })
}

/// Writes what is made of the path and this program's folder, if it is another.
fn change(edit: impl Fn(&str, &str) -> Option<String>) -> std::io::Result<bool> {
    let program = std::env::current_exe()?;
    let folder = program.parent().map(|folder| folder.display().to_string());
    let folder = folder.filter(|folder| !folder.contains(SEPARATOR)).ok_or(ErrorKind::InvalidInput)?;
    let environment = CURRENT_USER.create(ENVIRONMENT)?;
    let found = environment.values()?.find(|(name, _)| name.eq_ignore_ascii_case(PATH));
    let Some((name, value)) = found else {
        let new = edit("", &folder);
        return new.map_or(Ok(false), |new| set(&environment, PATH, Type::ExpandString, &new));
    };
    let kind = value.ty();
    if !matches!(kind, Type::String | Type::ExpandString) {
        return Err(Error::new(ErrorKind::InvalidData, "the user's Path is no text"));
    }
    let path = String::try_from(value)?;
    edit(&path, &folder).map_or(Ok(false), |new| set(&environment, &name, kind, &new))
}

fn set(environment: &Key, name: &str, kind: Type, path: &str) -> std::io::Result<bool> {
    match kind {
        Type::ExpandString => environment.set_expand_string(name, path)?,
        _ => environment.set_string(name, path)?,
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
        let environment = CURRENT_USER.create(ENVIRONMENT).unwrap();
        let read = || environment.get_value(PATH).map(|value| (value.ty(), String::try_from(value).unwrap()));
        let here = std::env::current_exe().unwrap().parent().unwrap().display().to_string();
        let long = format!(r"%USERPROFILE%\bin;C:\Ana Conceição;{};", "C:\\long".repeat(700));
        environment.set_expand_string(PATH, &long).unwrap();

        assert!(add_this_program().unwrap());
        assert_eq!(read().unwrap(), (Type::ExpandString, format!("{long}{here};")));
        assert!(!add_this_program().unwrap(), "it is there already");
        assert!(remove_this_program().unwrap());
        assert_eq!(read().unwrap(), (Type::ExpandString, long.clone()));
        assert!(!remove_this_program().unwrap(), "it is gone already");

        // As a person may have written it, and in the plain form.
        environment.set_string(PATH, format!(r"C:\a;{}\;C:\b", here.to_uppercase())).unwrap();
        assert!(!add_this_program().unwrap());
        assert!(remove_this_program().unwrap());
        assert_eq!(read().unwrap(), (Type::String, r"C:\a;C:\b".to_owned()));

        environment.set_u32(PATH, 7).unwrap();
        assert!(add_this_program().is_err(), "what is no path is left alone");
        environment.remove_value(PATH).unwrap();
        assert!(!remove_this_program().unwrap());
        assert!(add_this_program().unwrap());
        assert_eq!(read().unwrap(), (Type::ExpandString, here));
        environment.remove_value(PATH).unwrap();
    }
}

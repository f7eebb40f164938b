//! What the system tells this process: its arguments, its file, its session.

use std::path::PathBuf;

/// Whether a window or a browser can be opened here: on Linux, whether the
/// environment names an X or Wayland display.
pub fn there_is_a_display() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|name| !name.is_empty()))
}

/// The file this program runs from.
pub fn this_file() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// The program's arguments, without those that are no text.
pub fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).filter_map(|argument| argument.into_string().ok()).collect()
}

/// Whether the program was started with this argument.
pub fn has_argument(argument: &str) -> bool {
    arguments().iter().any(|given| given == argument)
}

/// What kind of session this is, as far as the environment says.
pub fn session_kind() -> String {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    format!("{} {}", variable("XDG_SESSION_TYPE"), variable("XDG_CURRENT_DESKTOP")).trim().to_owned()
}

/// The system's name and version.
pub fn system_name() -> String {
    os_info::get().to_string()
}

/// The languages of this system's user, best first, as BCP 47 tags.
pub fn system_languages() -> Vec<String> {
    sys_locale::get_locales().collect()
}

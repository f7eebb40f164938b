//! What the system tells this process: its arguments, its file, its session.

use std::path::PathBuf;

use crate::SERVICE;

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

/// The program's arguments, without those that are no text. A link comes from
/// outside, and who made it may have put options beside it: with a link among
/// them there are no others.
pub fn arguments() -> Vec<String> {
    obeyed(std::env::args_os().skip(1).filter_map(|argument| argument.into_string().ok()).collect())
}

fn obeyed(arguments: Vec<String>) -> Vec<String> {
    let is_link = |argument: &String| {
        argument.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case(SERVICE))
    };
    match arguments.iter().find(|argument| is_link(argument)) {
        Some(link) => vec![link.clone()],
        None => arguments,
    }
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

/// The languages of this system's user, best first, as BCP 47 tags. The
/// language of programs (`LANG=C`) is English.
pub fn system_languages() -> Vec<String> {
    sys_locale::get_locales().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_a_link_no_option_is_obeyed() {
        let given = |arguments: &[&str]| obeyed(arguments.iter().map(|&text| text.to_owned()).collect());
        assert_eq!(given(&["--background", "--connect=main"]), ["--background", "--connect=main"]);
        for link in ["app.hotmart-connect:/oauth/callback?code=c", "APP.Hotmart-Connect:x"] {
            assert_eq!(given(&[link, "--connect=main"]), [link]);
            assert_eq!(given(&["--background", "--copied=token:1:main", link]), [link]);
        }
    }
}

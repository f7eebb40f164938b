//! The program that runs already, and a second start that has only a link for it.

#[cfg(target_os = "linux")]
use crate::SERVICE;

/// Hands this start's arguments to the program that runs already. Whether one
/// took them; then this start is over.
///
/// It is done before anything of a window is made: a toolkit that is left in
/// the middle of its own start has threads that outlive its libraries, and can
/// crash. It speaks as `tauri-plugin-single-instance` does, which still decides
/// between two starts in the same moment, and is alone on other systems.
#[cfg(target_os = "linux")]
pub fn handed_over_to_a_running_program() -> bool {
    let name = format!("{SERVICE}.SingleInstance");
    let path = format!("/{}", name.replace('.', "/").replace('-', "_"));
    let arguments: Vec<_> = std::env::args_os().map(|text| text.to_string_lossy().into_owned()).collect();
    let folder = std::env::current_dir().unwrap_or_default().to_string_lossy().into_owned();
    let called = zbus::blocking::Connection::session().and_then(|bus| {
        let interface = Some("org.SingleInstance.DBus");
        bus.call_method(Some(name.as_str()), path, interface, "ExecuteCallback", &(arguments, folder))
    });
    called.is_ok()
}

/// On other systems the plugin does it all.
#[cfg(not(target_os = "linux"))]
pub fn handed_over_to_a_running_program() -> bool {
    false
}

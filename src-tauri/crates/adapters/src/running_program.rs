//! The program that runs already, and a second start that has only a link for
//! it. Both sides speak as `tauri-plugin-single-instance` does, which does the
//! same where there is a window, and is alone on other systems.

#[cfg(target_os = "linux")]
pub(crate) use linux::a_program_answers;
#[cfg(target_os = "linux")]
pub use linux::{SecondStart, SecondStarts, answer_second_starts, handed_over_to_a_running_program};

/// Whether a second start is told to a program of this user's alone. On macOS
/// the plugin's socket lies where all users write: if another user has it, each
/// start is a program of its own, and their locks keep them apart.
pub fn second_starts_stay_with_this_user() -> bool {
    #[cfg(target_os = "macos")]
    {
        use std::os::unix::fs::MetadataExt;

        let socket = format!("/tmp/{}_si.sock", crate::SERVICE.replace(['.', '-'], "_"));
        let owner = std::fs::symlink_metadata(socket).ok().map(|socket| socket.uid());
        owner.is_none_or(|owner| owner == rustix::process::getuid().as_raw())
    }
    #[cfg(not(target_os = "macos"))]
    true
}

/// On other systems the plugin does it all.
#[cfg(not(target_os = "linux"))]
pub fn handed_over_to_a_running_program() -> bool {
    false
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::Duration;

    use zbus::fdo::RequestNameFlags;

    use crate::notifications::PROGRAM;
    use crate::{SERVICE, Translations};

    /// A program that runs takes a second start within this time, or it hangs.
    const ANSWER_DEADLINE: Duration = Duration::from_secs(8);

    fn name() -> String {
        format!("{SERVICE}.SingleInstance")
    }

    fn path() -> String {
        format!("/{}", name().replace('.', "/").replace('-', "_"))
    }

    /// Hands this start's arguments to the program that runs already. Whether
    /// one took them; then this start is over.
    ///
    /// It is done before anything of a window is made: a toolkit that is left
    /// in the middle of its own start has threads that outlive its libraries,
    /// and can crash.
    pub fn handed_over_to_a_running_program() -> bool {
        let arguments: Vec<_> = std::env::args_os().map(|text| text.to_string_lossy().into_owned()).collect();
        let folder = std::env::current_dir().unwrap_or_default().to_string_lossy().into_owned();
        let call = move || {
            let bus = zbus::blocking::Connection::session()?;
            let interface = Some("org.SingleInstance.DBus");
            let (name, path) = (name(), path());
            bus.call_method(Some(name.as_str()), path, interface, "ExecuteCallback", &(arguments, folder))
        };
        let (answer, wait) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let _ = answer.send(call().is_ok());
        });
        match wait.recv_timeout(ANSWER_DEADLINE) {
            Ok(taken) => taken,
            Err(_) => {
                say_that_it_hangs();
                true
            }
        }
    }

    /// Whether the window or the program in the tray runs on this session's bus.
    pub(crate) fn a_program_answers() -> bool {
        let ask = || {
            let bus = zbus::blocking::Connection::session()?;
            let bus = zbus::blocking::fdo::DBusProxy::new(&bus)?;
            Ok::<_, zbus::Error>(bus.name_has_owner(name().try_into()?)?)
        };
        let (answer, wait) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let _ = answer.send(ask().unwrap_or(false));
        });
        // A bus that does not answer hands nothing over either.
        wait.recv_timeout(ANSWER_DEADLINE).unwrap_or(false)
    }

    /// A start that changes nothing says why, also to those who clicked on an icon.
    #[allow(clippy::print_stderr)] // There is no window to say it in.
    fn say_that_it_hangs() {
        let words = Translations::of_first(crate::system_languages());
        let (title, text) = (words.text("hangs.title"), words.text("hangs.text"));
        eprintln!("{title}. {text}");
        let (shown, wait) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let notification =
                notify_rust::Notification::new().appname(PROGRAM).summary(&title).body(&text).show();
            let _ = shown.send(notification.is_ok());
        });
        let _ = wait.recv_timeout(ANSWER_DEADLINE);
    }

    /// A second start, and what it wants.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum SecondStart {
        /// The user looks for the window.
        Window,
        /// A link, which any program or web page may have sent: never to be logged.
        Link(String),
        /// Anything else.
        Other,
    }

    impl SecondStart {
        fn of(arguments: &[String]) -> Self {
            match arguments {
                [] | [_] => Self::Window,
                [_, address] if address.starts_with(&format!("{SERVICE}:")) => Self::Link(address.clone()),
                _ => Self::Other,
            }
        }
    }

    struct Answers<F>(F);

    #[zbus::interface(name = "org.SingleInstance.DBus")]
    impl<F: Fn(SecondStart) + Send + Sync + 'static> Answers<F> {
        fn execute_callback(&self, arguments: Vec<String>, _folder: String) {
            (self.0)(SecondStart::of(&arguments));
        }
    }

    /// This program is the one that runs, as long as this is kept.
    pub struct SecondStarts(#[allow(dead_code)] zbus::blocking::Connection);

    /// Hears of second starts. `None` if another program does, or there is no session bus.
    pub fn answer_second_starts(heard: impl Fn(SecondStart) + Send + Sync + 'static) -> Option<SecondStarts> {
        let answering = zbus::blocking::connection::Builder::session().and_then(|builder| {
            let bus = builder.serve_at(path(), Answers(heard))?.build()?;
            // The one before may just be dying: wait for its name no longer than that takes.
            bus.request_name_with_flags(name(), RequestNameFlags::DoNotQueue.into())?;
            Ok(bus)
        });
        answering.inspect_err(|error| log::info!("no second start is heard: {error}")).ok().map(SecondStarts)
    }
}

//! The program without a window, on Linux. A webview's libraries alone take
//! more memory than all the rest; here they are not loaded. It takes the place
//! of the program with the window, and gives it back when somebody wants one.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use adapters::{Places, SecondStart};
use tokio::sync::mpsc;

use crate::accounts::{Accounts, Leaving};
use crate::arguments::{BACKGROUND, CONNECT, Copied};
use crate::follow::{self, Shell};
use crate::icon::TrayIcon;
use crate::tray::{Choice, Tray};

/// The settings and the keyring are looked at this often.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// The program with the window.
const WINDOW: &str = "hotmart-connect";
/// This one.
const TRAY: &str = "hotmart-connect-tray";

/// Where the program without a window is, if it is installed beside this one.
pub fn tray_program() -> Option<PathBuf> {
    beside(TRAY).filter(|path| path.is_file())
}

fn beside(name: &str) -> Option<PathBuf> {
    Some(adapters::this_file()?.with_file_name(name))
}

/// What ends this program.
enum End {
    /// Somebody wants the window, and perhaps to connect.
    Window { connect: bool },
    /// The browser's answer came: never to be logged.
    Link(String),
    /// Somebody wants nothing of it any more.
    Quit,
}

struct NoWindow {
    ends: mpsc::UnboundedSender<End>,
    icon: TrayIcon,
}

impl Shell for NoWindow {
    fn bring_to_front(&self) {
        let _ = self.ends.send(End::Window { connect: false });
    }

    fn is_looked_at(&self) -> bool {
        false
    }

    fn connect(&self) {
        let _ = self.ends.send(End::Window { connect: true });
    }

    fn show_tray(&self, tray: Option<Tray>) {
        self.icon.show(tray);
    }

    fn quit(&self) {
        let _ = self.ends.send(End::Quit);
    }
}

/// Runs until somebody wants the window, or the end.
pub fn run() -> ExitCode {
    let Some(places) = adapters::places_or_say_why() else { return ExitCode::FAILURE };
    let _logging = adapters::start_logging(&places.logs(), TRAY);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            log::error!("the program could not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(until_its_end(&places));
    // A notification that nobody looks at holds up nothing.
    runtime.shutdown_background();
    code
}

async fn until_its_end(places: &Places) -> ExitCode {
    let (starts, mut started) = mpsc::unbounded_channel();
    // Whoever has the name is the program that runs: a window, or another like this.
    let Some(name) = adapters::answer_second_starts(move |start| drop(starts.send(start))) else {
        log::info!("another one runs already");
        return ExitCode::SUCCESS;
    };
    log::info!("Hotmart Connect {} goes on without a window", env!("CARGO_PKG_VERSION"));
    let (accounts, mut answered) = Accounts::open(places, tokio::runtime::Handle::current());
    let (ends, mut ended) = mpsc::unbounded_channel();
    let (choices, mut chosen) = mpsc::unbounded_channel::<Choice>();
    let icon = TrayIcon::new(move |choice| drop(choices.send(choice)));
    let shell = Arc::new(NoWindow { ends, icon });
    accounts.start().await;
    // There is no window to wait for.
    accounts.window_drew();
    if let Some(copied) = Copied::among(adapters::arguments()) {
        accounts.copy_again(copied);
    }
    // A window was there before, unless it is the session that started this.
    let seen = !adapters::has_argument(BACKGROUND);
    tokio::spawn(follow::follow(Arc::clone(&shell) as Arc<dyn Shell>, Arc::clone(&accounts), seen));
    let mut told = std::pin::pin!(adapters::told_to_end());
    let mut look = tokio::time::interval(LOOK_AGAIN);
    let end = loop {
        tokio::select! {
            Some(end) = ended.recv() => {
                if matches!(end, End::Quit) || !accounts.holds_what_would_be_lost() {
                    break end;
                }
                // Tokens that wait for the keyring must not go with this program.
                accounts.wake_keyring().await;
            }
            Some(choice) = chosen.recv() => follow::choose(&*shell, &accounts, choice).await,
            Some(start) = started.recv() => match start {
                // What becomes of it is shown in a window.
                SecondStart::Link(address) if accounts.somebody_waits_for_a_link() => break End::Link(address),
                SecondStart::Link(address) => accounts.deliver(&address),
                SecondStart::Window => shell.bring_to_front(),
                SecondStart::Other => {}
            },
            Some(id) = answered.recv() => {
                if let Err(error) = accounts.show(&id).await {
                    log::warn!("{id}: the account that was answered is not shown: {error:?}");
                }
                shell.bring_to_front();
            }
            // Nobody looks at a window; another program may have changed something.
            _ = look.tick() => accounts.look().await,
            _signal = &mut told => break End::Quit,
        }
    };
    leave(end, &accounts, &shell, name).await
}

async fn leave(end: End, accounts: &Accounts, shell: &NoWindow, name: adapters::SecondStarts) -> ExitCode {
    // From now on another start is on its own, and loses nothing here.
    drop(name);
    let arguments = match end {
        End::Quit => {
            accounts.leave(Leaving::End).await;
            shell.show_tray(None);
            log::info!("Hotmart Connect ends");
            return ExitCode::SUCCESS;
        }
        // As the system starts a program with a link: alone.
        End::Link(address) => {
            accounts.leave(Leaving::HandOver).await;
            vec![OsString::from(address)]
        }
        End::Window { connect } => {
            let copied = accounts.leave(Leaving::HandOver).await;
            let connect = connect.then(|| CONNECT.to_owned());
            connect
                .into_iter()
                .chain(copied.and_then(|copied| copied.argument()))
                .map(OsString::from)
                .collect()
        }
    };
    shell.show_tray(None);
    let program = beside(WINDOW).unwrap_or_else(|| WINDOW.into());
    let error = adapters::become_program(&program.into_os_string(), &arguments, &[]);
    log::error!("the window could not be opened: {error}");
    ExitCode::FAILURE
}

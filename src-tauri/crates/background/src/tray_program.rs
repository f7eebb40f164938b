//! The program without a window, on Linux. A webview's libraries alone take
//! more memory than all the rest; here they are not loaded. It takes the place
//! of the program with the window, and gives it back when the user wants one.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use adapters::{Directories, DoorListeners, RunningLock, SecondStart};
use connection::AccountId;
use tokio::sync::mpsc;

use crate::accounts::Accounts;
use crate::arguments::{BACKGROUND, CONNECT, CopyHandover};
use crate::diagnosis;
use crate::icon::TrayIcon;
use crate::presence::{self, Frontend};
use crate::shutdown::Shutdown;
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
    /// The user wants the window, and perhaps to connect an account in it.
    Window { connect: Option<AccountId> },
    /// The browser's answer came: never to be logged.
    Link(String),
    /// The user ends it.
    Quit,
}

struct NoWindow {
    ends: mpsc::UnboundedSender<End>,
    icon: TrayIcon,
}

impl Frontend for NoWindow {
    fn bring_to_front(&self) {
        let _ = self.ends.send(End::Window { connect: None });
    }

    fn is_looked_at(&self) -> bool {
        false
    }

    fn connect(&self, account: AccountId) {
        let _ = self.ends.send(End::Window { connect: Some(account) });
    }

    fn show_tray(&self, tray: Option<Tray>) {
        self.icon.show(tray);
    }

    fn quit(&self) {
        let _ = self.ends.send(End::Quit);
    }
}

/// Runs until the user wants the window, or the end.
pub fn run() -> ExitCode {
    adapters::keep_memory_private();
    adapters::allow_enough_files();
    let Some(directories) = adapters::directories_or_say_why() else { return ExitCode::FAILURE };
    let _logging = adapters::start_logging(&directories.logs(), TRAY);
    let _running = RunningLock::take(&directories);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            log::error!("the program could not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(until_its_end(&directories));
    // A notification that is not looked at holds up nothing.
    runtime.shutdown_background();
    code
}

async fn until_its_end(directories: &Directories) -> ExitCode {
    let (starts, mut started) = mpsc::unbounded_channel();
    // The process that has the name is the program that runs: a window, or another like this.
    let Some(name) = adapters::answer_second_starts(move |start| drop(starts.send(start))) else {
        log::info!("another one runs already");
        return ExitCode::SUCCESS;
    };
    log::info!("Hotmart Connect {} goes on without a window", env!("CARGO_PKG_VERSION"));
    let (accounts, answered) = Accounts::open(directories, tokio::runtime::Handle::current());
    let (ends, mut ended) = mpsc::unbounded_channel();
    let (choices, mut chosen) = mpsc::unbounded_channel::<Choice>();
    let icon = TrayIcon::new(move |choice| drop(choices.send(choice)));
    let frontend = Arc::new(NoWindow { ends, icon });
    accounts.start().await;
    // There is no window to wait for.
    accounts.window_drew();
    if let Some(handover) = CopyHandover::among(adapters::arguments()) {
        let accounts = Arc::clone(&accounts);
        tokio::spawn(async move { accounts.copy_again(handover).await });
    }
    // A window was there before, unless it is the session that started this.
    let seen = !adapters::has_argument(BACKGROUND);
    let shown = || (Arc::clone(&frontend) as Arc<dyn Frontend>, Arc::clone(&accounts));
    let (presented, followed) = (shown(), shown());
    tokio::spawn(presence::follow(presented.0, presented.1, seen));
    tokio::spawn(presence::follow_answers(followed.0, followed.1, answered));
    let mut told = std::pin::pin!(adapters::told_to_end());
    let mut look = tokio::time::interval(LOOK_AGAIN);
    let end = loop {
        tokio::select! {
            Some(end) = ended.recv() => {
                if matches!(end, End::Quit) || !accounts.connections.hold_what_would_be_lost() {
                    break end;
                }
                // Tokens that wait for the keyring must not go with this program.
                diagnosis::wake_keyring(&accounts).await;
            }
            Some(choice) = chosen.recv() => presence::choose(&*frontend, &accounts, choice).await,
            Some(start) = started.recv() => match start {
                // What becomes of it is shown in a window.
                SecondStart::Link(address) if accounts.connections.await_a_link() => break End::Link(address),
                SecondStart::Link(address) => accounts.connections.deliver(&address),
                SecondStart::Window => frontend.bring_to_front(),
                SecondStart::Other => {}
            },
            // There is no window that is looked at; another program may have changed something.
            _ = look.tick() => accounts.resume().await,
            _signal = &mut told => break End::Quit,
        }
    };
    leave(end, &accounts, &frontend, name).await
}

async fn leave(end: End, accounts: &Accounts, frontend: &NoWindow, name: adapters::SecondStarts) -> ExitCode {
    // From now on another start is on its own, and loses nothing here.
    drop(name);
    let connections = &accounts.connections;
    let door = match end {
        End::Quit => {
            accounts.door.close().await;
            None
        }
        End::Link(_) | End::Window { .. } => accounts.door.leave().await,
    };
    let arguments = match end {
        End::Quit => {
            connections.shut_down(Shutdown::Quit).await;
            frontend.show_tray(None);
            log::info!("Hotmart Connect ends");
            return ExitCode::SUCCESS;
        }
        // As the system starts a program with a link: alone.
        End::Link(address) => {
            connections.shut_down(Shutdown::HandOver).await;
            vec![OsString::from(address)]
        }
        End::Window { connect } => {
            let copied = connections.shut_down(Shutdown::HandOver).await;
            let connect = connect.map(|account| format!("{CONNECT}{account}"));
            let copied = copied.map(|copied| copied.argument());
            connect.into_iter().chain(copied).map(OsString::from).collect()
        }
    };
    frontend.show_tray(None);
    let program = beside(WINDOW).unwrap_or_else(|| WINDOW.into());
    let door = door.map(DoorListeners::leave).unwrap_or_default();
    let error = adapters::become_program(&program.into_os_string(), &arguments, &door);
    log::error!("the window could not be opened: {error}");
    ExitCode::FAILURE
}

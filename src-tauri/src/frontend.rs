//! What is around the accounts here: the window, the tray, and the program that
//! goes on without a window.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use background::{Accounts, Choice, CopyHandover, Frontend, Shutdown, Tray};
use connection::{AccountId, Request};
use tauri::{AppHandle, ExitRequestApi, Manager};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{commands, menu, window};

/// The program with a window.
pub struct Program {
    app: AppHandle,
    /// Set by a command, read on the main thread at the end: nothing is to be left on this computer.
    forgets_everything: AtomicBool,
    #[cfg(target_os = "linux")]
    icon: background::TrayIcon,
}

impl Frontend for Program {
    fn bring_to_front(&self) {
        window::bring_to_front(&self.app);
    }

    fn is_looked_at(&self) -> bool {
        window::is_looked_at(&self.app)
    }

    fn connect(&self, account: AccountId) {
        window::bring_to_front(&self.app);
        connect(&self.app, account);
    }

    #[cfg(target_os = "linux")]
    fn show_tray(&self, tray: Option<Tray>) {
        self.icon.show(tray);
    }

    /// Menus and icons belong to the main thread.
    #[cfg(not(target_os = "linux"))]
    fn show_tray(&self, tray: Option<Tray>) {
        let app = self.app.clone();
        let _ = self.app.run_on_main_thread(move || match tray {
            Some(tray) => {
                if let Err(error) = crate::tray::show(&app, &tray) {
                    log::warn!("the tray is not shown: {error}");
                }
            }
            None => crate::tray::hide(&app),
        });
    }

    fn quit(&self) {
        self.app.exit(0);
    }
}

impl Program {
    #[cfg(target_os = "linux")]
    fn has_a_tray(&self) -> bool {
        self.icon.is_shown()
    }

    #[cfg(not(target_os = "linux"))]
    fn has_a_tray(&self) -> bool {
        crate::tray::is_shown(&self.app)
    }
}

/// Follows the accounts, and does what the program before this one left to do.
pub fn follow(app: &AppHandle, accounts: &Arc<Accounts>, answered: UnboundedReceiver<AccountId>) {
    let program = Arc::new(Program {
        app: app.clone(),
        forgets_everything: AtomicBool::new(false),
        #[cfg(target_os = "linux")]
        icon: {
            let app = app.clone();
            background::TrayIcon::new(move |choice| choose(&app, choice))
        },
    });
    app.manage(Arc::clone(&program));
    let following =
        background::follow_answers(Arc::clone(&program) as Arc<dyn Frontend>, Arc::clone(accounts), answered);
    tauri::async_runtime::spawn(following);
    let (app, accounts) = (app.clone(), Arc::clone(accounts));
    if let Some(handover) = CopyHandover::among(adapters::arguments()) {
        let accounts = Arc::clone(&accounts);
        tauri::async_runtime::spawn(async move { accounts.copy_again(handover).await });
    }
    tauri::async_runtime::spawn(async move {
        accounts.look_at_start_at_login();
        if let Some(account) = background::account_to_connect(adapters::arguments()) {
            connect(&app, account);
        }
        background::follow(program, accounts, true).await;
    });
}

/// The user wants nothing to be left on this computer once the program has ended.
pub fn forget_everything_at_the_end(app: &AppHandle) {
    app.state::<Arc<Program>>().forgets_everything.store(true, Ordering::SeqCst);
}

/// Leaves the rest to a program that leaves nothing of this one, if that is wanted:
/// it can delete also what this one has open until its end.
pub fn forget_everything_if_wanted(app: &AppHandle) {
    if app.state::<Arc<Program>>().forgets_everything.load(Ordering::SeqCst) {
        let error = background::leave_the_rest_to_the_one_that_forgets();
        log::error!("nothing was forgotten: {error}");
    }
}

/// Shows an account and connects it.
fn connect(app: &AppHandle, account: AccountId) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let accounts = Arc::clone(&app.state::<Arc<Accounts>>());
        // Another program may have chosen another account to be shown.
        if let Err(error) = accounts.show(&account).await {
            log::warn!("{account}: the account is not shown: {error:?}");
        }
        accounts.connections.until_loaded(&account).await;
        if let Err(error) = commands::ask(&app, &accounts, &account, Request::Connect).await {
            log::warn!("nothing was begun from the tray: {error:?}");
        }
    });
}

/// Does what was chosen in the menu bar or in the tray's menu.
pub fn chosen(app: &AppHandle, id: &str) {
    if menu::chosen(app, id) {
        return;
    }
    if let Some(choice) = Choice::of_id(id) {
        choose(app, choice);
    }
}

fn choose(app: &AppHandle, choice: Choice) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let accounts = Arc::clone(&app.state::<Arc<Accounts>>());
        let program = Arc::clone(&app.state::<Arc<Program>>());
        background::choose(&*program, &accounts, choice).await;
    });
}

/// Whether the program goes on when its window is closed.
fn goes_on(app: &AppHandle) -> bool {
    let accounts = app.state::<Arc<Accounts>>();
    let program = app.try_state::<Arc<Program>>();
    accounts.preferences().keep_in_tray && program.is_some_and(|program| program.has_a_tray())
}

/// The program without a window that takes this one's place, if that is
/// possible: what is in this process alone would be lost with it, and a login
/// that was begun in a window ends in one.
#[cfg(target_os = "linux")]
fn successor(app: &AppHandle) -> Option<std::path::PathBuf> {
    let accounts = app.state::<Arc<Accounts>>();
    let is_at_rest = !accounts.connections.hold_what_would_be_lost()
        && !accounts.connections.await_a_link()
        && !accounts.door.has_a_copied_key()
        && !accounts.state.borrow().update.is_under_way();
    background::tray_program().filter(|_| is_at_rest && goes_on(app))
}

/// The user closed the last window, and did not ask the program to end.
pub fn last_window_closed(app: &AppHandle, api: &ExitRequestApi) {
    #[cfg(target_os = "linux")]
    if successor(app).is_some() {
        app.manage(HandsOver);
        return;
    }
    if goes_on(app) {
        api.prevent_exit();
    }
}

/// Another program of ours takes this one's place.
#[cfg(target_os = "linux")]
struct HandsOver;

/// Ends, or becomes the program without a window.
pub fn leave(app: &AppHandle, accounts: &Accounts) {
    if !hand_over_if_wanted(app, accounts) {
        tauri::async_runtime::block_on(accounts.door.close());
        tauri::async_runtime::block_on(accounts.connections.shut_down(Shutdown::Quit));
    }
}

/// Becomes the program without a window, if that is to go on. Whether it was tried.
#[cfg(target_os = "linux")]
fn hand_over_if_wanted(app: &AppHandle, accounts: &Accounts) -> bool {
    let Some(program) = successor(app).filter(|_| app.try_state::<HandsOver>().is_some()) else {
        return false;
    };
    let door = tauri::async_runtime::block_on(accounts.door.leave());
    let copied = tauri::async_runtime::block_on(accounts.connections.shut_down(Shutdown::HandOver));
    let arguments: Vec<_> = copied.map(|copied| copied.argument().into()).into_iter().collect();
    if let Some(frontend) = app.try_state::<Arc<Program>>() {
        frontend.show_tray(None);
    }
    let door = door.map(adapters::DoorListeners::leave).unwrap_or_default();
    let error = adapters::become_program(&program.into_os_string(), &arguments, &door);
    log::error!("the program does not go on without a window: {error}");
    true
}

/// Here the program itself stays, without its window.
#[cfg(not(target_os = "linux"))]
const fn hand_over_if_wanted(_: &AppHandle, _: &Accounts) -> bool {
    false
}

/// At login there is no window to be made.
pub fn go_on_without_a_window_if_wanted() {
    #[cfg(target_os = "linux")]
    if adapters::has_argument(background::BACKGROUND)
        && let Some(program) = background::tray_program()
    {
        let error =
            adapters::become_program(&program.into_os_string(), &[background::BACKGROUND.into()], &[]);
        log::error!("the program does not start without a window: {error}");
    }
}

//! What goes on whether or not there is a window: the tray follows the state,
//! and a person who must act is told so.

use std::sync::Arc;
use std::time::Duration;

use connection::{AccountId, CopyTarget, Request, TokenFormat};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::accounts::Accounts;
use crate::notifications::{Notification, NotificationPolicy};
use crate::tray::{Choice, Tray};

/// Looked at this often at the least: a session's end comes nearer without any news.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Several changes at once are shown as one.
const SETTLE: Duration = Duration::from_millis(200);

/// What is around the accounts: a window, or only the way to one.
pub trait Frontend: Send + Sync + 'static {
    /// Raises the window; opens it where there is none.
    fn bring_to_front(&self);
    /// Whether it has the focus.
    fn is_looked_at(&self) -> bool;
    /// Shows the window, and connects an account in it.
    fn connect(&self, account: AccountId);
    /// Shows the tray, or takes it away.
    fn show_tray(&self, tray: Option<Tray>);
    /// Ends the program.
    fn quit(&self);
}

/// Follows the accounts until the program ends. `seen_at_first` says whether
/// the user has seen already how they stand.
pub async fn follow(frontend: Arc<dyn Frontend>, accounts: Arc<Accounts>, seen_at_first: bool) {
    let mut changes = accounts.changes();
    let mut policy = NotificationPolicy::new(seen_at_first);
    let mut shown = None;
    let mut looked_for_a_tray = None::<Instant>;
    loop {
        changes.mark_unchanged();
        if looked_for_a_tray.is_none_or(|then| then.elapsed() >= LOOK_AGAIN) {
            accounts.look_for_a_tray().await;
            looked_for_a_tray = Some(Instant::now());
        }
        let wanted = wanted_tray(&accounts);
        if shown != wanted {
            let (frontend, wanted) = (Arc::clone(&frontend), wanted.clone());
            let _ = tokio::task::spawn_blocking(move || frontend.show_tray(wanted)).await;
        }
        shown = wanted;
        if accounts.preferences().notifications {
            let list = accounts.overview().list;
            for notification in policy.due(&list, accounts.now(), frontend.is_looked_at()) {
                notify(&frontend, &accounts, notification);
            }
        }
        let _ = tokio::time::timeout(LOOK_AGAIN, changes.settled(SETTLE)).await;
    }
}

/// Shows each account whose login is answered, and raises the window, until the program ends.
pub async fn follow_answers(
    frontend: Arc<dyn Frontend>,
    accounts: Arc<Accounts>,
    mut answered: mpsc::UnboundedReceiver<AccountId>,
) {
    while let Some(id) = answered.recv().await {
        show_account(&*frontend, &accounts, &id).await;
    }
}

fn wanted_tray(accounts: &Accounts) -> Option<Tray> {
    let preferences = accounts.preferences();
    let wanted = preferences.tray_is_there && preferences.keep_in_tray;
    wanted.then(|| Tray::of(&accounts.overview(), &accounts.words(), accounts.now()))
}

fn notify(frontend: &Arc<dyn Frontend>, accounts: &Arc<Accounts>, notification: Notification) {
    let words = accounts.words();
    let (title, text) = notification.words(&words);
    log::info!("{}: a notification: {:?}", notification.account, notification.reason);
    let (frontend, accounts) = (Arc::clone(frontend), Arc::clone(accounts));
    tokio::spawn(async move {
        if adapters::notify(title, text, words.text("tray.open")).await {
            show_account(&*frontend, &accounts, &notification.account).await;
        }
    });
}

async fn show_account(frontend: &dyn Frontend, accounts: &Accounts, id: &AccountId) {
    if let Err(error) = accounts.show(id).await {
        log::warn!("{id}: the account is not shown: {error:?}");
    }
    frontend.bring_to_front();
}

/// Does what was chosen in the tray's menu.
pub async fn choose(frontend: &dyn Frontend, accounts: &Accounts, choice: Choice) {
    match choice {
        Choice::Open => frontend.bring_to_front(),
        Choice::Quit => frontend.quit(),
        Choice::Copy(id) => {
            if let Some(connection) = accounts.connections.get(&id) {
                let target = CopyTarget::Bearer(TokenFormat::Token);
                connection.send(Request::Copy { target }.into());
            }
        }
        Choice::Connect(id) => frontend.connect(id),
        Choice::Account(id) => show_account(frontend, accounts, &id).await,
    }
}

//! What goes on whether or not there is a window: the tray follows the state,
//! and a person who must act is told so.

use std::sync::Arc;
use std::time::Duration;

use connection::{AccountId, Event, Handout, TokenForm};
use tokio::time::Instant;

use crate::accounts::Accounts;
use crate::calls::{Call, Calls};
use crate::tray::{Choice, Tray};

/// Looked at this often at the least: a session's end comes nearer without any news.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Several changes at once are shown as one.
const STIR: Duration = Duration::from_millis(200);

/// What is around the accounts: a window, or only the way to one.
pub trait Shell: Send + Sync + 'static {
    /// Raises the window; opens it where there is none.
    fn bring_to_front(&self);
    /// Whether somebody is looking at it.
    fn is_looked_at(&self) -> bool;
    /// Connects the account that the window shows.
    fn connect(&self);
    /// Shows the tray, or takes it away.
    fn show_tray(&self, tray: Option<Tray>);
    /// Ends the program.
    fn quit(&self);
}

/// Follows the accounts until the program ends. `seen_at_first` says whether
/// somebody has seen already how they stand.
pub async fn follow(shell: Arc<dyn Shell>, accounts: Arc<Accounts>, seen_at_first: bool) {
    let (mut settings, mut stirs) = (accounts.changes(), accounts.stirs());
    let mut calls = Calls::new(seen_at_first);
    let mut shown = None;
    let mut looked_for_a_tray = None::<Instant>;
    loop {
        settings.mark_unchanged();
        stirs.mark_unchanged();
        if looked_for_a_tray.is_none_or(|then| then.elapsed() >= LOOK_AGAIN) {
            accounts.look_for_a_tray().await;
            looked_for_a_tray = Some(Instant::now());
        }
        let wanted = wanted_tray(&accounts);
        if shown != wanted {
            let (shell, wanted) = (Arc::clone(&shell), wanted.clone());
            let _ = tokio::task::spawn_blocking(move || shell.show_tray(wanted)).await;
        }
        shown = wanted;
        if accounts.preferences().notifications {
            for call in calls.due(&accounts.shown().list, accounts.now(), shell.is_looked_at()) {
                tell(&shell, &accounts, call);
            }
        }
        tokio::select! {
            _ = settings.changed() => {}
            _ = stirs.changed() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
        tokio::time::sleep(STIR).await;
    }
}

fn wanted_tray(accounts: &Accounts) -> Option<Tray> {
    let preferences = accounts.preferences();
    let wanted = preferences.tray_is_there && preferences.keep_in_tray;
    wanted.then(|| Tray::of(&accounts.shown(), &accounts.words(), accounts.now()))
}

fn tell(shell: &Arc<dyn Shell>, accounts: &Arc<Accounts>, call: Call) {
    let words = accounts.words();
    let (title, text) = call.words(&words);
    log::info!("{}: a notification: {:?}", call.account, call.need);
    let (shell, accounts) = (Arc::clone(shell), Arc::clone(accounts));
    tokio::spawn(async move {
        if adapters::notify(title, text, words.text("tray.open")).await {
            show_account(&*shell, &accounts, &call.account).await;
        }
    });
}

async fn show_account(shell: &dyn Shell, accounts: &Accounts, id: &AccountId) {
    if let Err(error) = accounts.show(id).await {
        log::warn!("{id}: the account is not shown: {error:?}");
    }
    shell.bring_to_front();
}

/// Does what was chosen in the tray's menu.
pub async fn choose(shell: &dyn Shell, accounts: &Accounts, choice: Choice) {
    match choice {
        Choice::Open => shell.bring_to_front(),
        Choice::Quit => shell.quit(),
        Choice::Copy => {
            if let Some(connection) = accounts.current() {
                connection.send(Event::CopyTokenRequested(Handout::Bearer(TokenForm::Token)));
            }
        }
        Choice::Connect => shell.connect(),
        Choice::Account(id) => show_account(shell, accounts, &id).await,
    }
}

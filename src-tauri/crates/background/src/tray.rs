//! The tray: the state at a glance, copy, reconnect. Where a desktop has none,
//! there is none, and nothing else is different.

use adapters::Translations;
use connection::{AccountId, View};
use oauth::Timestamp;

use crate::overview::{AccountSummary, Overview};

/// More accounts than this are a list to be searched, not a menu.
const MOST_ACCOUNTS: usize = 12;

/// How things stand, in one icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayStatus {
    /// Something works, and nothing needs the user.
    Connected,
    /// The user must do something.
    Attention,
    /// No seller is connected.
    Idle,
}

/// What a line of the menu does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Opens the window.
    Open,
    /// Copies an account's token.
    Copy(AccountId),
    /// Connects an account again.
    Connect(AccountId),
    /// Shows an account.
    Account(AccountId),
    /// Ends the program.
    Quit,
}

impl Choice {
    /// Its name in a menu.
    pub fn id(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Copy(id) => format!("copy/{id}"),
            Self::Connect(id) => format!("connect/{id}"),
            Self::Account(id) => format!("account/{id}"),
            Self::Quit => "quit".to_owned(),
        }
    }

    /// The choice of this id, if it is one of ours.
    pub fn of_id(id: &str) -> Option<Self> {
        match id.split_once('/') {
            None if id == "open" => Some(Self::Open),
            None if id == "quit" => Some(Self::Quit),
            Some(("copy", account)) => AccountId::parse(account).ok().map(Self::Copy),
            Some(("connect", account)) => AccountId::parse(account).ok().map(Self::Connect),
            Some(("account", account)) => AccountId::parse(account).ok().map(Self::Account),
            _ => None,
        }
    }
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line that does nothing when clicked.
    Text(String),
    /// Something to click on.
    Choice(Choice, String),
    /// A line between two groups.
    Between,
}

/// Everything the tray shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tray {
    /// The icon.
    pub status: TrayStatus,
    /// One line on how things stand.
    pub tooltip: String,
    /// The menu.
    pub lines: Vec<Line>,
}

impl Tray {
    /// The tray for what there is now.
    pub fn of(shown: &Overview, words: &Translations, now: Timestamp) -> Self {
        let current = shown
            .account
            .as_ref()
            .and_then(|account| shown.list.iter().find(|listed| listed.id == account.id));
        let line = |listed: &AccountSummary| format!("{}: {}", name(listed, words), state(listed, words));
        let tooltip = current.map_or_else(|| words.text("tray.nothing"), line);
        let mut lines = vec![Line::Text(tooltip.clone())];
        lines.extend(current.and_then(|listed| acting(listed, words, now)));
        if shown.list.len() > 1 {
            lines.push(Line::Between);
            let others = shown.list.iter().filter(|listed| current.is_none_or(|shown| shown.id != listed.id));
            lines.extend(
                others
                    .take(MOST_ACCOUNTS)
                    .map(|listed| Line::Choice(Choice::Account(listed.id.clone()), line(listed))),
            );
        }
        lines.push(Line::Between);
        lines.push(Line::Choice(Choice::Open, words.text("tray.open")));
        lines.push(Line::Choice(Choice::Quit, words.text("tray.quit")));
        Self { status: status(shown), tooltip, lines }
    }
}

fn name(listed: &AccountSummary, words: &Translations) -> String {
    let place = || words.text(&format!("environment.{}", listed.environment.as_str()));
    listed.name.clone().unwrap_or_else(place)
}

fn state(listed: &AccountSummary, words: &Translations) -> String {
    words.text(&format!("state.{}", listed.state()))
}

/// What can be done for the account that is shown.
fn acting(account: &AccountSummary, words: &Translations, now: Timestamp) -> Option<Line> {
    let snapshot = account.snapshot.as_ref()?;
    let connect = |key| Some(Line::Choice(Choice::Connect(account.id.clone()), words.text(key)));
    match &snapshot.view {
        View::Connected { session } | View::Refreshing { session } | View::Retrying { session, .. } => {
            let usable = session.expires_at.is_none_or(|end| end > now);
            let key = if snapshot.copied.is_some() { "tray.copied" } else { "action.copy_token" };
            usable.then(|| Line::Choice(Choice::Copy(account.id.clone()), words.text(key)))
        }
        View::Disconnected => connect("action.connect"),
        View::Denied | View::Expired { .. } | View::Failed { .. } => connect("action.connect_again"),
        _ => None,
    }
}

fn status(shown: &Overview) -> TrayStatus {
    let views = || shown.list.iter().filter_map(|listed| Some(&listed.snapshot.as_ref()?.view));
    let needs_the_user = |view: &View| {
        matches!(
            view,
            View::Failed { trying_again_helps: false, .. }
                | View::Expired { .. }
                | View::KeyringLocked { .. }
                | View::KeyringMissing { .. }
                | View::OtherSeller { .. }
                | View::Retrying { .. }
        )
    };
    if views().any(needs_the_user) {
        return TrayStatus::Attention;
    }
    let works = |view: &View| matches!(view, View::Connected { .. } | View::Refreshing { .. });
    if views().any(works) { TrayStatus::Connected } else { TrayStatus::Idle }
}

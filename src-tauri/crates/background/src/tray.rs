//! The tray: the state at a glance, copy, reconnect. Where a desktop has none,
//! there is none, and nothing else is different.

use adapters::Words;
use connection::{AccountId, Snapshot, View};
use oauth::Timestamp;

use crate::accounts::{Listed, Shown};

/// More accounts than this are a list to be searched, not a menu.
const MOST_ACCOUNTS: usize = 12;

/// How things stand, in one icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Something works, and nothing needs anybody.
    Connected,
    /// Somebody must do something.
    Attention,
    /// Nobody is connected.
    Idle,
}

/// What a line of the menu does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Opens the window.
    Open,
    /// Copies the token of the account the window shows.
    Copy,
    /// Connects that account again.
    Connect,
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
            Self::Copy => "copy".to_owned(),
            Self::Connect => "connect".to_owned(),
            Self::Account(id) => format!("account/{id}"),
            Self::Quit => "quit".to_owned(),
        }
    }

    /// The choice of this id, if it is one of ours.
    pub fn of_id(id: &str) -> Option<Self> {
        match id {
            "open" => Some(Self::Open),
            "copy" => Some(Self::Copy),
            "connect" => Some(Self::Connect),
            "quit" => Some(Self::Quit),
            other => Some(Self::Account(AccountId::parse(other.strip_prefix("account/")?).ok()?)),
        }
    }
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Words that do nothing.
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
    pub standing: Standing,
    /// One line on how things stand.
    pub tooltip: String,
    /// The menu.
    pub lines: Vec<Line>,
}

impl Tray {
    /// The tray for what there is now.
    pub fn of(shown: &Shown, words: &Words, now: Timestamp) -> Self {
        let current = shown
            .account
            .as_ref()
            .and_then(|account| shown.list.iter().find(|listed| listed.id == account.id));
        let line = |listed: &Listed| format!("{}: {}", name(listed, words), state(listed, words));
        let tooltip = current.map_or_else(|| words.text("tray.nothing"), line);
        let mut lines = vec![Line::Text(tooltip.clone())];
        lines.extend(current.and_then(|listed| acting(listed.snapshot.as_ref()?, words, now)));
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
        Self { standing: standing(shown), tooltip, lines }
    }
}

fn name(listed: &Listed, words: &Words) -> String {
    let place = || words.text(&format!("environment.{}", listed.environment.as_str()));
    listed.name.clone().unwrap_or_else(place)
}

fn state(listed: &Listed, words: &Words) -> String {
    words.text(&format!("state.{}", listed.state()))
}

/// What can be done for the account that is shown.
fn acting(snapshot: &Snapshot, words: &Words, now: Timestamp) -> Option<Line> {
    match &snapshot.view {
        View::Connected(session) | View::Refreshing(session) | View::Retrying { session, .. } => {
            let usable = session.expires_at.is_none_or(|end| end > now);
            let key =
                if snapshot.clipboard_clears_at.is_some() { "tray.copied" } else { "action.copy_token" };
            usable.then(|| Line::Choice(Choice::Copy, words.text(key)))
        }
        View::Disconnected => Some(Line::Choice(Choice::Connect, words.text("action.connect"))),
        View::Denied | View::Expired(_) | View::Failed { .. } => {
            Some(Line::Choice(Choice::Connect, words.text("action.connect_again")))
        }
        _ => None,
    }
}

fn standing(shown: &Shown) -> Standing {
    let views = || shown.list.iter().filter_map(|listed| Some(&listed.snapshot.as_ref()?.view));
    let needs_somebody = |view: &View| {
        matches!(view, View::Failed { code, .. } if !code.trying_again_helps())
            || matches!(
                view,
                View::Expired(_)
                    | View::KeyringBlocked { .. }
                    | View::OtherSeller { .. }
                    | View::Retrying { .. }
            )
    };
    if views().any(needs_somebody) {
        return Standing::Attention;
    }
    let works = |view: &View| matches!(view, View::Connected(_) | View::Refreshing(_));
    if views().any(works) { Standing::Connected } else { Standing::Idle }
}

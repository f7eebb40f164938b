//! When a person must be told that they have to do something. Never for what
//! goes on by itself.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use adapters::Translations;
use connection::{AccountId, Environment, View};
use oauth::Timestamp;

use crate::overview::AccountSummary;

/// The user is told about a token that could not be renewed this long before its end.
const ENDS_SOON: Duration = Duration::from_secs(30 * 60);
/// Of a short life, the last fifth is soon.
const SOON_SHARE: u32 = 5;

/// What a person must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The session is over: connect again.
    Reconnect,
    /// The token ends soon, and renewing it does not work now.
    EndsSoonOffline,
    /// The token ends soon, and it cannot be renewed.
    EndsSoon,
}

/// A person is called to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The account.
    pub account: AccountId,
    /// What to call it.
    name: Option<String>,
    environment: Environment,
    /// Why.
    pub reason: Reason,
}

impl Notification {
    /// The title, and what to do.
    pub fn words(&self, words: &Translations) -> (String, String) {
        let place = || words.text(&format!("environment.{}", self.environment.as_str()));
        let name = self.name.clone().unwrap_or_else(place);
        let key = match self.reason {
            Reason::Reconnect => "reconnect",
            Reason::EndsSoonOffline => "ends_soon_offline",
            Reason::EndsSoon => "ends_soon",
        };
        let title = words.with(&format!("notification.{key}.title"), &[("name", &name)]);
        (title, words.text(&format!("notification.{key}.text")))
    }
}

/// Remembers what the user was told already: each need once, until it is over.
#[derive(Debug)]
pub struct NotificationPolicy {
    told: HashMap<AccountId, Reason>,
    /// The accounts that are known by now.
    known: HashSet<AccountId>,
    /// Whether the user has already seen what is found at first.
    seen_at_first: bool,
}

impl NotificationPolicy {
    /// None yet. Where a program takes the place of one with a window, or opens
    /// one, what it finds at first is no news.
    pub fn new(seen_at_first: bool) -> Self {
        Self { told: HashMap::new(), known: HashSet::new(), seen_at_first }
    }

    /// The notifications that are due. A user who looks at the window needs none.
    pub fn due(&mut self, list: &[AccountSummary], now: Timestamp, looked_at: bool) -> Vec<Notification> {
        let mut due = Vec::new();
        for listed in list {
            let Some(snapshot) = &listed.snapshot else { continue };
            // Not known yet, or on its way: what was told stays told.
            if matches!(snapshot.view, View::Loading | View::Refreshing { .. }) {
                continue;
            }
            let first = self.known.insert(listed.id.clone());
            let Some(reason) = reason(&snapshot.view, now) else {
                self.told.remove(&listed.id);
                continue;
            };
            let is_news = !(first && self.seen_at_first);
            if self.told.insert(listed.id.clone(), reason) != Some(reason) && is_news && !looked_at {
                let (account, name) = (listed.id.clone(), listed.name.clone());
                due.push(Notification { account, name, environment: listed.environment, reason });
            }
        }
        due
    }
}

fn reason(view: &View, now: Timestamp) -> Option<Reason> {
    let ends_soon = |session: &connection::Session| {
        session.expires_at.is_some_and(|end| {
            let lifetime = end.since(session.obtained_at);
            end <= now.after(ENDS_SOON.min(lifetime / SOON_SHARE))
        })
    };
    match view {
        View::Expired { .. } => Some(Reason::Reconnect),
        View::Failed { trying_again_helps: false, .. } => Some(Reason::Reconnect),
        View::Retrying { session, error, .. } if !error.trying_again_helps() => {
            ends_soon(session).then_some(Reason::EndsSoon)
        }
        View::Retrying { session, .. } if ends_soon(session) => Some(Reason::EndsSoonOffline),
        View::Connected { session } if !session.renewable && ends_soon(session) => Some(Reason::EndsSoon),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use connection::{ErrorCode, ExpiryReason, Session, Snapshot, State, TokenStorage};
    use oauth::{Secret, TokenSet};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    pub(crate) fn session(seconds_left: u64, renewable: bool) -> Session {
        let tokens = TokenSet {
            access_token: Secret::new("a".into()),
            refresh_token: renewable.then(|| Secret::new("r".into())),
            id_token: None,
            expires_at: Some(NOW.after(Duration::from_secs(seconds_left))),
            refresh_token_expires_at: None,
            scope: None,
            obtained_at: Timestamp::from_seconds(NOW.seconds() - 7_200 + seconds_left),
            grant_type: oauth::GrantType::AuthorizationCode,
            bearer: oauth::BearerToken::AccessToken,
        };
        Session::of(&tokens, TokenStorage::Keyring)
    }

    fn listed(view: View) -> Vec<AccountSummary> {
        let snapshot = Snapshot { view, ..State::new(1).snapshot() };
        vec![AccountSummary {
            id: AccountId::parse("main").unwrap(),
            name: None,
            client_id: String::new(),
            environment: Environment::Hotmart,
            snapshot: Some(snapshot),
            is_default: true,
        }]
    }

    fn retrying(session: Session) -> View {
        View::Retrying {
            session,
            next_at: NOW,
            error: ErrorCode::Network,
            server: None,
            answer_may_be_lost: false,
            reconnecting_may_help: false,
        }
    }

    #[test]
    fn a_person_is_called_when_only_they_can_help_and_once() {
        let mut calls = NotificationPolicy::new(false);
        let mut needs = |view: View, looked_at: bool| {
            let due = calls.due(&listed(view), NOW, looked_at);
            due.into_iter().map(|call| call.reason).collect::<Vec<_>>()
        };
        let over = || View::Expired { reason: ExpiryReason::NothingToRenewWith };
        assert_eq!(needs(View::Connected { session: session(3_600, true) }, false), []);
        assert_eq!(needs(View::Connected { session: session(60, true) }, false), [], "it renews by itself");
        assert_eq!(needs(retrying(session(3_600, true)), false), [], "there is time");
        assert_eq!(needs(retrying(session(600, true)), false), [Reason::EndsSoonOffline]);
        assert_eq!(
            needs(View::Refreshing { session: session(600, true) }, false),
            [],
            "one more try is no news"
        );
        assert_eq!(needs(retrying(session(500, true)), false), [], "told once");
        assert_eq!(needs(over(), false), [Reason::Reconnect]);
        assert_eq!(needs(over(), false), []);
        assert_eq!(needs(View::Connected { session: session(3_600, true) }, false), []);
        assert_eq!(needs(over(), true), [], "who looks at the window sees it");
        assert_eq!(needs(View::Denied, false), [], "they said it themselves");
        let failed = |error: ErrorCode| View::Failed {
            error,
            trying_again_helps: error.trying_again_helps(),
            server: None,
            wait_until: None,
        };
        assert_eq!(needs(failed(ErrorCode::SecretRefused), false), [Reason::Reconnect]);
        assert_eq!(needs(failed(ErrorCode::Network), false), [], "it may work by itself");
        assert_eq!(needs(View::Connected { session: session(900, false) }, false), [Reason::EndsSoon]);
        let mut again = NotificationPolicy::new(true);
        assert_eq!(again.due(&listed(over()), NOW, false), [], "the program before this one told it");
        assert_eq!(again.due(&listed(View::Connected { session: session(3_600, true) }), NOW, false), []);
        assert_eq!(again.due(&listed(over()), NOW, false).len(), 1, "and this is another one");
    }
}

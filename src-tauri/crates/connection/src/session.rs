//! What may be known of a session without holding its secrets.

use std::time::Duration;

use oauth::{Identity, ServerError, Timestamp, TokenIdentity, TokenSet};
use serde::Serialize;

/// Renewals are never closer together than this, whatever lifetime a server claims.
pub(crate) const SHORTEST_INTERVAL: Duration = Duration::from_secs(10);
/// Two clocks that differ by less are alike.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// Where a session's tokens are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TokenStorage {
    /// In the operating system's keyring.
    Keyring,
    /// In this process alone, until it ends; the seller chose so.
    Memory,
}

/// A session's facts. Its tokens are in the keyring and are read when needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Which tokens these are.
    #[serde(skip)]
    pub identity: TokenIdentity,
    /// When the token for the API ends, if the server said.
    pub expires_at: Option<Timestamp>,
    /// When the tokens arrived.
    pub obtained_at: Timestamp,
    /// The granted scope, if the server named it.
    pub scope: Option<String>,
    /// Who is connected, if the server said.
    pub seller: Option<Identity>,
    /// Whether new tokens can be had without the seller in the browser.
    pub renewable: bool,
    /// Whether there is a refresh token.
    pub has_refresh_token: bool,
    /// Until when the seller must have connected again, if that is known.
    pub reconnect_by: Option<Timestamp>,
    /// Where the tokens are.
    pub storage: TokenStorage,
}

impl Session {
    /// The facts of a set of tokens.
    pub fn of(tokens: &TokenSet, storage: TokenStorage) -> Self {
        Self {
            identity: tokens.identity(),
            expires_at: tokens.bearer_ends_at(),
            obtained_at: tokens.obtained_at,
            scope: tokens.scope.clone(),
            seller: tokens.id_token.as_ref().and_then(Identity::of_id_token),
            renewable: tokens.is_renewable(),
            has_refresh_token: tokens.refresh_token.is_some(),
            reconnect_by: match &tokens.refresh_token {
                Some(_) => tokens.refresh_token_expires_at,
                None if tokens.is_renewable() => None,
                None => tokens.bearer_ends_at(),
            },
            storage,
        }
    }

    /// Whether the access token has `margin` to live, and so can be handed
    /// out. Of a token that never had so long a life, a tenth of it is enough:
    /// otherwise each one that is handed out would be renewed first.
    pub fn is_long_enough(&self, margin: Duration, now: Timestamp) -> bool {
        let lifetime = self.expires_at.map(|end| end.since(self.obtained_at));
        let margin = lifetime.filter(|lifetime| *lifetime <= margin).map_or(margin, |lifetime| lifetime / 10);
        // However short its life is, a token that has just arrived and lives is as good as any.
        let just_arrived = now < self.obtained_at.after(SHORTEST_INTERVAL) && !self.is_from_the_future(now);
        self.lives_longer_than(if just_arrived { Duration::ZERO } else { margin }, now)
    }

    /// Whether it seems to have arrived later than now. Then it was written by
    /// a clock that was right, or this one is wrong: asking the server tells.
    pub fn is_from_the_future(&self, now: Timestamp) -> bool {
        self.obtained_at > now.after(CLOCK_TOLERANCE)
    }

    /// Whether the access token has more than `margin` to live. A token of
    /// unknown lifetime counts as living; the API has the last word.
    pub fn lives_longer_than(&self, margin: Duration, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now.after(margin))
    }
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum ExpiryReason {
    /// The server refused the refresh token.
    Refused {
        /// Its own words, scrubbed.
        server: ServerError,
    },
    /// The server refused the refresh token after an answer of its was lost:
    /// it had replaced the token, and the new one never arrived.
    AnswerLost {
        /// When the answer that was lost had been asked for.
        since: Timestamp,
    },
    /// The access token ended and there is no refresh token.
    NothingToRenewWith,
}

/// How an account stands without a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredSession {
    /// No seller is connected.
    Nothing,
    /// Connected.
    Session(Session),
    /// The session that was there is over.
    Expired(ExpiryReason),
}

//! How secrets stand in the keyring: one JSON object each, bound to the
//! application and server they belong to.
//!
//! Tokens: `version` (1), `issued_for` (the fingerprint of the application at
//! its server), `access_token`, `refresh_token` and `id_token` (text or null),
//! `expires_at` (seconds since the epoch, or null), `refresh_token_expires_at`
//! (the same, or absent), `obtained_at` (seconds since the epoch), `scope` (text or null), `grant_type` and `bearer` (as in the
//! settings), and the journal: `unanswered_since` (seconds since the epoch) while
//! a renewal waits for its answer, and `refused` (the server's code) once the
//! session is over.
//!
//! A client secret, and the requests that are open: `issued_for` and `secret`.
//! Of requests, the secret is one JSON object in each line.

use oauth::{BearerToken, GrantType, Secret, ServerError, Timestamp, TokenSet};
use serde::{Deserialize, Serialize, Serializer};

use crate::ExpiryReason;

/// Raised when an older program could no longer read a record.
const VERSION: u32 = 1;

/// The tokens of an account as they stand in the keyring, and what is known
/// of their renewal. This is the whole journal there is.
#[derive(Debug)]
pub(crate) struct Record {
    pub tokens: TokenSet,
    /// Since when a renewal waits for its answer. It stays if the answer was
    /// lost: in a crash, in a power cut, on a broken line.
    pub unanswered_since: Option<Timestamp>,
    /// The code with which the server refused the refresh token: the session is over.
    pub refused: Option<String>,
}

impl Record {
    /// Why the session is over, if it is.
    pub fn over(&self) -> Option<ExpiryReason> {
        let code = self.refused.as_ref()?;
        Some(match self.unanswered_since {
            Some(since) => ExpiryReason::AnswerLost { since },
            None => ExpiryReason::Refused { server: ServerError::new(code, None) },
        })
    }
}

#[derive(Deserialize)]
struct Stored {
    version: u32,
    issued_for: String,
    access_token: Secret,
    refresh_token: Option<Secret>,
    id_token: Option<Secret>,
    expires_at: Option<Timestamp>,
    #[serde(default)]
    refresh_token_expires_at: Option<Timestamp>,
    scope: Option<String>,
    obtained_at: Timestamp,
    unanswered_since: Option<Timestamp>,
    refused: Option<String>,
    #[serde(default)]
    grant_type: GrantType,
    #[serde(default)]
    bearer: BearerToken,
}

#[derive(Serialize)]
struct Storing<'a> {
    version: u32,
    issued_for: &'a str,
    #[serde(serialize_with = "exposed")]
    access_token: Option<&'a Secret>,
    #[serde(serialize_with = "exposed")]
    refresh_token: Option<&'a Secret>,
    #[serde(serialize_with = "exposed")]
    id_token: Option<&'a Secret>,
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_at: Option<Timestamp>,
    scope: Option<&'a str>,
    obtained_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    unanswered_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'a str>,
    grant_type: GrantType,
    bearer: BearerToken,
}

/// Writes a record for the application and server that `issued_for` names.
pub(crate) fn write(record: &Record, issued_for: &str) -> Secret {
    write_with_journal(&record.tokens, record.unanswered_since, record.refused.as_deref(), issued_for)
}

/// Writes a record of tokens that just arrived.
pub(crate) fn write_tokens(tokens: &TokenSet, issued_for: &str) -> Secret {
    write_with_journal(tokens, None, None, issued_for)
}

fn write_with_journal(
    tokens: &TokenSet,
    unanswered_since: Option<Timestamp>,
    refused: Option<&str>,
    issued_for: &str,
) -> Secret {
    let storing = Storing {
        version: VERSION,
        issued_for,
        access_token: Some(&tokens.access_token),
        refresh_token: tokens.refresh_token.as_ref(),
        id_token: tokens.id_token.as_ref(),
        expires_at: tokens.expires_at,
        refresh_token_expires_at: tokens.refresh_token_expires_at,
        scope: tokens.scope.as_deref(),
        obtained_at: tokens.obtained_at,
        unanswered_since,
        refused,
        grant_type: tokens.grant_type,
        bearer: tokens.bearer,
    };
    // Strings, numbers and options: serialising them cannot fail.
    Secret::new(serde_json::to_string(&storing).unwrap_or_default())
}

/// Reads a record; `None` if it is damaged, of the future, or another application's.
pub(crate) fn read(record: &Secret, issued_for: &str) -> Option<Record> {
    let stored: Stored = serde_json::from_str(record.expose()).ok()?;
    let tokens = TokenSet {
        access_token: stored.access_token,
        refresh_token: stored.refresh_token,
        id_token: stored.id_token,
        expires_at: stored.expires_at,
        refresh_token_expires_at: stored.refresh_token_expires_at,
        scope: stored.scope,
        obtained_at: stored.obtained_at,
        grant_type: stored.grant_type,
        bearer: stored.bearer,
    };
    let record = Record { tokens, unanswered_since: stored.unanswered_since, refused: stored.refused };
    (stored.version == VERSION && stored.issued_for == issued_for).then_some(record)
}

/// A secret that belongs to one client at one server, and is never sent to another.
#[derive(Deserialize)]
struct StoredSecret {
    issued_for: String,
    secret: Secret,
}

#[derive(Serialize)]
struct StoringSecret<'a> {
    issued_for: &'a str,
    #[serde(serialize_with = "exposed")]
    secret: Option<&'a Secret>,
}

/// Writes a client secret, or an open request, bound to its client and server.
pub(crate) fn write_secret(secret: &Secret, issued_for: &str) -> Secret {
    let storing = StoringSecret { issued_for, secret: Some(secret) };
    Secret::new(serde_json::to_string(&storing).unwrap_or_default())
}

/// Reads what [`write_secret`] wrote; `None` if it is damaged or belongs to
/// another client or server.
pub(crate) fn read_secret(record: &Secret, issued_for: &str) -> Option<Secret> {
    let stored: StoredSecret = serde_json::from_str(record.expose()).ok()?;
    (stored.issued_for == issued_for).then_some(stored.secret)
}

/// The one place where a secret is serialised: into another secret.
#[allow(clippy::ref_option)] // serde's calling convention
fn exposed<S: Serializer>(secret: &Option<&Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.map(Secret::expose).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let tokens = TokenSet {
            access_token: Secret::new("H4sI%2F \"é".into()),
            refresh_token: Some(Secret::new("r".into())),
            id_token: None,
            expires_at: Some(Timestamp::from_seconds(20)),
            refresh_token_expires_at: Some(Timestamp::from_seconds(30)),
            scope: Some("sales".into()),
            obtained_at: Timestamp::from_seconds(10),
            grant_type: GrantType::ClientCredentials,
            bearer: BearerToken::IdToken,
        };
        Record { tokens, unanswered_since: None, refused: None }
    }

    #[test]
    fn a_record_gives_back_every_byte() {
        let read = read(&write(&record(), "us"), "us").unwrap();
        assert_eq!(read.over(), None);
        let tokens = read.tokens;
        assert_eq!(tokens.access_token.expose(), "H4sI%2F \"é");
        assert_eq!(tokens.refresh_token.unwrap().expose(), "r");
        assert_eq!(tokens.expires_at, Some(Timestamp::from_seconds(20)));
        assert_eq!(tokens.refresh_token_expires_at, Some(Timestamp::from_seconds(30)));
        assert_eq!(tokens.obtained_at, Timestamp::from_seconds(10));
        assert_eq!((tokens.grant_type, tokens.bearer), (GrantType::ClientCredentials, BearerToken::IdToken));
    }

    #[test]
    fn the_journal_tells_a_refusal_from_a_refusal_after_a_lost_answer() {
        let since = Timestamp::from_seconds(15);
        let waiting = Record { unanswered_since: Some(since), ..record() };
        let waiting = read(&write(&waiting, "us"), "us").unwrap();
        assert_eq!(waiting.over(), None, "a lost answer alone ends nothing");
        let lost = Record { refused: Some("invalid_grant".into()), ..waiting };
        let lost = read(&write(&lost, "us"), "us").unwrap();
        assert_eq!(lost.over(), Some(ExpiryReason::AnswerLost { since }));
        let refused = Record { unanswered_since: None, ..lost };
        let Some(ExpiryReason::Refused { server: error }) = refused.over() else { panic!("{refused:?}") };
        assert_eq!(error.code(), "invalid_grant");
    }

    #[test]
    fn a_record_of_another_application_or_a_damaged_one_is_none() {
        assert!(read(&write(&record(), "us"), "them").is_none());
        let secret = write_secret(&Secret::new("s".into()), "us");
        assert!(read_secret(&secret, "us").unwrap().matches("s"));
        assert!(read_secret(&secret, "them").is_none());
        for damaged in ["", "null", "{\"version\":1}", "{\"version\":2"] {
            assert!(read(&Secret::new(damaged.into()), "us").is_none());
        }
    }
}

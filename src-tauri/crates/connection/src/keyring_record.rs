//! How secrets stand in the keyring: one JSON object each, bound to the
//! application and server they belong to.

use oauth::{Secret, Timestamp, TokenSet};
use serde::{Deserialize, Serialize, Serializer};

/// Raised when an older program could no longer read a record.
const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Stored {
    version: u32,
    issued_for: String,
    access_token: Secret,
    refresh_token: Option<Secret>,
    id_token: Option<Secret>,
    expires_at: Option<Timestamp>,
    scope: Option<String>,
    obtained_at: Timestamp,
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
    scope: Option<&'a str>,
    obtained_at: Timestamp,
}

/// Writes a record for the application and server that `issued_for` names.
pub(crate) fn write(tokens: &TokenSet, issued_for: &str) -> Secret {
    let storing = Storing {
        version: VERSION,
        issued_for,
        access_token: Some(&tokens.access_token),
        refresh_token: tokens.refresh_token.as_ref(),
        id_token: tokens.id_token.as_ref(),
        expires_at: tokens.expires_at,
        scope: tokens.scope.as_deref(),
        obtained_at: tokens.obtained_at,
    };
    // Strings, numbers and options: serialising them cannot fail.
    Secret::new(serde_json::to_string(&storing).unwrap_or_default())
}

/// Reads a record; `None` if it is damaged, of the future, or another application's.
pub(crate) fn read(record: &Secret, issued_for: &str) -> Option<TokenSet> {
    let stored: Stored = serde_json::from_str(record.expose()).ok()?;
    (stored.version == VERSION && stored.issued_for == issued_for).then_some(TokenSet {
        access_token: stored.access_token,
        refresh_token: stored.refresh_token,
        id_token: stored.id_token,
        expires_at: stored.expires_at,
        scope: stored.scope,
        obtained_at: stored.obtained_at,
    })
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

    fn tokens() -> TokenSet {
        TokenSet {
            access_token: Secret::new("H4sI%2F \"é".into()),
            refresh_token: Some(Secret::new("r".into())),
            id_token: None,
            expires_at: Some(Timestamp::from_seconds(20)),
            scope: Some("sales".into()),
            obtained_at: Timestamp::from_seconds(10),
        }
    }

    #[test]
    fn a_record_gives_back_every_byte() {
        let read = read(&write(&tokens(), "us"), "us").unwrap();
        assert_eq!(read.access_token.expose(), "H4sI%2F \"é");
        assert_eq!(read.refresh_token.unwrap().expose(), "r");
        assert_eq!(read.expires_at, Some(Timestamp::from_seconds(20)));
        assert_eq!(read.obtained_at, Timestamp::from_seconds(10));
    }

    #[test]
    fn a_record_of_another_application_or_a_damaged_one_is_none() {
        assert!(read(&write(&tokens(), "us"), "them").is_none());
        let secret = write_secret(&Secret::new("s".into()), "us");
        assert!(read_secret(&secret, "us").unwrap().matches("s"));
        assert!(read_secret(&secret, "them").is_none());
        for damaged in ["", "null", "{\"version\":1}", "{\"version\":2"] {
            assert!(read(&Secret::new(damaged.into()), "us").is_none());
        }
    }
}

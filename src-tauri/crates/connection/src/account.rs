//! An account as the settings file describes it: nothing secret.

use oauth::{Secret, split_basic};
use serde::{Deserialize, Serialize};

use crate::Environment;

/// The account id of the seller's own credentials, where nothing else was chosen.
pub const OWN_ACCOUNT: &str = "main";

/// A stable name for an account, used in keyring entries and file names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

/// The text is no account id: 1 to 64 of `a-z`, `0-9` and `-`.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("an account id is 1 to 64 lowercase letters, digits or hyphens")]
pub struct InvalidAccountId;

impl AccountId {
    /// Checks and takes a name.
    pub fn parse(text: &str) -> Result<Self, InvalidAccountId> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAccountId)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidAccountId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0
    }
}

impl std::fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The endpoints of a server that is not in the table of environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// Authorization endpoint.
    pub authorize: String,
    /// Token endpoint.
    pub token: String,
    /// Revocation endpoint, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke: Option<String>,
    /// Issuer, if the server sends `iss`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The API's base URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
}

/// One account in the settings file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSettings {
    /// Its id.
    pub id: AccountId,
    /// Where it lives.
    pub environment: Environment,
    /// The application's public id; empty where the environment brings its own.
    #[serde(default)]
    pub client_id: String,
    /// `none`, `basic` or `body`; the environment's own way if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_authentication: Option<String>,
    /// The registered redirect URI, if it is not the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// A loopback redirect URI that is registered as well: the second way back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loopback_redirect_uri: Option<String>,
    /// Space-separated scopes, if they are not the environment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// For [`Environment::Custom`] only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Endpoints>,
}

/// What a seller filled in, as it was typed or pasted.
#[derive(Debug)]
pub struct Credentials {
    /// Where the account lives.
    pub environment: Environment,
    /// The public id, or Hotmart's Basic string, which holds both.
    pub client_id: String,
    /// The secret, if one was typed.
    pub client_secret: Option<Secret>,
    /// For [`Environment::Custom`] only.
    pub endpoints: Option<Endpoints>,
}

/// The client id is missing or has spaces inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client id is missing or has spaces inside")]
pub struct InvalidClientId;

impl AccountSettings {
    /// An account of Practice Hotmart, which needs no credentials.
    pub fn practice(id: AccountId) -> Self {
        Self {
            id,
            environment: Environment::Practice,
            client_id: String::new(),
            client_authentication: None,
            redirect_uri: None,
            loopback_redirect_uri: None,
            scope: None,
            endpoints: None,
        }
    }

    /// An account with these credentials, and the secret to keep for it.
    /// `before` is the account of this id as it was: what belongs to the same
    /// environment and was set by hand stays.
    ///
    /// # Errors
    /// There is no client id that could be sent.
    pub fn filled_in(
        id: AccountId,
        before: Option<Self>,
        filled_in: Credentials,
    ) -> Result<(Self, Option<Secret>), InvalidClientId> {
        let Credentials { environment, client_id, client_secret, endpoints } = filled_in;
        let trimmed = |secret: Secret| Secret::new(secret.expose().trim().to_owned());
        let typed = client_secret.map(trimmed).filter(|secret| !secret.expose().is_empty());
        // People paste Hotmart's "Basic" string where the id belongs.
        let (client_id, secret) = match split_basic(&client_id) {
            Some(pair) if typed.is_none() => (pair.client_id, Some(pair.client_secret)),
            _ => (client_id.trim().to_owned(), typed),
        };
        if client_id.is_empty() || client_id.contains(char::is_whitespace) {
            return Err(InvalidClientId);
        }
        let endpoints = endpoints.filter(|_| environment == Environment::Custom);
        let before = before.filter(|before| before.environment == environment);
        let same_application = before
            .as_ref()
            .is_some_and(|before| before.client_id == client_id && before.endpoints == endpoints);

        let known_way = before.as_ref().and_then(|before| before.client_authentication.clone());
        let client_authentication = match &secret {
            // The secret that is in the keyring stays, if it is this application's.
            None if same_application => known_way,
            None => Some("none".to_owned()),
            Some(_) => match known_way.filter(|way| way != "none") {
                None if environment == Environment::Custom => Some("basic".to_owned()),
                way => way,
            },
        };
        let account = Self {
            id,
            environment,
            client_id,
            client_authentication,
            redirect_uri: before.as_ref().and_then(|before| before.redirect_uri.clone()),
            loopback_redirect_uri: before.as_ref().and_then(|before| before.loopback_redirect_uri.clone()),
            scope: before.and_then(|before| before.scope),
            endpoints,
        };
        Ok((account, secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_safe_in_a_file_name_and_a_keyring() {
        assert!(AccountId::parse("my-shop-2").is_ok());
        let long = "x".repeat(65);
        for bad in ["", "../x", "A", "a b", "a/b", "ação", long.as_str()] {
            assert!(AccountId::parse(bad).is_err(), "{bad}");
        }
    }
}

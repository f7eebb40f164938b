//! An account as the settings file describes it: nothing secret.

use serde::{Deserialize, Serialize};

use crate::Environment;

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
    /// Space-separated scopes, if they are not the environment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// For [`Environment::Custom`] only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Endpoints>,
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

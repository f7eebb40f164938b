//! An account as the settings file describes it: nothing secret.

use oauth::{BearerToken, BodyEncoding, GrantType, Secret, plain_text, split_basic};
use serde::{Deserialize, Serialize};

use crate::{DEFAULT_REDIRECT_URI, Environment, LOOPBACK_REDIRECT_URI};

/// The account id of the seller's own credentials, where nothing else was chosen.
pub const OWN_ACCOUNT: &str = "main";

/// A stable name for an account, used in keyring entries and file names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Endpoints {
    /// Authorization endpoint, where the seller answers in a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize: Option<String>,
    /// Token endpoint.
    pub token: String,
    /// Revocation endpoint, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke: Option<String>,
    /// Issuer, if the server sends `iss`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Whether the server always sends `iss` (RFC 9207).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub issuer_in_answer: bool,
    /// Where the keys are that it signs id tokens with (`jwks_uri`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
    /// The API's base URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
}

impl Endpoints {
    /// The redirect URI to register at this server: its own, so that an answer
    /// that was made for another server does not fit (RFC 9700 §4.4.2.2). A
    /// hostile server could otherwise send the browser on to Hotmart, and get
    /// Hotmart's code.
    pub fn redirect_uri(&self) -> String {
        format!("{DEFAULT_REDIRECT_URI}/{}", self.path())
    }

    /// The same, on this machine.
    pub fn loopback_redirect_uri(&self) -> String {
        format!("{LOOPBACK_REDIRECT_URI}/{}", self.path())
    }

    /// The token endpoint as one segment of a path: `sso.example_oauth_token`.
    fn path(&self) -> String {
        let address = self.token.trim().split(['?', '#']).next().unwrap_or_default();
        let address = address.split_once("://").map_or(address, |(_, rest)| rest);
        let plain = |c: char| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '_' };
        address.trim_matches('/').to_ascii_lowercase().chars().map(plain).collect()
    }
}

/// One account in the settings file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSettings {
    /// Its id.
    pub id: AccountId,
    /// What its owner calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it lives.
    pub environment: Environment,
    /// With which kind of credentials it is reached.
    #[serde(default, skip_serializing_if = "is_default")]
    pub grant_type: GrantType,
    /// The application's public id; empty where the environment brings its own.
    #[serde(default)]
    pub client_id: String,
    /// `none`, `basic`, `body` or `query`; the environment's own way if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_authentication: Option<String>,
    /// How its token endpoint wants the body; the environment's way if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_encoding: Option<BodyEncoding>,
    /// Which token its API wants; the environment's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<BearerToken>,
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

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What a seller filled in, as it was typed or pasted, and as the window's form sends it.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// What the account is to be called, if anything.
    pub name: Option<String>,
    /// Where the account lives.
    pub environment: Environment,
    /// Which kind of credentials they are.
    pub grant_type: GrantType,
    /// The public id, or Hotmart's Basic string, which holds both.
    pub client_id: String,
    /// The secret, if one was typed.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub client_secret: Option<Secret>,
    /// For [`Environment::Custom`] only.
    pub endpoints: Option<Endpoints>,
    /// How a custom server wants the secret, if that is known.
    pub client_authentication: Option<String>,
    /// The scope to ask for; empty for the environment's own, absent to leave it as it is.
    pub scope: Option<String>,
}

/// The client id is missing, or has spaces or characters that no client id has (RFC 6749 appendix A.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client id is missing, or has spaces or other characters that no client id has")]
pub struct InvalidClientId;

impl AccountSettings {
    /// An account about which nothing else is known. It can be connected where
    /// the environment needs no credentials of the seller's.
    pub fn new(id: AccountId, environment: Environment) -> Self {
        Self {
            id,
            name: None,
            environment,
            grant_type: GrantType::AuthorizationCode,
            client_id: String::new(),
            client_authentication: None,
            body_encoding: None,
            bearer: None,
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
        let Credentials { environment, grant_type, client_id, client_secret, endpoints, .. } = filled_in;
        let typed = client_secret.map(|secret| Secret::new(pasted(secret.expose()).to_owned()));
        let typed = typed.filter(|secret| !secret.expose().is_empty());
        let (client_id, secret) = application_of(pasted(&client_id), typed);
        if client_id.is_empty() || !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidClientId);
        }
        let endpoints = endpoints.filter(|_| environment == Environment::Custom);
        let token =
            |endpoints: &Option<Endpoints>| endpoints.as_ref().map(|endpoints| endpoints.token.clone());
        let same_server = |before: &Self| token(&before.endpoints) == token(&endpoints);
        let name = filled_in.name.map(|name| plain_text(&name)).filter(|name| !name.is_empty());
        let before = before.filter(|before| is_alike(before, environment, grant_type));
        let same_application = before
            .as_ref()
            .is_some_and(|before| before.client_id == client_id && before.endpoints == endpoints);

        let known_way = before.as_ref().and_then(|before| before.client_authentication.clone());
        let was_public = known_way.as_deref() == Some("none");
        let known_way = filled_in.client_authentication.or(known_way);
        let client_authentication = match &secret {
            // The secret that is in the keyring stays, if it is this application's.
            // An application without a secret stays one, whatever the server would take.
            None if same_application && was_public => Some("none".to_owned()),
            None if same_application || grant_type == GrantType::ClientCredentials => known_way,
            None => Some("none".to_owned()),
            Some(_) => known_way.filter(|way| way != "none"),
        };
        let account = Self {
            id,
            name,
            environment,
            grant_type,
            client_id,
            client_authentication,
            body_encoding: before.as_ref().and_then(|before| before.body_encoding),
            bearer: before.as_ref().and_then(|before| before.bearer),
            // What was registered at this server, or set by hand for it, stays.
            redirect_uri: match &before {
                Some(before) if same_server(before) => before.redirect_uri.clone(),
                _ => endpoints.as_ref().map(Endpoints::redirect_uri),
            },
            loopback_redirect_uri: before
                .as_ref()
                .filter(|before| same_server(before))
                .and_then(|before| before.loopback_redirect_uri.clone()),
            scope: match filled_in.scope {
                Some(scope) => Some(plain_text(&scope)).filter(|scope| !scope.is_empty()),
                None => before.and_then(|before| before.scope),
            },
            endpoints,
        };
        Ok((account, secret))
    }

    /// What to call it.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }
}

/// Whether what was set by hand for an account still fits these credentials.
/// Production and sandbox share everything but the API.
fn is_alike(before: &AccountSettings, environment: Environment, grant_type: GrantType) -> bool {
    use Environment::{Hotmart, Sandbox};
    let same_server = before.environment == environment
        || matches!((before.environment, environment), (Hotmart, Sandbox) | (Sandbox, Hotmart));
    same_server && before.grant_type == grant_type
}

/// A secret as it was meant, of this application: see [`Credentials`].
pub fn pasted_secret(client_id: &str, typed: &Secret) -> Secret {
    let typed = Secret::new(pasted(typed.expose()).to_owned());
    application_of(client_id, Some(typed.duplicate())).1.unwrap_or(typed)
}

/// What was meant by something that was pasted: without the spaces, line ends,
/// quotation marks and invisible characters that come along from web pages.
fn pasted(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || "\"'“”\u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}".contains(c)
    })
}

/// Id and secret. People paste Hotmart's "Basic" string, which holds both,
/// where the id or the secret belongs.
fn application_of(client_id: &str, typed: Option<Secret>) -> (String, Option<Secret>) {
    let (client_id, secret) = match split_basic(client_id) {
        // What stands where the id belongs is sent and shown: no secret may stay in it.
        Some(pair) => (pair.client_id, Some(pair.client_secret)),
        None => (client_id.to_owned(), None),
    };
    match typed.as_ref().and_then(|secret| split_basic(secret.expose())) {
        Some(pair) if client_id.is_empty() || pair.client_id == client_id => {
            (pair.client_id, Some(pair.client_secret))
        }
        _ => (client_id, typed.or(secret)),
    }
}

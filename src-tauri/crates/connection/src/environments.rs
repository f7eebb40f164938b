//! Every server an account can live on, as data in one table. A row says all
//! there is to know; nothing of it is repeated elsewhere.

use oauth::{BearerToken, BodyEncoding, ClientAuthentication, Endpoint, GrantType};
use serde::{Deserialize, Serialize};

/// The client that Practice Hotmart knows without any registration.
pub const PRACTICE_CLIENT_ID: &str = "practice-seller";
/// Its secret: it opens nothing but invented data on this very machine.
pub const PRACTICE_CLIENT_SECRET: &str = "practice-is-not-a-secret";

/// The port at which Practice Hotmart is found, if nothing else says otherwise.
pub const PRACTICE_PORT: u16 = 47_990;

/// Which authorization server and API an account belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Environment {
    /// Hotmart's classic endpoints.
    Hotmart,
    /// Hotmart Authentication, the OpenID Connect service.
    HotmartAuthentication,
    /// Hotmart's classic endpoints with the API of invented data.
    Sandbox,
    /// Practice Hotmart, inside this program.
    Practice,
    /// Any other server; its endpoints stand in the account's settings.
    Custom,
}

impl Environment {
    /// Its name, as it stands in the settings.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One row of the table: an environment, reached with one kind of credentials.
#[derive(Clone, Copy)]
pub(crate) struct EnvironmentSpec {
    pub environment: Environment,
    /// How tokens are had. PKCE with S256 goes with every authorization code,
    /// whatever the server, and with nothing else.
    pub grant_type: GrantType,
    pub authorize: Option<&'static str>,
    pub token: &'static str,
    pub revoke: Option<&'static str>,
    pub issuer: Option<&'static str>,
    /// Whether the server always names itself in its answers (RFC 9207).
    pub issuer_in_answer: bool,
    pub api: &'static str,
    /// Which token the API wants.
    pub bearer: BearerToken,
    pub client_authentication: ClientAuthentication,
    pub body_encoding: BodyEncoding,
    pub scope: &'static str,
    /// Where a credential works that was mistaken for one of this row.
    pub mistaken_for: Option<Environment>,
}

/// Hotmart's guide for the classic flow: id and secret in a JSON body, scope `all`.
const HOTMART: EnvironmentSpec = EnvironmentSpec {
    environment: Environment::Hotmart,
    grant_type: GrantType::AuthorizationCode,
    authorize: Some("https://api-sec-vlc.hotmart.com/security/oauth/authorize"),
    token: "https://api-sec-vlc.hotmart.com/security/oauth/token",
    revoke: None,
    issuer: None,
    issuer_in_answer: false,
    api: "https://developers.hotmart.com",
    bearer: BearerToken::AccessToken,
    client_authentication: ClientAuthentication::Body,
    body_encoding: BodyEncoding::Json,
    scope: "all",
    mistaken_for: Some(Environment::Sandbox),
};

/// Hotmart's documents for developer credentials: Basic, everything in the
/// address as well, the content type of JSON.
const HOTMART_DEVELOPER: EnvironmentSpec = EnvironmentSpec {
    grant_type: GrantType::ClientCredentials,
    authorize: None,
    client_authentication: ClientAuthentication::Query,
    scope: "",
    ..HOTMART
};

/// The same credentials pages and token endpoint, another API.
const SANDBOX: EnvironmentSpec = EnvironmentSpec {
    environment: Environment::Sandbox,
    api: "https://sandbox.hotmart.com",
    mistaken_for: Some(Environment::Hotmart),
    ..HOTMART
};

const SANDBOX_DEVELOPER: EnvironmentSpec = EnvironmentSpec {
    environment: SANDBOX.environment,
    api: SANDBOX.api,
    mistaken_for: SANDBOX.mistaken_for,
    ..HOTMART_DEVELOPER
};

/// Hotmart's public sample for Hotmart Authentication: Basic, form body, and
/// the id token for the API.
const HOTMART_AUTHENTICATION: EnvironmentSpec = EnvironmentSpec {
    environment: Environment::HotmartAuthentication,
    authorize: Some("https://sso-developers.hotmart.com/oidc/authorize"),
    token: "https://sso-developers.hotmart.com/oidc/accessToken",
    revoke: Some("https://sso-developers.hotmart.com/oidc/revoke"),
    issuer: Some("https://sso.hotmart.com/oidc"),
    bearer: BearerToken::IdToken,
    client_authentication: ClientAuthentication::Basic,
    body_encoding: BodyEncoding::Form,
    scope: "openid developers sales club subscriptions",
    mistaken_for: None,
    ..HOTMART
};

/// Practice Hotmart speaks the newer dialect; its paths follow its own address.
const PRACTICE: EnvironmentSpec = EnvironmentSpec {
    environment: Environment::Practice,
    authorize: Some("/oidc/authorize"),
    token: "/oidc/accessToken",
    revoke: Some("/oidc/revoke"),
    issuer: Some("/oidc"),
    issuer_in_answer: true,
    api: "",
    bearer: BearerToken::AccessToken,
    ..HOTMART_AUTHENTICATION
};

/// Any server of RFC 6749: what it is called stands in the account's settings.
const CUSTOM: EnvironmentSpec = EnvironmentSpec {
    environment: Environment::Custom,
    authorize: None,
    token: "",
    revoke: None,
    issuer: None,
    bearer: BearerToken::AccessToken,
    client_authentication: ClientAuthentication::Basic,
    scope: "",
    ..HOTMART_AUTHENTICATION
};

const CUSTOM_DEVELOPER: EnvironmentSpec =
    EnvironmentSpec { grant_type: GrantType::ClientCredentials, ..CUSTOM };

const TABLE: [EnvironmentSpec; 8] = [
    HOTMART,
    HOTMART_DEVELOPER,
    SANDBOX,
    SANDBOX_DEVELOPER,
    HOTMART_AUTHENTICATION,
    PRACTICE,
    CUSTOM,
    CUSTOM_DEVELOPER,
];

/// The redirect URI to register at Hotmart, unless an account sets another one.
pub const DEFAULT_REDIRECT_URI: &str = "app.hotmart-connect:/oauth/callback";

/// The loopback redirect URI to register besides, unless an account sets
/// another one. Its port is fixed: many servers compare the whole address.
pub const LOOPBACK_REDIRECT_URI: &str = "http://127.0.0.1:47991/callback";

/// The domain of all of Hotmart's servers.
const HOTMARTS_DOMAIN: &str = "hotmart.com";

/// Whether an address is Hotmart's own.
pub(crate) fn is_hotmarts(endpoint: &Endpoint) -> bool {
    // A name with a dot at its end is the same name (RFC 1034 §3.1).
    let host = endpoint.url().host_str().unwrap_or_default().trim_end_matches('.');
    host == HOTMARTS_DOMAIN || host.strip_suffix(HOTMARTS_DOMAIN).is_some_and(|rest| rest.ends_with('.'))
}

/// The row of an environment, as it is reached with this kind of credentials.
pub(crate) fn spec(environment: Environment, grant_type: GrantType) -> Option<&'static EnvironmentSpec> {
    const ROWS: &[EnvironmentSpec] = &TABLE;
    ROWS.iter().find(|spec| spec.environment == environment && spec.grant_type == grant_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_row_of_each() {
        for row in &TABLE {
            let same = |other: &&EnvironmentSpec| {
                (other.environment, other.grant_type) == (row.environment, row.grant_type)
            };
            assert_eq!(TABLE.iter().filter(same).count(), 1);
        }
    }
}

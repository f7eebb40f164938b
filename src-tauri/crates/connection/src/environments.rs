//! Every server an account can live on, as data in one table.

use oauth::{BodyEncoding, ClientAuthentication, ConfigurationError, Endpoint, RedirectUri, Server};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::open_requests::OpenRequests;
use crate::{AccountSettings, Way};

/// The redirect URI to register at Hotmart, unless an account sets another one.
pub const DEFAULT_REDIRECT_URI: &str = "app.hotmart-connect:/oauth/callback";

/// The loopback redirect URI to register besides, unless an account sets
/// another one. Its port is fixed: many servers compare the whole address.
pub const LOOPBACK_REDIRECT_URI: &str = "http://127.0.0.1:47991/callback";

/// The client that Practice Hotmart knows without any registration.
pub const PRACTICE_CLIENT_ID: &str = "practice-seller";
/// Its secret: it opens nothing but invented data on this very machine.
pub const PRACTICE_CLIENT_SECRET: &str = "practice-is-not-a-secret";

/// The port at which Practice Hotmart is found, if nothing else says otherwise.
pub const PRACTICE_PORT: u16 = 47_990;

/// Which authorization server and API an account belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Hotmart's classic endpoints.
    Hotmart,
    /// Hotmart Authentication, the OpenID Connect service.
    HotmartAuthentication,
    /// Practice Hotmart, inside this program.
    Practice,
    /// Any other server; its endpoints stand in the account's settings.
    Custom,
}

/// One row of the table.
struct Row {
    authorize: &'static str,
    token: &'static str,
    revoke: Option<&'static str>,
    issuer: Option<&'static str>,
    issuer_required: bool,
    api: &'static str,
    client_authentication: ClientAuthentication,
    body_encoding: BodyEncoding,
    scope: &'static str,
}

/// Hotmart's guide for the classic flow: id and secret in a JSON body, scope `all`.
const HOTMART: Row = Row {
    authorize: "https://api-sec-vlc.hotmart.com/security/oauth/authorize",
    token: "https://api-sec-vlc.hotmart.com/security/oauth/token",
    revoke: None,
    issuer: None,
    issuer_required: false,
    api: "https://developers.hotmart.com",
    client_authentication: ClientAuthentication::Body,
    body_encoding: BodyEncoding::Json,
    scope: "all",
};

/// Hotmart's public sample for Hotmart Authentication: Basic, form body.
const HOTMART_AUTHENTICATION: Row = Row {
    authorize: "https://sso-developers.hotmart.com/oidc/authorize",
    token: "https://sso-developers.hotmart.com/oidc/accessToken",
    revoke: Some("https://sso-developers.hotmart.com/oidc/revoke"),
    issuer: Some("https://sso.hotmart.com/oidc"),
    issuer_required: false,
    api: "https://developers.hotmart.com",
    client_authentication: ClientAuthentication::Basic,
    body_encoding: BodyEncoding::Form,
    scope: "openid developers sales club subscriptions",
};

/// Practice Hotmart speaks the newer dialect; its paths follow its own address.
const PRACTICE: Row = Row {
    authorize: "/oidc/authorize",
    token: "/oidc/accessToken",
    revoke: Some("/oidc/revoke"),
    issuer: Some("/oidc"),
    issuer_required: true,
    api: "",
    client_authentication: ClientAuthentication::Basic,
    body_encoding: BodyEncoding::Form,
    scope: "openid developers sales club subscriptions",
};

/// An account that is ready to connect: where it lives and all a request needs.
#[derive(Debug)]
pub struct Setup {
    /// Where it lives.
    pub environment: Environment,
    /// The server, and us as its client.
    pub server: Server,
    /// The API's base URL, without a slash at its end.
    pub api_base: String,
    /// A loopback redirect URI that is registered besides the server's one.
    pub loopback_redirect_uri: Option<RedirectUri>,
}

impl Setup {
    /// Makes an account's settings into a setup; the client secret is filled
    /// in later, from the keyring. `practice` is Practice Hotmart's address.
    ///
    /// # Errors
    /// The first value that cannot be used, and why.
    pub fn of(account: &AccountSettings, practice: Option<&Url>) -> Result<Self, ConfigurationError> {
        let base = practice.map_or("", |url| url.as_str().trim_end_matches('/'));
        let at = |text: &str| {
            if text.starts_with('/') { format!("{base}{text}") } else { text.to_owned() }
        };

        let mut setup = match (account.environment, &account.endpoints) {
            (Environment::Hotmart, _) => Self::from_row(account, &HOTMART, at)?,
            (Environment::HotmartAuthentication, _) => Self::from_row(account, &HOTMART_AUTHENTICATION, at)?,
            (Environment::Practice, _) => {
                let mut setup = Self::from_row(account, &PRACTICE, at)?;
                setup.api_base = base.to_owned();
                setup.loopback_redirect_uri = Some(RedirectUri::parse(LOOPBACK_REDIRECT_URI)?);
                setup.server.client_id = PRACTICE_CLIENT_ID.to_owned();
                setup.server.client_secret = Some(oauth::Secret::new(PRACTICE_CLIENT_SECRET.to_owned()));
                setup
            }
            (Environment::Custom, None) => return Err(ConfigurationError::NotAUrl),
            (Environment::Custom, Some(endpoints)) => Self {
                environment: Environment::Custom,
                loopback_redirect_uri: None,
                api_base: endpoints.api.clone().unwrap_or_default().trim_end_matches('/').to_owned(),
                server: Server {
                    authorization_endpoint: Endpoint::parse(&endpoints.authorize)?,
                    token_endpoint: Endpoint::parse(&endpoints.token)?,
                    revocation_endpoint: endpoints.revoke.as_deref().map(Endpoint::parse).transpose()?,
                    issuer: endpoints.issuer.clone(),
                    issuer_required: false,
                    client_authentication: ClientAuthentication::None,
                    body_encoding: BodyEncoding::Form,
                    client_id: account.client_id.clone(),
                    client_secret: None,
                    redirect_uri: RedirectUri::parse(DEFAULT_REDIRECT_URI)?,
                    scope: String::new(),
                },
            },
        };
        if let Some(way) = account.client_authentication.as_deref() {
            setup.server.client_authentication = match way {
                "none" => ClientAuthentication::None,
                "basic" => ClientAuthentication::Basic,
                "body" => ClientAuthentication::Body,
                _ => return Err(ConfigurationError::UnknownAuthentication),
            };
        }
        if let Some(uri) = &account.redirect_uri {
            setup.server.redirect_uri = RedirectUri::parse(uri)?;
        }
        if let Some(uri) = &account.loopback_redirect_uri {
            let uri = RedirectUri::parse(uri)?;
            if !uri.is_loopback() {
                return Err(ConfigurationError::NotLoopback);
            }
            setup.loopback_redirect_uri = Some(uri);
        }
        if let Some(scope) = &account.scope {
            setup.server.scope.clone_from(scope);
        }
        Ok(setup)
    }

    fn from_row(
        account: &AccountSettings,
        row: &Row,
        at: impl Fn(&str) -> String,
    ) -> Result<Self, ConfigurationError> {
        Ok(Self {
            environment: account.environment,
            api_base: row.api.to_owned(),
            loopback_redirect_uri: None,
            server: Server {
                authorization_endpoint: Endpoint::parse(&at(row.authorize))?,
                token_endpoint: Endpoint::parse(&at(row.token))?,
                revocation_endpoint: row.revoke.map(|revoke| Endpoint::parse(&at(revoke))).transpose()?,
                issuer: row.issuer.map(&at),
                issuer_required: row.issuer_required,
                client_authentication: row.client_authentication,
                body_encoding: row.body_encoding,
                client_id: account.client_id.clone(),
                client_secret: None,
                redirect_uri: RedirectUri::parse(DEFAULT_REDIRECT_URI)?,
                scope: row.scope.to_owned(),
            },
        })
    }

    /// The same with the client's secret.
    pub fn with_client_secret(&self, secret: oauth::Secret) -> Self {
        Self { server: self.server.with_client_secret(secret), ..self.duplicate() }
    }

    /// A second copy, its secret included.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            environment: self.environment,
            server: self.server.duplicate(),
            api_base: self.api_base.clone(),
            loopback_redirect_uri: self.loopback_redirect_uri.clone(),
        }
    }

    /// The redirect URI of a second request beside those that are open, if there can be one.
    pub(crate) fn other_way(&self, open: &OpenRequests) -> Option<&RedirectUri> {
        let other = self.loopback_redirect_uri.as_ref()?;
        let is_new = !open.are_two() && Way::of(open.newest().redirect_uri()) != Way::Loopback;
        is_new.then_some(other)
    }

    /// Whether a connection can be tried: an id, and a secret where one is sent.
    pub fn is_complete(&self) -> bool {
        let secret_missing = self.server.client_secret.is_none();
        !(self.server.client_id.is_empty() || (self.needs_secret() && secret_missing))
    }

    /// Whether the server wants a client secret.
    pub fn needs_secret(&self) -> bool {
        self.server.client_authentication != ClientAuthentication::None
    }

    /// Names whose tokens these are, so that a session of another application
    /// or server is never taken for this one's. Practice Hotmart's port may
    /// change between two starts; it is still the same server.
    pub fn fingerprint(&self) -> String {
        let client = &self.server.client_id;
        match self.environment {
            Environment::Practice => format!("practice {client}"),
            _ => format!("{} {client}", self.server.token_endpoint.url()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountId;

    fn account(environment: Environment) -> AccountSettings {
        AccountSettings {
            id: AccountId::parse("main").unwrap(),
            environment,
            client_id: "id".into(),
            client_authentication: None,
            redirect_uri: None,
            loopback_redirect_uri: None,
            scope: None,
            endpoints: None,
        }
    }

    #[test]
    fn every_row_of_the_table_is_usable() {
        let practice = Url::parse("http://127.0.0.1:4000/").unwrap();
        for environment in [Environment::Hotmart, Environment::HotmartAuthentication, Environment::Practice] {
            let setup = Setup::of(&account(environment), Some(&practice)).unwrap();
            assert!(setup.needs_secret());
            assert_eq!(setup.server.redirect_uri.as_str(), DEFAULT_REDIRECT_URI);
        }
    }

    #[test]
    fn practice_works_without_any_credentials_and_whatever_its_port() {
        let mut nothing = account(Environment::Practice);
        nothing.client_id = String::new();
        let first = Setup::of(&nothing, Some(&Url::parse("http://127.0.0.1:4000/").unwrap())).unwrap();
        let second = Setup::of(&nothing, Some(&Url::parse("http://127.0.0.1:5000/").unwrap())).unwrap();
        assert!(first.is_complete());
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_eq!(first.server.issuer.as_deref(), Some("http://127.0.0.1:4000/oidc"));
    }

    #[test]
    fn an_account_may_choose_its_own_way_to_authenticate() {
        let mut public = account(Environment::HotmartAuthentication);
        public.client_authentication = Some("smoke signals".into());
        assert_eq!(Setup::of(&public, None).unwrap_err(), ConfigurationError::UnknownAuthentication);
        public.client_authentication = Some("none".into());
        assert!(Setup::of(&public, None).unwrap().is_complete());
        assert!(!Setup::of(&account(Environment::HotmartAuthentication), None).unwrap().is_complete());
    }

    #[test]
    fn a_custom_server_must_be_https() {
        let mut custom = account(Environment::Custom);
        assert!(Setup::of(&custom, None).is_err());
        custom.endpoints = Some(crate::Endpoints {
            authorize: "http://sso.example/a".into(),
            token: "https://sso.example/t".into(),
            revoke: None,
            issuer: None,
            api: None,
        });
        assert_eq!(Setup::of(&custom, None).unwrap_err(), ConfigurationError::NotHttps);
    }
}

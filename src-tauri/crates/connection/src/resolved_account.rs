//! An account that is ready to connect: its settings, and the row of the table
//! they belong to, made into one thing.

use std::sync::Arc;

use oauth::{
    AuthorizationServer, Client, ClientAuthentication, ConfigurationError, Endpoint, GrantType, RedirectUri,
    Secret,
};

use crate::environments::{self, EnvironmentSpec, PRACTICE_CLIENT_ID, PRACTICE_CLIENT_SECRET};
use crate::server_urls::ServerUrls;
use crate::{AccountSettings, Deployment, Environment};

/// The redirect URI to register at Hotmart, unless an account sets another one.
pub const DEFAULT_REDIRECT_URI: &str = "app.hotmart-connect:/oauth/callback";

/// The loopback redirect URI to register besides, unless an account sets
/// another one. Its port is fixed: many servers compare the whole address.
pub const LOOPBACK_REDIRECT_URI: &str = "http://127.0.0.1:47991/callback";

/// An account that is ready to connect: where it lives and all a request needs.
#[derive(Clone, Debug)]
pub struct ResolvedAccount {
    /// Where it lives.
    pub environment: Environment,
    /// The application, and the server where it is registered.
    pub client: Client,
    /// The API's base URL, without a slash at its end; empty if there is none.
    pub api_base: String,
    /// Where the API is for which credentials of this kind are taken by
    /// mistake, and the environment that would be right then.
    pub mistaken_for: Option<(Environment, String)>,
    /// A loopback redirect URI that is registered besides the server's one.
    pub loopback_redirect_uri: Option<RedirectUri>,
}

impl AccountSettings {
    /// Makes an account's settings into what a connection needs; the client secret is filled
    /// in later, from the keyring, unless the program brings it along.
    ///
    /// # Errors
    /// The first value that cannot be used, and why.
    pub fn resolve(&self, deployment: &Deployment) -> Result<ResolvedAccount, ConfigurationError> {
        let account = self;
        let spec = environments::spec(account.environment, account.grant_type)
            .ok_or(ConfigurationError::GrantNotOffered)?;
        let addresses = match (account.environment, &account.endpoints) {
            (Environment::Custom, None) => return Err(ConfigurationError::NotAUrl),
            (Environment::Custom, Some(endpoints)) => ServerUrls::of_endpoints(endpoints),
            _ => ServerUrls::of_environment(spec, deployment),
        };
        let mut resolved = ResolvedAccount::new(account, spec, addresses)?;
        if account.environment == Environment::Practice {
            resolved.loopback_redirect_uri = Some(RedirectUri::parse(LOOPBACK_REDIRECT_URI)?);
            resolved.client.id = PRACTICE_CLIENT_ID.to_owned();
            resolved.client.secret = Some(Arc::new(Secret::new(PRACTICE_CLIENT_SECRET.to_owned())));
        }
        if let Some(application) = deployment.application(account) {
            resolved.client.id.clone_from(&application.client_id);
            resolved.client.secret = application.client_secret.clone();
            if resolved.client.secret.is_none() {
                resolved.client.authentication = ClientAuthentication::None;
            }
        }
        resolved.adjust(account)?;
        Ok(resolved)
    }
}

impl ResolvedAccount {
    /// What the account sets otherwise than its row.
    fn adjust(&mut self, account: &AccountSettings) -> Result<(), ConfigurationError> {
        if let Some(way) = account.client_authentication.as_deref() {
            self.client.authentication = match way {
                "none" => ClientAuthentication::None,
                "basic" => ClientAuthentication::Basic,
                "body" => ClientAuthentication::Body,
                "query" => ClientAuthentication::Query,
                _ => return Err(ConfigurationError::UnknownAuthentication),
            };
        }
        if let Some(encoding) = account.body_encoding {
            self.client.server.body_encoding = encoding;
        }
        if let Some(bearer) = account.bearer {
            self.client.server.bearer = bearer;
        }
        if let Some(uri) = &account.redirect_uri {
            self.client.redirect_uri = RedirectUri::parse(uri)?;
        }
        if let Some(uri) = &account.loopback_redirect_uri {
            let uri = RedirectUri::parse(uri)?;
            if !uri.is_loopback() {
                return Err(ConfigurationError::NotLoopback);
            }
            self.loopback_redirect_uri = Some(uri);
        }
        if let Some(scope) = &account.scope {
            self.client.scope.clone_from(scope);
        }
        Ok(())
    }

    fn new(
        account: &AccountSettings,
        spec: &EnvironmentSpec,
        addresses: ServerUrls,
    ) -> Result<Self, ConfigurationError> {
        let ServerUrls { authorize, token, revoke, issuer, issuer_in_answer, keys, api, mistaken_for } =
            addresses;
        let optional = |address: Option<String>| address.as_deref().map(Endpoint::parse).transpose();
        let authorization_endpoint = match spec.grant_type {
            GrantType::AuthorizationCode => Some(Endpoint::parse(authorize.as_deref().unwrap_or_default())?),
            GrantType::ClientCredentials => None,
        };
        let (token_endpoint, revocation_endpoint) = (Endpoint::parse(&token)?, optional(revoke)?);
        let api = optional(api)?;
        let places = [
            authorization_endpoint.as_ref(),
            Some(&token_endpoint),
            revocation_endpoint.as_ref(),
            api.as_ref(),
        ];
        // A code that Hotmart gives must not be taken to somebody else, nor a token (RFC 9700 §4.4).
        let at_hotmart: Vec<_> = places.into_iter().flatten().map(environments::is_hotmarts).collect();
        if at_hotmart.contains(&true) && at_hotmart.contains(&false) {
            return Err(ConfigurationError::MixedServers);
        }
        Ok(Self {
            environment: account.environment,
            api_base: api.map(|api| api.url().as_str().trim_end_matches('/').to_owned()).unwrap_or_default(),
            mistaken_for,
            loopback_redirect_uri: None,
            client: Client {
                server: AuthorizationServer {
                    authorization_endpoint,
                    token_endpoint,
                    revocation_endpoint,
                    issuer_required: issuer_in_answer && issuer.is_some(),
                    issuer,
                    key_set_endpoint: optional(keys)?,
                    bearer: spec.bearer,
                    body_encoding: spec.body_encoding,
                },
                grant_type: spec.grant_type,
                id: account.client_id.clone(),
                secret: None,
                authentication: spec.client_authentication,
                redirect_uri: RedirectUri::parse(DEFAULT_REDIRECT_URI)?,
                scope: spec.scope.to_owned(),
            },
        })
    }

    /// The same with the client's secret.
    #[must_use]
    pub fn with_client_secret(&self, secret: Secret) -> Self {
        let client = Client { secret: Some(Arc::new(secret)), ..self.client.clone() };
        Self { client, ..self.clone() }
    }

    /// Whether somebody answers in a browser when this account connects.
    pub fn uses_a_browser(&self) -> bool {
        self.client.grant_type == GrantType::AuthorizationCode
    }

    /// Whether a connection can be tried: an id, and a secret where one is sent.
    pub fn is_complete(&self) -> bool {
        let secret_missing = self.client.secret.is_none();
        !(self.client.id.is_empty() || (self.needs_secret() && secret_missing))
    }

    /// Whether the server wants a client secret.
    pub fn needs_secret(&self) -> bool {
        self.client.authentication != ClientAuthentication::None
    }

    /// Names whose tokens these are, so that a session of another application
    /// or server is never taken for this one's. Practice Hotmart's port may
    /// change between two starts; it is still the same server. A credential
    /// that was put into the sandbox by mistake keeps its session when that is
    /// put right: the server is the same.
    pub fn fingerprint(&self) -> String {
        let client = &self.client.id;
        let server = match self.environment {
            Environment::Practice => "practice",
            _ => self.client.server.token_endpoint.url().as_str(),
        };
        let grant = match self.client.grant_type {
            GrantType::AuthorizationCode => "",
            GrantType::ClientCredentials => " client_credentials",
        };
        format!("{server} {client}{grant}{}", self.other_places())
    }

    /// Where else the tokens of a server that is not in the table go, if that
    /// is not where they come from: a session is not taken along to a new place.
    fn other_places(&self) -> String {
        if self.environment != Environment::Custom {
            return String::new();
        }
        let home = self.client.server.token_endpoint.url().origin();
        let api = Endpoint::parse(&self.api_base).ok();
        let elsewhere = |endpoint: &Endpoint| Some(endpoint.url().origin()).filter(|origin| *origin != home);
        let places = [("api", api.as_ref()), ("revoke", self.client.server.revocation_endpoint.as_ref())];
        let named = places.into_iter().filter_map(|(what, endpoint)| {
            Some(format!(" {what}={}", elsewhere(endpoint?)?.ascii_serialization()))
        });
        named.collect()
    }
}

#[cfg(test)]
mod tests {
    use oauth::{BearerToken, BodyEncoding};

    use url::Url;

    use super::*;
    use crate::environments::TABLE;
    use crate::{AccountId, Endpoints};

    fn account(environment: Environment) -> AccountSettings {
        let mut account = AccountSettings::new(AccountId::parse("main").unwrap(), environment);
        account.client_id = "id".into();
        account
    }

    fn around(practice: &str) -> Deployment {
        Deployment { practice: Some(Url::parse(practice).unwrap()), ..Deployment::default() }
    }

    fn of(account: &AccountSettings) -> Result<ResolvedAccount, ConfigurationError> {
        account.resolve(&Deployment::default())
    }

    #[test]
    fn every_row_of_the_table_is_usable_and_there_is_one_of_each() {
        let practice = around("http://127.0.0.1:4000/");
        for (index, spec) in TABLE.iter().enumerate() {
            let twin = TABLE.iter().position(|other| {
                (other.environment, other.grant_type) == (spec.environment, spec.grant_type)
            });
            assert_eq!(twin, Some(index));
            let mut account = account(spec.environment);
            account.grant_type = spec.grant_type;
            if spec.environment == Environment::Custom {
                continue;
            }
            let resolved = account.resolve(&practice).unwrap();
            assert!(resolved.needs_secret());
            assert_eq!(resolved.uses_a_browser(), resolved.client.server.authorization_endpoint.is_some());
            assert!(Endpoint::parse(&resolved.api_base).is_ok());
        }
    }

    #[test]
    fn developer_credentials_are_asked_for_as_hotmart_documents_it() {
        let mut account = account(Environment::Sandbox);
        account.grant_type = GrantType::ClientCredentials;
        let resolved = of(&account).unwrap();
        assert_eq!(resolved.client.authentication, ClientAuthentication::Query);
        assert_eq!(resolved.client.server.body_encoding, BodyEncoding::Json);
        assert_eq!(resolved.client.scope, "");
        assert_eq!(resolved.api_base, "https://sandbox.hotmart.com");
        let right = (Environment::Hotmart, "https://developers.hotmart.com".to_owned());
        assert_eq!(resolved.mistaken_for, Some(right));
        account.environment = Environment::HotmartAuthentication;
        assert_eq!(of(&account).unwrap_err(), ConfigurationError::GrantNotOffered);
    }

    #[test]
    fn a_credential_in_the_wrong_environment_keeps_its_session_and_another_kind_does_not() {
        let fingerprint = |environment, grant_type| {
            let account = AccountSettings { grant_type, ..account(environment) };
            of(&account).unwrap().fingerprint()
        };
        use Environment::{Hotmart, Sandbox};
        use GrantType::{AuthorizationCode, ClientCredentials};
        assert_eq!(fingerprint(Hotmart, ClientCredentials), fingerprint(Sandbox, ClientCredentials));
        assert_ne!(fingerprint(Hotmart, ClientCredentials), fingerprint(Hotmart, AuthorizationCode));
    }

    #[test]
    fn hotmart_authentication_sends_the_id_token_unless_the_account_says_otherwise() {
        let mut account = account(Environment::HotmartAuthentication);
        assert_eq!(of(&account).unwrap().client.server.bearer, BearerToken::IdToken);
        account.bearer = Some(BearerToken::AccessToken);
        assert_eq!(of(&account).unwrap().client.server.bearer, BearerToken::AccessToken);
    }

    #[test]
    fn practice_works_without_any_credentials_and_whatever_its_port() {
        let mut nothing = account(Environment::Practice);
        nothing.client_id = String::new();
        let first = nothing.resolve(&around("http://127.0.0.1:4000/")).unwrap();
        let second = nothing.resolve(&around("http://127.0.0.1:5000/")).unwrap();
        assert!(first.is_complete());
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_eq!(first.client.server.issuer.as_deref(), Some("http://127.0.0.1:4000/oidc"));
        assert_eq!(first.api_base, "http://127.0.0.1:4000");
    }

    #[test]
    fn an_account_may_choose_its_own_way_to_authenticate() {
        let mut public = account(Environment::HotmartAuthentication);
        public.client_authentication = Some("smoke signals".into());
        assert_eq!(of(&public).unwrap_err(), ConfigurationError::UnknownAuthentication);
        public.client_authentication = Some("none".into());
        assert!(of(&public).unwrap().is_complete());
        assert!(!of(&account(Environment::HotmartAuthentication)).unwrap().is_complete());
    }

    #[test]
    fn what_comes_from_hotmart_goes_nowhere_else() {
        let mut custom = account(Environment::Custom);
        let endpoints = |token: &str, api: &str| Endpoints {
            authorize: Some("https://sso-developers.hotmart.com/oidc/authorize".into()),
            token: token.into(),
            api: Some(api.into()),
            ..Endpoints::default()
        };
        let (token, api) =
            ("https://sso-developers.hotmart.com/oidc/accessToken", "https://developers.hotmart.com");
        custom.endpoints = Some(endpoints(token, api));
        assert!(of(&custom).is_ok());
        for (token, api) in [
            ("https://evil.example/token", api),
            (token, "https://evil.example"),
            (token, "https://hotmart.com.evil.example"),
        ] {
            custom.endpoints = Some(endpoints(token, api));
            assert_eq!(of(&custom).unwrap_err(), ConfigurationError::MixedServers, "{token} {api}");
        }
    }

    #[test]
    fn a_session_is_not_taken_along_to_another_api() {
        let fingerprint = |api: &str, revoke: Option<&str>| {
            let mut custom = account(Environment::Custom);
            custom.endpoints = Some(Endpoints {
                authorize: Some("https://sso.example/a".into()),
                token: "https://sso.example/t".into(),
                api: Some(api.into()),
                revoke: revoke.map(Into::into),
                ..Endpoints::default()
            });
            of(&custom).unwrap().fingerprint()
        };
        let home = fingerprint("https://sso.example/api", Some("https://sso.example/r"));
        assert_eq!(home, fingerprint("https://sso.example", None));
        assert_ne!(home, fingerprint("https://evil.example", None));
        assert_ne!(home, fingerprint("https://sso.example", Some("https://evil.example/r")));
    }

    #[test]
    fn a_custom_server_must_be_https() {
        let mut custom = account(Environment::Custom);
        assert!(of(&custom).is_err());
        let endpoints = |authorize: Option<&str>, api: &str| Endpoints {
            authorize: authorize.map(Into::into),
            token: "https://sso.example/t".into(),
            api: Some(api.into()),
            ..Endpoints::default()
        };
        for (authorize, api, why) in [
            (Some("http://sso.example/a"), "https://api.example", ConfigurationError::NotHttps),
            (Some("https://sso.example/a"), "http://api.example", ConfigurationError::NotHttps),
            (None, "https://api.example", ConfigurationError::NotAUrl),
        ] {
            custom.endpoints = Some(endpoints(authorize, api));
            assert_eq!(of(&custom).unwrap_err(), why);
        }
        custom.grant_type = GrantType::ClientCredentials;
        assert!(of(&custom).unwrap().client.server.authorization_endpoint.is_none());
    }
}

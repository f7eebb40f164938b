//! An account that is ready to connect: its settings, and the row of the table
//! they belong to, made into one thing.

use std::sync::Arc;

use oauth::{
    AuthorizationServer, Client, ClientAuthentication, ConfigurationError, Endpoint, GrantType, RedirectUri,
    Secret,
};

use crate::environments::{self, EnvironmentSpec, PRACTICE_CLIENT_ID, PRACTICE_CLIENT_SECRET};
use crate::server_urls::ServerUrls;
use crate::{AccountSettings, DEFAULT_REDIRECT_URI, Deployment, Environment, LOOPBACK_REDIRECT_URI};

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
        // A code or a token that Hotmart gives must not be taken to another server (RFC 9700 §4.4).
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
                    unknown_issuer_is_foreign: account.environment == Environment::Custom,
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

    /// Whether the seller answers in a browser when this account connects.
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

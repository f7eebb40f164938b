//! What must be known of an authorization server, and of the addresses in an account.

use serde::{Deserialize, Serialize};
use url::Url;

/// Why a configured value cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
    /// Not a URL at all.
    #[error("not a URL")]
    NotAUrl,
    /// Plain `http` to a host that is not this machine.
    #[error("HTTPS is required")]
    NotHttps,
    /// A user name, password or fragment inside an endpoint's URL.
    #[error("credentials or a fragment inside the URL")]
    Unclean,
    /// A redirect URI with a query or fragment, which could not be compared exactly.
    #[error("a redirect URI has neither query nor fragment")]
    RedirectWithQuery,
    /// A redirect URI that should be on this machine and is not.
    #[error("not a loopback address")]
    NotLoopback,
    /// An address on this machine, which a server elsewhere named.
    #[error("a server elsewhere names an address on this machine")]
    OnThisMachine,
    /// Some of a server's addresses are Hotmart's and others are not.
    #[error("some of the addresses are Hotmart's and others are not")]
    MixedServers,
    /// A way to authenticate that does not exist.
    #[error("client_authentication is none, basic, body or query")]
    UnknownAuthentication,
    /// The environment's server offers no login in a browser, or none with credentials alone.
    #[error("this environment does not offer this kind of credentials")]
    GrantNotOffered,
}

/// An endpoint's URL: HTTPS, or HTTP on a loopback host (RFC 8252 §8.3).
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Checks and takes a URL.
    pub fn parse(url: &str) -> Result<Self, ConfigurationError> {
        let url = Url::parse(url.trim()).map_err(|_| ConfigurationError::NotAUrl)?;
        if url.host().is_none() {
            return Err(ConfigurationError::NotAUrl);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(ConfigurationError::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(ConfigurationError::Unclean);
        }
        Ok(Self(url))
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether it is on this very machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl std::fmt::Debug for Endpoint {
    /// Scheme, host and path; a query could carry something private.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut url = self.0.clone();
        url.set_query(None);
        formatter.write_str(url.as_str())
    }
}

/// A registered redirect URI, kept and compared byte for byte (RFC 6749 §3.1.2.3, RFC 9700 §2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Checks and takes a URI. It is not normalised: servers compare strings.
    pub fn parse(uri: &str) -> Result<Self, ConfigurationError> {
        let uri = uri.trim();
        Url::parse(uri).map_err(|_| ConfigurationError::NotAUrl)?;
        if uri.contains(['?', '#']) {
            return Err(ConfigurationError::RedirectWithQuery);
        }
        Ok(Self(uri.to_owned()))
    }

    /// The URI as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is an HTTP address on this very machine (RFC 8252 §7.3).
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
    }

    /// Whether an operating system can hand it to a program: a scheme of the
    /// program's own (RFC 8252 §7.1).
    pub fn is_private_use(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| !matches!(url.scheme(), "http" | "https"))
    }
}

/// Which token an API wants to see in `Authorization: Bearer` (RFC 6750 §2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum BearerToken {
    /// The access token, as RFC 6750 has it.
    #[default]
    AccessToken,
    /// The id token, as Hotmart's own sample sends.
    IdToken,
}

/// How a request's parameters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum BodyEncoding {
    /// `application/x-www-form-urlencoded`, the standard (RFC 6749 §4.1.3).
    Form,
    /// `application/json`, for servers that take only that.
    Json,
}

/// What must be known of an authorization server before it is asked anything.
#[derive(Clone, Debug)]
pub struct AuthorizationServer {
    /// Where the browser is sent, if this server has such a place (RFC 6749 §3.1).
    pub authorization_endpoint: Option<Endpoint>,
    /// Where codes and refresh tokens become tokens (RFC 6749 §3.2).
    pub token_endpoint: Endpoint,
    /// Where tokens are revoked (RFC 7009), if the server can.
    pub revocation_endpoint: Option<Endpoint>,
    /// The issuer that an answer's `iss` must equal if it is there (RFC 9207).
    pub issuer: Option<String>,
    /// Whether this server always sends `iss`, so that an answer without it is not its own.
    pub issuer_required: bool,
    /// Whether an answer that names an issuer, although none is known of this
    /// server, is another server's (RFC 9207 §2.4).
    pub unknown_issuer_is_foreign: bool,
    /// Where the keys are that id tokens are signed with, if the server names a place.
    pub key_set_endpoint: Option<Endpoint>,
    /// Which token the server's API wants.
    pub bearer: BearerToken,
    /// How token requests are written.
    pub body_encoding: BodyEncoding,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_https_or_on_this_machine() {
        for good in
            ["https://sso.example/oidc", "http://127.0.0.1:80/x", "http://[::1]:9/x", "http://localhost/x"]
        {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://sso.example/oidc", ConfigurationError::NotHttps),
            ("http://localhost.example/", ConfigurationError::NotHttps),
            ("http://127.0.0.1.example/", ConfigurationError::NotHttps),
            ("ftp://127.0.0.1/", ConfigurationError::NotHttps),
            ("https://user:pass@sso.example/", ConfigurationError::Unclean),
            ("https://sso.example/#part", ConfigurationError::Unclean),
            ("sso.example", ConfigurationError::NotAUrl),
            ("", ConfigurationError::NotAUrl),
        ] {
            assert_eq!(Endpoint::parse(bad).unwrap_err(), why, "{bad}");
        }
    }

    #[test]
    fn a_redirect_uri_keeps_every_byte() {
        let uri = "app.hotmart-connect:/oauth/callback";
        assert_eq!(RedirectUri::parse(uri).unwrap().as_str(), uri);
        assert_eq!(RedirectUri::parse("a.b:/c?d=e").unwrap_err(), ConfigurationError::RedirectWithQuery);
    }
}

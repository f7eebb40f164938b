//! What a server says of itself at its well-known address (OpenID Connect
//! Discovery §3 and §4, RFC 8414 §2 and §3).

use serde::Deserialize;

use crate::{ClientAuthentication, ConfigurationError, Endpoint, Response};

/// Who is connected, and a refresh token.
const USEFUL_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// The endpoints of a server, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The issuer, as it must stand in answers and id tokens.
    pub issuer: String,
    /// The authorization endpoint, if there is one.
    pub authorization_endpoint: Option<Endpoint>,
    /// The token endpoint.
    pub token_endpoint: Endpoint,
    /// The revocation endpoint (RFC 7009), if there is one.
    pub revocation_endpoint: Option<Endpoint>,
    /// Where its keys are, if it has some.
    pub key_set_endpoint: Option<Endpoint>,
    /// Whether it always names itself in its answers (RFC 9207 §3).
    pub issuer_in_answer: bool,
    /// How an application with a secret proves who it is here.
    pub client_authentication: ClientAuthentication,
    /// What to ask for to know who is connected and to stay connected, as far
    /// as the server knows these words (OpenID Connect Core §5.4 and §11).
    pub scope: String,
}

/// Why nothing was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// There is no such document.
    #[error("the server has no document about itself")]
    NotFound,
    /// It describes another server (OpenID Connect Discovery §4.3, RFC 8414 §3.3).
    #[error("the document is about another server")]
    ForeignIssuer,
    /// An address in it cannot be used.
    #[error("an address in the document cannot be used: {0}")]
    Unusable(ConfigurationError),
    /// It does not take S256 (RFC 7636 §4.2), and nothing else is ever sent.
    #[error("the server does not take S256")]
    NoS256,
}

/// The issuer that the user typed, and the addresses to ask, best first. The
/// address of the document itself is taken as well.
///
/// # Errors
/// It is no address that could be asked.
pub fn discovery_addresses(typed: &str) -> Result<(String, Vec<Endpoint>), ConfigurationError> {
    let typed = typed.trim();
    let issuer = match (typed.strip_suffix(OPENID), typed.split_once(OAUTH)) {
        (Some(issuer), _) => issuer.to_owned(),
        (None, Some((host, path))) => format!("{host}{path}"),
        (None, None) => typed.to_owned(),
    };
    let url = Endpoint::parse(&issuer)?.url().clone();
    let path = url.path().trim_end_matches('/').to_owned();
    let at = |path: &str| {
        let mut url = url.clone();
        url.set_query(None);
        url.set_path(path);
        Endpoint::parse(url.as_str())
    };
    Ok((issuer, vec![at(&format!("{path}{OPENID}"))?, at(&format!("{OAUTH}{path}"))?]))
}

/// Reads the document about `issuer`.
///
/// # Errors
/// Why it is not believed, or that there is none.
pub fn parse_discovery(response: &Response, issuer: &str) -> Result<Discovered, DiscoveryError> {
    #[derive(Deserialize)]
    struct Wire {
        issuer: String,
        authorization_endpoint: Option<String>,
        token_endpoint: String,
        revocation_endpoint: Option<String>,
        jwks_uri: Option<String>,
        #[serde(default)]
        authorization_response_iss_parameter_supported: bool,
        code_challenge_methods_supported: Option<Vec<String>>,
        token_endpoint_auth_methods_supported: Option<Vec<String>>,
        #[serde(default)]
        scopes_supported: Vec<String>,
    }
    if response.status != 200 {
        return Err(DiscoveryError::NotFound);
    }
    let wire: Wire = serde_json::from_str(response.body.expose()).map_err(|_| DiscoveryError::NotFound)?;
    // A slash at the end is easily typed too many; what the server says is what counts.
    if wire.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
        return Err(DiscoveryError::ForeignIssuer);
    }
    if wire.code_challenge_methods_supported.is_some_and(|methods| methods.iter().all(|way| way != "S256")) {
        return Err(DiscoveryError::NoS256);
    }
    let is_here = Endpoint::parse(issuer).is_ok_and(|issuer| issuer.is_loopback());
    let endpoint = |url: &str| match Endpoint::parse(url) {
        // Codes and tokens would be taken to whatever program listens there.
        Ok(endpoint) if endpoint.is_loopback() && !is_here => {
            Err(DiscoveryError::Unusable(ConfigurationError::OnThisMachine))
        }
        parsed => parsed.map_err(DiscoveryError::Unusable),
    };
    let optional = |url: Option<String>| url.map(|url| endpoint(&url)).transpose();
    // Where nothing is said it is Basic (RFC 8414 §2).
    let only_body = wire.token_endpoint_auth_methods_supported.is_some_and(|ways| {
        !ways.iter().any(|way| way == "client_secret_basic")
            && ways.iter().any(|way| way == "client_secret_post")
    });
    Ok(Discovered {
        issuer: wire.issuer,
        authorization_endpoint: optional(wire.authorization_endpoint)?,
        token_endpoint: endpoint(&wire.token_endpoint)?,
        revocation_endpoint: optional(wire.revocation_endpoint)?,
        key_set_endpoint: optional(wire.jwks_uri)?,
        issuer_in_answer: wire.authorization_response_iss_parameter_supported,
        scope: USEFUL_SCOPES
            .into_iter()
            .filter(|useful| wire.scopes_supported.iter().any(|known| known == useful))
            .collect::<Vec<_>>()
            .join(" "),
        client_authentication: if only_body {
            ClientAuthentication::Body
        } else {
            ClientAuthentication::Basic
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Secret;

    fn document() -> Value {
        json!({
            "issuer": "https://sso.example/tenant",
            "authorization_endpoint": "https://sso.example/tenant/auth",
            "token_endpoint": "https://sso.example/tenant/token",
            "jwks_uri": "https://sso.example/tenant/jwks",
            "code_challenge_methods_supported": ["plain", "S256"],
            "authorization_response_iss_parameter_supported": true,
            "scopes_supported": ["offline_access", "openid", "admin"],
        })
    }

    fn read(document: &Value) -> Result<Discovered, DiscoveryError> {
        let response = Response { status: 200, body: Secret::new(document.to_string()), retry_after: None };
        parse_discovery(&response, "https://sso.example/tenant")
    }

    #[test]
    fn the_document_is_looked_for_at_both_places_whatever_was_typed() {
        for typed in [
            "https://sso.example/tenant",
            "  https://sso.example/tenant/.well-known/openid-configuration\n",
            "https://sso.example/.well-known/oauth-authorization-server/tenant",
        ] {
            let (issuer, addresses) = discovery_addresses(typed).unwrap();
            assert_eq!(issuer, "https://sso.example/tenant");
            let addresses: Vec<_> = addresses.iter().map(|address| address.url().as_str()).collect();
            assert_eq!(
                addresses,
                [
                    "https://sso.example/tenant/.well-known/openid-configuration",
                    "https://sso.example/.well-known/oauth-authorization-server/tenant",
                ]
            );
        }
        assert!(discovery_addresses("http://sso.example").is_err());
        assert!(discovery_addresses("sso.example").is_err());
    }

    #[test]
    fn a_good_document_gives_all_there_is_to_know() {
        let found = read(&document()).unwrap();
        assert_eq!(found.token_endpoint.url().path(), "/tenant/token");
        assert!(found.issuer_in_answer && found.key_set_endpoint.is_some());
        assert_eq!((found.revocation_endpoint, found.scope.as_str()), (None, "openid offline_access"));
        assert_eq!(found.client_authentication, ClientAuthentication::Basic);
        let mut post = document();
        post["token_endpoint_auth_methods_supported"] = json!(["client_secret_post", "none"]);
        assert_eq!(read(&post).unwrap().client_authentication, ClientAuthentication::Body);
    }

    #[test]
    fn a_server_elsewhere_names_no_address_on_this_machine() {
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "revocation_endpoint"] {
            let mut document = document();
            document[name] = json!("http://127.0.0.1:4711/token");
            let refused = DiscoveryError::Unusable(ConfigurationError::OnThisMachine);
            assert_eq!(read(&document).unwrap_err(), refused, "{name}");
        }
    }

    #[test]
    fn a_document_about_another_server_or_with_bad_addresses_is_not_believed() {
        for (name, value, why) in [
            ("issuer", json!("https://evil.example"), DiscoveryError::ForeignIssuer),
            (
                "token_endpoint",
                json!("http://sso.example/t"),
                DiscoveryError::Unusable(ConfigurationError::NotHttps),
            ),
            ("jwks_uri", json!("file:///etc/passwd"), DiscoveryError::Unusable(ConfigurationError::NotAUrl)),
            ("code_challenge_methods_supported", json!(["plain"]), DiscoveryError::NoS256),
            ("token_endpoint", Value::Null, DiscoveryError::NotFound),
        ] {
            let mut wrong = document();
            wrong[name] = value;
            assert_eq!(read(&wrong).unwrap_err(), why, "{name}");
        }
    }
}

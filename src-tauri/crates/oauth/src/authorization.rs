//! The authorization request (RFC 6749 §4.1.1) and what is kept while it is open.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use url::Url;

use crate::{Client, CodeVerifier, RedirectUri, Secret, Timestamp};

/// How long the browser may take to answer: 10 minutes.
pub const AUTHORIZATION_REQUEST_LIFETIME: Duration = Duration::from_secs(600);

/// The random bytes of one authorization request. Never used twice.
pub struct AuthorizationEntropy {
    /// Becomes the 256-bit `state`.
    pub state: [u8; 32],
    /// Becomes the code verifier.
    pub verifier: [u8; 32],
    /// Becomes the 256-bit `nonce`.
    pub nonce: [u8; 32],
}

impl std::fmt::Debug for AuthorizationEntropy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AuthorizationEntropy(..)")
    }
}

/// An authorization request that waits for its answer.
///
/// It answers to its own `state`, on its own redirect URI, from its own
/// issuer, until it expires. It is consumed by the exchange.
#[derive(Debug)]
pub struct AuthorizationRequest {
    pub(crate) state: Secret,
    pub(crate) verifier: CodeVerifier,
    pub(crate) redirect_uri: RedirectUri,
    pub(crate) issuer: Option<String>,
    pub(crate) issuer_required: bool,
    pub(crate) unknown_issuer_is_foreign: bool,
    pub(crate) expires_at: Timestamp,
    /// What the id token must repeat (OpenID Connect Core §3.1.2.1).
    pub(crate) nonce: Option<Secret>,
    another_account: bool,
}

impl AuthorizationRequest {
    /// A new request of `client`, open for [`AUTHORIZATION_REQUEST_LIFETIME`].
    pub fn new(client: &Client, entropy: AuthorizationEntropy, now: Timestamp) -> Self {
        Self {
            state: Secret::new(BASE64_URL_SAFE_NO_PAD.encode(entropy.state)),
            verifier: CodeVerifier::from_random(entropy.verifier),
            redirect_uri: client.redirect_uri.clone(),
            issuer: client.server.issuer.clone(),
            issuer_required: client.server.issuer_required,
            unknown_issuer_is_foreign: client.server.unknown_issuer_is_foreign,
            expires_at: now.after(AUTHORIZATION_REQUEST_LIFETIME),
            nonce: client.asks_who_it_is().then(|| Secret::new(BASE64_URL_SAFE_NO_PAD.encode(entropy.nonce))),
            another_account: false,
        }
    }

    /// The same request, asking the server to let another seller log in:
    /// `prompt=login` (OpenID Connect Core §3.1.2.1).
    #[must_use]
    pub fn as_another_account(self) -> Self {
        Self { another_account: true, ..self }
    }

    /// Whether the server is asked to let another seller log in.
    pub fn asks_for_another_account(&self) -> bool {
        self.another_account
    }

    /// The same request, answered at another redirect URI. Only before it is sent.
    #[must_use]
    pub fn redirected_to(self, redirect_uri: RedirectUri) -> Self {
        Self { redirect_uri, ..self }
    }

    /// Where the answer is to arrive.
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// Takes answers for [`AUTHORIZATION_REQUEST_LIFETIME`] from now on.
    pub fn extend(&mut self, now: Timestamp) {
        self.expires_at = now.after(AUTHORIZATION_REQUEST_LIFETIME);
    }

    /// When the request stops taking answers.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The address for the browser; `None` where the server has no place for
    /// it. It carries `state`, so it is never logged.
    pub fn authorization_url(&self, client: &Client) -> Option<Url> {
        let mut url = client.server.authorization_endpoint.as_ref()?.url().clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &client.id)
                .append_pair("redirect_uri", self.redirect_uri.as_str())
                .append_pair("state", self.state.expose())
                .append_pair("code_challenge", self.verifier.challenge().as_str())
                .append_pair("code_challenge_method", "S256");
            if !client.scope.is_empty() {
                query.append_pair("scope", &client.scope);
            }
            if let Some(nonce) = &self.nonce {
                query.append_pair("nonce", nonce.expose());
            }
            // A refresh token for later is asked for together with consent
            // (OpenID Connect Core §11).
            let offline = client.scope.split_whitespace().any(|scope| scope == "offline_access");
            let prompt = [(self.another_account, "login"), (offline, "consent")];
            let prompt: Vec<_> =
                prompt.into_iter().filter_map(|(asked, word)| asked.then_some(word)).collect();
            if !prompt.is_empty() {
                query.append_pair("prompt", &prompt.join(" "));
            }
        }
        Some(url)
    }

    /// The request as one JSON secret, to be kept in the keyring while the
    /// browser is open, so that the login outlives a restart of the program.
    pub fn to_stored(&self) -> Secret {
        Secret::new(
            serde_json::json!({
                "state": self.state.expose(),
                "verifier": self.verifier.expose(),
                "redirect_uri": self.redirect_uri.as_str(),
                "issuer": self.issuer,
                "issuer_required": self.issuer_required,
                "unknown_issuer_is_foreign": self.unknown_issuer_is_foreign,
                "expires_at": self.expires_at,
                "nonce": self.nonce.as_ref().map(Secret::expose),
                "another_account": self.another_account,
            })
            .to_string(),
        )
    }

    /// What [`AuthorizationRequest::to_stored`] kept; `None` if it is damaged.
    pub fn from_stored(stored: &Secret) -> Option<Self> {
        #[derive(Deserialize)]
        struct Stored {
            state: Secret,
            verifier: Secret,
            redirect_uri: String,
            issuer: Option<String>,
            issuer_required: bool,
            #[serde(default)]
            unknown_issuer_is_foreign: bool,
            expires_at: Timestamp,
            nonce: Option<Secret>,
            #[serde(default)]
            another_account: bool,
        }
        let stored: Stored = serde_json::from_str(stored.expose()).ok()?;
        // An empty state would be matched by a forged callback with an empty one.
        if stored.state.expose().len() < 43 {
            return None;
        }
        Some(Self {
            state: stored.state,
            verifier: CodeVerifier::from_stored(stored.verifier)?,
            redirect_uri: RedirectUri::parse(&stored.redirect_uri).ok()?,
            issuer: stored.issuer,
            issuer_required: stored.issuer_required,
            unknown_issuer_is_foreign: stored.unknown_issuer_is_foreign,
            expires_at: stored.expires_at,
            nonce: stored.nonce,
            another_account: stored.another_account,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{AuthorizationServer, BearerToken, BodyEncoding, ClientAuthentication, Endpoint, GrantType};

    pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    pub(crate) fn client() -> Client {
        Client {
            server: AuthorizationServer {
                authorization_endpoint: Some(Endpoint::parse("https://sso.example/authorize").unwrap()),
                token_endpoint: Endpoint::parse("https://sso.example/token").unwrap(),
                revocation_endpoint: Some(Endpoint::parse("https://sso.example/revoke").unwrap()),
                issuer: Some("https://sso.example".into()),
                issuer_required: false,
                unknown_issuer_is_foreign: false,
                key_set_endpoint: None,
                bearer: BearerToken::AccessToken,
                body_encoding: BodyEncoding::Form,
            },
            grant_type: GrantType::AuthorizationCode,
            id: "client id".into(),
            secret: None,
            authentication: ClientAuthentication::None,
            redirect_uri: RedirectUri::parse("app.hotmart-connect:/oauth/callback").unwrap(),
            scope: "sales club".into(),
        }
    }

    pub(crate) fn pending(client: &Client) -> AuthorizationRequest {
        AuthorizationRequest::new(
            client,
            AuthorizationEntropy { state: [1; 32], verifier: [2; 32], nonce: [3; 32] },
            NOW,
        )
    }

    #[test]
    fn the_request_asks_for_a_code_with_s256_and_never_with_plain() {
        let client = client();
        let url = pending(&client).authorization_url(&client).unwrap();
        let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], "client id");
        assert_eq!(query["redirect_uri"], "app.hotmart-connect:/oauth/callback");
        assert_eq!(query["scope"], "sales club");
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["code_challenge"], pending(&client).verifier.challenge().as_str());
        assert_eq!(query["state"].len(), 43, "256 bits in base64url");
        assert!(!url.as_str().contains(pending(&client).verifier.expose()));
    }

    #[test]
    fn somebody_else_can_be_asked_to_log_in() {
        let client = client();
        let url = pending(&client).as_another_account().authorization_url(&client).unwrap();
        assert!(url.as_str().contains("&prompt=login"));
        assert!(!pending(&client).authorization_url(&client).unwrap().as_str().contains("prompt"));
    }

    #[test]
    fn who_asks_for_an_id_token_sends_a_nonce_and_who_asks_for_offline_access_asks_for_consent() {
        let mut client = client();
        assert!(!pending(&client).authorization_url(&client).unwrap().as_str().contains("nonce"));
        client.scope = "openid offline_access".into();
        let url = pending(&client).as_another_account().authorization_url(&client).unwrap();
        let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query["nonce"].len(), 43, "256 bits in base64url");
        assert_ne!(query["nonce"], query["state"]);
        assert_eq!(query["prompt"], "login consent");
    }

    #[test]
    fn where_no_browser_is_sent_there_is_no_address() {
        let mut client = client();
        client.server.authorization_endpoint = None;
        assert!(pending(&client).authorization_url(&client).is_none());
    }

    #[test]
    fn an_endpoint_keeps_its_own_query() {
        let mut client = client();
        client.server.authorization_endpoint =
            Some(Endpoint::parse("https://sso.example/a?tenant=1").unwrap());
        let url = pending(&client).authorization_url(&client).unwrap();
        assert!(url.as_str().starts_with("https://sso.example/a?tenant=1&response_type=code&"));
    }

    #[test]
    fn a_kept_request_is_the_same_request() {
        let client = client();
        let first = pending(&client);
        let second = AuthorizationRequest::from_stored(&first.to_stored()).unwrap();
        assert_eq!(first.authorization_url(&client), second.authorization_url(&client));
        assert_eq!(first.verifier.expose(), second.verifier.expose());
        assert_eq!(first.expires_at(), second.expires_at());
    }

    #[test]
    fn a_damaged_kept_request_is_none() {
        let good = pending(&client()).to_stored();
        for bad in [
            "".to_owned(),
            "{}".to_owned(),
            good.expose().replace("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE", ""),
        ] {
            assert!(AuthorizationRequest::from_stored(&Secret::new(bad)).is_none());
        }
    }
}

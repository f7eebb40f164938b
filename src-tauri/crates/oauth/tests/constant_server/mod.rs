//! An open request at a server that never changes, for generated answers: the
//! fuzzer, which has a workspace of its own, takes it from here too.

use oauth::{
    AuthorizationEntropy, AuthorizationRequest, AuthorizationServer, BearerToken, BodyEncoding, Client,
    ClientAuthentication, Endpoint, GrantType, RedirectUri, Timestamp,
};

/// When it is.
pub const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
/// Where its answer arrives.
pub const AT: &str = "app.hotmart-connect:/oauth/callback";

/// The application that is registered there.
pub fn client() -> Client {
    let endpoint = |url| Endpoint::parse(url).expect("a constant URL");
    let server = AuthorizationServer {
        authorization_endpoint: Some(endpoint("https://sso.example/authorize")),
        token_endpoint: endpoint("https://sso.example/token"),
        revocation_endpoint: None,
        issuer: Some("https://sso.example".into()),
        issuer_required: false,
        unknown_issuer_is_foreign: false,
        key_set_endpoint: None,
        bearer: BearerToken::AccessToken,
        body_encoding: BodyEncoding::Form,
    };
    Client {
        server,
        grant_type: GrantType::AuthorizationCode,
        id: "client".into(),
        secret: None,
        authentication: ClientAuthentication::None,
        redirect_uri: RedirectUri::parse(AT).expect("a constant URI"),
        scope: String::new(),
    }
}

/// A request whose state is made of these bytes.
pub fn pending(state: [u8; 32]) -> AuthorizationRequest {
    AuthorizationRequest::new(
        &client(),
        AuthorizationEntropy { state, verifier: [2; 32], nonce: [3; 32] },
        NOW,
    )
}

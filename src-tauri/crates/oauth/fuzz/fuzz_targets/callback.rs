//! Any bytes as the browser's answer: never a panic, never an accepted forgery.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth::{
    AuthorizationEntropy, BearerToken, BodyEncoding, Callback, ClientAuthentication, Endpoint, GrantType, Pending,
    RedirectUri, Server, Timestamp,
};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fuzz_target!(|bytes: &[u8]| {
    let endpoint = |url| Endpoint::parse(url).expect("a constant URL");
    let server = Server {
        grant_type: GrantType::AuthorizationCode,
        authorization_endpoint: Some(endpoint("https://sso.example/authorize")),
        token_endpoint: endpoint("https://sso.example/token"),
        revocation_endpoint: None,
        issuer: Some("https://sso.example".into()),
        issuer_required: false,
        key_set_endpoint: None,
        bearer: BearerToken::AccessToken,
        client_authentication: ClientAuthentication::None,
        body_encoding: BodyEncoding::Form,
        client_id: "client".into(),
        client_secret: None,
        redirect_uri: RedirectUri::parse("app.hotmart-connect:/oauth/callback").expect("a constant URI"),
        scope: String::new(),
    };
    // The fuzzer cannot know this state, so whatever it makes is a forgery.
    let entropy = AuthorizationEntropy { state: [0xA7; 32], verifier: [2; 32], nonce: [3; 32] };
    let pending = Pending::new(&server, entropy, NOW);
    let address = String::from_utf8_lossy(bytes).into_owned();
    let stands_there = address.contains("p6enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6c");
    let answer = pending.validate(&Callback::new(address), NOW);
    assert!(answer.is_err() || stands_there, "a forgery was accepted");
});

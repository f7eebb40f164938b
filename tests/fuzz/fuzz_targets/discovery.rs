//! Any bytes as what a server says of itself: never a panic, never an address
//! that is not secure, or that is on this machine.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth::{Response, Secret, discovery_addresses, parse_discovery};

const ISSUER: &str = "https://sso.example";

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let _ = discovery_addresses(&text);
    let response = Response { status: 200, body: Secret::new(text), retry_after: None };
    if let Ok(found) = parse_discovery(&response, ISSUER) {
        let endpoints = [found.authorization_endpoint, Some(found.token_endpoint), found.revocation_endpoint, found.key_set_endpoint];
        assert!(endpoints.into_iter().flatten().all(|endpoint| endpoint.url().scheme() == "https" && !endpoint.is_loopback()));
        assert_eq!(found.issuer.trim_end_matches('/'), ISSUER);
    }
});

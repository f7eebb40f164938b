//! Any JSON as an account in the settings file: never a panic, never an address
//! that is not secure, and never Hotmart's beside another server's.
#![no_main]

use connection::{AccountSettings, Deployment};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(account) = serde_json::from_slice::<AccountSettings>(bytes) else { return };
    let Ok(resolved) = account.resolve(&Deployment::default()) else { return };
    let server = &resolved.client.server;
    let endpoints = [server.authorization_endpoint.as_ref(), Some(&server.token_endpoint), server.revocation_endpoint.as_ref()];
    let is_secure = |url: &str| url.starts_with("https://") || url.starts_with("http://127.") || url.starts_with("http://localhost") || url.starts_with("http://[::1]");
    assert!(endpoints.into_iter().flatten().all(|endpoint| is_secure(endpoint.url().as_str())));
    assert!(!resolved.fingerprint().is_empty());
});

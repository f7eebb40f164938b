//! Any bytes as an id token, and as the keys it is signed with: never a panic,
//! and never a token that is believed although the server's key did not sign it.
#![no_main]

#[path = "../../../src-tauri/crates/oauth/tests/constant_server/mod.rs"]
mod constant_server;

use libfuzzer_sys::fuzz_target;
use oauth::{Expected, Identity, KeySet, Secret, check_id_token};

/// The public key of RFC 7515 appendix A.2; nobody who fuzzes has the other half.
const KEYS: &str = r#"{"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}]}"#;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (token, keys) = text.split_once('\n').unwrap_or((&text, ""));
    let token = Secret::new(token.to_owned());
    let client = constant_server::client();
    let check = |keys: &KeySet| {
        let expected = Expected { client: &client, nonce: None, keys: Some(keys), subject: None };
        check_id_token(&token, &expected, constant_server::NOW)
    };
    if let Some(keys) = KeySet::parse(keys) {
        let _ = check(&keys);
    }
    assert!(KeySet::parse(KEYS).is_some_and(|keys| check(&keys).is_err()), "a forgery was believed");
    if let Some(person) = Identity::of_id_token(&token) {
        assert!(!person.to_string().chars().any(char::is_control));
    }
});

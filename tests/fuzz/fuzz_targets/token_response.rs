//! Any bytes as a token endpoint's answer: never a panic, never a token that
//! could be another header, never a secret in the server's words.
#![no_main]

#[path = "../../../src-tauri/crates/oauth/tests/constant_server/mod.rs"]
mod constant_server;

use libfuzzer_sys::fuzz_target;
use oauth::{Response, Secret, parse_token_response};

const SENT: &str = "rt-4711";

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let status = [200, 201, 204, 302, 400, 401, 403, 429, 500, 503][usize::from(*first) % 10];
    let body = Secret::new(String::from_utf8_lossy(body).into_owned());
    let response = Response { status, body, retry_after: None };
    let sent = [Secret::new(SENT.to_owned())];
    match parse_token_response(&response, &constant_server::client(), &sent, constant_server::NOW) {
        Ok(tokens) => {
            let all = [Some(&tokens.access_token), tokens.refresh_token.as_ref(), tokens.id_token.as_ref()];
            let visible = |token: &Secret| token.expose().bytes().all(|byte| (b' '..=b'~').contains(&byte));
            assert!(all.into_iter().flatten().all(visible) && !tokens.access_token.expose().is_empty());
            assert!((200..300).contains(&status));
        }
        Err(error) => {
            if let Some(words) = error.into_server_error() {
                let description = words.description().unwrap_or_default();
                assert!(!words.code().contains(SENT) && !description.contains(SENT));
                assert!(!description.chars().any(char::is_control));
            }
        }
    }
});

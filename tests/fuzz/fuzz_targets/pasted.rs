//! Any text where a client id and a secret are typed or pasted: never a panic,
//! and never a secret in what is written to the settings.
#![no_main]

use connection::{AccountId, AccountSettings, Credentials, Environment, pasted_secret, read_pasted};
use libfuzzer_sys::fuzz_target;
use oauth::{GrantType, Secret};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(read) = read_pasted(&text) {
        let (id, secret) = (&read.client_id, read.client_secret.expose());
        assert!(!id.is_empty() && !secret.is_empty() && id != secret);
        assert!(id.bytes().chain(secret.bytes()).all(|byte| byte.is_ascii_graphic()));
    }
    let (client_id, secret) = text.split_once('\n').unwrap_or((&text, ""));
    let _ = pasted_secret(client_id, &Secret::new(secret.to_owned()));
    let filled_in = Credentials {
        name: Some(text.clone().into_owned()),
        environment: Environment::Hotmart,
        grant_type: GrantType::ClientCredentials,
        client_id: client_id.to_owned(),
        client_secret: Some(Secret::new(secret.to_owned())),
        endpoints: None,
        client_authentication: None,
        scope: None,
    };
    let id = AccountId::parse("main").expect("a constant id");
    if let Ok((account, kept)) = AccountSettings::filled_in(id, None, filled_in) {
        assert!(!account.client_id.is_empty() && account.client_id.bytes().all(|byte| byte.is_ascii_graphic()));
        let kept = kept.map(|kept| kept.expose().to_owned()).unwrap_or_default();
        let stands_in_the_id = account.client_id.contains(&kept);
        // The words of the program's own are no secrets, whatever was typed.
        let of_ours = |key: &str| ["id", "environment", "grant_type"].contains(&key);
        let written = serde_json::to_value(AccountSettings { name: None, ..account.clone() }).expect("it is JSON");
        let mut written = written.as_object().into_iter().flatten().filter(|(key, _)| !of_ours(key));
        let shows_it = |value: &serde_json::Value| value.as_str().is_none_or(|text| text.contains(&kept));
        assert!(kept.len() < 16 || stands_in_the_id || !written.any(|(_, value)| shows_it(value)));
        assert!(!account.label().chars().any(char::is_control));
    }
});

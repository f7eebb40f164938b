//! Making tokens in the shapes that each dialect has.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::form_urlencoded::byte_serialize;

use crate::dialect::{Dialect, EntryPoint};
use crate::ledger::Grant;
use crate::options::Client;
use crate::sellers::SELLERS;
use crate::state::Server;

/// A token response's body, and every token in it.
pub struct Issued {
    pub body: Value,
    pub tokens: Vec<String>,
}

/// Issues a new set of tokens for a grant and writes their hashes down.
pub fn issue(
    server: &Server,
    entry_point: EntryPoint,
    client: &Client,
    grant: &Grant,
    nonce: Option<&str>,
) -> Issued {
    let now = server.now();
    let lifetime = server.options.access_token_lifetime.as_secs();
    let access_token = match entry_point.dialect {
        Dialect::Classic => classic_token(server),
        Dialect::Oidc => format!("AT-1-{}", server.random_text(32)),
    };
    let refresh_token = format!("RT-1-{}", server.random_text(32));
    let mut body = json!({
        "access_token": access_token,
        "token_type": "bearer",
        "refresh_token": refresh_token,
        "scope": grant.scope,
    });
    let mut tokens = vec![access_token, refresh_token.clone()];
    match entry_point.dialect {
        // Both spellings are seen in the wild; a client must take both.
        Dialect::Classic => body["expires_in"] = json!(lifetime.to_string()),
        Dialect::Oidc => {
            let claims = json!({
                "iss": entry_point.issuer(server.url().as_str()), "aud": client.id,
                "iat": now, "exp": now + lifetime, "nonce": nonce,
            });
            let id_token = id_token(server, client, grant, claims);
            body["expires_in"] = json!(lifetime);
            body["id_token"] = json!(id_token);
            tokens.push(id_token);
        }
    }
    server.with_ledger(|ledger| {
        let access = Grant { expires_at: now + lifetime, ..grant.clone() };
        for token in tokens.iter().filter(|token| **token != refresh_token) {
            ledger.add_access(token, access.clone(), now);
        }
        let refresh_end = now + server.options.refresh_token_lifetime.as_secs();
        ledger.add_refresh(&refresh_token, Grant { expires_at: refresh_end, ..grant.clone() }, now);
    });
    Issued { body, tokens }
}

/// A token for id and secret alone. There is no refresh token with it.
pub fn issue_for_credentials(server: &Server, client: &Client) -> Issued {
    let now = server.now();
    let lifetime = server.options.access_token_lifetime.as_secs();
    let access_token = classic_token(server);
    let body = json!({
        "access_token": access_token, "token_type": "bearer", "expires_in": lifetime,
        "scope": "read write", "jti": server.random_text(16),
    });
    server.with_ledger(|ledger| {
        let grant = Grant {
            family: ledger.new_family(),
            seller: 0,
            client_id: client.id.clone(),
            scope: "read write".to_owned(),
            expires_at: now + lifetime,
        };
        ledger.add_access(&access_token, grant, now);
    });
    Issued { body, tokens: vec![access_token] }
}

/// Looks like a gzipped JWT in base64 that was then URL-encoded.
fn classic_token(server: &Server) -> String {
    let mut bytes = vec![0; server.options.token_bytes];
    (server.options.random)(&mut bytes);
    let encoded = BASE64_STANDARD.encode(bytes);
    format!("H4sIAAAAAAAA{}", byte_serialize(encoded.as_bytes()).collect::<String>())
}

/// Signed with the client's secret (OpenID Connect Core §2 and §10.1).
fn id_token(server: &Server, client: &Client, grant: &Grant, mut claims: Value) -> String {
    let seller = SELLERS.get(grant.seller).unwrap_or(&SELLERS[0]);
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    claims["sub"] = json!(seller.subject);
    claims["name"] = json!(seller.name);
    claims["email"] = json!(seller.email);
    claims["jti"] = json!(server.random_text(12));
    let signed = format!("{}.{}", part(json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
    let signature = Hmac::<Sha256>::new_from_slice(client.secret.as_bytes())
        .map(|mut mac| {
            mac.update(signed.as_bytes());
            BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        })
        .unwrap_or_default();
    format!("{signed}.{signature}")
}

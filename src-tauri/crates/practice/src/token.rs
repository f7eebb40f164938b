//! The token and revocation endpoints (RFC 6749 §4.1.3 and §6, RFC 7636 §4.6, RFC 7009).

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::answers::{error_answer, json_answer};
use crate::dialect::{Dialect, EntryPoint};
use crate::issue::{issue, issue_for_credentials};
use crate::options::{Authentication, Client, Observation};
use crate::parameters::Parameters;
use crate::state::Server;

/// Why a token request is refused: an error code of RFC 6749 §5.2, and words for it.
type Refusal = (&'static str, &'static str);

/// What a token request consists of.
pub struct Asked<'a> {
    pub headers: &'a HeaderMap,
    pub query: &'a str,
    pub body: &'a str,
}

pub fn token(server: &Server, entry_point: EntryPoint, asked: &Asked<'_>) -> Response {
    if let Some(planned) = server.planned_answer() {
        return planned;
    }
    match grant(server, entry_point, asked) {
        Ok(body) => json_answer(StatusCode::OK, body),
        Err((error, description)) => {
            server.observe(Observation::Refused { error: error.to_owned() });
            refuse(error, description)
        }
    }
}

pub fn revoke(server: &Server, headers: &HeaderMap, body: &str) -> Response {
    let entry_point = EntryPoint { dialect: Dialect::Oidc, as_hotmart: false };
    let parameters = Parameters::of_request(entry_point, headers, "", body).unwrap_or_default();
    match authenticate(server, headers, &parameters, false) {
        Ok(client) => {
            let token = parameters.get("token").unwrap_or_default();
            server.with_ledger(|ledger| ledger.revoke(token, &client.id));
            server.observe(Observation::Revoked);
            json_answer(StatusCode::OK, json!({}))
        }
        Err((error, description)) => refuse(error, description),
    }
}

fn grant(server: &Server, entry_point: EntryPoint, asked: &Asked<'_>) -> Result<serde_json::Value, Refusal> {
    let parameters = Parameters::of_request(entry_point, asked.headers, asked.query, asked.body)
        .map_err(|_| ("invalid_request", "unreadable body, or a parameter twice"))?;
    let client = authenticate(server, asked.headers, &parameters, !asked.query.is_empty())?;
    match (parameters.get("grant_type"), client.developer) {
        (Some("authorization_code"), false) => exchange(server, entry_point, client, &parameters),
        (Some("refresh_token"), false) => refresh(server, entry_point, client, &parameters),
        (Some("client_credentials"), true) => {
            let issued = issue_for_credentials(server, client);
            server.observe(Observation::Given { tokens: issued.tokens });
            Ok(issued.body)
        }
        (Some("authorization_code" | "refresh_token" | "client_credentials"), _) => {
            Err(("unauthorized_client", "this application may not use this grant"))
        }
        _ => Err(("unsupported_grant_type", "authorization_code or refresh_token")),
    }
}

fn exchange(
    server: &Server,
    entry_point: EntryPoint,
    client: &Client,
    parameters: &Parameters,
) -> Result<serde_json::Value, Refusal> {
    let code = parameters.get("code").unwrap_or_default();
    let now = server.now();
    let taken = server.with_ledger(|ledger| ledger.take_code(code, now));
    let taken = taken.map_err(|_| ("invalid_grant", "the code is unknown, used or expired"))?;
    let verifier = parameters.get("code_verifier").unwrap_or_default();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    if taken.grant.client_id != client.id
        || Some(taken.redirect_uri.as_str()) != parameters.get("redirect_uri")
        || challenge != taken.challenge
    {
        return Err(("invalid_grant", "client, redirect URI or verifier do not match"));
    }
    let issued = issue(server, entry_point, client, &taken.grant, taken.nonce.as_deref());
    server.observe(Observation::Exchanged { verifier: verifier.to_owned(), tokens: issued.tokens });
    Ok(issued.body)
}

fn refresh(
    server: &Server,
    entry_point: EntryPoint,
    client: &Client,
    parameters: &Parameters,
) -> Result<serde_json::Value, Refusal> {
    let token = parameters.get("refresh_token").unwrap_or_default();
    let now = server.now();
    let grant = server
        .with_ledger(|ledger| ledger.take_refresh(token, &client.id, now))
        .map_err(|_| ("invalid_grant", "the refresh token is unknown, used or expired"))?;
    let issued = issue(server, entry_point, client, &grant, None);
    server.observe(Observation::Refreshed { tokens: issued.tokens });
    Ok(issued.body)
}

/// The client, if it proved itself in its own way and in no other.
fn authenticate<'a>(
    server: &'a Server,
    headers: &HeaderMap,
    parameters: &Parameters,
    in_address: bool,
) -> Result<&'a Client, Refusal> {
    const REFUSED: Refusal = ("invalid_client", "client authentication failed");
    let in_body = (parameters.get("client_id"), parameters.get("client_secret"));
    let (way, id, secret) = match (basic(headers), in_body) {
        (Some((id, secret)), (None, None)) => (Authentication::Basic, id, secret),
        (Some((id, secret)), (Some(again), Some(secret_again)))
            if in_address && id == again && secret == secret_again =>
        {
            (Authentication::Query, id, secret)
        }
        _ if in_address => return Err(REFUSED),
        (None, (Some(id), Some(secret))) => (Authentication::Body, id.to_owned(), secret.to_owned()),
        (None, (Some(id), None)) => (Authentication::None, id.to_owned(), String::new()),
        _ => return Err(REFUSED),
    };
    let client = server.client(&id).ok_or(REFUSED)?;
    if client.authentication == way && client.secret == secret { Ok(client) } else { Err(REFUSED) }
}

/// Id and secret of a Basic header, form-decoded (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decoded = |text: &str| {
        form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
    };
    Some((decoded(id), decoded(secret)))
}

fn refuse(error: &str, description: &str) -> Response {
    if error != "invalid_client" {
        return error_answer(StatusCode::BAD_REQUEST, error, description);
    }
    let mut response = error_answer(StatusCode::UNAUTHORIZED, error, description);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"practice\""));
    response
}

//! The shapes of answers.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

/// Nothing here may be kept (RFC 6749 §5.1).
const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// JSON that no browser or proxy may keep.
pub fn json_answer(status: StatusCode, body: serde_json::Value) -> Response {
    (status, NO_STORE, Json(body)).into_response()
}

/// An error in the envelope that Hotmart and RFC 6749 §5.2 share.
pub fn error_answer(status: StatusCode, error: &str, description: &str) -> Response {
    json_answer(status, json!({ "error": error, "error_description": description }))
}

/// A page that loads nothing, is framed by no other page and runs one script: the one with this nonce.
pub fn page(status: StatusCode, nonce: &str, html: String) -> Response {
    // No form-action: browsers apply it to the redirect as well, which goes to another scheme.
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (CONTENT_SECURITY_POLICY, policy.as_str()),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    (status, NO_STORE, headers, Html(html)).into_response()
}

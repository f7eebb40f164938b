//! A few read-only calls with invented data, in the shapes of Hotmart's API.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::answers::{error_answer, json_answer};
use crate::dialect::Api;
use crate::ledger::{Grant, Invalid};
use crate::options::Observation;
use crate::state::Server;

/// How many invented sales there are.
const SALES: usize = 5;
/// 2026-11-02T12:00:00Z, in milliseconds.
const ORDER_DATE: u64 = 1_793_620_800_000;

pub fn call(server: &Server, api: Api, uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path();
    let Some(body) = body_of(path, uri.query().unwrap_or_default()) else {
        // The real host answers unknown paths with 200 and a page.
        return Html("<!doctype html><title>Hotmart Developers</title>").into_response();
    };
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(token) = authorization.strip_prefix("Bearer ").filter(|token| !token.is_empty()) else {
        let words = "Full authentication is required to access this resource.";
        return error_answer(StatusCode::UNAUTHORIZED, "unauthorized", words);
    };
    let now = server.now();
    let checked = server.look_at_ledger(|ledger| ledger.check_access(token, now).cloned());
    let refused = server.with_misbehaviour(|wrong| wrong.refusing)
        || checked.as_ref().is_ok_and(|grant| !is_for(server, api, token, grant));
    match checked.and_then(|grant| if refused { Err(Invalid::Unknown) } else { Ok(grant) }) {
        Ok(grant) if !may_read(path, &grant.scope) => {
            let words = "This application has no access to this resource.";
            error_answer(StatusCode::FORBIDDEN, "unauthorized_client", words)
        }
        Ok(_) => {
            server.observe(Observation::ApiCalled { path: path.to_owned() });
            within_the_limit(server, body)
        }
        // The real host, like every server of its family, repeats the token in its words.
        Err(Invalid::Expired) => {
            let words = format!("Access token expired: {token}");
            error_answer(StatusCode::UNAUTHORIZED, "token_expired", &words)
        }
        Err(Invalid::Unknown) => {
            let words = format!("Invalid access token: {token}");
            error_answer(StatusCode::UNAUTHORIZED, "invalid_token", &words)
        }
    }
}

/// Whether this API takes a token that is good somewhere.
fn is_for(server: &Server, api: Api, token: &str, grant: &Grant) -> bool {
    let sandbox = server.client(&grant.client_id).is_some_and(|client| client.sandbox);
    match api {
        Api::Own => true,
        // Hotmart's own sample sends the id token there.
        Api::Production => !sandbox && !token.starts_with("AT-"),
        Api::Sandbox => sandbox,
    }
}

/// Whether a permission is enough. Sales are for those who asked for them.
fn may_read(path: &str, scope: &str) -> bool {
    let has = |names: &[&str]| scope.split_whitespace().any(|scope| names.contains(&scope));
    match path {
        path if path.starts_with("/payments/api/v1/subscriptions") => has(&["subscriptions", "all", "read"]),
        path if path.starts_with("/payments/") => has(&["sales", "all", "read"]),
        _ => true,
    }
}

/// The answer, or a refusal if there were too many calls; with the headers that say how many are left.
fn within_the_limit(server: &Server, body: Value) -> Response {
    let now = server.now();
    let counted = server.with_misbehaviour(|wrong| wrong.limit.as_mut().map(|limit| limit.count(now)));
    let (left, reset) = counted.unwrap_or((Some(499), 60));
    let mut response = match left {
        Some(_) => json_answer(StatusCode::OK, body),
        None => error_answer(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests."),
    };
    let left = left.unwrap_or_default().to_string();
    for (name, value) in
        [("ratelimit-limit", "500"), ("ratelimit-remaining", &left), ("ratelimit-reset", &reset.to_string())]
    {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A page of the invented sales: `max_results` of them, from the one that `page_token` names.
fn sales(query: &str) -> Value {
    let parameter = |wanted: &str| {
        let found = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
        found.and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let (from, count) = (parameter("page_token").unwrap_or(0), parameter("max_results").unwrap_or(SALES));
    let page: Vec<_> = (0..SALES).skip(from).take(count.max(1)).map(sale).collect();
    let next = from + page.len();
    let mut info = json!({ "total_results": SALES, "results_per_page": count });
    if next < SALES {
        info["next_page_token"] = next.to_string().into();
    }
    json!({ "items": page, "page_info": info })
}

fn sale(number: usize) -> Value {
    json!({
        "product": { "id": 4_242, "name": "Curso de Confeitaria" },
        "buyer": { "name": "Beatriz Lima", "email": "bia@exemplo.com" },
        "producer": { "name": "Ana Souza" },
        "purchase": {
            "transaction": format!("HP{:010}", number + 1), "order_date": ORDER_DATE, "status": "APPROVED",
            "price": { "value": 197.0, "currency_code": "BRL" },
        },
    })
}

fn body_of(path: &str, query: &str) -> Option<Value> {
    let envelope =
        |item: Value| json!({ "items": [item], "page_info": { "total_results": 1, "results_per_page": 1 } });
    let product = json!({ "id": 4_242, "name": "Curso de Confeitaria" });
    Some(match path {
        "/payments/api/v1/sales/summary" => envelope(json!({
            "total_items": 17, "total_value": { "value": 3_349.0, "currency_code": "BRL" },
        })),
        "/payments/api/v1/sales/history" => sales(query),
        "/payments/api/v1/subscriptions" => envelope(json!({
            "subscriber_code": "PRACTICE", "product": product, "status": "ACTIVE",
            "price": { "value": 49.9, "currency_code": "BRL" },
        })),
        "/products/api/v1/products" => envelope(json!({
            "id": 4_242, "name": "Curso de Confeitaria", "status": "ACTIVE", "format": "ONLINE_COURSE",
        })),
        "/user/api/v1/me" => json!({
            "id": 1_001, "name": "Ana Souza", "email": "ana@exemplo.com", "login": "ana@exemplo.com",
            "ucode": "00000000-0000-4000-8000-000000000001", "locale": "pt_BR",
            "time_zone": "America/Sao_Paulo", "currency_code_commission": "BRL",
        }),
        "/oidc/profile" => json!({
            "sub": "practice-ana", "id": "practice-ana",
            "attributes": { "name": "Ana Souza", "email": "ana@exemplo.com" },
        }),
        _ => return None,
    })
}

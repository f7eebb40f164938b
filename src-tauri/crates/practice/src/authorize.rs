//! The authorization endpoint (RFC 6749 §4.1.1, RFC 7636 §4.3) and the consent that follows.

use axum::http::header::{ACCEPT_LANGUAGE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::answers::page;
use crate::consent::Consent;
use crate::consent_page::{self, Language};
use crate::dialect::EntryPoint;
use crate::ledger::Grant;
use crate::options::Observation;
use crate::parameters::Parameters;
use crate::state::Server;

pub fn authorize(server: &Server, entry_point: EntryPoint, headers: &HeaderMap, query: &str) -> Response {
    let language = language(headers);
    let refuse = |reason| {
        let nonce = server.random_text(16);
        page(StatusCode::BAD_REQUEST, &nonce, consent_page::error(language, reason, &nonce))
    };
    // Until client and redirect URI are known to be right, the browser is sent nowhere (RFC 6749 §4.1.2.1).
    let Ok(parameters) = Parameters::of_form(query) else {
        return refuse("repeated_parameter");
    };
    let get = |name| parameters.get(name).unwrap_or_default();
    let Some(client) = server.client(get("client_id")).filter(|client| !client.developer) else {
        return refuse("unknown_client");
    };
    if !client.redirect_uris.iter().any(|uri| uri == get("redirect_uri")) {
        return refuse("redirect_uri_not_registered");
    }

    let consent = Consent {
        entry_point,
        client_id: client.id.clone(),
        redirect_uri: get("redirect_uri").to_owned(),
        state: get("state").to_owned(),
        scope: get("scope").to_owned(),
        challenge: get("code_challenge").to_owned(),
        nonce: parameters.get("nonce").map(str::to_owned),
        login: get("prompt").split_whitespace().any(|word| word == "login"),
    };
    if let Err((error, description)) = check(&consent, &parameters) {
        return redirect(server, &consent, &[("error", error), ("error_description", description)]);
    }
    server.observe(Observation::Asked { state: consent.state.clone() });
    let nonce = server.random_text(16);
    let id = server.random_text(24);
    let shown = consent_page::consent(&consent_page::Question {
        language,
        application: &client.name,
        scopes: &consent.scope,
        action: entry_point.dialect.decision_path(),
        consent_id: &id,
        nonce: &nonce,
        login: consent.login,
    });
    server.wait_for_consent(id, consent);
    page(StatusCode::OK, &nonce, shown)
}

fn check(consent: &Consent, parameters: &Parameters) -> Result<(), (&'static str, &'static str)> {
    if parameters.get("response_type") != Some("code") {
        return Err(("unsupported_response_type", "only code"));
    }
    if consent.state.len() < 43 {
        return Err(("invalid_request", "state of 256 bits required"));
    }
    if parameters.get("code_challenge_method") != Some("S256") || consent.challenge.len() != 43 {
        return Err(("invalid_request", "S256 code challenge required"));
    }
    let asked: Vec<_> = consent.scope.split_whitespace().collect();
    let known = consent.entry_point.dialect.scopes();
    let missing = consent.entry_point.dialect.required_scopes().iter().any(|scope| !asked.contains(scope));
    if missing || asked.iter().any(|scope| !known.contains(scope)) {
        return Err(("invalid_scope", "unknown scope, or a required one is missing"));
    }
    Ok(())
}

/// The form's answer. A consent is answered once.
pub fn decide(server: &Server, headers: &HeaderMap, body: &str) -> Response {
    let parameters = Parameters::of_form(body).unwrap_or_default();
    let consent = parameters.get("consent").and_then(|id| server.take_consent(id));
    let Some(consent) = consent else {
        let nonce = server.random_text(16);
        let html = consent_page::error(language(headers), "already_answered", &nonce);
        return page(StatusCode::BAD_REQUEST, &nonce, html);
    };
    if parameters.get("decision") != Some("allow") {
        server.observe(Observation::Denied);
        return redirect(server, &consent, &[("error", "access_denied")]);
    }
    let seller = parameters.get("seller").filter(|_| consent.login).and_then(|index| index.parse().ok());
    let code = format!("{}{}", consent.entry_point.dialect.code_prefix(), server.random_text(32));
    let now = server.now();
    server.with_ledger(|ledger| {
        let grant = Grant {
            family: ledger.new_family(),
            seller: seller.unwrap_or_default(),
            client_id: consent.client_id.clone(),
            scope: consent.scope.clone(),
            expires_at: now + server.options.code_lifetime.as_secs(),
        };
        let (redirect_uri, challenge) = (consent.redirect_uri.clone(), consent.challenge.clone());
        ledger.add_code(&code, grant, redirect_uri, challenge, consent.nonce.clone());
    });
    server.observe(Observation::CodeIssued { code: code.clone() });
    redirect(server, &consent, &[("code", &code)])
}

fn redirect(server: &Server, consent: &Consent, answer: &[(&str, &str)]) -> Response {
    let Ok(mut url) = Url::parse(&consent.redirect_uri) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    url.query_pairs_mut().extend_pairs(answer).append_pair("state", &consent.state);
    if consent.entry_point.names_itself() {
        url.query_pairs_mut().append_pair("iss", &consent.entry_point.issuer(server.url().as_str()));
    }
    // 303: the browser must not send the form on (RFC 9700 §4.12).
    (StatusCode::SEE_OTHER, [(LOCATION, url.as_str())]).into_response()
}

fn language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|text| text.to_str().ok()).unwrap_or_default();
    Language::of(accepted)
}

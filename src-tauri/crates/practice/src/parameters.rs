//! Request parameters, each name once (RFC 6749 §3.1 and §3.2).

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use url::form_urlencoded;

use crate::dialect::{Dialect, EntryPoint};

/// A parameter came twice, or the body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadParameters;

#[derive(Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub fn of_form(text: &str) -> Result<Self, BadParameters> {
        Self::once(form_urlencoded::parse(text.as_bytes()).into_owned())
    }

    /// A token request's parameters. Only the classic dialect takes JSON, and
    /// only at its entry point everything may stand in the address.
    pub fn of_request(
        entry_point: EntryPoint,
        headers: &HeaderMap,
        query: &str,
        body: &str,
    ) -> Result<Self, BadParameters> {
        match (query.is_empty(), body.is_empty(), entry_point.dialect) {
            (true, _, _) => Self::of_body(entry_point, headers, body),
            (false, true, Dialect::Classic) => Self::of_form(query),
            _ => Err(BadParameters),
        }
    }

    fn of_body(entry_point: EntryPoint, headers: &HeaderMap, body: &str) -> Result<Self, BadParameters> {
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let only_json = entry_point == EntryPoint { dialect: Dialect::Classic, as_hotmart: true };
        if kind.starts_with("application/x-www-form-urlencoded") && !only_json {
            return Self::of_form(body);
        }
        if entry_point.dialect == Dialect::Classic && kind.starts_with("application/json") {
            let object: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(body).map_err(|_| BadParameters)?;
            let text = |value: &serde_json::Value| value.as_str().map(str::to_owned).ok_or(BadParameters);
            let pairs: Result<Vec<_>, _> =
                object.iter().map(|(name, value)| Ok((name.clone(), text(value)?))).collect();
            return Self::once(pairs?);
        }
        Err(BadParameters)
    }

    fn once(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, BadParameters> {
        let mut parameters = Self::default();
        for (name, value) in pairs {
            if parameters.get(&name).is_some() {
                return Err(BadParameters);
            }
            parameters.0.push((name, value));
        }
        Ok(parameters)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

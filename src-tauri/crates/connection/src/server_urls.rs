//! Where a server's parts are: by the table, or by an account's own endpoints.

use crate::environments::{self, EnvironmentSpec};
use crate::{Deployment, Endpoints, Environment};

/// Where a server's parts are, before that is checked.
pub(crate) struct ServerUrls {
    pub authorize: Option<String>,
    pub token: String,
    pub revoke: Option<String>,
    pub issuer: Option<String>,
    pub issuer_in_answer: bool,
    pub keys: Option<String>,
    pub api: Option<String>,
    pub mistaken_for: Option<(Environment, String)>,
}

impl ServerUrls {
    pub fn of_environment(spec: &EnvironmentSpec, deployment: &Deployment) -> Self {
        let place = |address: &str| deployment.place(address);
        let api_of = |environment: Environment| {
            environments::spec(environment, spec.grant_type).map(|other| (environment, place(other.api)))
        };
        // A name, and no address to be asked: it stays as the server says it,
        // unless that server's whole address is known only now.
        let issuer = |issuer: &str| if issuer.starts_with('/') { place(issuer) } else { issuer.to_owned() };
        Self {
            authorize: spec.authorize.map(place),
            token: place(spec.token),
            revoke: spec.revoke.map(place),
            issuer: spec.issuer.map(issuer),
            issuer_in_answer: spec.issuer_in_answer,
            keys: None,
            api: Some(place(spec.api)),
            mistaken_for: spec.mistaken_for.and_then(api_of),
        }
    }

    pub fn of_endpoints(endpoints: &Endpoints) -> Self {
        let Endpoints { authorize, token, revoke, issuer, issuer_in_answer, keys, api } = endpoints.clone();
        Self { authorize, token, revoke, issuer, issuer_in_answer, keys, api, mistaken_for: None }
    }
}

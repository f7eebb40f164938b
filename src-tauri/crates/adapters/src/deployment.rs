//! What is the same for every account on this machine.

use std::sync::Arc;

use connection::{BuiltInApplication, Deployment, Environment};
use oauth::{Endpoint, Secret};
use url::Url;

/// A server on this machine that plays all of Hotmart's. For tests, in builds
/// for development; an address that is not on this machine is ignored.
const STAND_IN_VARIABLE: &str = "HOTMART_CONNECT_STAND_IN";

/// Put into the program when it is built, if the maker of the build registered an application.
const CLIENT_ID: Option<&str> = option_env!("HOTMART_CONNECT_CLIENT_ID");
const CLIENT_SECRET: Option<&str> = option_env!("HOTMART_CONNECT_CLIENT_SECRET");
/// `hotmart` or, if nothing is said, `hotmart-authentication`.
const ENVIRONMENT: Option<&str> = option_env!("HOTMART_CONNECT_ENVIRONMENT");

/// The application that this build brings along, if it does.
pub fn built_in_application() -> Option<BuiltInApplication> {
    let given = |text: Option<&'static str>| text.map(str::trim).filter(|text| !text.is_empty());
    let environment = match given(ENVIRONMENT) {
        Some("hotmart") => Environment::Hotmart,
        _ => Environment::HotmartAuthentication,
    };
    Some(BuiltInApplication {
        environment,
        client_id: given(CLIENT_ID)?.to_owned(),
        client_secret: given(CLIENT_SECRET).map(|secret| Arc::new(Secret::new(secret.to_owned()))),
    })
}

/// What is around an account; `practice` is Practice Hotmart's address, if it runs.
pub fn deployment(practice: Option<Url>) -> Deployment {
    // A released program talks to Hotmart itself.
    let stand_in = std::env::var(STAND_IN_VARIABLE).ok().filter(|_| cfg!(debug_assertions));
    let stand_in = stand_in.and_then(|address| Endpoint::parse(&address).ok()).filter(Endpoint::is_loopback);
    Deployment { practice, stand_in, built_in: built_in_application() }
}

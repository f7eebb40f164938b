//! What is the same for every account on this machine.

use std::sync::Arc;

use oauth::{Endpoint, GrantType, Secret};
use url::Url;

use crate::{AccountSettings, Environment};

/// An application that the maker of this build registered.
#[derive(Debug)]
pub struct BuiltInApplication {
    /// Where it is registered.
    pub environment: Environment,
    /// Its public id.
    pub client_id: String,
    /// Its secret, which any user can read out of the program.
    pub client_secret: Option<Arc<Secret>>,
}

/// What is the same for every account on this machine.
#[derive(Debug, Default)]
pub struct Deployment {
    /// Practice Hotmart's address, if it runs.
    pub practice: Option<Url>,
    /// A server on this machine that plays all of Hotmart's, each below a
    /// folder with its name.
    pub stand_in: Option<Endpoint>,
    /// The application that this build brings along.
    pub built_in: Option<BuiltInApplication>,
}

impl Deployment {
    /// Where an address of the table is found here.
    pub(crate) fn place(&self, address: &str) -> String {
        match (&self.practice, &self.stand_in) {
            (Some(practice), _) if address.is_empty() || address.starts_with('/') => {
                format!("{}{address}", practice.as_str().trim_end_matches('/'))
            }
            (_, Some(stand_in)) if stand_in.is_loopback() => match address.strip_prefix("https://") {
                Some(rest) => format!("{}/{rest}", stand_in.url().as_str().trim_end_matches('/')),
                None => address.to_owned(),
            },
            _ => address.to_owned(),
        }
    }

    /// The application that goes with an account which names none.
    pub(crate) fn application(&self, account: &AccountSettings) -> Option<&BuiltInApplication> {
        let fits = |built_in: &&BuiltInApplication| {
            built_in.environment == account.environment && account.grant_type == GrantType::AuthorizationCode
        };
        self.built_in.as_ref().filter(|_| account.client_id.is_empty()).filter(fits)
    }
}

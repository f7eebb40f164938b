//! What is the same for every account on this machine.

use std::sync::Arc;

use oauth::{Endpoint, GrantType, Secret};
use url::Url;

use crate::{AccountSettings, Environment};

/// An application that was registered by whoever made this build.
#[derive(Debug)]
pub struct BuiltInApplication {
    /// Where it is registered.
    pub environment: Environment,
    /// Its public id.
    pub client_id: String,
    /// Its secret, which anybody can read out of the program.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountId;

    fn account(environment: Environment) -> AccountSettings {
        let id = AccountId::parse("main").unwrap();
        AccountSettings { client_id: "id".into(), ..AccountSettings::new(id, environment) }
    }

    #[test]
    fn a_stand_in_plays_hotmart_on_this_machine_and_nowhere_else() {
        let around = |address: &str| {
            let stand_in = Some(Endpoint::parse(address).unwrap());
            Deployment { stand_in, ..Deployment::default() }
        };
        let account = account(Environment::HotmartAuthentication);
        let resolved = account.resolve(&around("http://127.0.0.1:4000")).unwrap();
        assert_eq!(
            resolved.client.server.token_endpoint.url().as_str(),
            "http://127.0.0.1:4000/sso-developers.hotmart.com/oidc/accessToken"
        );
        assert_eq!(resolved.api_base, "http://127.0.0.1:4000/developers.hotmart.com");
        assert_eq!(resolved.client.server.issuer.as_deref(), Some("https://sso.hotmart.com/oidc"));
        let elsewhere = account.resolve(&around("https://evil.example/")).unwrap();
        assert_eq!(
            elsewhere.client.server.token_endpoint.url().host_str(),
            Some("sso-developers.hotmart.com")
        );
    }

    #[test]
    fn the_built_in_application_goes_with_an_account_that_names_none() {
        let built_in = |client_secret: Option<&str>| Deployment {
            built_in: Some(BuiltInApplication {
                environment: Environment::HotmartAuthentication,
                client_id: "theirs".into(),
                client_secret: client_secret.map(|secret| Arc::new(Secret::new(secret.into()))),
            }),
            ..Deployment::default()
        };
        let mut account = account(Environment::HotmartAuthentication);
        assert_eq!(account.resolve(&built_in(Some("s"))).unwrap().client.id, "id");
        account.client_id = String::new();
        let with_secret = account.resolve(&built_in(Some("s"))).unwrap();
        assert_eq!(with_secret.client.id, "theirs");
        assert!(with_secret.is_complete());
        let public = account.resolve(&built_in(None)).unwrap();
        assert!(public.is_complete() && !public.needs_secret());
        account.environment = Environment::Hotmart;
        assert!(!account.resolve(&built_in(Some("s"))).unwrap().is_complete());
    }
}

//! What differs from one machine, or one build, to another.

use std::sync::Arc;

use connection::{AccountId, AccountSettings, BuiltInApplication, Deployment, Environment};
use oauth::{Endpoint, Secret};

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
    assert_eq!(elsewhere.client.server.token_endpoint.url().host_str(), Some("sso-developers.hotmart.com"));
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

//! The accounts of the simulated user.

use connection::{AccountId, AccountSettings, Deployment, Endpoints, Environment, ResolvedAccount};
use oauth::GrantType;

/// The accounts: their names are their client ids, by which the server knows
/// which of them it is graceful to.
pub fn accounts() -> Vec<(AccountId, ResolvedAccount)> {
    let account = |name: &str, grant_type| {
        let id = AccountId::parse(name).unwrap();
        let endpoints = Endpoints {
            authorize: Some("https://sso.example/authorize".into()),
            token: "https://sso.example/token".into(),
            revoke: Some("https://sso.example/revoke".into()),
            ..Endpoints::default()
        };
        let settings = AccountSettings {
            client_id: name.into(),
            client_authentication: Some("none".into()),
            endpoints: Some(endpoints),
            grant_type,
            ..AccountSettings::new(id.clone(), Environment::Custom)
        };
        (id, settings.resolve(&Deployment::default()).unwrap())
    };
    vec![
        account("strict", GrantType::AuthorizationCode),
        account("graceful", GrantType::AuthorizationCode),
        account("developer", GrantType::ClientCredentials),
    ]
}

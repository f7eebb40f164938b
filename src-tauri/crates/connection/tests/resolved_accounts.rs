//! An account's settings and the row of the table they belong to, made into one thing.

use connection::{AccountId, AccountSettings, Deployment, Endpoints, Environment, ResolvedAccount};
use oauth::{BearerToken, BodyEncoding, ClientAuthentication, ConfigurationError, Endpoint, GrantType};
use url::Url;

fn account(environment: Environment) -> AccountSettings {
    let mut account = AccountSettings::new(AccountId::parse("main").unwrap(), environment);
    account.client_id = "id".into();
    account
}

fn around(practice: &str) -> Deployment {
    Deployment { practice: Some(Url::parse(practice).unwrap()), ..Deployment::default() }
}

fn of(account: &AccountSettings) -> Result<ResolvedAccount, ConfigurationError> {
    account.resolve(&Deployment::default())
}

#[test]
fn every_row_of_the_table_is_usable() {
    use Environment::{Hotmart, HotmartAuthentication, Practice, Sandbox};
    let practice = around("http://127.0.0.1:4000/");
    for (environment, grant_type) in [
        (Hotmart, GrantType::AuthorizationCode),
        (Hotmart, GrantType::ClientCredentials),
        (Sandbox, GrantType::AuthorizationCode),
        (Sandbox, GrantType::ClientCredentials),
        (HotmartAuthentication, GrantType::AuthorizationCode),
        (Practice, GrantType::AuthorizationCode),
    ] {
        let account = AccountSettings { grant_type, ..account(environment) };
        let resolved = account.resolve(&practice).unwrap();
        assert!(resolved.needs_secret());
        assert_eq!(resolved.uses_a_browser(), resolved.client.server.authorization_endpoint.is_some());
        assert!(Endpoint::parse(&resolved.api_base).is_ok());
    }
}

#[test]
fn developer_credentials_are_asked_for_as_hotmart_documents_it() {
    let mut account = account(Environment::Sandbox);
    account.grant_type = GrantType::ClientCredentials;
    let resolved = of(&account).unwrap();
    assert_eq!(resolved.client.authentication, ClientAuthentication::Query);
    assert_eq!(resolved.client.server.body_encoding, BodyEncoding::Json);
    assert_eq!(resolved.client.scope, "");
    assert_eq!(resolved.api_base, "https://sandbox.hotmart.com");
    let right = (Environment::Hotmart, "https://developers.hotmart.com".to_owned());
    assert_eq!(resolved.mistaken_for, Some(right));
    account.environment = Environment::HotmartAuthentication;
    assert_eq!(of(&account).unwrap_err(), ConfigurationError::GrantNotOffered);
}

#[test]
fn a_credential_in_the_wrong_environment_keeps_its_session_and_another_kind_does_not() {
    let fingerprint = |environment, grant_type| {
        let account = AccountSettings { grant_type, ..account(environment) };
        of(&account).unwrap().fingerprint()
    };
    use Environment::{Hotmart, Sandbox};
    use GrantType::{AuthorizationCode, ClientCredentials};
    assert_eq!(fingerprint(Hotmart, ClientCredentials), fingerprint(Sandbox, ClientCredentials));
    assert_ne!(fingerprint(Hotmart, ClientCredentials), fingerprint(Hotmart, AuthorizationCode));
}

#[test]
fn hotmart_authentication_sends_the_id_token_unless_the_account_says_otherwise() {
    let mut account = account(Environment::HotmartAuthentication);
    assert_eq!(of(&account).unwrap().client.server.bearer, BearerToken::IdToken);
    account.bearer = Some(BearerToken::AccessToken);
    assert_eq!(of(&account).unwrap().client.server.bearer, BearerToken::AccessToken);
}

#[test]
fn practice_works_without_any_credentials_and_whatever_its_port() {
    let mut nothing = account(Environment::Practice);
    nothing.client_id = String::new();
    let first = nothing.resolve(&around("http://127.0.0.1:4000/")).unwrap();
    let second = nothing.resolve(&around("http://127.0.0.1:5000/")).unwrap();
    assert!(first.is_complete());
    assert_eq!(first.fingerprint(), second.fingerprint());
    assert_eq!(first.client.server.issuer.as_deref(), Some("http://127.0.0.1:4000/oidc"));
    assert_eq!(first.api_base, "http://127.0.0.1:4000");
}

#[test]
fn an_account_may_choose_its_own_way_to_authenticate() {
    let mut public = account(Environment::HotmartAuthentication);
    public.client_authentication = Some("smoke signals".into());
    assert_eq!(of(&public).unwrap_err(), ConfigurationError::UnknownAuthentication);
    public.client_authentication = Some("none".into());
    assert!(of(&public).unwrap().is_complete());
    assert!(!of(&account(Environment::HotmartAuthentication)).unwrap().is_complete());
}

#[test]
fn what_comes_from_hotmart_goes_nowhere_else() {
    let mut custom = account(Environment::Custom);
    let endpoints = |token: &str, api: &str| Endpoints {
        authorize: Some("https://sso-developers.hotmart.com/oidc/authorize".into()),
        token: token.into(),
        api: Some(api.into()),
        ..Endpoints::default()
    };
    let (token, api) =
        ("https://sso-developers.hotmart.com/oidc/accessToken", "https://developers.hotmart.com");
    custom.endpoints = Some(endpoints(token, api));
    assert!(of(&custom).is_ok());
    for (token, api) in [
        ("https://evil.example/token", api),
        (token, "https://evil.example"),
        (token, "https://hotmart.com.evil.example"),
        // A name with a dot at its end is the same name.
        ("https://evil.example/token", "https://developers.hotmart.com."),
    ] {
        custom.endpoints = Some(endpoints(token, api));
        assert_eq!(of(&custom).unwrap_err(), ConfigurationError::MixedServers, "{token} {api}");
    }
}

#[test]
fn a_session_is_not_taken_along_to_another_api() {
    let fingerprint = |api: &str, revoke: Option<&str>| {
        let mut custom = account(Environment::Custom);
        custom.endpoints = Some(Endpoints {
            authorize: Some("https://sso.example/a".into()),
            token: "https://sso.example/t".into(),
            api: Some(api.into()),
            revoke: revoke.map(Into::into),
            ..Endpoints::default()
        });
        of(&custom).unwrap().fingerprint()
    };
    let home = fingerprint("https://sso.example/api", Some("https://sso.example/r"));
    assert_eq!(home, fingerprint("https://sso.example", None));
    assert_ne!(home, fingerprint("https://evil.example", None));
    assert_ne!(home, fingerprint("https://sso.example", Some("https://evil.example/r")));
}

#[test]
fn a_custom_server_must_be_https() {
    let mut custom = account(Environment::Custom);
    assert!(of(&custom).is_err());
    let endpoints = |authorize: Option<&str>, api: &str| Endpoints {
        authorize: authorize.map(Into::into),
        token: "https://sso.example/t".into(),
        api: Some(api.into()),
        ..Endpoints::default()
    };
    for (authorize, api, why) in [
        (Some("http://sso.example/a"), "https://api.example", ConfigurationError::NotHttps),
        (Some("https://sso.example/a"), "http://api.example", ConfigurationError::NotHttps),
        (None, "https://api.example", ConfigurationError::NotAUrl),
    ] {
        custom.endpoints = Some(endpoints(authorize, api));
        assert_eq!(of(&custom).unwrap_err(), why);
    }
    custom.grant_type = GrantType::ClientCredentials;
    assert!(of(&custom).unwrap().client.server.authorization_endpoint.is_none());
}

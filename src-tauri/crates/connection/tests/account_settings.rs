//! What sellers fill in, as it was meant.

use connection::{AccountId, AccountSettings, Credentials, Environment, InvalidClientId};
use oauth::{GrantType, Secret};

fn filled_in(client_id: &str, secret: &str) -> Result<(String, Option<String>), InvalidClientId> {
    let credentials = Credentials {
        name: None,
        environment: Environment::Hotmart,
        grant_type: GrantType::ClientCredentials,
        client_id: client_id.into(),
        client_secret: Some(Secret::new(secret.into())),
        endpoints: None,
        client_authentication: None,
        scope: None,
    };
    let id = AccountId::parse("main").unwrap();
    let (account, secret) = AccountSettings::filled_in(id, None, credentials)?;
    Ok((account.client_id, secret.map(|secret| secret.expose().to_owned())))
}

#[test]
fn what_people_paste_is_taken_as_it_was_meant() {
    let right = Ok(("id-1".to_owned(), Some("s-2".to_owned())));
    for (client_id, secret) in [
        ("id-1", "s-2"),
        ("  id-1\r\n", "\ts-2 \n"),
        ("\"id-1\"", "\u{200B}s-2\u{FEFF}"),
        ("aWQtMTpzLTI=", ""),
        ("Basic aWQtMTpzLTI=", ""),
        ("", "Basic aWQtMTpzLTI="),
        ("id-1", "aWQtMTpzLTI="),
        ("aWQtMTpzLTI=", "aWQtMTpzLTI="),
        ("aWQtMTpzLTI", ""),
        ("Basic aWQtMTpvbGQ=", "s-2"),
    ] {
        assert_eq!(filled_in(client_id, secret), right, "{client_id:?} {secret:?}");
    }
}

#[test]
fn what_no_server_can_have_given_out_is_no_client_id() {
    for client_id in ["", " ", "id 1", "id\u{0}1", "id\u{200B}1", "îd-1", "id-1\u{FFFD}"] {
        assert_eq!(filled_in(client_id, "s-2"), Err(InvalidClientId), "{client_id:?}");
    }
}

#[test]
fn putting_a_credential_into_its_right_environment_keeps_what_belongs_to_it() {
    let id = AccountId::parse("main").unwrap();
    let mut before = AccountSettings::new(id.clone(), Environment::Hotmart);
    before.grant_type = GrantType::ClientCredentials;
    before.client_id = "id-1".into();
    before.scope = Some("sales".into());
    let credentials = |grant_type| Credentials {
        name: Some(" Loja ".into()),
        environment: Environment::Sandbox,
        grant_type,
        client_id: "id-1".into(),
        client_secret: None,
        endpoints: None,
        client_authentication: None,
        scope: None,
    };
    let again = |grant_type| {
        AccountSettings::filled_in(id.clone(), Some(before.clone()), credentials(grant_type)).unwrap().0
    };
    let moved = again(GrantType::ClientCredentials);
    assert_eq!((moved.scope.as_deref(), moved.name.as_deref()), (Some("sales"), Some("Loja")));
    assert_eq!(again(GrantType::AuthorizationCode).scope, None);
}

#[test]
fn an_account_id_is_safe_in_a_file_name_and_a_keyring() {
    assert!(AccountId::parse("my-shop-2").is_ok());
    let long = "x".repeat(65);
    for bad in ["", "../x", "A", "a b", "a/b", "ação", long.as_str()] {
        assert!(AccountId::parse(bad).is_err(), "{bad}");
    }
}

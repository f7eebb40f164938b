//! Each format of a token, byte for byte.

use connection::{TokenContext, TokenFormat, credential_variables, render};
use oauth::{Secret, Timestamp};

fn rendered(format: TokenFormat, token: &str) -> String {
    let token = Secret::new(token.to_owned());
    let context = TokenContext {
        token: &token,
        account: "main",
        api_base: "https://developers.hotmart.com",
        expires_at: Some(Timestamp::from_seconds(1_000)),
        now: Timestamp::from_seconds(400),
    };
    render(format, &context).expose().to_owned()
}

#[test]
fn each_form_carries_the_token_byte_for_byte() {
    let token = "H4sI%2Fa+b==";
    assert_eq!(rendered(TokenFormat::Token, token), "H4sI%2Fa+b==");
    assert_eq!(rendered(TokenFormat::HeaderValue, token), "Bearer H4sI%2Fa+b==");
    assert_eq!(rendered(TokenFormat::Header, token), "Authorization: Bearer H4sI%2Fa+b==");
    assert_eq!(
        rendered(TokenFormat::CurlConfiguration, token),
        "header = \"Authorization: Bearer H4sI%2Fa+b==\""
    );
    assert_eq!(
        rendered(TokenFormat::Env, token),
        "HOTMART_ACCESS_TOKEN=H4sI%2Fa+b==\nHOTMART_ACCESS_TOKEN_EXPIRES_AT=1000\n\
         HOTMART_API_BASE=https://developers.hotmart.com"
    );
    assert!(
        rendered(TokenFormat::PowerShell, token).starts_with("$env:HOTMART_ACCESS_TOKEN = 'H4sI%2Fa+b=='\n")
    );
    let json: serde_json::Value = serde_json::from_str(&rendered(TokenFormat::Json, token)).unwrap();
    assert_eq!(json["access_token"], token);
    assert_eq!(json["expires_in"], 600);
    assert_eq!(
        rendered(TokenFormat::Curl, token),
        if cfg!(windows) {
            "curl.exe -H \"Authorization: Bearer H4sI%2Fa+b==\" \
             \"https://developers.hotmart.com/payments/api/v1/sales/history\""
        } else {
            "curl -H 'Authorization: Bearer H4sI%2Fa+b==' \
             https://developers.hotmart.com/payments/api/v1/sales/history"
        }
    );
    let workflow: serde_json::Value = serde_json::from_str(&rendered(TokenFormat::N8n, token)).unwrap();
    let parameters = &workflow["nodes"][0]["parameters"];
    assert_eq!(parameters["headerParameters"]["parameters"][0]["value"], "Bearer H4sI%2Fa+b==");
    assert_eq!(parameters["url"], "https://developers.hotmart.com/payments/api/v1/sales/history");
}

#[test]
fn a_strange_token_breaks_out_of_no_form() {
    let token = "a'b\"c\\d $(e)";
    assert!(rendered(TokenFormat::Env, token).starts_with("HOTMART_ACCESS_TOKEN='a'\\''b\"c\\d $(e)'\n"));
    let in_curl = if cfg!(windows) {
        "curl.exe -H 'Authorization: Bearer a''b\"c\\d $(e)' "
    } else {
        "curl -H 'Authorization: Bearer a'\\''b\"c\\d $(e)' "
    };
    assert!(rendered(TokenFormat::Curl, token).starts_with(in_curl));
    assert!(rendered(TokenFormat::PowerShell, token).contains("= 'a''b\"c\\d $(e)'\n"));
    assert_eq!(
        rendered(TokenFormat::CurlConfiguration, token),
        "header = \"Authorization: Bearer a'b\\\"c\\\\d $(e)\""
    );
}

#[test]
fn a_credential_goes_to_tools_under_the_names_that_they_read() {
    let variables = credential_variables("id-1", &Secret::new("s-2".to_owned()));
    let told: Vec<_> = variables.iter().map(|(name, value)| (*name, value.expose())).collect();
    assert_eq!(
        told,
        [
            ("HOTMART_CLIENT_ID", "id-1"),
            ("HOTMART_CLIENT_SECRET", "s-2"),
            ("HOTMART_BASIC", "aWQtMTpzLTI="),
            ("HOTMART_BASIC_AUTH", "aWQtMTpzLTI="),
            ("HOTMART_BASIC_TOKEN", "aWQtMTpzLTI="),
        ]
    );
}

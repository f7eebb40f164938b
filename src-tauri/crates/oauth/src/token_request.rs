//! Requests to the token and revocation endpoints (RFC 6749 §4.1.3 and §6, RFC 7009 §2.1).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::form_urlencoded;

use crate::{
    AuthorizationCode, AuthorizationRequest, BodyEncoding, Client, ClientAuthentication, Endpoint, Secret,
};

/// A POST that is ready to be sent, once, without following redirects.
#[derive(Debug)]
pub struct TokenRequest {
    /// Where to.
    pub endpoint: Endpoint,
    /// What is added to the address's query, already encoded. It may be secret.
    pub query: Option<Secret>,
    /// The `Authorization` header's value, if any.
    pub authorization: Option<Secret>,
    /// The `Content-Type` header's value.
    pub content_type: &'static str,
    /// The body.
    pub body: Secret,
    /// The secrets in it, each by itself: an answer may repeat them.
    pub secrets: Vec<Secret>,
}

/// The parameters that are secret.
const SECRET_PARAMETERS: [&str; 5] = ["client_secret", "code", "code_verifier", "refresh_token", "token"];

/// A request for the first tokens of a session, and what their id token must repeat.
#[derive(Debug)]
pub struct Exchange {
    /// What to send.
    pub request: TokenRequest,
    /// The `nonce` of the authorization request, if it had one.
    pub nonce: Option<Secret>,
}

/// Exchanges the code. Takes the pending request, its verifier with it: there
/// is no second exchange (RFC 6749 §4.1.3, RFC 7636 §4.5).
pub fn exchange_request(client: &Client, pending: AuthorizationRequest, code: AuthorizationCode) -> Exchange {
    let request = build(
        client,
        &client.server.token_endpoint,
        &[
            ("grant_type", "authorization_code"),
            ("code", code.0.expose()),
            ("redirect_uri", pending.redirect_uri.as_str()),
            ("code_verifier", pending.verifier.expose()),
        ],
    );
    Exchange { request, nonce: pending.nonce }
}

/// Asks for a token with the application's own credentials (RFC 6749 §4.4.2).
/// No scope is sent where none is set.
pub fn client_credentials_request(client: &Client) -> TokenRequest {
    let mut parameters = vec![("grant_type", "client_credentials")];
    if !client.scope.is_empty() {
        parameters.push(("scope", &client.scope));
    }
    build(client, &client.server.token_endpoint, &parameters)
}

/// Asks for new tokens (RFC 6749 §6).
pub fn refresh_request(client: &Client, refresh_token: &Secret) -> TokenRequest {
    build(
        client,
        &client.server.token_endpoint,
        &[("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())],
    )
}

/// Revokes a token (RFC 7009); `None` where the server cannot.
/// `hint` is `access_token` or `refresh_token`.
pub fn revoke_request(client: &Client, token: &Secret, hint: &'static str) -> Option<TokenRequest> {
    let endpoint = client.server.revocation_endpoint.as_ref()?;
    Some(build(client, endpoint, &[("token", token.expose()), ("token_type_hint", hint)]))
}

fn build(client: &Client, endpoint: &Endpoint, parameters: &[(&str, &str)]) -> TokenRequest {
    let secret = client.secret.as_deref().map_or("", Secret::expose);
    let mut parameters = parameters.to_vec();
    match client.authentication {
        ClientAuthentication::None => parameters.push(("client_id", &client.id)),
        ClientAuthentication::Basic => {}
        ClientAuthentication::Body | ClientAuthentication::Query => {
            parameters.push(("client_id", &client.id));
            parameters.push(("client_secret", secret));
        }
    }
    let secrets =
        parameters.iter().filter(|(name, _)| SECRET_PARAMETERS.contains(name)).map(|(_, value)| *value);
    let basic = matches!(client.authentication, ClientAuthentication::Basic | ClientAuthentication::Query);
    let authorization = basic.then(|| basic_authorization(&client.id, secret));
    let encoded = authorization.as_ref().map_or("", |value| value.expose().trim_start_matches("Basic "));
    let secrets = secrets.chain([secret, encoded]).map(|secret| Secret::new(secret.to_owned())).collect();
    let mut query = None;
    if client.authentication == ClientAuthentication::Query {
        query = Some(Secret::new(form_of(&parameters)));
        parameters.clear();
    }

    let (content_type, body) = match client.server.body_encoding {
        BodyEncoding::Form => ("application/x-www-form-urlencoded", form_of(&parameters)),
        // As Hotmart's documents have it: the type of JSON, and nothing in it.
        BodyEncoding::Json if parameters.is_empty() => ("application/json", String::new()),
        BodyEncoding::Json => {
            let object: serde_json::Map<_, _> =
                parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
            ("application/json", serde_json::Value::Object(object).to_string())
        }
    };
    TokenRequest {
        endpoint: endpoint.clone(),
        query,
        authorization,
        content_type,
        body: Secret::new(body),
        secrets,
    }
}

fn form_of(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// Id and secret are form-encoded first (RFC 6749 §2.3.1).
fn basic_authorization(client_id: &str, client_secret: &str) -> Secret {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Secret::new(format!("{}:{}", encoded(client_id), encoded(client_secret)));
    Secret::new(format!("Basic {}", BASE64_STANDARD.encode(pair.expose())))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::authorization::tests::{client, pending};

    fn code() -> AuthorizationCode {
        AuthorizationCode(Secret::new("c/1".into()))
    }

    #[test]
    fn a_public_client_sends_its_id_and_the_verifier() {
        let client = client();
        let Exchange { request, nonce } = exchange_request(&client, pending(&client), code());
        assert!(nonce.is_none() && request.query.is_none());
        assert!(request.authorization.is_none());
        assert_eq!(
            request.body.expose(),
            "grant_type=authorization_code&code=c%2F1\
             &redirect_uri=app.hotmart-connect%3A%2Foauth%2Fcallback\
             &code_verifier=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI&client_id=client+id"
        );
    }

    #[test]
    fn basic_keeps_the_credentials_out_of_the_body() {
        let mut client = client();
        client.authentication = ClientAuthentication::Basic;
        client.secret = Some(Arc::new(Secret::new("s:1".into())));
        let request = refresh_request(&client, &Secret::new("r".into()));
        // client+id:s%3A1
        assert_eq!(request.authorization.unwrap().expose(), "Basic Y2xpZW50K2lkOnMlM0Ex");
        assert_eq!(request.body.expose(), "grant_type=refresh_token&refresh_token=r");
    }

    #[test]
    fn the_body_can_carry_the_secret_as_json() {
        let mut client = client();
        client.authentication = ClientAuthentication::Body;
        client.server.body_encoding = BodyEncoding::Json;
        client.secret = Some(Arc::new(Secret::new("s".into())));
        let request = refresh_request(&client, &Secret::new("r".into()));
        assert_eq!(request.content_type, "application/json");
        let body: serde_json::Value = serde_json::from_str(request.body.expose()).unwrap();
        assert_eq!(body["client_id"], "client id");
        assert_eq!(body["client_secret"], "s");
        assert_eq!(body["refresh_token"], "r");
    }

    #[test]
    fn developer_credentials_are_sent_as_hotmart_documents_it() {
        let mut client = client();
        client.authentication = ClientAuthentication::Query;
        client.server.body_encoding = BodyEncoding::Json;
        client.id = "id-1".into();
        client.secret = Some(Arc::new(Secret::new("s-2".into())));
        client.scope = String::new();
        let request = client_credentials_request(&client);
        assert_eq!(
            request.query.unwrap().expose(),
            "grant_type=client_credentials&client_id=id-1&client_secret=s-2"
        );
        assert_eq!(request.authorization.unwrap().expose(), "Basic aWQtMTpzLTI=");
        assert_eq!((request.content_type, request.body.expose()), ("application/json", ""));
        assert!(!format!("{:?}", client_credentials_request(&client)).contains("s-2"));
    }

    #[test]
    fn other_servers_take_client_credentials_in_a_form() {
        let mut client = client();
        client.authentication = ClientAuthentication::Basic;
        client.secret = Some(Arc::new(Secret::new("s".into())));
        let request = client_credentials_request(&client);
        assert_eq!(request.body.expose(), "grant_type=client_credentials&scope=sales+club");
        assert!(request.query.is_none() && request.authorization.is_some());
    }

    #[test]
    fn nothing_is_revoked_where_the_server_cannot() {
        let mut client = client();
        let token = Secret::new("t".into());
        let request = revoke_request(&client, &token, "refresh_token").unwrap();
        assert_eq!(request.body.expose(), "token=t&token_type_hint=refresh_token&client_id=client+id");
        client.server.revocation_endpoint = None;
        assert!(revoke_request(&client, &token, "refresh_token").is_none());
    }
}

//! Of which kind a credential is, and where it lives: found out by asking
//! Hotmart's own servers, so that nobody is asked who need not know it.
//!
//! An id with its secret is shown to the token endpoints of Hotmart's two
//! services, and to nobody else. A developer credential gets a token there, and
//! the API that takes it says whether it is production's or the sandbox's. A
//! registered application is known by how it is refused: with a refresh token
//! that nobody was ever given, a server that knows the application says
//! `invalid_grant`, and one that does not says `invalid_client` (RFC 6749 §5.2).

use oauth::{GrantType, Secret, Timestamp, TokenError, TokenRequest, parse_token_response};

use crate::custody::takes_token;
use crate::ports::HttpClient;
use crate::{
    AccountId, AccountSettings, Deployment, Environment, OWN_ACCOUNT, PastedCredentials, ResolvedAccount,
};

/// A refresh token that no server ever gave to anybody.
const NEVER_GIVEN: &str = "hotmart-connect-asks-whether-this-application-is-known";

/// A credential, and what Hotmart's servers know of it.
#[derive(Debug)]
pub struct Recognised {
    /// Id and secret, each in its place.
    pub credentials: PastedCredentials,
    /// How tokens are had with it.
    pub grant_type: GrantType,
    /// Where it lives; `None` if the servers did not tell.
    pub environment: Option<Environment>,
}

/// Hotmart's servers did not know a credential, or did not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRecognised {
    /// None of them knows it.
    #[error("no server of Hotmart's knows this credential")]
    Unknown,
    /// They cannot be reached.
    #[error("Hotmart cannot be reached")]
    Unreachable,
    /// They answered something that says nothing.
    #[error("Hotmart did not say whether it knows this credential")]
    Unclear,
}

/// What one server says of a credential.
enum Answer {
    /// It gave a token.
    Token(Secret),
    /// It knows the application, and gives no token for this.
    Known,
    No(NotRecognised),
}

/// Finds out of which kind a credential is, and where it lives.
///
/// # Errors
/// No server knows it, or none could be asked.
pub async fn recognise(
    http: &dyn HttpClient,
    deployment: &Deployment,
    credentials: PastedCredentials,
    now: Timestamp,
) -> Result<Recognised, NotRecognised> {
    let other_way_round = credentials.order_is_a_guess.then(|| credentials.swapped());
    match recognise_as_it_stands(http, deployment, credentials, now).await {
        Err(NotRecognised::Unknown) => match other_way_round {
            Some(swapped) => recognise_as_it_stands(http, deployment, swapped, now).await,
            None => Err(NotRecognised::Unknown),
        },
        recognised => recognised,
    }
}

async fn recognise_as_it_stands(
    http: &dyn HttpClient,
    deployment: &Deployment,
    credentials: PastedCredentials,
    now: Timestamp,
) -> Result<Recognised, NotRecognised> {
    use Environment::{Hotmart, HotmartAuthentication};
    use GrantType::{AuthorizationCode, ClientCredentials};
    let account = |environment, grant_type| resolved(deployment, &credentials, environment, grant_type);
    let developer = account(Hotmart, ClientCredentials)?;
    let applications =
        [account(HotmartAuthentication, AuthorizationCode)?, account(Hotmart, AuthorizationCode)?];
    let never_given = Secret::new(NEVER_GIVEN.to_owned());
    let refreshing = |account: &ResolvedAccount| oauth::refresh_request(&account.client, &never_given);
    let (developer, newer, classic) = tokio::join!(
        ask(
            http,
            &developer,
            oauth::client_credentials_request(&developer.client),
            "unauthorized_client",
            now
        ),
        ask(http, &applications[0], refreshing(&applications[0]), "invalid_grant", now),
        ask(http, &applications[1], refreshing(&applications[1]), "invalid_grant", now),
    );
    let (grant_type, environment) = match (newer, developer, classic) {
        // Where the seller can be asked in a browser, that is what connects.
        (Answer::Known | Answer::Token(_), ..) => (AuthorizationCode, Some(HotmartAuthentication)),
        (_, Answer::Token(token), _) => {
            (ClientCredentials, home_of(http, deployment, &credentials, &token).await?)
        }
        (.., Answer::Known | Answer::Token(_)) | (_, Answer::Known, _) => (AuthorizationCode, Some(Hotmart)),
        // A server that was not heard may know it.
        (Answer::No(no), Answer::No(NotRecognised::Unknown), _) | (_, Answer::No(no), _) => return Err(no),
    };
    log::info!("the credential is known: {grant_type:?} {environment:?}");
    Ok(Recognised { credentials, grant_type, environment })
}

/// The account that these credentials would make.
fn resolved(
    deployment: &Deployment,
    credentials: &PastedCredentials,
    environment: Environment,
    grant_type: GrantType,
) -> Result<ResolvedAccount, NotRecognised> {
    let unusable = |_| NotRecognised::Unclear;
    let id = AccountId::parse(OWN_ACCOUNT).map_err(|_| NotRecognised::Unclear)?;
    let mut account = AccountSettings::new(id, environment);
    account.grant_type = grant_type;
    account.client_id.clone_from(&credentials.client_id);
    let resolved = account.resolve(deployment).map_err(unusable)?;
    Ok(resolved.with_client_secret(credentials.client_secret.duplicate()))
}

/// Asks a server. `known` is the error with which it refuses an application that it knows.
async fn ask(
    http: &dyn HttpClient,
    account: &ResolvedAccount,
    request: TokenRequest,
    known: &str,
    now: Timestamp,
) -> Answer {
    let Ok(response) = http.send(request).await else { return Answer::No(NotRecognised::Unreachable) };
    match parse_token_response(&response, &account.client, &[], now) {
        Ok(tokens) => Answer::Token(tokens.access_token.duplicate()),
        Err(TokenError::Refused(error)) => match error.code() {
            code if code == known => Answer::Known,
            "invalid_client" | "unauthorized" | "unauthorized_client" => Answer::No(NotRecognised::Unknown),
            _ => Answer::No(NotRecognised::Unclear),
        },
        Err(_) => Answer::No(NotRecognised::Unclear),
    }
}

/// Whose API takes a developer credential's token.
async fn home_of(
    http: &dyn HttpClient,
    deployment: &Deployment,
    credentials: &PastedCredentials,
    token: &Secret,
) -> Result<Option<Environment>, NotRecognised> {
    for environment in [Environment::Hotmart, Environment::Sandbox] {
        let account = resolved(deployment, credentials, environment, GrantType::ClientCredentials)?;
        if takes_token(http, &account.api_base, token).await {
            return Ok(Some(environment));
        }
    }
    Ok(None)
}

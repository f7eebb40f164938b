//! OAuth 2.0 for a native app (RFC 6749, RFC 7636, RFC 8252, RFC 9207),
//! with the part of OpenID Connect that tells who is connected.
//!
//! Pure: every grant is a pair, *build the request* and *read the response*.
//! Time and random bytes come in as arguments; nothing here waits, sends,
//! reads a clock or draws a random number. In suggested reading order:

mod secret;
mod sha256;
mod timestamp;
mod plain_text;
mod basic;
mod server;
mod client;
mod pkce;
mod authorization;
mod server_error;
mod callback;
mod token_request;
mod token_set;
mod token_response;
mod claims;
mod key_set;
mod identity;
mod id_token;
mod discovery;

pub use authorization::{AUTHORIZATION_REQUEST_LIFETIME, AuthorizationEntropy, AuthorizationRequest};
pub use basic::{BasicCredentials, join_basic, split_basic};
pub use callback::{AuthorizationCode, AuthorizationResponse, Callback, CallbackRejection};
pub use client::{Client, ClientAuthentication, GrantType};
pub use discovery::{Discovered, DiscoveryError, discovery_addresses, parse_discovery};
pub use id_token::{Expected, IdTokenProblem, check_id_token};
pub use identity::Identity;
pub use key_set::KeySet;
pub use pkce::{CodeChallenge, CodeVerifier};
pub use plain_text::plain_text;
pub use secret::Secret;
pub use server::{AuthorizationServer, BearerToken, BodyEncoding, ConfigurationError, Endpoint, RedirectUri};
pub use server_error::ServerError;
pub use sha256::sha256;
pub use timestamp::Timestamp;
pub use token_request::{
    Exchange, TokenRequest, client_credentials_request, exchange_request, refresh_request, revoke_request,
};
pub use token_response::{MAX_RESPONSE_BYTES, Response, TokenError, parse_token_response};
pub use token_set::{TokenIdentity, TokenSet};

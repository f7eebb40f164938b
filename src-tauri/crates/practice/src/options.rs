//! How a Practice Hotmart is set up, and what may be observed of it.

use std::sync::Arc;
use std::time::Duration;

/// How a client must authenticate; any other way is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// A public client: id in the body, no secret.
    None,
    /// HTTP Basic.
    Basic,
    /// Id and secret in the body.
    Body,
    /// HTTP Basic, and everything in the address as well, as Hotmart documents
    /// it for developer credentials.
    Query,
}

/// A registered application.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret; empty for a public client.
    pub secret: String,
    /// How it must authenticate.
    pub authentication: Authentication,
    /// The redirect URIs it may use, compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// What the consent page calls it.
    pub name: String,
    /// Whether it is a developer credential: it gets tokens with id and secret
    /// alone (RFC 6749 §4.4), and cannot send the seller to a browser.
    pub developer: bool,
    /// Whether it is for the sandbox alone.
    pub sandbox: bool,
}

impl Client {
    /// An application of production that sends people to a browser.
    pub fn new(id: &str, secret: &str, authentication: Authentication, redirect_uris: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            authentication,
            redirect_uris: redirect_uris.iter().map(|&uri| uri.to_owned()).collect(),
            name: "Hotmart Connect".to_owned(),
            developer: false,
            sandbox: false,
        }
    }
}

/// Something that happened at the server, with the values involved. For tests:
/// it carries what must be found nowhere else.
#[derive(Clone, Debug)]
pub enum Observation {
    /// An authorization request was shown to the seller.
    Asked {
        /// Its state.
        state: String,
    },
    /// The seller said yes.
    CodeIssued {
        /// The code.
        code: String,
    },
    /// The seller said no.
    Denied,
    /// A code became tokens.
    Exchanged {
        /// The verifier.
        verifier: String,
        /// All tokens that were given out.
        tokens: Vec<String>,
    },
    /// Id and secret alone became a token.
    Given {
        /// All tokens that were given out.
        tokens: Vec<String>,
    },
    /// A refresh token became tokens.
    Refreshed {
        /// All tokens that were given out.
        tokens: Vec<String>,
    },
    /// A token request was refused, with this error.
    Refused {
        /// The error code.
        error: String,
    },
    /// A token was revoked.
    Revoked,
    /// An API call with a good token.
    ApiCalled {
        /// The path.
        path: String,
    },
}

/// Everything a Practice Hotmart needs from outside.
#[derive(Clone)]
pub struct Options {
    /// The port to try first; any free one if it is taken, or 0.
    pub port: u16,
    /// The registered applications.
    pub clients: Vec<Client>,
    /// How long an access token lives.
    pub access_token_lifetime: Duration,
    /// How long a refresh token lives.
    pub refresh_token_lifetime: Duration,
    /// How long a code lives.
    pub code_lifetime: Duration,
    /// How many random bytes a classic access token is made of; real ones are of several KB.
    pub token_bytes: usize,
    /// Seconds since the epoch.
    pub now: fn() -> u64,
    /// Fills a buffer with random bytes.
    pub random: fn(&mut [u8]),
    /// What an earlier Practice Hotmart remembered.
    pub ledger: Option<String>,
    /// Called with what is to be remembered, after every change.
    pub remember: Arc<dyn Fn(&str) + Send + Sync>,
    /// Called with whatever happens.
    pub observe: Arc<dyn Fn(Observation) + Send + Sync>,
}

impl Options {
    /// A server that takes any port, remembers nothing, and knows `clients`.
    /// Lifetimes are Hotmart's: two hours, thirty days, and thirty seconds for a code.
    pub fn new(clients: Vec<Client>, now: fn() -> u64, random: fn(&mut [u8])) -> Self {
        Self {
            port: 0,
            clients,
            access_token_lifetime: Duration::from_secs(7_200),
            refresh_token_lifetime: Duration::from_secs(30 * 24 * 3_600),
            code_lifetime: Duration::from_secs(30),
            token_bytes: 1_200,
            now,
            random,
            ledger: None,
            remember: Arc::new(|_| {}),
            observe: Arc::new(|_| {}),
        }
    }
}

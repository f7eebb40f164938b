//! Practice Hotmart: a strict authorization server and a small API on
//! loopback, for sellers without credentials, for the tests and the demo.
//!
//! It speaks both of Hotmart's dialects, `/security/oauth/*` and `/oidc/*`,
//! and checks what a strict server checks. It keeps hashes of what it issued,
//! never a token. In suggested reading order:

mod options;
mod sellers;
mod dialect;
mod parameters;
mod answers;
mod ledger;
mod consent;
mod state;
mod consent_page;
mod authorize;
mod issue;
mod token;
mod api;
mod server;

pub use options::{Authentication, Client, Observation, Options};
pub use server::{Practice, serve};

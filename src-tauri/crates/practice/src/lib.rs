//! Practice Hotmart: a strict authorization server and a small API on
//! loopback, for sellers without credentials, for the tests and the demo.
//!
//! It speaks both of Hotmart's dialects, `/security/oauth/*` and `/oidc/*`,
//! and checks what a strict server checks. It keeps hashes of what it issued,
//! never a token. In suggested reading order:

mod answers;
mod api;
mod authorize;
mod consent_page;
mod dialect;
mod issue;
mod ledger;
mod options;
mod parameters;
mod sellers;
mod server;
mod token;

pub use options::{Authentication, Client, Observation, Options};
pub use server::{Practice, serve};

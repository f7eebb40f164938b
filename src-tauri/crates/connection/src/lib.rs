//! One seller's connection to Hotmart: its states, and the actor that owns them.
//!
//! Data flows one way. An [`Event`] goes into the pure [`transition`], which
//! gives the next [`State`] and the [`Effect`]s to perform; the actor performs
//! them through the [`ports`] and turns their results into events again.
//! [`Custody`] keeps the tokens for the actor and for programs without one.
//! Nothing here knows Tauri, a keyring or a socket. In suggested reading order:

mod environments;
mod account;
mod pasted_words;
mod pasted;
mod server_urls;
mod deployment;
mod resolved_account;
mod return_path;
mod open_requests;
mod problem;
mod session;
mod verdict;
mod token_format;
pub mod ports;
mod keyring_record;
mod custody;
mod recognition;
mod discovery;
mod renewal_schedule;
mod state;
mod request;
mod event;
mod effect;
mod transition;
mod snapshot;
mod listening;
mod performer;
mod actor;

pub use account::{
    AccountId, AccountSettings, Credentials, Endpoints, InvalidAccountId, InvalidClientId, OWN_ACCOUNT,
    pasted_secret,
};
pub use actor::{Connection, spawn};
pub use custody::{
    Custody, ExchangeFailure, Failure, NotDeleted, RenewalFailure, RenewalTrigger, StoreFailure, Stored,
};
pub use deployment::{BuiltInApplication, Deployment};
pub use discovery::{NotDiscovered, discover};
pub use effect::Effect;
pub use environments::{
    DEFAULT_REDIRECT_URI, Environment, LOOPBACK_REDIRECT_URI, PRACTICE_CLIENT_ID, PRACTICE_CLIENT_SECRET,
    PRACTICE_PORT,
};
pub use event::{Event, Loaded};
pub use pasted::{PastedCredentials, PastedProblem, read_pasted};
pub use performer::Ports;
pub use problem::{ErrorCode, HttpProblem, KeyringProblem, Notice};
pub use recognition::{NotRecognised, Recognised, recognise};
pub use request::Request;
pub use resolved_account::ResolvedAccount;
pub use return_path::ReturnPath;
pub use session::{ExpiryReason, Session, StoredSession, TokenStorage};
pub use snapshot::{Snapshot, Stopped, View};
pub use state::{Attempt, BrowserProgress, Configuration, Copied, Missing, State};
pub use token_format::{
    CopyTarget, CredentialField, TokenContext, TokenFormat, credential_variables, render, variables,
};
pub use transition::{KEYRING_RETRY, MIN_COPY_LIFETIME, transition};
pub use verdict::{LastCheck, Verdict};

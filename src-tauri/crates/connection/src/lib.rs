//! One seller's connection to Hotmart: its states, and the actor that owns them.
//!
//! Data flows one way. An [`Event`] goes into the pure [`transition`], which
//! gives the next [`State`] and the [`Effect`]s to perform; the actor performs
//! them through the [`ports`] and turns their results into events again.
//! [`Custody`] keeps the tokens for the actor and for programs without one.
//! Nothing here knows Tauri, a keyring or a socket. In suggested reading order:

mod account;
mod actor;
mod addresses;
mod api_check;
mod custody;
mod effect;
mod environments;
mod event;
mod handout;
mod keyring_record;
mod listening;
mod open_requests;
pub mod ports;
mod problem;
mod renewal_schedule;
mod session;
mod setup;
mod snapshot;
mod state;
mod surroundings;
mod transition;

pub use account::{
    AccountId, AccountSettings, Credentials, Endpoints, InvalidAccountId, InvalidClientId, OWN_ACCOUNT,
    pasted_secret,
};
pub use actor::{Connection, spawn};
pub use api_check::Verdict;
pub use custody::{Custody, RenewalFailure};
pub use effect::Effect;
pub use environments::{Environment, PRACTICE_CLIENT_ID, PRACTICE_CLIENT_SECRET, PRACTICE_PORT};
pub use event::{Event, ExchangeFailure, Loaded, RenewalTrigger, StoreFailure};
pub use handout::{Facts, Handout, TokenForm, render, variables};
pub use open_requests::Way;
pub use problem::{ErrorCode, HttpProblem, KeyringProblem, Notice};
pub use session::{ExpiryReason, KeptIn, Session, Standing};
pub use setup::{DEFAULT_REDIRECT_URI, LOOPBACK_REDIRECT_URI, Setup};
pub use snapshot::{LastCheck, Snapshot, View};
pub use state::{Attempt, BrowserProgress, Configuration, Missing, State};
pub use surroundings::{BuiltInApplication, Surroundings};
pub use transition::{KEYRING_RETRY, MIN_COPY_LIFETIME, transition};

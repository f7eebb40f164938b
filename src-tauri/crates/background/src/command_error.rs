//! What becomes of what a person asked for, where no connection tells it.

use connection::NotDiscovered;
use serde::Serialize;

/// Why a command did nothing.
#[derive(Clone, Copy, Debug, strum::VariantNames, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommandError {
    /// A value cannot be used.
    Configuration,
    /// The client id is missing or has spaces inside.
    ClientId,
    /// There is no credential in what was pasted.
    PastedUnusable,
    /// Hotmart does not know the credential.
    CredentialUnknown,
    /// Hotmart cannot be reached, or did not say whether it knows the credential.
    HotmartUnreachable,
    /// Hotmart knows the credential, and only the user knows where it lives.
    WhichEnvironment,
    /// The settings file could not be written.
    SettingsNotSaved,
    /// Starting with the session could not be switched.
    StartAtLogin,
    /// The report could not be saved, or copied.
    Report,
    /// The system's settings, or the folder, could not be opened.
    NotOpened,
    /// The program that deletes everything is not there.
    NothingForgotten,
    /// The system gave no random bytes.
    NoRandomness,
    /// A local key needs a name, of one line that is not too long.
    KeyName,
    /// The local keys could not be read or written.
    KeysNotSaved,
    /// The new local key could not be copied; there is none.
    KeyNotCopied,
    /// What was to be imported is no settings file of this program.
    ImportUnusable,
    /// The server that was to describe itself cannot be reached.
    DiscoveryUnreachable,
    /// It has no description of itself.
    DiscoveryNotFound,
    /// It describes another server, or one that cannot be used.
    DiscoveryUnusable,
}

impl From<NotDiscovered> for CommandError {
    fn from(problem: NotDiscovered) -> Self {
        match problem {
            NotDiscovered::NoAddress => Self::Configuration,
            NotDiscovered::Unreachable => Self::DiscoveryUnreachable,
            NotDiscovered::NotFound => Self::DiscoveryNotFound,
            NotDiscovered::Unusable => Self::DiscoveryUnusable,
        }
    }
}

/// What an import brought, or which servers are to be confirmed first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ImportResult {
    /// How many accounts.
    pub count: usize,
    /// Servers that are not in the table, at which some of them would live:
    /// nothing was brought before the user says that they are right.
    pub servers: Vec<String>,
}

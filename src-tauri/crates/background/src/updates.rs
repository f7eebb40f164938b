//! Newer versions of the program: what is known of them.

use serde::Serialize;

/// How this version stands beside the newest one that was published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum UpdateStatus {
    /// This build does not know where new versions are published, or nobody has looked yet.
    #[default]
    Unknown,
    /// It is being looked at.
    Looking,
    /// There is none that is newer.
    Newest,
    /// The place where new versions are published gave no answer that could be used.
    LookFailed,
    /// There is a newer one.
    Available {
        /// Which.
        version: String,
        /// Whether the program can put it in its own place. Otherwise there is the page.
        installs: bool,
        /// Whether the user knows of it.
        read: bool,
    },
    /// The user wants it, and it is being fetched.
    Downloading {
        /// Which.
        version: String,
        /// How much of it is here, in percent, if its size is known.
        percent: Option<u8>,
    },
    /// It is here, and waits.
    Waiting {
        /// Which.
        version: String,
        /// For what.
        reason: HoldsBack,
    },
    /// It takes this one's place.
    Installing {
        /// Which.
        version: String,
    },
    /// It could not be had; everything is as it was.
    Failed {
        /// Which.
        version: String,
        /// Why.
        problem: UpdateProblem,
    },
}

impl UpdateStatus {
    /// The newer version that it is about, if there is one.
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Available { version, .. }
            | Self::Downloading { version, .. }
            | Self::Waiting { version, .. }
            | Self::Installing { version }
            | Self::Failed { version, .. } => Some(version),
            Self::Unknown | Self::Looking | Self::Newest | Self::LookFailed => None,
        }
    }

    /// Whether the user wants the newer version, and it is on its way.
    pub const fn is_under_way(&self) -> bool {
        matches!(self, Self::Downloading { .. } | Self::Waiting { .. } | Self::Installing { .. })
    }

    /// The user knows of the newer version, and does not want it now.
    pub fn was_read(&mut self) {
        match self {
            Self::Available { read, .. } => *read = true,
            Self::Failed { version, .. } => {
                *self = Self::Available { version: std::mem::take(version), installs: true, read: true };
            }
            _ => {}
        }
    }
}

/// What would be cut off or lost if the program ended now; first what a person can do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum HoldsBack {
    /// A login that is open.
    Login,
    /// A renewal, or a goodbye to the server.
    UnderWay,
    /// Tokens that are in memory alone.
    UnsavedTokens,
}

/// Why a newer version could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum UpdateProblem {
    /// It did not come, or not to its end.
    Interrupted,
    /// It is not what was announced, signed by whoever publishes this program.
    Untrusted,
    /// It could not be put in this one's place.
    NotInstalled,
}

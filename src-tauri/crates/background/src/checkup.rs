//! "Check this computer": everything a connection needs here, each with what
//! was found and how it is put right.

use serde::Serialize;

/// How one thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it should be.
    Good,
    /// Worth knowing; nothing is broken.
    Note,
    /// Broken.
    Bad,
}

/// What puts a thing right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// Make this program the one that opens our links.
    Links,
    /// Ask the person to unlock the keyring, or look for it again.
    Keyring,
    /// Open the system's settings of date and time.
    Clock,
    /// Open the system's settings of the network.
    Network,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Finding {
    /// Which.
    pub name: &'static str,
    /// How it was found.
    pub severity: Severity,
    /// What was found, as a code; the sentences belong to the window.
    pub code: &'static str,
    /// A value for the sentence: seconds, a host, a version.
    pub value: Option<String>,
    /// What puts it right.
    pub fix: Option<Fix>,
}

impl Finding {
    pub(crate) fn new(name: &'static str, severity: Severity, code: &'static str) -> Self {
        Self { name, severity, code, value: None, fix: None }
    }

    pub(crate) fn with(self, value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..self }
    }

    pub(crate) fn fixed_by(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }
}

/// A look at this computer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Checkup {
    /// Whether it is still being looked at.
    pub running: bool,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The report, where it was saved.
    pub report: Option<String>,
    /// Whether the report was copied.
    pub copied: bool,
}

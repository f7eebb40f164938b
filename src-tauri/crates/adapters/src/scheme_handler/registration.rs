//! What is the same on every system that is asked who opens our links.

/// The scheme, which is also the bundle identifier.
pub const SCHEME: &str = "app.hotmart-connect";

/// What was found and done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// An installed package registered this program.
    Installed,
    /// The user's own entry already pointed here.
    AlreadyOurs,
    /// The user's own entry was written for the first time.
    Written,
    /// Links opened another program, or this one at a place where it no longer is.
    Repaired,
    /// Links open another copy, which hands them over to the one that runs.
    LeftToAnotherCopy,
}

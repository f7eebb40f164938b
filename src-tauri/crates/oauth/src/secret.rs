//! A string that no log or error message may show by accident.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A token, code, verifier, state or client secret.
///
/// Wiped from memory on drop. It has no `Display` and no `Serialize`, and its
/// `Debug` reveals nothing, not even the length. [`Secret::expose`] is the one
/// way to its content, so each use can be found by searching for that word.
///
/// What crosses to the window serialises itself, so a type with a secret in it
/// cannot cross: it does not compile.
///
/// ```compile_fail,E0277
/// fn crosses_to_the_window<T: serde::Serialize>() {}
/// crosses_to_the_window::<oauth::Secret>();
/// ```
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the string over; the caller keeps no copy.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The content. Never pass it to a log, an error, the window or a program's arguments.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A second owner of the same secret, made visibly: there is no `Clone`.
    pub fn duplicate(&self) -> Self {
        Self::new(self.expose().to_owned())
    }

    /// Compares without stopping at the first difference, so that the time it
    /// takes says nothing about how much of a guess was right.
    pub fn matches(&self, other: &str) -> bool {
        let (ours, theirs) = (self.expose().as_bytes(), other.as_bytes());
        ours.len() == theirs.len()
            && ours.iter().zip(theirs).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_the_content_nor_its_length() {
        let short = format!("{:?}", Secret::new("a".into()));
        let long = format!("{:?}", Secret::new("a-long-secret-that-goes-on".into()));
        assert_eq!(short, long);
        assert!(!long.contains("long"));
    }

    #[test]
    fn matching_takes_the_whole_string() {
        let secret = Secret::new("abc".into());
        assert!(secret.matches("abc"));
        assert!(!secret.matches("ab"));
        assert!(!secret.matches("abd"));
        assert!(!secret.matches("abcd"));
        assert!(!secret.matches(""));
    }
}

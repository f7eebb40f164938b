//! An error a server sent, made safe to keep and to show.

use serde::Serialize;

/// Error codes are short words; anything longer is not one.
const MAX_CODE_CHARS: usize = 64;
const MAX_DESCRIPTION_CHARS: usize = 200;
/// A run of this many letters and digits without a break may be a token.
const LONGEST_HARMLESS_WORD: usize = 20;

/// `error` and `error_description` (RFC 6749 §4.1.2.1 and §5.2) without
/// anything that might be secret: Spring's servers put the token itself into
/// the description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerError {
    code: String,
    description: Option<String>,
}

impl ServerError {
    /// Takes what a server sent, or what was kept of it.
    pub fn new(code: &str, description: Option<&str>) -> Self {
        let harmless = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let code =
            if code.len() <= MAX_CODE_CHARS && code.chars().all(harmless) { code } else { "unreadable" };
        Self { code: code.to_owned(), description: description.map(scrub) }
    }

    /// The server's error code, such as `invalid_grant`; `unreadable` if it was no code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The server's own words, scrubbed and shortened.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}

fn scrub(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let longest = word.split(|c: char| ":,;()[]\"'".contains(c)).map(str::len).max().unwrap_or(0);
        if longest > LONGEST_HARMLESS_WORD { "…" } else { word }
    });
    let text: String = words.collect::<Vec<_>>().join(" ");
    text.chars().filter(|c| !c.is_control()).take(MAX_DESCRIPTION_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_inside_the_description_is_taken_out() {
        let error = ServerError::new(
            "invalid_token",
            Some("Access token expired: H4sIAAAAAAAAAG2SX4%2FaMBDFv8rJ try again"),
        );
        assert_eq!(error.description(), Some("Access token expired: … try again"));
    }

    #[test]
    fn a_code_that_is_no_code_is_not_repeated() {
        assert_eq!(ServerError::new("<script>", None).code(), "unreadable");
        assert_eq!(ServerError::new(&"a".repeat(65), None).code(), "unreadable");
        assert_eq!(ServerError::new("invalid_grant", None).code(), "invalid_grant");
    }
}

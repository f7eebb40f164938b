//! An error a server sent, made safe to keep and to show.

use serde::Serialize;

use crate::{Secret, plain_text};

/// Error codes are short words; anything longer is not one.
const MAX_CODE_CHARS: usize = 64;
/// A code may end in a number; a random text has more digits.
const MAX_CODE_DIGITS: usize = 6;
const MAX_DESCRIPTION_CHARS: usize = 200;
/// A run of this many letters and digits without a break may be a token.
const LONGEST_HARMLESS_WORD: usize = 20;
/// What is shorter stands in any sentence, and is no secret.
const SHORTEST_SECRET: usize = 4;

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
        Self::in_answer_to(&[], code, description)
    }

    /// The same, of a server that was sent these secrets: it may repeat them
    /// word by word, however short they are.
    pub fn in_answer_to(secrets: &[Secret], code: &str, description: Option<&str>) -> Self {
        let mut secrets: Vec<_> = secrets.iter().map(Secret::expose).collect();
        // The longest first: one may begin with another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let secrets = || secrets.iter().copied().filter(|secret| secret.len() >= SHORTEST_SECRET);
        let is_clean = is_a_code(code) && !secrets().any(|secret| code.contains(secret));
        let without = |text: &str| secrets().fold(text.to_owned(), |text, secret| text.replace(secret, "…"));
        Self {
            code: if is_clean { code } else { "unreadable" }.to_owned(),
            // Once more where a character that cannot be seen had broken a secret in two.
            description: description.map(|text| scrub(&without(&plain_text(&without(text))))),
        }
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

fn is_a_code(text: &str) -> bool {
    let breaks = |c: char| "_-.".contains(c);
    text.len() <= MAX_CODE_CHARS
        && text.chars().all(|c| c.is_ascii_alphanumeric() || breaks(c))
        && text.split(breaks).all(|word| word.len() <= LONGEST_HARMLESS_WORD)
        && text.chars().filter(char::is_ascii_digit).count() <= MAX_CODE_DIGITS
}

/// A text in one line, without the words that may be tokens, shortened.
fn scrub(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let longest = word.split(|c: char| ":,;()[]\"'".contains(c)).map(str::len).max().unwrap_or(0);
        if longest > LONGEST_HARMLESS_WORD { "…" } else { word }
    });
    words.collect::<Vec<_>>().join(" ").chars().take(MAX_DESCRIPTION_CHARS).collect()
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
        let token = "Zk3v9_x81Lm-2QpT.7rYb4_Wn60cHs-E5ud8_Jq1Ga";
        assert_eq!(ServerError::new(token, None).code(), "unreadable", "it may be a refresh token");
        assert_eq!(ServerError::new("abcdefghijklmnopqrstuvwxyz", None).code(), "unreadable");
        for code in ["invalid_grant", "AADSTS50011", "error.oauth.token-expired_401"] {
            assert_eq!(ServerError::new(code, None).code(), code);
        }
    }

    #[test]
    fn a_secret_that_was_sent_is_not_repeated_however_short_it_is() {
        let secrets = [Secret::new("s3cr".into()), Secret::new("rt-1".into())];
        let error = ServerError::in_answer_to(&secrets, "bad_s3cr", Some("the token rt-1, secret (s3cr)"));
        assert_eq!(error.code(), "unreadable");
        assert_eq!(error.description(), Some("the token …, secret (…)"));
    }

    #[test]
    fn a_secret_that_is_broken_by_what_cannot_be_seen_is_not_put_together_again() {
        let secrets = [Secret::new("rt-4711".into())];
        for broken in ["rt-\u{7f}4711", "r\u{200b}t-4\u{0}711", "rt-4711\u{7}", "rt-\u{fe0f}4711\u{e0041}"] {
            let error =
                ServerError::in_answer_to(&secrets, "invalid_grant", Some(&format!("{broken} was revoked")));
            assert_eq!(error.description(), Some("… was revoked"), "{broken:?}");
        }
    }

    #[test]
    fn what_moves_a_cursor_or_turns_the_writing_around_is_taken_out() {
        let error = ServerError::new("invalid_grant", Some("a\u{1b}[2Jb \u{202e}cba\u{202c}"));
        assert_eq!(error.description(), Some("a[2Jb cba"));
    }
}

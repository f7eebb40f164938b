//! The "Basic" string that Hotmart shows beside a credential.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;

use crate::Secret;

/// A double click on the string leaves the `=` at its end out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A client id and its secret, as they come out of a "Basic" string.
#[derive(Debug)]
pub struct BasicCredentials {
    /// The public half.
    pub client_id: String,
    /// The secret half.
    pub client_secret: Secret,
}

/// Splits Hotmart's "Basic" string: base64 of `client_id:client_secret`, which
/// people paste with and without the word, with spaces and line ends around
/// it. `None` if it is something else.
pub fn split_basic(pasted: &str) -> Option<BasicCredentials> {
    let text = pasted.trim();
    let encoded = match text.split_once(char::is_whitespace) {
        Some((word, rest)) if word.eq_ignore_ascii_case("basic") => rest.trim(),
        Some(_) => return None,
        None => text,
    };
    let decoded = LENIENT.decode(encoded).ok()?;
    let decoded = Secret::new(String::from_utf8(decoded).ok()?);
    let (id, secret) = decoded.expose().split_once(':')?;
    let visible = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    (visible(id) && visible(secret))
        .then(|| BasicCredentials { client_id: id.to_owned(), client_secret: Secret::new(secret.to_owned()) })
}

/// The "Basic" string of an id and its secret, as Hotmart shows it.
pub fn join_basic(client_id: &str, client_secret: &Secret) -> Secret {
    let pair = Secret::new(format!("{client_id}:{}", client_secret.expose()));
    Secret::new(BASE64_STANDARD.encode(pair.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_string_is_taken_with_and_without_the_word_and_with_space_around() {
        for pasted in ["aWQtMTpzLTI=", "aWQtMTpzLTI", "Basic aWQtMTpzLTI=", "  basic   aWQtMTpzLTI=\r\n"] {
            let credentials = split_basic(pasted).unwrap();
            assert_eq!(credentials.client_id, "id-1");
            assert_eq!(credentials.client_secret.expose(), "s-2");
        }
    }

    #[test]
    fn what_is_joined_is_split_again() {
        let joined = join_basic("id-1", &Secret::new("s-2".into()));
        assert_eq!(joined.expose(), "aWQtMTpzLTI=");
        let split = split_basic(joined.expose()).unwrap();
        assert_eq!((split.client_id.as_str(), split.client_secret.expose()), ("id-1", "s-2"));
    }

    #[test]
    fn other_things_are_not_a_basic_string() {
        for pasted in [
            "",
            "Basic",
            "Bearer aWQtMTpzLTI=",
            "aWQtMQ==",
            "9b3a1f4e-1111-4222-8333-abcdefabcdef",
            "OnMtMg==",
        ] {
            assert!(split_basic(pasted).is_none(), "{pasted}");
        }
    }
}

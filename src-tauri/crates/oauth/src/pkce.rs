//! Proof Key for Code Exchange, S256 only (RFC 7636).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::Secret;

/// The code verifier (RFC 7636 §4.1). It cannot be cloned: it moves from the
/// pending request into the one exchange that uses it.
#[derive(Debug)]
pub struct CodeVerifier(Secret);

/// The S256 code challenge of a verifier (RFC 7636 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeVerifier {
    /// 32 random bytes as 43 characters, the length the RFC recommends.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// A verifier that was kept while the browser was open; `None` if it is
    /// not one (RFC 7636 §4.1: 43 to 128 unreserved characters).
    pub fn from_stored(value: Secret) -> Option<Self> {
        let text = value.expose();
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        ((43..=128).contains(&text.len()) && text.bytes().all(unreserved)).then_some(Self(value))
    }

    /// The verifier, for the token request and for keeping it in the keyring.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// `BASE64URL(SHA256(verifier))`.
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(BASE64_URL_SAFE_NO_PAD.encode(crate::sha256(&[self.expose().as_bytes()])))
    }
}

impl CodeChallenge {
    /// The challenge as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_rfc_7636_appendix_b() {
        let verifier = CodeVerifier::from_random([
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105,
            214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ]);
        assert_eq!(verifier.expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(verifier.challenge().as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_stored_verifier_must_be_one() {
        let kept = |text: &str| CodeVerifier::from_stored(Secret::new(text.into())).is_some();
        assert!(kept("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!kept("short"));
        assert!(!kept(&"x".repeat(129)));
        assert!(!kept("dBjftJeZ4CVP mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    }
}

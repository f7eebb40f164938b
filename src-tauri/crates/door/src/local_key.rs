//! What a local key looks like, and what is kept of it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oauth::Secret;

/// What every key begins with, so that whoever finds one knows what it is.
pub const KEY_PREFIX: &str = "hmc_";
/// The characters of 256 bits behind it.
const KEY_CHARACTERS: usize = 43;
/// So many characters of a key's hash tell it from the others of this machine.
const ID_CHARACTERS: usize = 8;

/// The key of these 256 random bits.
pub fn key_of(entropy: [u8; 32]) -> Secret {
    Secret::new(format!("{KEY_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(entropy)))
}

/// The SHA-256 of a key, in hexadecimal digits. A key has 256 random bits, so
/// that no hash that is slow on purpose is needed. `None` if the text is no key.
pub fn hash_of(key: &str) -> Option<String> {
    let characters = key.strip_prefix(KEY_PREFIX)?;
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    (characters.len() == KEY_CHARACTERS).then(|| {
        let hash = oauth::sha256(&[key.as_bytes()]);
        hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
    })
}

/// What a key is called where people tell them apart: the beginning of its hash.
pub fn id_of(hash: &str) -> String {
    hash.chars().take(ID_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_256_bits_and_its_hash_says_nothing_of_it() {
        let key = key_of([7; 32]);
        let hash = hash_of(key.expose()).unwrap();
        assert_eq!(key.expose().len(), KEY_PREFIX.len() + KEY_CHARACTERS);
        assert_eq!(hash.len(), 64);
        assert!(hash.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert!(hash.starts_with(&id_of(&hash)) && !key.expose().contains(&id_of(&hash)));
        for text in ["", "hmc_", "hmc_short", "Bearer", &key.expose()[4..]] {
            assert_eq!(hash_of(text), None, "{text}");
        }
    }
}

//! The keys that a server signs its id tokens with (RFC 7517).

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, crypto, decode_header};
use serde::Deserialize;

use crate::Secret;

/// No honest server has more keys than this.
const MAX_KEYS: usize = 64;

/// Public keys, as they are found at a server's `jwks_uri`.
#[derive(Debug)]
pub struct KeySet(Vec<Jwk>);

impl KeySet {
    /// Reads a key set. Keys of kinds that are not known here are left out;
    /// `None` if it is no key set at all.
    pub fn parse(json: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Wire {
            keys: Vec<serde_json::Value>,
        }
        let wire: Wire = serde_json::from_str(json).ok()?;
        let keys = wire.keys.into_iter().take(MAX_KEYS);
        Some(Self(keys.filter_map(|key| serde_json::from_value(key).ok()).collect()))
    }

    /// Whether a token was signed with one of these keys. A token that says it
    /// is unsigned, or signed with a shared secret, was not: any program could
    /// have made it.
    pub fn signed(&self, token: &Secret) -> bool {
        // By name: the library would panic if another crate of the build switched its other one on.
        let _ = crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let Some((signed, signature)) = token.expose().rsplit_once('.') else { return false };
        let Ok(header) = decode_header(token.expose()) else { return false };
        if matches!(header.alg, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) {
            return false;
        }
        let fits = |key: &&Jwk| {
            let common = &key.common;
            let named = header.kid.is_none() || common.key_id == header.kid;
            let for_signatures =
                common.public_key_use.as_ref().is_none_or(|r#use| *r#use == PublicKeyUse::Signature);
            let algorithm =
                common.key_algorithm.is_none_or(|known| known.to_string() == format!("{:?}", header.alg));
            named && for_signatures && algorithm
        };
        self.0.iter().filter(fits).any(|key| {
            DecodingKey::from_jwk(key)
                .and_then(|key| crypto::verify(signature, signed.as_bytes(), &key, header.alg))
                .unwrap_or(false)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 appendix A.2: a token signed with RS256, and its key.
    const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const KEY: &str = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#;

    fn keys(keys: &str) -> KeySet {
        KeySet::parse(&format!(r#"{{"keys":[{keys}]}}"#)).unwrap()
    }

    fn verify(set: &KeySet, token: &str) -> bool {
        set.signed(&Secret::new(token.to_owned()))
    }

    #[test]
    fn a_token_is_good_if_one_of_the_keys_signed_it() {
        assert!(verify(&keys(KEY), TOKEN));
        let beside = format!(r#"{{"kty":"new"}},{{"kty":"oct","k":"AA"}},{KEY}"#);
        assert!(verify(&keys(&beside), TOKEN), "a key of another kind is no obstacle");
    }

    #[test]
    fn a_changed_token_an_unsigned_one_and_a_foreign_key_are_refused() {
        let set = keys(KEY);
        assert!(!verify(&set, &TOKEN.replace("eyJpc3Mi", "eyJpc3Mj")));
        assert!(!verify(&set, &TOKEN.replace("Rw", "Rg")));
        let payload = TOKEN.split('.').nth(1).unwrap();
        assert!(!verify(&set, &format!("eyJhbGciOiJub25lIn0.{payload}.")), "alg none");
        assert!(!verify(&set, &format!("eyJhbGciOiJIUzI1NiJ9.{payload}.AAAA")), "alg HS256");
        assert!(!verify(&set, "") && !verify(&set, "a.b.c"));
        assert!(!verify(&keys(""), TOKEN));
        for restricted in [r#","use":"enc"}"#, r#","alg":"RS512"}"#] {
            assert!(!verify(&keys(&KEY.replace('}', restricted)), TOKEN), "{restricted}");
        }
        // A key that is named is asked for by its name.
        assert!(verify(&keys(&KEY.replace('}', r#","kid":"1"}"#)), TOKEN), "the token names none");
    }

    #[test]
    fn what_is_no_key_set_is_none() {
        for bad in ["", "[]", "{}", "<html>", r#"{"keys":{}}"#] {
            assert!(KeySet::parse(bad).is_none(), "{bad}");
        }
    }
}

//! Who is connected, as the server's id token says.

use serde::{Deserialize, Serialize, Serializer};

use crate::claims::claims;
use crate::{Secret, plain_text};

/// No person's name or address is longer.
const MAX_CHARS: usize = 200;
/// No subject is longer (OpenID Connect Core §2).
const MAX_SUBJECT_CHARS: usize = 255;

/// A person, by the claims of an id token (OpenID Connect Core §5.1).
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub struct Identity {
    /// The server's own name for them, which never changes: as it came, since it is compared.
    pub subject: String,
    /// What they are called.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
}

impl std::fmt::Debug for Identity {
    /// A person's name belongs in no log.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Identity(..)")
    }
}

impl std::fmt::Display for Identity {
    /// As a person would know them: name and address, or what there is.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.name, &self.email) {
            (Some(name), Some(email)) => write!(formatter, "{name} ({email})"),
            (Some(one), None) | (None, Some(one)) => formatter.write_str(one),
            (None, None) => formatter.write_str(&plain_text(&self.subject)),
        }
    }
}

impl Serialize for Identity {
    /// As a person would know them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Identity {
    /// Reads an id token that came straight from the token endpoint. It tells
    /// one person from another; nothing is permitted because of it.
    pub fn of_id_token(token: &Secret) -> Option<Self> {
        #[derive(Deserialize)]
        struct Claims {
            sub: String,
            name: Option<String>,
            email: Option<String>,
        }
        let claims: Claims = claims(token)?;
        Self::new(claims.sub, claims.name, claims.email)
    }

    /// A person, if there is a name of the server's for them. What is too long
    /// to be a person's is left out.
    pub fn new(subject: String, name: Option<String>, email: Option<String>) -> Option<Self> {
        let shown = |text: Option<String>| {
            let plain = text.map(|text| plain_text(&text))?;
            (!plain.is_empty() && plain.chars().count() <= MAX_CHARS).then_some(plain)
        };
        let (name, email) = (shown(name), shown(email));
        let is_one = !subject.is_empty() && subject.chars().count() <= MAX_SUBJECT_CHARS;
        is_one.then_some(Self { subject, name, email })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;

    fn read(claims: &str) -> Option<Identity> {
        let token = format!("e30.{}.signature", BASE64_URL_SAFE_NO_PAD.encode(claims));
        Identity::of_id_token(&Secret::new(token))
    }

    #[test]
    fn a_person_is_told_by_the_subject() {
        let ana = read(r#"{"sub":"1","name":"Ana Souza","email":"ana@exemplo.com","exp":1}"#).unwrap();
        assert_eq!((ana.subject.as_str(), ana.name.as_deref()), ("1", Some("Ana Souza")));
        assert_eq!(read(r#"{"sub":"1"}"#).unwrap().name, None);
        let odd = read(r#"{"sub":"1","name":"Ana\u001b[2J\u202e  Souza\u0007"}"#).unwrap();
        assert_eq!(odd.name.as_deref(), Some("Ana[2J Souza"), "nothing moves a terminal's cursor");
        let spaced = read(r#"{"sub":"a  b\u0007"}"#).unwrap();
        assert_eq!((spaced.subject.as_str(), spaced.to_string().as_str()), ("a  b\u{7}", "a b"));
        assert!(read(&format!(r#"{{"sub":"{}"}}"#, "x".repeat(255))).is_some());
        assert!(read(&format!(r#"{{"sub":"{}"}}"#, "x".repeat(256))).is_none());
        for nobody in ["", "{}", r#"{"sub":""}"#, r#"{"sub":7}"#, "null"] {
            assert_eq!(read(nobody), None, "{nobody}");
        }
        for no_token in ["", "a.b", "a..c", "a.!!.c"] {
            assert_eq!(Identity::of_id_token(&Secret::new(no_token.into())), None);
        }
    }
}

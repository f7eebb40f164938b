//! The tokens of one session, and which of them goes where.

use std::time::Duration;

use crate::{BearerToken, GrantType, Secret, Timestamp, claims, sha256};

/// Ten years: a longer life means "I don't say", and could not be shown as a date.
pub(crate) const LONGEST_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);

/// The tokens of one session. Passed on byte for byte, never decoded or trimmed.
#[derive(Debug)]
pub struct TokenSet {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, if the server gave one.
    pub refresh_token: Option<Secret>,
    /// The id token, if the server gave one.
    pub id_token: Option<Secret>,
    /// When the access token ends; `None` if the server did not say.
    pub expires_at: Option<Timestamp>,
    /// When the refresh token ends; `None` if the server did not say.
    pub refresh_token_expires_at: Option<Timestamp>,
    /// The granted scope; `None` means the one that was asked for (RFC 6749 §5.1).
    pub scope: Option<String>,
    /// When these tokens arrived.
    pub obtained_at: Timestamp,
    /// How they were asked for, and are asked for again.
    pub grant_type: GrantType,
    /// Which of them the API wants.
    pub bearer: BearerToken,
}

/// Tells one set of tokens from another without holding a secret: a part of a hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenIdentity([u8; 16]);

impl std::fmt::Debug for TokenIdentity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TokenIdentity(..)")
    }
}

impl TokenSet {
    /// The token for `Authorization: Bearer`. A server that wants its id token
    /// there and gave none gets the access token.
    pub fn bearer_token(&self) -> &Secret {
        self.id_token.as_ref().filter(|_| self.bearer == BearerToken::IdToken).unwrap_or(&self.access_token)
    }

    /// When [`TokenSet::bearer_token`] ends, if that is known.
    pub fn bearer_ends_at(&self) -> Option<Timestamp> {
        match (&self.id_token, self.bearer) {
            (Some(token), BearerToken::IdToken) => {
                let longest = self.obtained_at.after(LONGEST_LIFETIME);
                claims::ends_at(token).map(|end| end.min(longest)).or(self.expires_at)
            }
            _ => self.expires_at,
        }
    }

    /// Whether new tokens can be had without the seller in the browser.
    pub fn is_renewable(&self) -> bool {
        self.refresh_token.is_some() || self.grant_type == GrantType::ClientCredentials
    }

    /// Which tokens these are.
    pub fn identity(&self) -> TokenIdentity {
        let mut identity = [0; 16];
        let refresh_token = self.refresh_token.as_ref().map_or("", Secret::expose);
        // A server may give the same access token again, with a longer life.
        let hash = sha256(&[
            self.access_token.expose().as_bytes(),
            &[0],
            refresh_token.as_bytes(),
            &self.obtained_at.seconds().to_be_bytes(),
        ]);
        identity.copy_from_slice(&hash[..16]);
        TokenIdentity(identity)
    }

    /// Whether both have the same access token or the same refresh token: then
    /// revoking one set would end the other.
    pub fn shares_a_token_with(&self, other: &Self) -> bool {
        let refresh_tokens = self.refresh_token.as_ref().zip(other.refresh_token.as_ref());
        self.access_token.matches(other.access_token.expose())
            || refresh_tokens.is_some_and(|(ours, theirs)| ours.matches(theirs.expose()))
    }

    /// What a refresh leaves out stays as it was (RFC 6749 §6).
    pub fn keeping_what_is_missing(mut self, previous: TokenSet) -> Self {
        if self.refresh_token.is_none() {
            self.refresh_token = previous.refresh_token;
            self.refresh_token_expires_at =
                self.refresh_token_expires_at.or(previous.refresh_token_expires_at);
        }
        self.scope = self.scope.or(previous.scope);
        if self.id_token.is_none() {
            // The old one still says who it is; for the API it is too old now.
            self.id_token = previous.id_token;
            self.bearer = BearerToken::AccessToken;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::authorization::tests::{NOW, client};
    use crate::{Client, Response, parse_token_response};

    fn read(client: &Client, body: &str) -> TokenSet {
        let response = Response { status: 200, body: Secret::new(body.into()), retry_after: None };
        parse_token_response(&response, client, &[], NOW).unwrap()
    }

    #[test]
    fn where_the_api_wants_the_id_token_one_that_did_not_come_anew_is_not_handed_out() {
        let mut wanting = client();
        wanting.server.bearer = BearerToken::IdToken;
        let with = |body: &str| read(&wanting, body);
        // {"exp":1800000100}, and one that ends in the year 33658
        let old =
            with(r#"{"access_token":"a1","id_token":"e30.eyJleHAiOjE4MDAwMDAxMDB9.s","expires_in":7200}"#);
        assert_eq!(old.bearer_ends_at(), Some(NOW.after(Duration::from_secs(100))));
        let new = with(r#"{"access_token":"a2","expires_in":7200}"#).keeping_what_is_missing(old);
        assert_eq!(new.bearer_token().expose(), "a2");
        assert_eq!(new.bearer_ends_at(), Some(NOW.after(Duration::from_secs(7_200))));
        assert!(new.id_token.is_some(), "it still says who is connected");
        let absurd = with(r#"{"access_token":"a","id_token":"e30.eyJleHAiOjFlMTJ9.s"}"#);
        assert_eq!(absurd.bearer_ends_at(), Some(NOW.after(LONGEST_LIFETIME)));
    }

    #[test]
    fn a_refresh_that_names_no_refresh_token_keeps_the_old_one() {
        let old = read(&client(), r#"{"access_token":"a1","refresh_token":"r1","scope":"sales"}"#);
        let new = read(&client(), r#"{"access_token":"a2"}"#).keeping_what_is_missing(old);
        assert_eq!(new.access_token.expose(), "a2");
        assert_eq!(new.refresh_token.as_ref().unwrap().expose(), "r1");
        assert_eq!(new.scope.as_deref(), Some("sales"));
        let newer =
            read(&client(), r#"{"access_token":"a3","refresh_token":"r3"}"#).keeping_what_is_missing(new);
        assert_eq!(newer.refresh_token.unwrap().expose(), "r3");
    }
}

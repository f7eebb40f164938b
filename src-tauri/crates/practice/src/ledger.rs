//! What was issued, as hashes. A session is a family: a refresh token that
//! comes twice ends all of it (RFC 9700 §4.14.2).

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a token or code was given for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub family: u64,
    /// Who said yes: one of [`crate::sellers::SELLERS`].
    #[serde(default)]
    pub seller: usize,
    pub client_id: String,
    pub scope: String,
    pub expires_at: u64,
}

/// A code that was given out, and what its exchange must show.
#[derive(Clone, Debug)]
pub struct CodeGrant {
    pub grant: Grant,
    pub redirect_uri: String,
    pub challenge: String,
    /// What its id token is to repeat.
    pub nonce: Option<String>,
    used: bool,
}

/// Why a token is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    Unknown,
    Expired,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Ledger {
    next_family: u64,
    ended: HashSet<u64>,
    access: HashMap<String, Grant>,
    refresh: HashMap<String, (Grant, bool)>,
    #[serde(skip)]
    codes: HashMap<String, CodeGrant>,
}

impl Ledger {
    pub fn restored(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn new_family(&mut self) -> u64 {
        self.next_family += 1;
        self.next_family
    }

    pub fn add_code(
        &mut self,
        code: &str,
        grant: Grant,
        redirect_uri: String,
        challenge: String,
        nonce: Option<String>,
    ) {
        self.codes.insert(hash(code), CodeGrant { grant, redirect_uri, challenge, nonce, used: false });
    }

    /// Takes a code, once. The second time its whole family ends (RFC 6749 §4.1.2).
    pub fn take_code(&mut self, code: &str, now: u64) -> Result<CodeGrant, Invalid> {
        let known = self.codes.get_mut(&hash(code)).ok_or(Invalid::Unknown)?;
        if known.used {
            self.ended.insert(known.grant.family);
            return Err(Invalid::Unknown);
        }
        known.used = true;
        let taken = known.clone();
        if taken.grant.expires_at <= now { Err(Invalid::Expired) } else { Ok(taken) }
    }

    pub fn add_access(&mut self, token: &str, grant: Grant, now: u64) {
        self.access.retain(|_, known| known.expires_at + 3_600 > now);
        self.access.insert(hash(token), grant);
    }

    pub fn add_refresh(&mut self, token: &str, grant: Grant, now: u64) {
        self.refresh.retain(|_, (known, _)| known.expires_at > now);
        self.refresh.insert(hash(token), (grant, false));
    }

    /// Takes a refresh token, once. The second time its whole family ends.
    pub fn take_refresh(&mut self, token: &str, client_id: &str, now: u64) -> Result<Grant, Invalid> {
        let (grant, used) = self.refresh.get_mut(&hash(token)).ok_or(Invalid::Unknown)?;
        if grant.client_id != client_id || self.ended.contains(&grant.family) {
            return Err(Invalid::Unknown);
        }
        if *used {
            self.ended.insert(grant.family);
            return Err(Invalid::Unknown);
        }
        *used = true;
        if grant.expires_at <= now { Err(Invalid::Expired) } else { Ok(grant.clone()) }
    }

    pub fn check_access(&self, token: &str, now: u64) -> Result<&Grant, Invalid> {
        let grant = self.access.get(&hash(token)).ok_or(Invalid::Unknown)?;
        if self.ended.contains(&grant.family) {
            return Err(Invalid::Unknown);
        }
        if grant.expires_at <= now { Err(Invalid::Expired) } else { Ok(grant) }
    }

    /// Revokes a client's token (RFC 7009): a refresh token takes its family with it.
    pub fn revoke(&mut self, token: &str, client_id: &str) {
        let token = hash(token);
        if let Some((grant, _)) = self.refresh.get(&token)
            && grant.client_id == client_id
        {
            self.ended.insert(grant.family);
        }
        if self.access.get(&token).is_some_and(|grant| grant.client_id == client_id) {
            self.access.remove(&token);
        }
    }

    pub fn forget_access_tokens(&mut self) {
        self.access.clear();
    }

    pub fn end_every_session(&mut self) {
        self.ended.extend(self.refresh.values().map(|(grant, _)| grant.family));
    }
}

fn hash(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(family: u64) -> Grant {
        Grant { family, seller: 0, client_id: "c".into(), scope: "sales".into(), expires_at: 100 }
    }

    #[test]
    fn a_refresh_token_that_comes_twice_ends_the_family_and_only_that() {
        let mut ledger = Ledger::default();
        ledger.add_refresh("r1", grant(1), 0);
        ledger.add_refresh("other", grant(2), 0);
        assert!(ledger.take_refresh("r1", "c", 0).is_ok());
        ledger.add_refresh("r2", grant(1), 0);
        ledger.add_access("a2", grant(1), 0);
        assert!(ledger.take_refresh("r1", "c", 0).is_err());
        assert!(ledger.take_refresh("r2", "c", 0).is_err());
        assert!(ledger.check_access("a2", 0).is_err());
        assert!(ledger.take_refresh("other", "c", 0).is_ok());
    }

    #[test]
    fn a_code_works_once_and_in_time() {
        let mut ledger = Ledger::default();
        ledger.add_code("once", grant(1), String::new(), String::new(), None);
        ledger.add_code("late", grant(2), String::new(), String::new(), None);
        assert!(ledger.take_code("once", 99).is_ok());
        assert_eq!(ledger.take_code("once", 99).unwrap_err(), Invalid::Unknown);
        assert_eq!(ledger.take_code("late", 100).unwrap_err(), Invalid::Expired);
    }

    #[test]
    fn what_is_remembered_holds_sessions_but_no_token() {
        let mut ledger = Ledger::default();
        ledger.add_refresh("the-refresh-token", grant(1), 0);
        let text = ledger.to_text();
        assert!(!text.contains("the-refresh-token"));
        assert!(Ledger::restored(Some(&text)).take_refresh("the-refresh-token", "c", 0).is_ok());
        assert!(Ledger::restored(Some("nonsense")).take_refresh("the-refresh-token", "c", 0).is_err());
    }
}

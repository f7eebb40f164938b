//! The keys there are, as their file has them. No key is in it.

use connection::AccountId;
use oauth::{Timestamp, plain_text};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Raised when an older program could no longer read the file.
const VERSION: u32 = 1;
/// A name is a line that a person reads: at most this many characters.
const LONGEST_NAME: usize = 60;

/// One key, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalKey {
    /// What people and programs call it: the beginning of its hash.
    pub id: String,
    /// The tool that has it, as the user called it.
    pub name: String,
    /// The account it opens, and no other.
    pub account: AccountId,
    /// Its SHA-256.
    hash: String,
    /// Whether it may change anything, or only read.
    #[serde(default)]
    pub may_write: bool,
    /// Whether programs in containers of this machine may use it, which reach
    /// it under the name `host.docker.internal`.
    #[serde(default)]
    pub from_containers: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// What this version does not know stays where it is.
    #[serde(flatten)]
    unknown: serde_json::Map<String, serde_json::Value>,
}

impl LocalKey {
    /// A key with this hash and id.
    pub fn new(id: String, hash: String, name: String, account: AccountId, created_at: Timestamp) -> Self {
        let unknown = serde_json::Map::new();
        Self { id, name, account, hash, may_write: false, from_containers: false, created_at, unknown }
    }
}

/// The text names no tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKeyName;

/// A key's name as it was typed: one line of at most 60 characters.
///
/// # Errors
/// Nothing is left of it, or it is longer.
pub fn name_of(typed: &str) -> Result<String, InvalidKeyName> {
    let name = plain_text(typed);
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME;
    if fits { Ok(name) } else { Err(InvalidKeyName) }
}

/// The file's content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyFile {
    #[serde(deserialize_with = "known_version")]
    version: u32,
    keys: Vec<LocalKey>,
    /// What this version does not know stays where it is.
    #[serde(flatten)]
    unknown: serde_json::Map<String, serde_json::Value>,
}

/// A newer program may have bound a key to more than this one knows of: such a
/// file is not read, and so not changed.
fn known_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let version = u32::deserialize(deserializer)?;
    if version <= VERSION { Ok(version) } else { Err(D::Error::custom("the file is of a newer version")) }
}

impl Default for KeyFile {
    fn default() -> Self {
        Self { version: VERSION, keys: Vec::new(), unknown: serde_json::Map::new() }
    }
}

impl KeyFile {
    /// All keys, the newest last.
    pub fn keys(&self) -> &[LocalKey] {
        &self.keys
    }

    /// Takes a key in.
    pub fn add(&mut self, key: LocalKey) {
        self.keys.push(key);
    }

    /// The key with this hash.
    pub fn find(&self, hash: &str) -> Option<&LocalKey> {
        self.keys.iter().find(|key| key.hash == hash)
    }

    /// Takes out the key with this id, or else all with this name; gives them.
    pub fn revoke(&mut self, id_or_name: &str) -> Vec<LocalKey> {
        let by_id = self.keys.iter().any(|key| key.id == id_or_name);
        let is_meant = |key: &mut LocalKey| if by_id { key.id == id_or_name } else { key.name == id_or_name };
        self.keys.extract_if(.., is_meant).collect()
    }

    /// Takes out every key of an account.
    pub fn forget_account(&mut self, account: &AccountId) {
        self.keys.retain(|key| key.account != *account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, name: &str) -> LocalKey {
        let account = AccountId::parse("main").unwrap();
        LocalKey::new(id.into(), format!("hash of {id}"), name.into(), account, Timestamp::from_seconds(1))
    }

    #[test]
    fn a_key_is_revoked_by_its_id_before_any_name() {
        let mut file = KeyFile::default();
        for (id, name) in [("aaaa1111", "Excel"), ("bbbb2222", "aaaa1111"), ("cccc3333", "Excel")] {
            file.add(key(id, name));
        }
        assert_eq!(file.revoke("aaaa1111"), [key("aaaa1111", "Excel")]);
        assert_eq!(file.revoke("Excel"), [key("cccc3333", "Excel")]);
        assert!(file.revoke("Excel").is_empty());
        assert_eq!(file.keys(), [key("bbbb2222", "aaaa1111")]);
    }

    #[test]
    fn what_a_newer_program_wrote_stays() {
        let text = r#"{"version":1,"keys":[],"colour":"red"}"#;
        let mut file: KeyFile = serde_json::from_str(text).unwrap();
        file.add(key("aaaa1111", "Excel"));
        let written = serde_json::to_string(&file).unwrap();
        assert!(written.contains(r#""colour":"red""#) && written.contains("Excel"));
        let newer = text.replace("\"version\":1", "\"version\":2");
        assert!(serde_json::from_str::<KeyFile>(&newer).is_err());
    }

    #[test]
    fn a_name_is_one_line_that_can_be_read() {
        assert_eq!(name_of("  Excel\n da Ana ").unwrap(), "Excel da Ana");
        assert_eq!(name_of("\u{200b} \n"), Err(InvalidKeyName));
        assert_eq!(name_of(&"a".repeat(61)), Err(InvalidKeyName));
    }
}

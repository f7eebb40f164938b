//! Records larger than one entry, replaced all or nothing.
//!
//! A record's head is one entry. A small record stands in the head itself; a
//! large one stands in parts, and the head says which. New parts are written
//! into the slot the head does not name; writing the head is the one step
//! that makes them count. Killed at any moment, the head names a whole record.
//!
//! Of a record named `main/tokens`, the entry of that name is the head. It
//! holds `whole:` and the record, or `split:` and a JSON object: `slot` (`a` or
//! `b`), `parts` (how many), and `sha256` of the record in hexadecimal. The
//! parts are `main/tokens.a0`, `main/tokens.a1` and so on.

use connection::KeyringProblem;
use oauth::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::SecretStore;

const WHOLE: &str = "whole:";
const SPLIT: &str = "split:";
/// A reader that meets a writer looks again this often at the most.
const READ_TRIES: usize = 5;
/// More parts than any honest record has.
const MAX_PARTS: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Slot {
    A,
    B,
}

impl Slot {
    const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    fn part(self, name: &str, index: usize) -> String {
        let slot = match self {
            Self::A => 'a',
            Self::B => 'b',
        };
        format!("{name}.{slot}{index}")
    }
}

/// What a head says of a record in parts.
#[derive(Serialize, Deserialize)]
struct Split {
    slot: Slot,
    parts: usize,
    sha256: String,
}

/// Records over entries of limited size.
pub struct ChunkedRecords {
    entries: Box<dyn SecretStore>,
    limit: usize,
}

impl ChunkedRecords {
    /// Records over `entries`, each of which holds at most `limit` bytes.
    pub fn new(entries: impl SecretStore + 'static, limit: usize) -> Self {
        Self { entries: Box::new(entries), limit }
    }

    /// The entries underneath.
    pub fn entries(&mut self) -> &mut dyn SecretStore {
        &mut *self.entries
    }

    /// Reads a record; `None` if there is none, or a part of it was taken away by hand.
    pub fn read(&mut self, name: &str) -> Result<Option<Secret>, KeyringProblem> {
        for _ in 0..READ_TRIES {
            let Some(head) = self.text(name)? else {
                return Ok(None);
            };
            if let Some(record) = head.strip_prefix(WHOLE) {
                return Ok(Some(Secret::new(record.to_owned())));
            }
            let Some(split) = parse(&head) else { break };
            if let Some(record) = self.join(name, &split)? {
                return Ok(Some(record));
            }
        }
        log::error!("{name}: the keyring's record is damaged; taken as missing");
        Ok(None)
    }

    /// Replaces a record. Until this returns `Ok`, the old one is the record.
    pub fn write(&mut self, name: &str, record: &Secret) -> Result<(), KeyringProblem> {
        self.write_while(name, record, &|| true)
    }

    /// The same, given up before the next step once it is not waited for any more:
    /// by then another process may be writing.
    pub fn write_while(
        &mut self,
        name: &str,
        record: &Secret,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<(), KeyringProblem> {
        let go_on = || if is_wanted() { Ok(()) } else { Err(KeyringProblem::Unresponsive) };
        let old = self.split(name)?;
        let text = record.expose();
        if WHOLE.len() + text.len() <= self.limit {
            let head = Zeroizing::new(format!("{WHOLE}{text}"));
            go_on()?;
            self.entries.set(name, head.as_bytes())?;
        } else {
            let slot = old.as_ref().map_or(Slot::A, |old| old.slot.other());
            let parts = pieces(text, self.limit);
            if parts.len() > MAX_PARTS {
                return Err(KeyringProblem::Failed);
            }
            for (index, part) in parts.iter().enumerate() {
                go_on()?;
                self.entries.set(&slot.part(name, index), part.as_bytes())?;
            }
            let split = Split { slot, parts: parts.len(), sha256: digest(text) };
            let head = serde_json::to_string(&split).map_err(|_| KeyringProblem::Failed)?;
            go_on()?;
            self.entries.set(name, format!("{SPLIT}{head}").as_bytes())?;
            self.sweep_later(name, slot, parts.len(), 0);
        }
        if let Some(old) = old {
            self.sweep_later(name, old.slot, 0, old.parts);
        }
        Ok(())
    }

    /// Deletes a record and everything that belonged to it. The head goes last:
    /// as long as anything is left, it says how much there was.
    ///
    /// # Errors
    /// The store's; something of it may still be there, and deleting it again helps.
    pub fn delete(&mut self, name: &str) -> Result<(), KeyringProblem> {
        let named = self.split(name)?;
        for slot in [Slot::A, Slot::B] {
            let known = named.as_ref().filter(|split| split.slot == slot).map_or(0, |split| split.parts);
            self.sweep(name, slot, 0, known)?;
        }
        self.entries.delete(name)
    }

    fn split(&mut self, name: &str) -> Result<Option<Split>, KeyringProblem> {
        Ok(self.text(name)?.as_deref().and_then(|head| parse(head)))
    }

    fn join(&mut self, name: &str, split: &Split) -> Result<Option<Secret>, KeyringProblem> {
        let mut record = Zeroizing::new(String::new());
        for index in 0..split.parts.min(MAX_PARTS) {
            let Some(part) = self.text(&split.slot.part(name, index))? else {
                return Ok(None);
            };
            record.push_str(&part);
        }
        let whole = digest(&record) == split.sha256;
        Ok(whole.then(|| Secret::new(std::mem::take(&mut *record))))
    }

    fn text(&mut self, name: &str) -> Result<Option<Zeroizing<String>>, KeyringProblem> {
        let bytes = self.entries.get(name)?;
        Ok(bytes
            .and_then(|bytes| std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))))
    }

    /// Deletes parts from the last one down to `first`, so that those that are
    /// left when it is cut off stand without a gap, and the next sweep finds
    /// them. `known` is how many parts a head names: up to there gaps do not matter.
    fn sweep(&mut self, name: &str, slot: Slot, first: usize, known: usize) -> Result<(), KeyringProblem> {
        let mut end = first;
        while end < MAX_PARTS && self.entries.get(&slot.part(name, end))?.is_some() {
            end += 1;
        }
        for index in (first..end.max(known.min(MAX_PARTS))).rev() {
            self.entries.delete(&slot.part(name, index))?;
        }
        Ok(())
    }

    /// The same for parts that no head names any more. They do no harm to the
    /// record, so a failure is none; what is left is swept with the record's end.
    fn sweep_later(&mut self, name: &str, slot: Slot, first: usize, known: usize) {
        if let Err(problem) = self.sweep(name, slot, first, known) {
            log::warn!("parts of an old record stay in the keyring: {problem}");
        }
    }
}

fn parse(head: &str) -> Option<Split> {
    serde_json::from_str(head.strip_prefix(SPLIT)?).ok()
}

fn digest(text: &str) -> String {
    oauth::sha256(&[text.as_bytes()]).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Pieces of at most `limit` bytes, cut between characters: some stores take only UTF-8.
fn pieces(mut text: &str, limit: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let cut = text.floor_char_boundary(limit.max(4));
        let (piece, rest) = text.split_at(cut);
        pieces.push(piece);
        text = rest;
    }
    pieces
}

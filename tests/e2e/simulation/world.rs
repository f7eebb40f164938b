//! The simulated machine: time, a keyring of small entries, locks, a network,
//! and processes that die.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use adapters::{ChunkedRecords, SecretStore};
use connection::{AccountId, KeyringProblem};
use tokio::time::Instant;
use url::Url;
use zeroize::Zeroizing;

use super::accounts::accounts;
use super::server::Server;

pub const START: u64 = 1_800_000_000;
/// So small that every record of tokens stands in parts.
pub const ENTRY_LIMIT: usize = 256;

/// What becomes of the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It reaches nobody.
    Unreachable,
    /// The server is busy: nothing is done.
    Busy(u16, Option<u64>),
    /// The server does it, and the line breaks.
    Interrupted,
    /// The server does it, and answers after the deadline.
    TooLate,
    /// The server does it, and answers after this many seconds.
    Slow(u64),
    /// The server does it, and something else answers in its place, with this status.
    Garbled(u16),
}

/// How the keyring is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Well,
    Locked,
    Gone,
    /// Reads, and writes nothing.
    Full,
    /// Takes this many seconds for everything.
    Slow(u64),
}

#[derive(Default)]
pub struct Machine {
    pub entries: BTreeMap<String, Vec<u8>>,
    pub mood: Mood,
    pub network_is_down: bool,
    /// What becomes of the next requests, in turn.
    pub faults: VecDeque<Fault>,
    /// Kills a process at this many steps of the keyring from now.
    pub kill_at: Option<(usize, u32)>,
    pub dead: BTreeSet<usize>,
    pub locks: BTreeMap<AccountId, (usize, u64)>,
    pub lock_numbers: u64,
    /// Seconds that passed while the machine slept.
    pub slept: u64,
    pub server: Server,
    /// Where the browser was sent last, for each account.
    pub opened: BTreeMap<AccountId, Url>,
    /// Accounts that the user asked to be disconnected since their last login.
    pub leaving: BTreeSet<AccountId>,
}

pub struct World {
    machine: Mutex<Machine>,
    started: Instant,
}

impl World {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { machine: Mutex::default(), started: Instant::now() })
    }

    pub fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap()
    }

    pub fn now(&self) -> u64 {
        START + self.started.elapsed().as_secs() + self.machine().slept
    }

    pub fn kill(&self, process: usize) {
        let kept = self.kept();
        let mut machine = self.machine();
        machine.dead.insert(process);
        machine.locks.retain(|_, (holder, _)| *holder != process);
        machine.server.lose_what_is_with(process, &kept);
    }

    /// A record in the keyring, as a program that starts now would find it.
    pub fn record(&self, account: &AccountId) -> Result<Option<serde_json::Value>, String> {
        let name = format!("{account}/tokens");
        let entries = self.machine().entries.clone();
        let is_there = entries.contains_key(&name);
        let mut records = ChunkedRecords::new(Copied(entries), ENTRY_LIMIT);
        match records.read(&name).map_err(|problem| problem.to_string())? {
            Some(text) => serde_json::from_str(text.expose()).map(Some).map_err(|error| error.to_string()),
            None if is_there => Err(format!("the record of {account} is torn")),
            None => Ok(None),
        }
    }

    /// The refresh tokens of all records.
    pub fn kept(&self) -> Vec<String> {
        let accounts = accounts();
        let records = accounts.iter().filter_map(|(account, _)| self.record(account).ok().flatten());
        records.filter_map(|record| record["refresh_token"].as_str().map(str::to_owned)).collect()
    }
}

/// The keyring's entries at one moment.
struct Copied(BTreeMap<String, Vec<u8>>);

impl SecretStore for Copied {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem> {
        Ok(self.0.get(name).cloned().map(Zeroizing::new))
    }
    fn set(&mut self, _: &str, _: &[u8]) -> Result<(), KeyringProblem> {
        Err(KeyringProblem::Failed)
    }
    fn delete(&mut self, _: &str) -> Result<(), KeyringProblem> {
        Err(KeyringProblem::Failed)
    }
    fn unlock(&mut self) -> Result<(), KeyringProblem> {
        Ok(())
    }
}

/// The keyring, as one process reaches it.
pub struct Entries {
    pub world: Arc<World>,
    pub process: usize,
}

impl Entries {
    /// One step of a write or a deletion: here a process can die.
    fn step(&self) -> Result<MutexGuard<'_, Machine>, KeyringProblem> {
        let mut machine = self.world.machine();
        if let Some((process, steps)) = machine.kill_at.filter(|(process, _)| *process == self.process) {
            machine.kill_at = steps.checked_sub(1).map(|left| (process, left));
            if steps == 0 {
                drop(machine);
                self.world.kill(process);
                machine = self.world.machine();
            }
        }
        if machine.dead.contains(&self.process) { Err(KeyringProblem::Failed) } else { Ok(machine) }
    }
}

impl SecretStore for Entries {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringProblem> {
        Ok(self.world.machine().entries.get(name).cloned().map(Zeroizing::new))
    }
    fn set(&mut self, name: &str, secret: &[u8]) -> Result<(), KeyringProblem> {
        assert!(secret.len() <= ENTRY_LIMIT);
        self.step()?.entries.insert(name.to_owned(), secret.to_owned());
        Ok(())
    }
    fn delete(&mut self, name: &str) -> Result<(), KeyringProblem> {
        self.step()?.entries.remove(name);
        Ok(())
    }
    fn unlock(&mut self) -> Result<(), KeyringProblem> {
        Ok(())
    }
}

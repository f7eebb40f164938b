//! What happens in a day, and what must hold after each step of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connection::{
    AccountId, Configuration, Connection, Event, Ports, RenewalTrigger, Request, ResolvedAccount,
    StoredSession, View,
};
use oauth::{AuthorizationEntropy, Callback};
use tokio::sync::watch;
use tokio::time::sleep;

use super::accounts::accounts;
use super::dice::Dice;
use super::log_of_this_thread;
use super::process::{OwnBrowser, Process};
use super::world::{Fault, Mood, World};

/// Two programs that run at the same time, besides those of the terminal.
const PROGRAMS: usize = 2;

/// A program that runs: an actor for each account.
struct Running {
    process: Process,
    connections: BTreeMap<AccountId, Connection>,
}

pub struct Simulation {
    pub world: Arc<World>,
    programs: Vec<Option<Running>>,
    started: usize,
    pub faults: usize,
    entropy: u8,
    /// What happened, for the one who reads a failure.
    pub told: Vec<String>,
}

impl Simulation {
    pub fn new() -> Self {
        let programs = (0..PROGRAMS).map(|_| None).collect();
        Self { world: World::new(), programs, started: 0, faults: 0, entropy: 0, told: Vec::new() }
    }

    fn tell(&mut self, what: impl Into<String>) {
        self.told.push(what.into());
    }

    fn fault(&mut self, what: impl std::fmt::Debug) {
        self.faults += 1;
        self.tell(format!("{what:?}"));
    }

    fn new_process(&mut self) -> Process {
        self.started += 1;
        Process { world: Arc::clone(&self.world), number: self.started }
    }

    fn start(&mut self, place: usize) {
        let process = self.new_process();
        let connections = accounts().into_iter().map(|(account, resolved)| {
            let browser = Arc::new(OwnBrowser(process.clone(), account.clone()));
            let ports = Ports { browser, ..process.ports() };
            let seed = process.number as u64;
            let clear_after = watch::channel(Duration::from_secs(60)).1;
            let connection = connection::spawn(account.clone(), seed, ports, clear_after);
            let resolved = Some(Box::new(resolved));
            let configuration = Configuration { resolved, new_client_secret: None, then_check: false };
            connection.send(Event::Configured(configuration));
            (account, connection)
        });
        let connections = connections.collect();
        self.programs[place] = Some(Running { process, connections });
    }

    /// Programs that were killed are gone; most are started again soon.
    pub fn bury(&mut self) {
        for place in &mut self.programs {
            place.take_if(|running| running.process.is_dead());
        }
    }

    fn connections(&self) -> impl Iterator<Item = (&AccountId, &Connection)> {
        self.programs.iter().flatten().flat_map(|running| &running.connections)
    }

    fn some_connection(&self, dice: &mut Dice, account: &AccountId) -> Option<Connection> {
        let all: Vec<_> = self.connections().filter(|(id, _)| *id == account).map(|(_, c)| c).collect();
        (!all.is_empty()).then(|| all[dice.roll(all.len())].clone())
    }

    /// Something happens.
    pub async fn step(&mut self, dice: &mut Dice) {
        let accounts = accounts();
        let (account, resolved) = accounts[dice.roll(accounts.len())].clone();
        match dice.roll(20) {
            0..=3 => {
                let fault = dice.of_these(&[
                    Fault::Unreachable,
                    Fault::Busy(503, None),
                    Fault::Busy(500, None),
                    Fault::Busy(502, None),
                    Fault::Busy(429, Some(120)),
                    Fault::Busy(429, Some(3_600)),
                    Fault::Interrupted,
                    Fault::TooLate,
                    Fault::Slow(29),
                    Fault::Garbled(200),
                    Fault::Garbled(504),
                ]);
                self.fault(fault);
                self.world.machine().faults.push_back(fault);
                self.refresh_somewhere(dice, &account);
            }
            4..=6 => {
                let mood = dice.of_these(&[Mood::Locked, Mood::Gone, Mood::Full, Mood::Slow(5), Mood::Well]);
                self.fault(mood);
                self.world.machine().mood = mood;
                self.refresh_somewhere(dice, &account);
            }
            7 | 8 => {
                let down = dice.roll(3) > 0;
                self.fault(("the network is down", down));
                self.world.machine().network_is_down = down;
            }
            9..=11 => {
                // The laptop is closed, or its clock is put forward.
                let hours = 1 + dice.roll(14) as u64;
                self.fault(("asleep for hours", hours));
                self.world.machine().slept += hours * 3_600;
                if dice.roll(2) == 0 {
                    self.connections().for_each(|(_, connection)| connection.send(Event::Resumed));
                }
            }
            12 | 13 => {
                // Killed at any step of a write, or in the middle of a request.
                let place = dice.roll(PROGRAMS);
                let Some(number) = self.programs[place].as_ref().map(|running| running.process.number) else {
                    return self.start(place);
                };
                let steps = dice.roll(12) as u32;
                self.fault(("killed", number, steps));
                self.world.machine().kill_at = Some((number, steps));
                self.refresh_somewhere(dice, &account);
                if dice.roll(3) == 0 {
                    sleep(Duration::from_millis(100 * dice.roll(8) as u64)).await;
                    self.world.kill(number);
                }
            }
            14 | 15 => self.terminal(dice, &account, &resolved).await,
            16 => {
                self.fault(("the seller takes the permission away", &account));
                self.world.machine().server.take_away(account.as_str());
            }
            17 => {
                self.tell(format!("disconnect {account}"));
                self.world.machine().leaving.insert(account.clone());
                if let Some(connection) = self.some_connection(dice, &account) {
                    connection.send(Request::Disconnect.into());
                }
            }
            18 => self.log_in(dice, &account).await,
            _ => {
                for place in 0..PROGRAMS {
                    if self.programs[place].is_none() {
                        self.start(place);
                    }
                }
            }
        }
        sleep(Duration::from_secs(dice.of_these(&[1, 5, 20, 60, 150]))).await;
    }

    fn refresh_somewhere(&mut self, dice: &mut Dice, account: &AccountId) {
        if let Some(connection) = self.some_connection(dice, account) {
            connection.send(Request::Refresh.into());
        }
    }

    /// `hotmart-token` asks for a new token, and may be killed at it.
    async fn terminal(&mut self, dice: &mut Dice, account: &AccountId, resolved: &ResolvedAccount) {
        let process = self.new_process();
        let dies = dice.roll(2) == 0;
        if dies {
            let steps = dice.roll(8) as u32;
            self.fault(("the terminal is killed", process.number, steps));
            self.world.machine().kill_at = Some((process.number, steps));
        } else {
            self.tell(format!("the terminal renews {account}"));
        }
        let custody = process.custody();
        let (account, resolved) = (account.clone(), resolved.clone());
        let renewing = tokio::spawn(async move {
            let stored = custody.stored_session(&account, &resolved.fingerprint()).await;
            if let Ok(StoredSession::Session(session)) = stored {
                let _ = custody.renew(&account, &resolved, session.identity, RenewalTrigger::Asked).await;
            }
        });
        sleep(Duration::from_millis(200 * dice.roll(6) as u64)).await;
        // It ends with its work, or in the middle of it.
        if dies {
            self.world.kill(process.number);
        } else {
            let _ = tokio::time::timeout(Duration::from_secs(200), renewing).await;
            self.world.kill(process.number);
        }
    }

    /// The user connects an account; the answer arrives at whichever program.
    async fn log_in(&mut self, dice: &mut Dice, account: &AccountId) {
        self.tell(format!("log in {account}"));
        let Some(connection) = self.some_connection(dice, account) else { return };
        self.entropy = self.entropy.wrapping_add(1);
        let random = [self.entropy; 32];
        let entropy = AuthorizationEntropy { state: random, verifier: random, nonce: random };
        self.world.machine().opened.remove(account);
        connection.send(Event::Requested(Request::Connect, Some(entropy)));
        sleep(Duration::from_secs(12)).await;
        let Some(url) = self.world.machine().opened.remove(account) else { return };
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let redirect = url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
        let code = self.world.machine().server.code();
        let answer = format!("{redirect}?code={code}&state={state}");
        if let Some(connection) = self.some_connection(dice, account) {
            connection.send(Event::CallbackArrived(Callback::new(answer)));
        }
        sleep(Duration::from_secs(15)).await;
        self.world.machine().leaving.remove(account);
    }

    /// What must hold at every step.
    pub fn check(&self) -> Result<(), String> {
        if let Some(violation) = &self.world.machine().server.violation {
            return Err(violation.clone());
        }
        for (account, _) in accounts() {
            let is_leaving = self.world.machine().leaving.contains(&account);
            let record = match self.world.record(&account) {
                // Deleted halfway, it is no record, and its tokens are void.
                Err(_) if is_leaving => continue,
                record => record?,
            };
            let Some(record) = record else { continue };
            let token = record["refresh_token"].as_str().unwrap_or_default();
            let over = record["refused"].as_str();
            if over.is_some() && self.world.machine().server.could_go_on(token) {
                return Err(format!("{account}: a session is over that could go on"));
            }
        }
        for (account, connection) in self.connections() {
            let shown = format!("{:?}", *connection.watch().borrow());
            if ["access-", "refresh-", "code-"].iter().any(|secret| shown.contains(secret)) {
                return Err(format!("{account}: a secret is shown: {shown}"));
            }
        }
        log_of_this_thread::check()
    }

    /// The day is over and all is well again: whoever can be connected is, and
    /// whoever cannot can log in.
    pub async fn end_the_day(&mut self, dice: &mut Dice) -> Result<(), String> {
        {
            let mut machine = self.world.machine();
            (machine.mood, machine.network_is_down, machine.kill_at) = (Mood::Well, false, None);
            machine.faults.clear();
            machine.slept += 2 * 3_600;
        }
        self.bury();
        for place in 0..PROGRAMS {
            if self.programs[place].is_none() {
                self.start(place);
            }
        }
        for _ in 0..8 {
            self.connections().for_each(|(_, connection)| connection.send(Event::Resumed));
            sleep(Duration::from_secs(60)).await;
            self.check()?;
        }
        for (account, _) in accounts() {
            let record = self.world.record(&account).unwrap_or_default();
            let token =
                record.as_ref().and_then(|record| record["refresh_token"].as_str().map(str::to_owned));
            let goes_on = match (&token, &record) {
                (Some(token), _) => self.world.machine().server.could_go_on(token),
                (None, record) => record.is_some(),
            };
            if !goes_on {
                self.log_in(dice, &account).await;
                // One program may have taken the answer that another one waits for.
                for (_, connection) in self.connections() {
                    connection.send(Request::Cancel.into());
                    connection.send(Event::Resumed);
                }
                sleep(Duration::from_secs(30)).await;
            }
            for connection in self.connections().filter(|(id, _)| **id == account).map(|(_, one)| one) {
                let view = connection.watch().borrow().view.clone();
                if !matches!(view, View::Connected { .. }) {
                    return Err(format!("{account}: still {} when all was well ({goes_on})", view.name()));
                }
            }
        }
        self.check()
    }
}

//! Looks at everything on this computer that a connection needs.

use std::time::{Duration, SystemTime};

use adapters::{KEYRING_DEADLINE, ServerClock};
use connection::ports::{Item as Secret, Keyring};
use connection::{AccountId, AccountSettings, ErrorCode, KeyringProblem, Setup};
use oauth::Endpoint;
use url::Url;

use super::{Accounts, Links, lock};
use crate::checkup::{Checkup, Fix, Item, Outcome};
use crate::command_error::CommandError;
use crate::report;

/// The entry that is written, read and deleted; no account can have this id,
/// since none that ends in a hyphen is ever made.
const TRIAL_ACCOUNT: &str = "self-test-0-";
/// A clock that is wrong by less does no harm.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(120);
/// Whose time and certificate are looked at while no account is set up.
const USUAL_SERVER: &str = "https://developers.hotmart.com/";

impl Accounts {
    /// Looks at everything, and shows what was found as it is found.
    pub async fn check_this_computer(&self, webview: &str) {
        // What was found before stays until there is something newer.
        let before = lock(&self.checkup).take().unwrap_or_default();
        self.show_checkup(Checkup { running: true, items: before.items, ..Checkup::default() });
        let (server, keyring) = tokio::join!(self.server(), self.keyring_trial());
        let tray = self.look_for_a_tray().await;
        let mut items = vec![self.links_item(), keyring];
        items.extend(server);
        items.push(clipboard());
        items.push(match tray {
            true => Item::new("tray", Outcome::Good, "there"),
            false => Item::new("tray", Outcome::Note, "none"),
        });
        items.push(Item::new("version", Outcome::Good, "is").with(report::version(webview)));
        for item in &items {
            log::info!("checkup: {} {:?} {}", item.name, item.outcome, item.code);
        }
        self.show_checkup(Checkup { items, ..Checkup::default() });
    }

    fn show_checkup(&self, checkup: Checkup) {
        *lock(&self.checkup) = Some(checkup);
        self.tell_the_window();
    }

    /// The last look is not shown any more.
    pub fn close_checkup(&self) {
        *lock(&self.checkup) = None;
        self.tell_the_window();
    }

    /// Saves the report, and shows where.
    pub fn save_report(&self) -> Result<(), CommandError> {
        let name = format!("hotmart-connect-{}.txt", self.now().seconds());
        let path = adapters::save_for_the_person(&name, &self.report()).map_err(|error| {
            log::error!("the report was not saved: {error}");
            CommandError::Report
        })?;
        self.note_report(|checkup| checkup.report = Some(path.display().to_string()));
        Ok(())
    }

    /// Copies the report.
    pub async fn copy_report(&self) -> Result<(), CommandError> {
        let report = self.report();
        self.clipboard.copy_text(report).await.map_err(|_| CommandError::Report)?;
        self.note_report(|checkup| checkup.copied = true);
        Ok(())
    }

    fn report(&self) -> String {
        let shown = self.shown();
        let items = shown.checkup.as_ref().map(|checkup| checkup.items.clone()).unwrap_or_default();
        report::text(&shown, &items, &self.places, &self.words())
    }

    fn note_report(&self, change: impl FnOnce(&mut Checkup)) {
        lock(&self.checkup).as_mut().map(change);
        self.tell_the_window();
    }

    fn links_item(&self) -> Item {
        match *lock(&self.links) {
            Links::ComeBack | Links::Repaired => Item::new("links", Outcome::Good, "come_back"),
            Links::DoNotComeBack => Item::new("links", Outcome::Bad, "do_not_come_back").fixed_by(Fix::Links),
        }
    }

    /// Asks the person to unlock the keyring, or looks for it again.
    pub async fn wake_keyring(&self) {
        if let Err(problem) = self.keyring.unlock().await {
            log::info!("the keyring stays as it is: {problem}");
        }
        for account in lock(&self.connections).values() {
            account.connection.send(connection::Event::LookedAt);
        }
    }

    async fn keyring_trial(&self) -> Item {
        let found = tokio::time::timeout(KEYRING_DEADLINE * 3, trial(&*self.keyring)).await;
        let bad = |code| Item::new("keyring", Outcome::Bad, code).fixed_by(Fix::Keyring);
        match found.unwrap_or(Err(KeyringProblem::Unresponsive)) {
            Ok(()) => Item::new("keyring", Outcome::Good, "works"),
            Err(KeyringProblem::Locked) => bad("locked"),
            Err(KeyringProblem::Missing) => bad("missing"),
            Err(KeyringProblem::Unresponsive) => bad("unresponsive"),
            Err(KeyringProblem::Failed) => bad("failed"),
        }
    }

    /// The way to the server, and the time it has.
    async fn server(&self) -> Vec<Item> {
        let account = lock(&self.settings).1.current().cloned();
        let setup = match &account {
            Some(account) => self.setup_of(account).await.ok(),
            None => None,
        };
        let endpoint = setup
            .as_ref()
            .map_or_else(usual_server, |setup: &Setup| Some(setup.server.token_endpoint.clone()));
        let Some(endpoint) = endpoint else { return Vec::new() };
        let looked = self.http.look_at(&endpoint).await;
        let host = endpoint.url().host_str().unwrap_or_default().to_owned();
        let looked = match looked {
            Ok(looked) => looked,
            Err(problem) => {
                let code = ErrorCode::from(problem).as_str();
                let item = Item::new("server", Outcome::Bad, code).with(host).fixed_by(Fix::Network);
                return vec![item, Item::new("clock", Outcome::Note, "unknown")];
            }
        };
        let way = match looked.proxy {
            Some(proxy) => Item::new("server", Outcome::Good, "through_proxy").with(proxy),
            None => Item::new("server", Outcome::Good, "direct").with(host),
        };
        vec![way, clock(looked.server_time)]
    }
}

async fn trial(keyring: &dyn Keyring) -> Result<(), KeyringProblem> {
    let account = AccountId::parse(TRIAL_ACCOUNT).map_err(|_| KeyringProblem::Failed)?;
    let written = oauth::Secret::new(adapters::seed().to_string());
    keyring.write(&account, Secret::PendingRequest, &written).await?;
    let read = keyring.read(&account, Secret::PendingRequest).await;
    keyring.delete(&account, Secret::PendingRequest).await?;
    let same = read?.is_some_and(|read| read.matches(written.expose()));
    if same { Ok(()) } else { Err(KeyringProblem::Failed) }
}

fn usual_server() -> Option<Endpoint> {
    Endpoint::parse(USUAL_SERVER).ok()
}

fn clock(server_time: Option<SystemTime>) -> Item {
    let Some(theirs) = server_time else { return Item::new("clock", Outcome::Note, "unknown") };
    let ahead = ServerClock::system_time_ahead_of(theirs);
    let off = Duration::from_secs(ahead.unsigned_abs());
    if off <= CLOCK_TOLERANCE {
        return Item::new("clock", Outcome::Good, "right");
    }
    let code = if ahead > 0 { "ahead" } else { "behind" };
    Item::new("clock", Outcome::Bad, code).with(off.as_secs().to_string()).fixed_by(Fix::Clock)
}

/// How far a copied token can be looked after here.
fn clipboard() -> Item {
    match adapters::clipboard_kind() {
        adapters::ClipboardKind::Whole => Item::new("clipboard", Outcome::Good, "whole"),
        adapters::ClipboardKind::ThroughX11 => Item::new("clipboard", Outcome::Note, "through_x11"),
    }
}

/// The server that gives an account its tokens.
pub(super) fn token_server(account: &AccountSettings) -> Option<Url> {
    let setup = Setup::of(account, &adapters::surroundings(None)).ok()?;
    Some(setup.server.token_endpoint.url().clone())
}

//! Logging in without a window: prints the link, takes the answer.
//!
//! The same actor as the window's does the work; here are only its ports for
//! a terminal, and what is said of its states.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use adapters::{SettingsFile, SystemBrowser, SystemLoopback, Words};
use clap::ArgMatches;
use connection::ports::{
    Attention, Browser, BrowserDidNotOpen, BrowserStart, Clipboard, ClipboardProblem, Item, Loopback,
    Pending, Ports,
};
use connection::{
    AccountId, AccountSettings, Configuration, Connection, Credentials, Environment, Event, Missing, Notice,
    OWN_ACCOUNT, Session, Snapshot, Standing, View,
};
use oauth::{RedirectUri, Secret};
use tokio::sync::mpsc;
use url::Url;

use crate::failure::Failure;
use crate::interface::WAIT_SECONDS;
use crate::machine::{Account, Machine};
use crate::terminal;

/// Another process may renew meanwhile, and is waited for.
const WAIT: Duration = Duration::from_secs(WAIT_SECONDS);
/// The app, too, may take the answer: the keyring is looked at this often.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Tokens that the keyring does not take are held this long: 60 seconds.
const STORING_DEADLINE: Duration = Duration::from_secs(60);

pub async fn connect(machine: &Machine, matches: &ArgMatches) -> Result<(), Failure> {
    let (settings, typed, is_new) = set_up(machine, matches)?;
    let account = machine.account(settings.clone(), WAIT)?;
    let secret = match typed {
        Some(secret) => Some(secret),
        None => missing_secret(machine, &account).await?,
    };
    let known = match standing(&account).await? {
        Standing::Session(session) => Some(session),
        Standing::Nothing | Standing::Expired(_) => None,
    };
    if known.is_some() && !matches.get_flag("again") && !matches.get_flag("another-account") {
        terminal::say(
            &machine.words.with("cli.connect.already", &[("account", account.settings.id.as_str())]),
        );
        return Ok(());
    }
    if account.settings.environment == Environment::Practice && !adapters::answers(&account.setup.api_base) {
        return Err(Failure::PracticeNotOpen);
    }
    // Until the login has worked, what was there before is what counts.
    let keyring = Arc::clone(&account.custody.keyring);
    let secret_before = keyring.read(&settings.id, Item::ClientSecret).await?;
    let options = Options {
        open_browser: !matches.get_flag("no-browser"),
        another: matches.get_flag("another-account"),
    };
    let login = Login::begin(machine, account, secret, known, options);
    let result = login.finish().await;
    match (&result, secret_before) {
        (Ok(()), _) if is_new => save(machine, settings)?,
        (Err(_), Some(before)) if is_new => {
            let _ = keyring.write(&settings.id, Item::ClientSecret, &before).await;
        }
        _ => {}
    }
    result
}

/// Writes down an account that works.
fn save(machine: &Machine, account: AccountSettings) -> Result<(), Failure> {
    let (mut file, mut settings) = SettingsFile::open(machine.places.settings_file());
    // The window, and every script, goes on with the account it has.
    let shown = settings.current().map(|account| account.id.clone());
    settings.put(account);
    settings.current_account = shown.or(settings.current_account);
    file.save(&settings).map_err(|error| {
        log::error!("the settings were not saved: {error}");
        Failure::SettingsNotSaved
    })
}

/// The account to connect, the secret that was typed for it, and whether it
/// differs from what is written down.
fn set_up(
    machine: &Machine,
    matches: &ArgMatches,
) -> Result<(AccountSettings, Option<Secret>, bool), Failure> {
    let typed = |name| matches.get_one::<String>(name).cloned();
    let (environment, client_id, redirect_uri) =
        (typed("environment"), typed("client-id"), typed("redirect-uri"));
    if environment.is_none() && client_id.is_none() && redirect_uri.is_none() {
        return Ok((machine.chosen(matches)?, None, false));
    }
    machine.settings_are_usable()?;
    let current = machine.settings.current().map(|account| account.id.to_string());
    let name = typed("account").or(current).unwrap_or_else(|| OWN_ACCOUNT.to_owned());
    let id = AccountId::parse(&name).map_err(|_| Failure::Usage("cli.usage.account_name"))?;
    let before = machine.settings.accounts.iter().find(|account| account.id == id).cloned();
    let environment = match environment {
        Some(name) => {
            serde_json::from_value(name.into()).map_err(|_| Failure::Usage("cli.usage.environment"))?
        }
        None => before
            .as_ref()
            .map(|account| account.environment)
            .ok_or(Failure::Usage("cli.usage.environment"))?,
    };
    let known_id = before.as_ref().map(|account| account.client_id.clone()).unwrap_or_default();
    let client_id = client_id.unwrap_or_else(|| known_id.clone());
    let needs_secret = environment != Environment::Practice && client_id != known_id;
    let client_secret = needs_secret
        .then(|| terminal::ask_for_secret(&machine.words.text("cli.ask.client_secret")))
        .flatten();
    let endpoints = before.as_ref().and_then(|account| account.endpoints.clone());
    let filled_in = Credentials { environment, client_id, client_secret, endpoints };
    let (mut account, secret) = match environment {
        Environment::Practice => (AccountSettings::practice(id), None),
        _ => AccountSettings::filled_in(id, before, filled_in)
            .map_err(|_| Failure::Usage("command.client_id"))?,
    };
    if let Some(uri) = redirect_uri {
        RedirectUri::parse(&uri).map_err(|_| Failure::Usage("cli.usage.redirect_uri"))?;
        account.redirect_uri = Some(uri);
    }
    Ok((account, secret, true))
}

/// Asks for a secret that is needed and not in the keyring.
async fn missing_secret(machine: &Machine, account: &Account) -> Result<Option<Secret>, Failure> {
    if !account.setup.needs_secret() || account.setup.server.client_secret.is_some() {
        return Ok(None);
    }
    let fingerprint = account.setup.fingerprint();
    let kept = account.custody.secret(&account.settings.id, Item::ClientSecret, &fingerprint).await?;
    if kept.is_some() {
        return Ok(None);
    }
    let typed = terminal::ask_for_secret(&machine.words.text("cli.ask.client_secret"));
    let typed = typed.map(|secret| Secret::new(secret.expose().trim().to_owned()));
    let typed = typed.filter(|secret| !secret.expose().is_empty());
    typed.map(Some).ok_or(Failure::NotSetUp(Missing::ClientSecret))
}

async fn standing(account: &Account) -> Result<Standing, Failure> {
    let fingerprint = account.setup.fingerprint();
    Ok(account.custody.standing(&account.settings.id, &fingerprint).await?)
}

/// How a login is wanted.
#[derive(Clone, Copy)]
struct Options {
    open_browser: bool,
    another: bool,
}

/// A login that is under way.
struct Login<'a> {
    machine: &'a Machine,
    id: AccountId,
    fingerprint: String,
    custody: connection::Custody,
    connection: Connection,
    pasted: Arc<PastedLine>,
    loopback: Arc<SystemLoopback>,
    /// Whether the answer comes back by itself.
    listens: bool,
    /// Whether somebody else is to log in.
    another: bool,
    /// The session there was before: another one is the new one.
    known: Option<Session>,
}

/// What a moment of the login means.
enum Step {
    Wait,
    Begin,
    AskWhichSeller { known: String, found: String },
    Done,
}

impl<'a> Login<'a> {
    fn begin(
        machine: &'a Machine,
        account: Account,
        secret: Option<Secret>,
        known: Option<Session>,
        options: Options,
    ) -> Self {
        let Account { settings, setup, custody, .. } = account;
        let pasted = Arc::<PastedLine>::default();
        let words = &machine.words;
        let listens = setup.server.redirect_uri.is_loopback();
        let language = words.language();
        let loopback = Arc::new(SystemLoopback::new(move || Words::of(language)));
        let how = words.text(if listens { "cli.connect.comes_back" } else { "cli.connect.paste" });
        let link = Link {
            before: words.text("cli.connect.open"),
            after: how,
            browser: (options.open_browser && adapters::there_is_a_display()).then_some(SystemBrowser),
        };
        let ports = Ports {
            custody: custody.clone(),
            browser: Arc::new(link),
            loopback: Arc::clone(&loopback) as Arc<dyn Loopback>,
            clipboard: Arc::clone(&pasted) as Arc<dyn Clipboard>,
            attention: Arc::new(NoWindow),
        };
        let fingerprint = setup.fingerprint();
        let connection = connection::spawn(settings.id.clone(), adapters::seed(), ports, Duration::ZERO);
        let configuration = Configuration { setup: Some(Box::new(setup)), new_client_secret: secret };
        connection.send(Event::Configured(configuration));
        Self {
            machine,
            id: settings.id,
            fingerprint,
            custody,
            connection,
            pasted,
            loopback,
            listens,
            another: options.another,
            known,
        }
    }

    async fn finish(self) -> Result<(), Failure> {
        let result = self.go_through().await;
        // The actor does it too; this way it is done before the program ends.
        let _ = self.custody.keyring.delete(&self.id, Item::PendingRequest).await;
        self.loopback.finish().await;
        self.connection.revocations_end().await;
        result
    }

    async fn go_through(&self) -> Result<(), Failure> {
        let mut snapshots = self.connection.watch();
        let mut lines = None;
        let (mut begun, mut asked) = (false, false);
        let mut begun_at = None;
        let mut storing_until = None;
        let mut told_to_end = std::pin::pin!(adapters::told_to_end());
        loop {
            let snapshot = snapshots.borrow_and_update().clone();
            // What was asked for has not been heard yet.
            let unheard = begun_at.as_ref() == Some(&snapshot);
            if !unheard {
                begun_at = None;
            }
            match if unheard { Step::Wait } else { self.meaning(&snapshot, begun)? } {
                Step::Done => {
                    let connected =
                        self.machine.words.with("cli.connect.done", &[("account", self.id.as_str())]);
                    terminal::say(&connected);
                    return Ok(());
                }
                Step::Begin => {
                    let entropy = adapters::authorization_entropy()
                        .map_err(|_| Failure::Usage("command.no_randomness"))?;
                    let request =
                        if self.another { Event::ConnectAsAnotherRequested } else { Event::ConnectRequested };
                    self.connection.send(request(entropy));
                    lines = Some(lines_of_input());
                    begun = true;
                    begun_at = Some(snapshot.clone());
                }
                Step::AskWhichSeller { .. } if asked => {}
                Step::AskWhichSeller { known, found } => {
                    asked = true;
                    let question = self
                        .machine
                        .words
                        .with("cli.seller.question", &[("known", &known), ("found", &found)]);
                    terminal::say(&question);
                    if lines.is_none() {
                        self.connection.send(Event::KeepSellerRequested);
                    }
                }
                Step::Wait => {}
            }
            if let View::KeyringBlocked { problem, .. } = snapshot.view {
                let until = storing_until.get_or_insert_with(|| {
                    terminal::say(&self.machine.words.text("cli.storing_again"));
                    tokio::time::Instant::now() + STORING_DEADLINE
                });
                if tokio::time::Instant::now() > *until {
                    return Err(Failure::NotStored(problem));
                }
            }
            tokio::select! {
                changed = snapshots.changed() => changed.map_err(|_| Failure::Cancelled)?,
                line = next_line(&mut lines) => match line {
                    Some(line) if matches!(snapshot.view, View::OtherSeller { .. }) => self.choose_seller(&line),
                    Some(line) => self.paste(line),
                    // Nobody types, and nothing listens: no answer can come.
                    None if matches!(snapshot.view, View::OtherSeller { .. }) => {
                        self.connection.send(Event::KeepSellerRequested);
                    }
                    None if !self.listens && !adapters::there_is_a_display() => {
                        return Err(Failure::Cancelled);
                    }
                    None => lines = None,
                },
                // What is under way comes to its end first.
                signal = &mut told_to_end, if !snapshot.must_not_be_interrupted() => {
                    return Err(Failure::Interrupted { signal });
                }
                () = tokio::time::sleep(LOOK_AGAIN) => if begun && self.app_was_faster().await {
                    return Ok(());
                },
            }
        }
    }

    /// What the actor's state means for a person who waits at a terminal.
    fn meaning(&self, snapshot: &Snapshot, begun: bool) -> Result<Step, Failure> {
        if snapshot.notice == Some(Notice::NothingToPaste) {
            terminal::say(&self.machine.words.text("cli.connect.not_the_answer"));
            self.connection.send(Event::NoticeDismissed);
        }
        match &snapshot.view {
            View::Unconfigured(missing) => Err(Failure::NotSetUp(*missing)),
            // Once the answer is there, it waits for the keyring.
            View::KeyringBlocked { problem, tokens_waiting: false, can_keep_in_memory: true, .. } => {
                Err(Failure::Keyring(*problem))
            }
            View::Connected(_) | View::Refreshing(_) | View::Retrying { .. } if begun => {
                match snapshot.notice {
                    Some(Notice::StillConnectedAfterFailure(code)) => {
                        Err(Failure::LoginFailed { code, detail: None })
                    }
                    Some(Notice::StillConnectedAfterDenial) => Err(Failure::Denied),
                    Some(Notice::SellerKept) => Err(Failure::SellerKept),
                    _ if matches!(snapshot.view, View::Refreshing(_)) => Ok(Step::Wait),
                    _ => Ok(Step::Done),
                }
            }
            View::Loading
            | View::Exchanging { .. }
            | View::Disconnecting
            | View::Refreshing(_)
            | View::KeyringBlocked { .. } => Ok(Step::Wait),
            View::AwaitingBrowser { .. } if begun => Ok(Step::Wait),
            _ if !begun => Ok(Step::Begin),
            View::Denied => Err(Failure::Denied),
            View::Expired(_) if snapshot.notice == Some(Notice::SellerKept) => Err(Failure::SellerKept),
            View::OtherSeller { known, found, .. } => {
                Ok(Step::AskWhichSeller { known: known.to_string(), found: found.to_string() })
            }
            View::Failed { code, detail } => Err(Failure::LoginFailed {
                code: *code,
                detail: detail.as_ref().map(|error| error.code().to_owned()),
            }),
            View::AwaitingBrowser { .. }
            | View::Connected(_)
            | View::Retrying { .. }
            | View::Disconnected
            | View::Expired(_) => Err(Failure::Cancelled),
        }
    }

    /// Only a clear yes replaces a connection.
    fn choose_seller(&self, line: &Secret) {
        let yes = self.machine.words.text("cli.seller.yes");
        let replace = line.expose().trim().eq_ignore_ascii_case(&yes);
        self.connection.send(if replace {
            Event::ReplaceSellerRequested
        } else {
            Event::KeepSellerRequested
        });
    }

    fn paste(&self, line: Secret) {
        if !line.expose().trim().is_empty() {
            self.pasted.put(line);
            self.connection.send(Event::PasteRequested);
        }
    }

    /// The link may have opened the app, which finds the request in the keyring and finishes it.
    async fn app_was_faster(&self) -> bool {
        let Ok(Standing::Session(session)) = self.custody.standing(&self.id, &self.fingerprint).await else {
            return false;
        };
        // Another program may just as well have renewed the session there was;
        // a login that worked has forgotten its request.
        let open = self.custody.keyring.read(&self.id, Item::PendingRequest).await;
        let new = matches!(open, Ok(None))
            && self.known.as_ref().is_none_or(|known| known.identity != session.identity);
        // Our own login says so itself.
        let ours = !matches!(self.connection.watch().borrow().view, View::AwaitingBrowser { .. });
        if new && !ours {
            terminal::say(&self.machine.words.with("cli.connect.done", &[("account", self.id.as_str())]));
        }
        new && !ours
    }
}

/// The lines that are typed or piped in, read on a thread: reading cannot be given up.
fn lines_of_input() -> mpsc::UnboundedReceiver<Secret> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while let Some(line) = terminal::read_line() {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

async fn next_line(lines: &mut Option<mpsc::UnboundedReceiver<Secret>>) -> Option<Secret> {
    match lines {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}

/// Prints the link, and opens it where there is a display. It is never logged.
struct Link {
    before: String,
    after: String,
    browser: Option<SystemBrowser>,
}

impl Browser for Link {
    fn open(&self, url: Url) -> Pending<'_, Result<BrowserStart, BrowserDidNotOpen>> {
        terminal::say(&format!("{}\n\n{url}\n\n{}", self.before, self.after));
        match &self.browser {
            Some(browser) => browser.open(url),
            None => Box::pin(async { Ok(BrowserStart::Done) }),
        }
    }
}

/// The line that was pasted last, in the clipboard's place.
#[derive(Default)]
struct PastedLine(Mutex<Option<Secret>>);

impl PastedLine {
    fn put(&self, line: Secret) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(line);
    }
}

impl Clipboard for PastedLine {
    fn copy_secret(&self, _: Secret) -> Pending<'_, Result<(), ClipboardProblem>> {
        Box::pin(async { Err(ClipboardProblem) })
    }

    fn clear_if_ours(&self) -> Pending<'_, ()> {
        Box::pin(async {})
    }

    fn read(&self) -> Pending<'_, Result<Secret, ClipboardProblem>> {
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async move { line.ok_or(ClipboardProblem) })
    }
}

struct NoWindow;

impl Attention for NoWindow {
    fn bring_to_front(&self) {}
}

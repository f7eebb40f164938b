//! A login at a terminal. The same actor as the window's does the work; here
//! is what a person is told of its states, and what of theirs it is told.

use std::sync::Arc;
use std::time::Duration;

use adapters::{SystemBrowser, SystemLoopback, Translations};
use connection::ports::{Clipboard, Loopback, SecretKind};
use connection::{
    AccountId, Configuration, Connection, Event, Notice, Ports, Request, ResolvedAccount, Session, Snapshot,
    StoredSession, View,
};
use oauth::Secret;
use tokio::sync::{mpsc, watch};

use crate::context::{Account, Context};
use crate::failure::Failure;
use crate::terminal;
use crate::terminal_ports::{Link, NoWindow, PastedLine};

/// The app, too, may take the answer: the keyring is looked at this often.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Tokens that the keyring does not take are held this long: 60 seconds.
const STORING_DEADLINE: Duration = Duration::from_secs(60);

/// What is still under way at the end is waited for this long: 20 seconds.
const LEAVE_DEADLINE: Duration = Duration::from_secs(20);

/// How a login is wanted.
pub struct Options {
    /// Whether the browser of this machine is opened, besides the link being printed.
    pub open_browser: bool,
    /// Whether another seller is to log in.
    pub another: bool,
    /// The application that the account belonged to, if it is to be another's.
    pub before: Option<ResolvedAccount>,
}

/// A login that is under way.
pub struct Login<'a> {
    context: &'a Context,
    id: AccountId,
    fingerprint: String,
    custody: connection::Custody,
    connection: Connection,
    pasted: Arc<PastedLine>,
    loopback: Arc<SystemLoopback>,
    /// Whether the answer comes back by itself.
    listens: bool,
    /// Whether another seller is to log in.
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
    /// Starts the actor; the browser is sent once what must be stored can be.
    pub fn begin(
        context: &'a Context,
        account: Account,
        secret: Option<Secret>,
        known: Option<Session>,
        options: Options,
    ) -> Self {
        let Account { settings, resolved, custody, .. } = account;
        let pasted = Arc::<PastedLine>::default();
        let words = &context.words;
        let listens = resolved.client.redirect_uri.is_loopback() || !resolved.uses_a_browser();
        let language = words.language();
        let loopback = Arc::new(SystemLoopback::new(move || Translations::of(language)));
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
        let fingerprint = resolved.fingerprint();
        let nothing_is_copied = watch::channel(Duration::ZERO).1;
        let connection = connection::spawn(settings.id.clone(), adapters::seed(), ports, nothing_is_copied);
        let configured = |resolved, new_client_secret| {
            let resolved = Some(Box::new(resolved));
            Event::Configured(Configuration { resolved, new_client_secret, then_check: false })
        };
        if let Some(before) = options.before {
            connection.send(configured(before, None));
        }
        connection.send(configured(resolved, secret));
        Self {
            context,
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

    /// Goes through it to its end.
    pub async fn finish(self) -> Result<(), Failure> {
        let result = self.go_through().await;
        // The actor does it too; this way it is done before the program ends.
        let _ = self.custody.keyring.delete(&self.id, SecretKind::PendingRequest).await;
        self.loopback.finish().await;
        self.connection.end(LEAVE_DEADLINE).await;
        // Tokens that were held may have gone in at the last moment.
        match result {
            Err(_) if self.is_connected_anew() => Ok(()),
            result => result,
        }
    }

    /// Whether this login has put its own session in place of the one before.
    fn is_connected_anew(&self) -> bool {
        match &self.connection.watch().borrow().view {
            View::Connected { session } => {
                self.known.as_ref().is_none_or(|known| known.identity != session.identity)
            }
            _ => false,
        }
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
                        self.context.words.with("cli.connect.done", &[("account", self.id.as_str())]);
                    terminal::say(&connected);
                    return Ok(());
                }
                Step::Begin => {
                    let request = if self.another { Request::ConnectAsAnother } else { Request::Connect };
                    self.connection
                        .request(request, adapters::authorization_entropy)
                        .map_err(|_| Failure::Usage("command.no_randomness"))?;
                    lines = Some(lines_of_input());
                    begun = true;
                    begun_at = Some(snapshot.clone());
                }
                Step::AskWhichSeller { .. } if asked => {}
                Step::AskWhichSeller { known, found } => {
                    asked = true;
                    let question = self
                        .context
                        .words
                        .with("cli.seller.question", &[("known", &known), ("found", &found)]);
                    terminal::say(&question);
                    if lines.is_none() {
                        self.connection.send(Request::KeepSeller.into());
                    }
                }
                Step::Wait => {}
            }
            if let Some(problem) = snapshot.view.keyring_problem() {
                let until = storing_until.get_or_insert_with(|| {
                    terminal::say(&self.context.words.text("cli.storing_again"));
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
                    // The user's input has ended, and nothing listens: no answer can come.
                    None if matches!(snapshot.view, View::OtherSeller { .. }) => {
                        self.connection.send(Request::KeepSeller.into());
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
            terminal::say(&self.context.words.text("cli.connect.not_the_answer"));
            self.connection.send(Request::DismissNotice.into());
        }
        match &snapshot.view {
            View::Unconfigured { missing } => Err(Failure::NotSetUp(*missing)),
            // Once the answer is there, it waits for the keyring.
            view if view.stopped().is_some_and(|it| !it.tokens_waiting && it.can_keep_in_memory) => {
                Err(view.keyring_problem().map_or(Failure::Cancelled, Failure::Keyring))
            }
            View::Connected { .. } | View::Refreshing { .. } | View::Retrying { .. } if begun => {
                match snapshot.notice {
                    Some(Notice::StillConnectedAfterFailure { error }) => {
                        Err(Failure::LoginFailed { error, server: None })
                    }
                    Some(Notice::StillConnectedAfterDenial) => Err(Failure::Denied),
                    Some(Notice::SellerKept) => Err(Failure::SellerKept),
                    _ if matches!(snapshot.view, View::Refreshing { .. }) => Ok(Step::Wait),
                    _ => Ok(Step::Done),
                }
            }
            View::Loading
            | View::Forgetting
            | View::Forgotten { .. }
            | View::Exchanging { .. }
            | View::Disconnecting
            | View::Refreshing { .. }
            | View::KeyringLocked { .. }
            | View::KeyringMissing { .. } => Ok(Step::Wait),
            View::AwaitingBrowser { .. } if begun => Ok(Step::Wait),
            _ if !begun => Ok(Step::Begin),
            View::Denied => Err(Failure::Denied),
            View::Expired { .. } if snapshot.notice == Some(Notice::SellerKept) => Err(Failure::SellerKept),
            View::OtherSeller { known, found, .. } => {
                Ok(Step::AskWhichSeller { known: known.to_string(), found: found.to_string() })
            }
            View::Failed { error, server, .. } => {
                Err(Failure::LoginFailed { error: *error, server: server.clone() })
            }
            View::AwaitingBrowser { .. }
            | View::Connected { .. }
            | View::Retrying { .. }
            | View::Disconnected
            | View::Expired { .. } => Err(Failure::Cancelled),
        }
    }

    /// Only a clear yes replaces a connection.
    fn choose_seller(&self, line: &Secret) {
        let yes = self.context.words.text("cli.seller.yes");
        let replace = line.expose().trim().eq_ignore_ascii_case(&yes);
        self.connection.send(if replace {
            Request::ReplaceSeller.into()
        } else {
            Request::KeepSeller.into()
        });
    }

    fn paste(&self, line: Secret) {
        if !line.expose().trim().is_empty() {
            self.pasted.put(line);
            self.connection.send(Request::Paste.into());
        }
    }

    /// The link may have opened the app, which finds the request in the keyring and finishes it.
    async fn app_was_faster(&self) -> bool {
        let Ok(StoredSession::Session(session)) =
            self.custody.stored_session(&self.id, &self.fingerprint).await
        else {
            return false;
        };
        // Another program may just as well have renewed the session there was;
        // a login that worked has forgotten its request.
        let open = self.custody.keyring.read(&self.id, SecretKind::PendingRequest).await;
        let new = matches!(open, Ok(None))
            && self.known.as_ref().is_none_or(|known| known.identity != session.identity);
        // Our own login says so itself.
        let ours = !matches!(self.connection.watch().borrow().view, View::AwaitingBrowser { .. });
        if new && !ours {
            terminal::say(&self.context.words.with("cli.connect.done", &[("account", self.id.as_str())]));
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

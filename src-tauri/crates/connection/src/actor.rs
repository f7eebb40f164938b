//! The one owner of a connection's state: takes events, performs effects.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use oauth::{AuthorizationEntropy, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use crate::performer::{Performer, Ports};
use crate::transition::{TRANSITION, next_deadline};
use crate::{AccountId, Effect, Event, Request, Snapshot, State, transition};

/// The wall clock is looked at this often at the least: a timer stands still while a laptop sleeps.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);
/// A timer that rings later than this by the wall clock slept with the machine.
const OVERSLEPT: Duration = Duration::from_secs(30);

/// A program that ends waits this long for a server that is being told of void tokens.
const REVOCATION_DEADLINE: Duration = Duration::from_secs(10);

/// A handle on one account's connection.
#[derive(Clone)]
pub struct Connection {
    events: mpsc::UnboundedSender<Event>,
    snapshots: watch::Receiver<Snapshot>,
    revoking: watch::Receiver<usize>,
}

impl Connection {
    /// For the end of a program: from now on nothing is begun, and what is under
    /// way comes to its end, since a rotated token that is not stored is a lost
    /// session. The server is told of all tokens that no program will use, if it
    /// can be. What takes longer than `within` is cut off.
    pub async fn end(&self, within: Duration) {
        self.send(Event::Ending);
        let (mut snapshots, mut revoking) = (self.watch(), self.revoking.clone());
        let quiet = |snapshot: &Snapshot| snapshot.ending && !snapshot.must_not_be_interrupted();
        loop {
            // An actor that is gone has nothing under way.
            if !matches!(tokio::time::timeout(within, snapshots.wait_for(quiet)).await, Ok(Ok(_))) {
                log::warn!("the program ends although something is under way");
                return;
            }
            let _ = tokio::time::timeout(REVOCATION_DEADLINE, revoking.wait_for(|count| *count == 0)).await;
            // An answer from the browser may have come meanwhile.
            if quiet(&snapshots.borrow()) {
                return;
            }
        }
    }

    /// Passes on what the user asks for. `entropy` is called for a request that
    /// opens a login.
    ///
    /// # Errors
    /// What `entropy` failed with; then nothing was asked for.
    pub fn request<E>(
        &self,
        request: Request,
        entropy: impl FnOnce() -> Result<AuthorizationEntropy, E>,
    ) -> Result<(), E> {
        let entropy = request.needs_entropy().then(entropy).transpose()?;
        self.send(Event::Requested(request, entropy));
        Ok(())
    }

    /// Tells the connection that something happened. Lost only if it has ended.
    pub fn send(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// The present moment first, then every change.
    pub fn watch(&self) -> watch::Receiver<Snapshot> {
        self.snapshots.clone()
    }
}

/// Starts the actor of one account. It ends when every handle is gone.
/// `clear_after` says how long a token that is copied then stays in the clipboard.
///
/// Must be called within a Tokio runtime.
pub fn spawn(
    account: AccountId,
    seed: u64,
    ports: Ports,
    clear_after: watch::Receiver<Duration>,
) -> Connection {
    let state = State::new(seed);
    let (events, inbox) = mpsc::unbounded_channel();
    let (publish, snapshots) = watch::channel(state.snapshot());
    let (ordered, ordered_effects) = mpsc::unbounded_channel();
    let performer = Performer {
        account,
        ports,
        clear_after,
        events: events.downgrade(),
        snapshots: snapshots.clone(),
        revoking: watch::Sender::new(0),
    };
    let revoking = performer.revoking.subscribe();
    tokio::spawn(perform_in_order(performer.clone(), ordered_effects));
    tokio::spawn(run(state, performer, inbox, ordered, publish));
    Connection { events, snapshots, revoking }
}

async fn run(
    mut state: State,
    performer: Performer,
    mut inbox: mpsc::UnboundedReceiver<Event>,
    ordered: mpsc::UnboundedSender<Effect>,
    publish: watch::Sender<Snapshot>,
) {
    loop {
        let before = performer.ports.custody.clock.now();
        let sleep = next_deadline(&state).map(|deadline| deadline.since(before).min(LONGEST_SLEEP));
        let timer = async {
            match sleep {
                Some(duration) => tokio::time::sleep(duration).await,
                None => std::future::pending().await,
            }
        };
        let event = tokio::select! {
            // What is due is done first, however many events wait; and the same
            // events give the same run.
            biased;
            () = timer => Event::Woke,
            event = inbox.recv() => match event {
                Some(event) => event,
                None => return,
            },
        };
        let now = performer.ports.custody.clock.now();
        let event = match (event, sleep) {
            (Event::Woke, Some(sleep)) if now > before.after(sleep + OVERSLEPT) => Event::Resumed,
            (event, _) => event,
        };
        if !matches!(event, Event::Woke) {
            log::debug!("{}: {event:?}", performer.account);
        }
        let effects;
        (state, effects) = transition_or_fault(state, event, now);
        // Counted before a watcher can see that the state has moved on.
        let revocations = effects.iter().filter(|effect| matches!(effect, Effect::Revoke(..))).count();
        performer.revoking.send_modify(|count| *count += revocations);
        publish.send_if_modified(|published| {
            let snapshot = state.snapshot();
            let changed = *published != snapshot;
            *published = snapshot;
            changed
        });
        for effect in effects {
            if matches!(effect, Effect::KeepInMemory) {
                // At once: what was asked for behind it must already find it so.
                performer.ports.custody.keyring.keep_in_memory(&performer.account);
            } else if effect.keeps_order() {
                let _ = ordered.send(effect);
            } else {
                tokio::spawn(performer.clone().perform_or_fault(effect));
            }
        }
    }
}

/// [`transition`], and what there is to go on with if it has a fault.
fn transition_or_fault(state: State, event: Event, now: Timestamp) -> (State, Vec<Effect>) {
    let rest = state.after_a_fault();
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| transition(state, event, now)));
    ended.unwrap_or_else(|_| {
        log::error!("a transition broke off; the connection starts anew");
        transition(rest, Event::Crashed(TRANSITION), now)
    })
}

/// Performs the effects whose order matters. One of them listens for the
/// browser's answer; a new login's takes the place of the one before.
async fn perform_in_order(performer: Performer, mut effects: mpsc::UnboundedReceiver<Effect>) {
    let mut listener = None::<AbortHandle>;
    while let Some(effect) = effects.recv().await {
        let Effect::Listen(attempt, redirect_uri) = effect else {
            performer.clone().perform_or_fault(effect).await;
            continue;
        };
        log::debug!("{}: Listen({attempt:?}, {redirect_uri:?})", performer.account);
        if let Some(before) = listener.take() {
            before.abort();
        }
        let listening = performer.clone();
        let listening = async move { listening.listen(redirect_uri).await };
        let Some(result) = performer.or_fault("Listen", listening).await else { continue };
        let result = result.map(|(redirect_uri, task)| {
            listener = Some(task);
            redirect_uri
        });
        performer.tell(Event::Listening(attempt, result)).await;
    }
}

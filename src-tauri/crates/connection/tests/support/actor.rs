//! What a seller does with a connection, as calls of the actor.

use std::sync::Arc;
use std::time::Duration;

use connection::{BrowserProgress, Connection, Event, Request, Session, View};
use oauth::Callback;

use super::{CALLBACK, World, account, clear_after, configured, entropy, state_of, tokens_json};

pub fn start(world: &Arc<World>) -> Connection {
    let connection = connection::spawn(account(), 1, world.ports(), clear_after());
    connection.send(configured());
    connection
}

/// Waits until a view is shown that the test waits for.
pub async fn until(connection: &Connection, wanted: impl Fn(&View) -> bool) -> View {
    let mut snapshots = connection.watch();
    let shown = async { snapshots.wait_for(|snapshot| wanted(&snapshot.view)).await.unwrap().view.clone() };
    match tokio::time::timeout(Duration::from_secs(3_600), shown).await {
        Ok(view) => view,
        Err(_) => panic!("never shown; still {:?}", connection.watch().borrow().view),
    }
}

pub async fn until_disconnected(connection: &Connection) {
    until(connection, |view| *view == View::Disconnected).await;
}

pub async fn until_connected(connection: &Connection) -> Session {
    match until(connection, |view| matches!(view, View::Connected { .. })).await {
        View::Connected { session } => session,
        _ => unreachable!("just matched"),
    }
}

/// Clicks Connect with request `number` and waits until the browser is open.
pub async fn connect(connection: &Connection, number: u8) {
    connection.send(Event::Requested(Request::Connect, Some(entropy(number))));
    let opened = |view: &View| {
        matches!(
            view,
            View::AwaitingBrowser { browser: BrowserProgress::Opened | BrowserProgress::DidNotOpen, .. }
        )
    };
    until(connection, opened).await;
}

/// Waits until other tokens than these are there.
pub async fn until_renewed(connection: &Connection, old: &Session) -> Session {
    let new = |view: &View| matches!(view, View::Connected { session } if session.identity != old.identity);
    match until(connection, new).await {
        View::Connected { session } => session,
        _ => unreachable!("just matched"),
    }
}

pub fn arrives(connection: &Connection, query: &str) {
    connection.send(Event::CallbackArrived(Callback::new(format!("{CALLBACK}?{query}"))));
}

pub fn allow(connection: &Connection, number: u8) {
    arrives(connection, &format!("code=code-{number}&state={}", state_of(number)));
}

pub async fn connected(world: &Arc<World>, lifetime: u64) -> Connection {
    let connection = start(world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.answer(200, tokens_json(1, lifetime));
    allow(&connection, 1);
    until_connected(&connection).await;
    connection
}

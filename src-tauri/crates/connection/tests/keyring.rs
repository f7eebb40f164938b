//! A keyring that fails at each step, over a world in memory.
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::{
    World, allow, connect, connected, entropy, start, tokens_json, until, until_connected, until_disconnected,
};
use connection::ports::SecretKind;
use connection::{ErrorCode, Event, KeyringProblem, Request, TokenStorage, View};

#[tokio::test(start_paused = true)]
async fn renewed_tokens_that_cannot_be_stored_wait_with_the_lock_held_and_go_in_by_themselves() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(200, tokens_json(2, 7_200));
    *world.problem_after_request.lock().unwrap() = Some(KeyringProblem::Failed);
    connection.send(Event::from(Request::Refresh));
    until(&connection, |view| view.has_tokens_waiting()).await;
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("access-1"), "the old record is still there");
    assert_eq!(world.locks_held.load(Ordering::SeqCst), 1, "nobody refreshes with the old token meanwhile");

    world.pass(4);
    tokio::time::sleep(Duration::from_secs(5)).await;
    *world.problem_on_write.lock().unwrap() = None;
    world.pass(4);
    until_connected(&connection).await;
    assert!(world.secret(SecretKind::Tokens).unwrap().contains("access-2"));
    assert_eq!(world.locks_held.load(Ordering::SeqCst), 0);
    assert_eq!(world.requests().len(), 2, "one exchange, one refresh");
}

#[tokio::test(start_paused = true)]
async fn a_locked_keyring_stops_the_login_before_the_browser_and_goes_on_by_itself() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    world.lock_keyring(Some(KeyringProblem::Locked));
    connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
    until(&connection, |view| view.stopped().is_some()).await;
    assert_eq!(world.opened.load(Ordering::SeqCst), 0, "what cannot be stored is not asked for");
    world.lock_keyring(None);
    world.pass(4);
    until(&connection, |view| matches!(view, View::AwaitingBrowser { .. })).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.opened.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn unlocking_by_hand_goes_on_with_what_was_stopped() {
    let world = World::new();
    world.lock_keyring(Some(KeyringProblem::Locked));
    let connection = start(&world);
    until(&connection, |view| view.stopped().is_some()).await;
    connection.send(Event::from(Request::Unlock));
    until_disconnected(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn memory_is_a_choice_and_says_so() {
    let world = World::new();
    world.lock_keyring(Some(KeyringProblem::Missing));
    let connection = start(&world);
    until(&connection, |view| matches!(view, View::KeyringMissing { problem: KeyringProblem::Missing, .. }))
        .await;
    connection.send(Event::from(Request::KeepInMemory));
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    assert_eq!(until_connected(&connection).await.storage, TokenStorage::Memory);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_is_not_asked_for() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    *world.problem_on_write.lock().unwrap() = Some(KeyringProblem::Failed);
    connection.send(Event::from(Request::Refresh));
    let waiting = |view: &View| matches!(view, View::Retrying { error: ErrorCode::KeyringUnavailable, .. });
    until(&connection, waiting).await;
    assert_eq!(world.requests().len(), 1, "the server was not asked for tokens that had no place");
}

#[tokio::test(start_paused = true)]
async fn an_answered_request_is_forgotten_before_its_code_is_used() {
    let world = World::new();
    let first = start(&world);
    until_disconnected(&first).await;
    connect(&first, 1).await;
    // Just then the keyring cannot delete it: the code must wait.
    world.lock_keyring(Some(KeyringProblem::Locked));
    allow(&first, 1);
    until(&first, |view| {
        view.stopped().is_some_and(|stopped| stopped.can_cancel && !stopped.can_keep_in_memory)
    })
    .await;
    assert!(world.requests().is_empty());
    world.answer(200, tokens_json(1, 7_200));
    world.lock_keyring(None);
    world.pass(4);
    until_connected(&first).await;
    assert_eq!(world.requests().len(), 1);
    assert_eq!(world.secret(SecretKind::PendingRequest), None);
}

#[tokio::test(start_paused = true)]
async fn disconnecting_without_a_keyring_is_not_said_to_be_done() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.lock_keyring(Some(KeyringProblem::Locked));
    connection.send(Event::from(Request::Disconnect));
    until(&connection, |view| view.stopped().is_some_and(|stopped| !stopped.can_keep_in_memory)).await;
    connection.send(Event::from(Request::KeepInMemory));
    tokio::time::sleep(Duration::from_secs(1)).await;
    until(&connection, |view| view.stopped().is_some()).await;
    world.answer(200, "");
    world.answer(200, "");
    world.lock_keyring(None);
    world.pass(4);
    until_disconnected(&connection).await;
    assert_eq!(world.secret(SecretKind::Tokens), None);
}

#[tokio::test(start_paused = true)]
async fn memory_does_not_pretend_to_hold_what_is_in_the_keyring() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.lock_keyring(Some(KeyringProblem::Locked));
    connection.send(Event::Requested(Request::Connect, Some(entropy(2))));
    until(&connection, |view| view.stopped().is_some()).await;
    connection.send(Event::from(Request::KeepInMemory));
    until(&connection, |view| matches!(view, View::AwaitingBrowser { .. })).await;
    connection.send(Event::from(Request::Cancel));
    until_disconnected(&connection).await;
}

/// The steps at which the keyring is used, in the order of a connection's life.
#[derive(Clone, Copy, Debug)]
enum At {
    Load,
    OpenRequest,
    ForgetRequest,
    StoreTokens,
    BeforeRenewal,
    StoreRenewed,
    Disconnect,
}

/// Brings a connection to the step and lets the keyring fail there.
async fn stopped(world: &std::sync::Arc<World>, at: At, problem: KeyringProblem) -> connection::Connection {
    let fails = || world.lock_keyring(Some(problem));
    if let At::Load = at {
        fails();
        return start(world);
    }
    if let At::BeforeRenewal | At::StoreRenewed | At::Disconnect = at {
        let connection = connected(world, 7_200).await;
        if let At::StoreRenewed = at {
            *world.problem_after_request.lock().unwrap() = Some(problem);
            world.answer(200, tokens_json(2, 7_200));
        } else {
            fails();
        }
        connection.send(if let At::Disconnect = at {
            Event::from(Request::Disconnect)
        } else {
            Event::from(Request::Refresh)
        });
        return connection;
    }
    let connection = start(world);
    until_disconnected(&connection).await;
    if let At::OpenRequest = at {
        fails();
        connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
        return connection;
    }
    connect(&connection, 1).await;
    match at {
        At::ForgetRequest => fails(),
        _ => *world.problem_after_request.lock().unwrap() = Some(problem),
    }
    world.answer(200, tokens_json(1, 7_200));
    allow(&connection, 1);
    connection
}

#[tokio::test(start_paused = true)]
async fn whatever_the_problem_and_wherever_it_stops_it_is_named_and_goes_on_without_a_click() {
    use KeyringProblem::{Failed, Locked, Missing, Unresponsive};
    for at in [
        At::Load,
        At::OpenRequest,
        At::ForgetRequest,
        At::StoreTokens,
        At::BeforeRenewal,
        At::StoreRenewed,
        At::Disconnect,
    ] {
        for problem in [Locked, Missing, Unresponsive, Failed] {
            let world = World::new();
            let connection = stopped(&world, at, problem).await;
            let named = |view: &View| match view {
                View::KeyringLocked { .. } => problem == Locked,
                View::KeyringMissing { problem: shown, .. } => *shown == problem,
                _ => false,
            };
            until(&connection, named).await;
            let asked = world.requests().len();

            world.lock_keyring(None);
            *world.problem_on_write.lock().unwrap() = None;
            for _ in 0..4 {
                // Revocation, where it comes to that.
                world.answer(
                    200,
                    if matches!(at, At::ForgetRequest) { tokens_json(1, 7_200) } else { String::new() },
                );
            }
            world.pass(4);
            match at {
                At::Load | At::Disconnect => until_disconnected(&connection).await,
                At::OpenRequest => {
                    until(&connection, |view| matches!(view, View::AwaitingBrowser { .. })).await;
                }
                _ => drop(until_connected(&connection).await),
            }
            if matches!(at, At::StoreTokens | At::StoreRenewed) {
                assert_eq!(
                    world.requests().len(),
                    asked,
                    "{at:?}, {problem:?}: what was had is not asked for again"
                );
            }
            assert_eq!(world.locks_held.load(Ordering::SeqCst), 0, "{at:?}, {problem:?}");
        }
    }
}

//! Removing an account leaves nothing of it.
use crate::support::*;
use connection::ports::SecretKind;
use connection::{Event, KeyringProblem, Notice, Request, View};

fn is_forgotten(view: &View) -> bool {
    matches!(view, View::Forgotten { .. })
}

fn is_empty(world: &World) -> bool {
    world.secrets.lock().unwrap().is_empty()
}

#[tokio::test(start_paused = true)]
async fn a_connected_account_is_revoked_and_everything_of_it_is_deleted() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connection.send(copy());
    connection.watch().wait_for(|snapshot| snapshot.copied.is_some()).await.unwrap();
    world.answer(200, "{}");
    world.answer(200, "{}");
    connection.send(Event::from(Request::Forget));
    assert_eq!(until(&connection, is_forgotten).await, View::Forgotten { notice: Notice::Revoked });
    assert!(is_empty(&world));
    assert_eq!(*world.clipboard.lock().unwrap(), None);
    // It stays so, whatever still comes.
    connection.send(configured());
    connection.send(Event::Requested(Request::Connect, Some(entropy(9))));
    connection.send(Event::Resumed);
    connection.send(Event::from(Request::Forget));
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert!(is_forgotten(&connection.watch().borrow().view));
    assert!(is_empty(&world));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_be_told_keeps_nobody_from_leaving_and_that_is_said() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.answer(500, "");
    connection.send(Event::from(Request::Forget));
    assert_eq!(until(&connection, is_forgotten).await, View::Forgotten { notice: Notice::RevocationFailed });
    assert!(is_empty(&world));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_open_is_forgotten_too_and_its_answer_finds_nobody() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    connect(&connection, 1).await;
    assert!(world.secret(SecretKind::PendingRequest).is_some());
    connection.send(Event::from(Request::Forget));
    assert_eq!(until(&connection, is_forgotten).await, View::Forgotten { notice: Notice::NothingToRevoke });
    assert!(is_empty(&world));
    allow(&connection, 1);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(world.requests().is_empty(), "no code was spent");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_forgotten_in_the_middle_of_a_renewal() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connection.send(Event::from(Request::Refresh));
    until(&connection, |view| matches!(view, View::Refreshing { .. })).await;
    connection.send(Event::from(Request::Forget));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(
        matches!(connection.watch().borrow().view, View::Refreshing { .. }),
        "whoever asks waits and asks again"
    );
}

#[tokio::test(start_paused = true)]
async fn tokens_of_credentials_from_before_are_deleted_and_nobody_says_that_they_were_revoked() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connection.send(configured_for("another-client"));
    until_disconnected(&connection).await;
    connection.send(Event::from(Request::Forget));
    assert_eq!(until(&connection, is_forgotten).await, View::Forgotten { notice: Notice::RevocationFailed });
    assert!(is_empty(&world));
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_the_keyring_stopped_can_be_called_off() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    world.lock_keyring(Some(KeyringProblem::Locked));
    connection.send(Event::from(Request::Forget));
    let view = until(&connection, |view| view.stopped().is_some()).await;
    assert!(view.stopped().is_some_and(|stopped| stopped.can_cancel && stopped.removing));
    connection.send(Event::from(Request::Cancel));
    until(&connection, |view| view.stopped().is_some_and(|stopped| !stopped.removing)).await;
    connection.send(Event::from(Request::Unlock));
    until_connected(&connection).await;
    assert!(world.secret(SecretKind::Tokens).is_some(), "the account is as it was");
}

#[tokio::test(start_paused = true)]
async fn a_locked_keyring_stops_it_and_unlocking_goes_on() {
    let world = World::new();
    let connection = start(&world);
    until_disconnected(&connection).await;
    world.lock_keyring(Some(KeyringProblem::Locked));
    connection.send(Event::from(Request::Forget));
    let view = until(&connection, |view| view.stopped().is_some()).await;
    assert!(view.stopped().is_some_and(|stopped| !stopped.can_keep_in_memory));
    connection.send(Event::from(Request::Unlock));
    until(&connection, is_forgotten).await;
    assert!(is_empty(&world));
}

//! "Test connection": what is asked, and what the answers mean.
use std::sync::Arc;
use std::time::Duration;

use crate::support::*;
use connection::{
    AccountSettings, Connection, Environment, ErrorCode, Event, HttpProblem, Request, Verdict, View,
};
use oauth::GrantType;

const SALES: &str = r#"{"items":[],"page_info":{"total_results":0,"results_per_page":1}}"#;
const ME: &str = r#"{"id":1001,"name":"Ana Souza","email":"ana@exemplo.com","locale":"pt_BR"}"#;
const REFUSED: &str = r#"{"error":"invalid_token","error_description":"Invalid access token: access-1"}"#;

fn in_the(environment: Environment) -> AccountSettings {
    AccountSettings {
        client_id: "id".into(),
        grant_type: GrantType::ClientCredentials,
        ..AccountSettings::new(account(), environment)
    }
}

async fn connected_in(world: &Arc<World>, environment: Environment) -> Connection {
    let connection = connection::spawn(account(), 1, world.ports(), clear_after());
    connection.send(configured_as(&in_the(environment), Some("s")));
    until_disconnected(&connection).await;
    if world.answers.lock().unwrap().is_empty() {
        world.answer(200, tokens_json(1, 7_200));
    }
    connection.send(Event::Requested(Request::Connect, Some(entropy(1))));
    until(&connection, |view| {
        matches!(view, View::Connected { .. } | View::Refreshing { .. } | View::Retrying { .. })
    })
    .await;
    connection
}

async fn verdict(connection: &Connection) -> Verdict {
    let mut snapshots = connection.watch();
    let known = |snapshot: &connection::Snapshot| snapshot.last_check.is_some() && !snapshot.checking;
    let shown = tokio::time::timeout(Duration::from_secs(600), snapshots.wait_for(known)).await;
    shown.expect("it ends").unwrap().last_check.clone().unwrap().verdict
}

fn fetches(world: &World) -> Vec<String> {
    world.requests().into_iter().filter(|request| request.starts_with("GET")).collect()
}

#[tokio::test(start_paused = true)]
async fn it_runs_once_by_itself_after_connecting_and_names_who_is_connected() {
    let world = World::new();
    world.fetch(200, SALES);
    world.fetch(200, ME);
    let connection = connected_in(&world, Environment::Hotmart).await;
    let Verdict::Works { who, took, calls_left } = verdict(&connection).await else { panic!("it works") };
    assert_eq!(who.unwrap().to_string(), "Ana Souza (ana@exemplo.com)");
    assert_eq!((took.as_millis(), calls_left), (120, Some(499)));
    assert_eq!(
        fetches(&world),
        [
            "GET https://developers.hotmart.com/payments/api/v1/sales/history?max_results=1 access-1",
            "GET https://developers.hotmart.com/user/api/v1/me access-1",
        ]
    );
    // A renewal is no reason to ask again.
    let old = until_connected(&connection).await;
    world.answer(200, tokens_json(2, 7_200));
    connection.send(Event::from(Request::Refresh));
    until_renewed(&connection, &old).await;
    assert_eq!(fetches(&world).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_once_and_then_it_is_said() {
    let world = World::new();
    world.fetch(401, REFUSED);
    world.fetch(401, REFUSED); // me
    world.fetch(401, REFUSED); // the sandbox
    world.answer(200, tokens_json(1, 7_200));
    world.answer(200, tokens_json(2, 7_200));
    world.fetch(200, SALES);
    world.fetch(200, ME);
    let connection = connected_in(&world, Environment::Hotmart).await;
    assert!(matches!(verdict(&connection).await, Verdict::Works { .. }));
    assert!(fetches(&world).last().unwrap().ends_with("access-2"));

    for _ in 0..6 {
        world.fetch(401, REFUSED);
    }
    world.answer(200, tokens_json(3, 7_200));
    connection.send(Event::from(Request::Check));
    let refused = async {
        let mut snapshots = connection.watch();
        let said = |snapshot: &connection::Snapshot| {
            snapshot.last_check.as_ref().is_some_and(|check| check.verdict == Verdict::Refused)
        };
        snapshots.wait_for(said).await.unwrap();
    };
    if tokio::time::timeout(Duration::from_secs(60), refused).await.is_err() {
        panic!("still {:?} after {:#?}", connection.watch().borrow(), world.requests());
    }
    assert_eq!(
        world.requests().iter().filter(|request| !request.starts_with("GET")).count(),
        3,
        "renewed once"
    );
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_ends_the_check_too() {
    let world = World::new();
    for _ in 0..3 {
        world.fetch(401, REFUSED);
    }
    world.answer(200, tokens_json(1, 7_200));
    world.answer(503, "");
    let connection = connected_in(&world, Environment::Hotmart).await;
    assert_eq!(verdict(&connection).await, Verdict::NotRenewed { error: ErrorCode::ServerUnavailable });
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_over_is_renewed_before_it_is_checked() {
    let world = World::new();
    world.fetch(200, SALES);
    world.fetch(200, ME);
    let connection = connected_in(&world, Environment::Hotmart).await;
    let old = until_connected(&connection).await;
    verdict(&connection).await;
    world.answer(503, "");
    world.pass(7_300);
    connection.send(Event::Resumed);
    until(&connection, |view| matches!(view, View::Retrying { .. })).await;
    world.answer(200, tokens_json(2, 7_200));
    world.fetch(200, SALES);
    world.fetch(200, ME);
    connection.send(Event::from(Request::Check));
    until_renewed(&connection, &old).await;
    verdict(&connection).await;
    assert!(fetches(&world).last().unwrap().ends_with("access-2"));
}

#[tokio::test(start_paused = true)]
async fn after_the_seller_changed_something_it_is_checked_by_itself() {
    let world = World::new();
    world.fetch(200, SALES);
    world.fetch(200, ME);
    let connection = connected_in(&world, Environment::Hotmart).await;
    verdict(&connection).await;
    world.fetch(200, SALES);
    world.fetch(200, ME);
    let Event::Configured(configuration) = configured_as(&in_the(Environment::Sandbox), None) else {
        unreachable!("it is that event")
    };
    connection.send(Event::Configured(connection::Configuration { then_check: true, ..configuration }));
    let asked = async {
        while !fetches(&world).iter().any(|fetched| fetched.contains("https://sandbox.hotmart.com/")) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(600), asked).await.expect("it is checked by itself");
}

#[tokio::test(start_paused = true)]
async fn a_credential_of_the_other_environment_is_named() {
    for (put_into, belongs_to) in [
        (Environment::Hotmart, Verdict::BelongsToSandbox),
        (Environment::Sandbox, Verdict::BelongsToProduction),
    ] {
        for status in [401, 403] {
            let world = World::new();
            world.fetch(status, REFUSED);
            world.fetch(status, REFUSED); // me
            world.fetch(200, SALES); // the other place
            let connection = connected_in(&world, put_into).await;
            assert_eq!(verdict(&connection).await, belongs_to);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_other_answer_has_its_own_meaning() {
    let not_permitted = r#"{"error":"unauthorized_client","error_description":"no"}"#;
    for (answers, wanted) in [
        (vec![(403, not_permitted), (200, ME)], "not_permitted"),
        (vec![(401, REFUSED), (200, ME)], "not_permitted"),
        (vec![(403, not_permitted), (403, not_permitted), (403, not_permitted)], "not_permitted"),
        (vec![(403, "<html>Request blocked</html>")], "blocked"),
        (vec![(202, "")], "blocked"),
        (vec![(429, r#"{"error":"too_many_requests"}"#)], "too_many_requests"),
        (vec![(500, r#"{"error":"internal_server_error"}"#)], "down"),
        (vec![(502, "<html>Bad Gateway</html>")], "down"),
        (vec![(200, "<!doctype html><title>Hotmart Developers</title>")], "not_the_api"),
        (vec![(200, "")], "not_the_api"),
        (vec![(200, r#"{"hello":"world"}"#)], "not_the_api"),
        (vec![(200, "[]")], "not_the_api"),
        (vec![(302, "")], "not_the_api"),
        (vec![(404, r#"{"error":"not_found"}"#)], "not_the_api"),
        // Who it is cannot be had; it works all the same.
        (vec![(200, SALES), (404, "<html>")], "works"),
        (vec![(200, SALES), (200, "{}")], "works"),
    ] {
        let world = World::new();
        for (status, body) in &answers {
            world.fetch(*status, *body);
        }
        let connection = connected_in(&world, Environment::Hotmart).await;
        assert_eq!(verdict(&connection).await.code(), wanted, "{answers:?}");
    }
    for (problem, wanted) in [
        (HttpProblem::TimedOut, "slow"),
        (HttpProblem::Unreachable, "unreachable"),
        (HttpProblem::Tls, "tls"),
        (HttpProblem::Interrupted, "unreachable"),
    ] {
        let world = World::new();
        world.fetches.lock().unwrap().push_back(Err(problem));
        let connection = connected_in(&world, Environment::Hotmart).await;
        assert_eq!(verdict(&connection).await.code(), wanted);
    }
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_api_nothing_is_asked() {
    let world = World::new();
    let connection = connected(&world, 7_200).await;
    connection.send(Event::from(Request::Check));
    assert_eq!(connection.watch().borrow().api_base, "");
    connection.send(Event::from(Request::Refresh));
    until(&connection, |view| matches!(view, View::Refreshing { .. })).await;
    assert!(fetches(&world).is_empty());
}

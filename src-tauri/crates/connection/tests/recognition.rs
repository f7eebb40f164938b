//! Of which kind a credential is, and where it lives, by what Hotmart's servers say.

use std::sync::Arc;

use connection::{Deployment, Environment, HttpProblem, NotRecognised, Recognised, read_pasted, recognise};
use oauth::{GrantType, Timestamp};

use crate::support::*;

const LABELLED: &str = "Client ID: id-of-seller-1 Client Secret: secret-of-seller-2";
const BARE: &str = "secret-of-seller-2 id-of-seller-1";

const TOKEN: &str = r#"{"access_token":"access-1","token_type":"bearer","expires_in":172799}"#;
const UNKNOWN: &str = r#"{"error":"invalid_client"}"#;
const KNOWN: &str = r#"{"error":"invalid_grant"}"#;
const NOT_FOR_THIS: &str = r#"{"error":"unauthorized_client"}"#;
const SALES: &str = r#"{"items":[],"page_info":{"total_results":0}}"#;
const REFUSED: &str = r#"{"error":"invalid_token"}"#;

async fn recognised(world: &Arc<World>, text: &str) -> Result<Recognised, NotRecognised> {
    let pasted = read_pasted(text).unwrap();
    recognise(&**world, &Deployment::default(), pasted, Timestamp::from_seconds(START)).await
}

/// The three answers: to a developer credential, by the newer service, by the classic one.
fn answering(answers: [(u16, &str); 3]) -> Arc<World> {
    let world = World::new();
    for (status, body) in answers {
        world.answer(status, body);
    }
    world
}

#[tokio::test(start_paused = true)]
async fn a_developer_credential_is_at_home_where_the_api_takes_its_token() {
    for (apis, home) in [
        (&[(200, SALES)][..], Some(Environment::Hotmart)),
        (&[(403, REFUSED)], Some(Environment::Hotmart)),
        (&[(429, "")], Some(Environment::Hotmart)),
        (&[(401, REFUSED), (200, SALES)], Some(Environment::Sandbox)),
        // A page says nothing: only the seller knows.
        (&[(200, "<html>maintenance</html>"), (401, REFUSED)], None),
        (&[(503, ""), (403, "<html>a firewall</html>")], None),
    ] {
        let world = answering([(200, TOKEN), (401, UNKNOWN), (401, UNKNOWN)]);
        for (status, body) in apis {
            world.fetch(*status, *body);
        }
        let found = recognised(&world, LABELLED).await.unwrap();
        assert_eq!((found.grant_type, found.environment), (GrantType::ClientCredentials, home));
        assert_eq!(found.credentials.client_id, "id-of-seller-1");
        assert!(world.requests()[3].starts_with("GET https://developers.hotmart.com/payments/"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_registered_application_is_known_by_how_a_made_up_refresh_token_is_refused() {
    let newer = answering([(401, UNKNOWN), (400, KNOWN), (401, UNKNOWN)]);
    let found = recognised(&newer, LABELLED).await.unwrap();
    assert_eq!(
        (found.grant_type, found.environment),
        (GrantType::AuthorizationCode, Some(Environment::HotmartAuthentication))
    );
    for classic in [
        [(401, UNKNOWN), (401, UNKNOWN), (400, KNOWN)],
        [(400, NOT_FOR_THIS), (401, UNKNOWN), (400, NOT_FOR_THIS)],
    ] {
        let found = recognised(&answering(classic), LABELLED).await.unwrap();
        assert_eq!(
            (found.grant_type, found.environment),
            (GrantType::AuthorizationCode, Some(Environment::Hotmart))
        );
    }
    // Both could be had: the seller's yes in a browser comes first.
    let both = answering([(200, TOKEN), (400, KNOWN), (401, UNKNOWN)]);
    assert_eq!(recognised(&both, LABELLED).await.unwrap().grant_type, GrantType::AuthorizationCode);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_a_guess_is_tried_the_other_way_round() {
    let world = answering([(401, UNKNOWN); 3]);
    world.answer(200, TOKEN);
    world.answer(401, UNKNOWN);
    world.answer(401, UNKNOWN);
    world.fetch(200, SALES);
    let found = recognised(&world, BARE).await.unwrap();
    let credentials = (found.credentials.client_id.as_str(), found.credentials.client_secret.expose());
    assert_eq!(credentials, ("id-of-seller-1", "secret-of-seller-2"));

    // An order that stood there is believed, and nothing is asked twice.
    let world = answering([(401, UNKNOWN); 3]);
    assert_eq!(recognised(&world, LABELLED).await.unwrap_err(), NotRecognised::Unknown);
    assert_eq!(world.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_was_not_heard_is_not_taken_for_a_no() {
    for (problem, body, expected) in [
        (Some(HttpProblem::Unreachable), "", NotRecognised::Unreachable),
        (Some(HttpProblem::TimedOut), "", NotRecognised::Unreachable),
        (None, "<html>maintenance</html>", NotRecognised::Unclear),
        (None, r#"{"error":"server_error"}"#, NotRecognised::Unclear),
    ] {
        for silent in 0..2 {
            let world = World::new();
            for server in 0..3 {
                match problem {
                    _ if server != silent => world.answer(401, UNKNOWN),
                    Some(problem) => world.answer_with_problem(problem),
                    None => world.answer(503, body),
                }
            }
            assert_eq!(recognised(&world, BARE).await.unwrap_err(), expected, "server {silent}");
            assert_eq!(world.requests().len(), 3, "and nothing is tried the other way round");
        }
    }
}

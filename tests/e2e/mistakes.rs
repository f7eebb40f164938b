//! What sellers get wrong, and what they are told.

use practice::Authentication;
use serde_json::json;
use tests::{App, CLIENT_ID, CLIENT_SECRET, DEVELOPER_ID, SANDBOX_ID, says};

use crate::environments::{AsHotmart, account, developer};
use crate::first_run::choose;

/// The form on the first start, at a server that plays Hotmart's.
async fn form() -> AsHotmart {
    let there = AsHotmart::with(Authentication::Basic, &[]).await;
    there.app.open_the_form().await;
    there
}

async fn fill_in_and_connect(app: &App, client_id: &str, client_secret: &str) {
    // Pasted: keys would press the form's own button at a line end.
    let script = format!(
        "document.querySelector('#client-id').value = {}; document.querySelector('#client-secret').value = {}",
        json!(client_id),
        json!(client_secret)
    );
    app.driver().script(&script).await;
    app.click("save").await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
}

fn basic() -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(format!("{DEVELOPER_ID}:{CLIENT_SECRET}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_basic_string_where_the_client_id_belongs_is_taken_apart() {
    let there = form().await;
    fill_in_and_connect(&there.app, &format!("Basic {}", basic()), "").await;
    there.app.wait_for_state("connected").await;
    let settings = there.desktop.settings().to_string();
    assert!(
        settings.contains(DEVELOPER_ID) && !settings.contains(&basic()),
        "the secret half is not written down"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn spaces_and_line_ends_around_what_was_pasted_are_left_out() {
    let there = form().await;
    let secret = format!("\t\"{CLIENT_SECRET}\" \r\n");
    fill_in_and_connect(&there.app, &format!(" \u{200B}{DEVELOPER_ID}\r\n"), &secret).await;
    there.app.wait_for_state("connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_another_application_is_told_from_an_unknown_id() {
    let mut there =
        AsHotmart::with(Authentication::Basic, &[account("hotmart-authentication", CLIENT_ID)]).await;
    there.app.wait_for_state("disconnected").await;
    there.app.click("edit").await;
    there.app.driver().type_into("client-secret", "the-secret-of-another-application").await;
    there.app.click("save").await;
    there.app.wait_for_state("disconnected").await;
    there.connect_in_browser().await;
    there.app.wait_for_state("failed").await;
    there.app.wait_for_sentence("error.secret_refused").await;
    there.app.wait_for_sentence("failed.check_settings").await;
    there.app.wait_for_sentence_with("failed.code", &[("code", "secret_refused")]).await;
    // The server's own words are one click away.
    assert!(!there.app.words().await.contains("invalid_client"));
    there.app.click("server-words-title").await;
    there.app.wait_for_words("invalid_client").await;

    // Without a browser nobody can tell which half is wrong.
    let there = form().await;
    fill_in_and_connect(&there.app, DEVELOPER_ID, "wrong").await;
    there.app.wait_for_state("failed").await;
    there.app.wait_for_sentence("error.client_refused").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_the_wrong_kind_is_said_to_be_so() {
    let there = form().await;
    fill_in_and_connect(&there.app, CLIENT_ID, CLIENT_SECRET).await;
    there.app.wait_for_state("failed").await;
    there.app.wait_for_sentence("failed.check_settings").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_credential_in_production_is_named_and_moved_with_one_click_and_back() {
    let there = AsHotmart::with(Authentication::Basic, &[developer("hotmart", SANDBOX_ID)]).await;
    there.app.wait_for_state("disconnected").await;
    there.app.click("connect").await;
    there.app.wait_for_sentence("check.belongs_to_sandbox").await;
    there.app.click("move").await;
    there.app.wait_for_state("connected").await;
    there.app.click("check").await;
    there.app.wait_for_sentence("check.works").await;
    assert_eq!(there.desktop.settings()["accounts"][0]["environment"], "sandbox");

    let there = AsHotmart::with(Authentication::Basic, &[developer("sandbox", DEVELOPER_ID)]).await;
    there.app.wait_for_state("disconnected").await;
    there.app.click("connect").await;
    there.app.wait_for_sentence("check.belongs_to_production").await;
    let told = there.token(&["check"]);
    assert!(told.code == 11 && says(&told.answer, "check.belongs_to_production"), "{told:?}");
    there.app.click("move").await;
    there.app.wait_for_state("connected").await;
    there.app.click("check").await;
    there.app.wait_for_sentence("check.works").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_is_chosen_by_its_sentence_and_each_offers_what_it_can() {
    let there = form().await;
    let offered =
        "return [...document.querySelectorAll('#environment-choice option')].map((option) => option.value)";
    assert_eq!(there.app.driver().script(offered).await, json!(["hotmart", "sandbox", "custom"]));
    there.app.click("kind-authorization_code").await;
    there.app.wait_for_sentence("form.redirect").await;
    assert_eq!(
        there.app.driver().script(offered).await,
        json!(["hotmart-authentication", "hotmart", "sandbox", "custom"])
    );
    choose(&there.app, "environment-choice", "custom").await;
    there.app.wait_for_sentence("form.endpoint_authorize").await;
    there.app.click("kind-client_credentials").await;
    there.app.wait_for_sentence("form.endpoint_token").await;
    assert!(!says(&there.app.words().await, "form.redirect"));
}

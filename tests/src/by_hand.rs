//! A browser on another machine: follows the link, presses a button, and ends
//! on an address that no program opens.

use url::Url;

/// Answers the consent page behind `link` and gives the address the browser ends on.
pub async fn answer_by_hand(link: &str, decision: &str) -> String {
    let none = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().no_proxy().redirect(none).build().expect("a client");
    let page = client.get(link).send().await.expect("the page is there").text().await.expect("it is text");
    let consent = page.split("name=\"consent\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let action = page.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
    let url = Url::parse(link).expect("the link is one").join(action.expect("a form")).expect("its address");
    let body = format!("consent={}&decision={decision}", consent.expect("the page asks"));
    let form = "application/x-www-form-urlencoded";
    let answer = client.post(url).header("content-type", form).body(body).send().await.expect("it answers");
    answer.headers()["location"].to_str().expect("an address").to_owned()
}

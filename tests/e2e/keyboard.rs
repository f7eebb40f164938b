//! The whole way from the first start to a copied token without a mouse.

use serde_json::json;
use tests::{App, Browser, Desktop, Driver, built_in_practice};

/// Presses Tab until something has the focus, and tells how often; each stop on the way must be seen.
pub async fn tab_to(desktop: &Desktop, driver: &Driver, id: &str) -> usize {
    for presses in 0..40 {
        let focus = "const node = document.activeElement; const style = getComputedStyle(node); \
                     return [node.id, node === document.body || node.tagName === 'H1' || style.outlineStyle !== 'none']";
        let stop = driver.script(focus).await;
        assert_eq!(stop[1], json!(true), "the focus on {} is seen", stop[0]);
        if stop[0] == json!(id) {
            return presses;
        }
        desktop.press("Tab");
        tokio::task::yield_now().await;
        driver
            .wait_for("the focus moved", &format!("return document.activeElement.id !== {}", stop[0]))
            .await;
    }
    panic!("Tab never comes to {id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_start_to_a_copied_token_by_keyboard_alone() {
    let (practice, _alone) = built_in_practice().await;
    let desktop = Desktop::start();
    let mut browser = Browser::install(&desktop, Some(&practice));
    let app = App::start(&desktop).await;
    app.wait_for_state("unconfigured").await;
    desktop.look_at_the_window();
    tab_to(&desktop, app.driver(), "more-title").await;
    desktop.press("Return");
    tab_to(&desktop, app.driver(), "use-practice").await;
    desktop.press("Return");
    app.wait_for_state("disconnected").await;
    tab_to(&desktop, app.driver(), "connect").await;
    desktop.press("space");
    app.wait_for_state("awaiting_browser").await;

    let page = browser.at(&desktop, &practice).await;
    for _ in 0..20 {
        if page.script("return document.activeElement.id").await == json!("allow") {
            break;
        }
        desktop.press("Tab");
    }
    desktop.press("Return");
    app.wait_for_state("connected").await;
    tests::wait_until("the window has the focus", || {
        (desktop.focused_window() == "Hotmart Connect").then_some(())
    });
    tab_to(&desktop, app.driver(), "more-title").await;
    desktop.press("Return");
    tab_to(&desktop, app.driver(), "copy-token").await;
    desktop.press("Return");
    app.wait_for_sentence("connected.copied").await;
    assert!(desktop.clipboard().starts_with("AT-"));

    // What opens and closes does so by keyboard too, and gives the focus back.
    tab_to(&desktop, app.driver(), "disconnect").await;
    desktop.press("Return");
    app.driver().wait_for("the question has the focus", "return document.activeElement.id === 'stay'").await;
    desktop.press("Return");
    app.driver().wait_for("the focus is back", "return document.activeElement.id === 'disconnect'").await;
    tab_to(&desktop, app.driver(), "settings").await;
    desktop.press("Return");
    app.driver()
        .wait_for("the settings have the focus", "return document.activeElement.id === 'title'")
        .await;
    tab_to(&desktop, app.driver(), "setting-notifications").await;
    desktop.press("space");
    tests::wait_until("the choice is kept", || {
        (desktop.settings()["notifications"] == json!(false)).then_some(())
    });
}

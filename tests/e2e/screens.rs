//! Every state of the window, drawn by the real page: pictures of all of them,
//! what does not fit, and what an accessibility checker finds.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::{App, Browser, Desktop, DesktopOptions, Driver, Running, pt, says};
use url::Url;

const STATES: &str = include_str!("../ui/states.js");
const LANGUAGES: [&str; 3] = ["pt-BR", "es", "en"];
const WIDTHS: [u32; 3] = [320, 420, 900];
const HEIGHT: u32 = 860;
/// The rules of WCAG 2.2 AA, and what the checker's authors advise besides.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async fn states(driver: &Driver) -> Vec<String> {
    driver.script(STATES).await;
    let names = driver.script("return window.stateNames").await;
    serde_json::from_value(names).unwrap()
}

async fn draw(driver: &Driver, state: &str, language: &str, longer: bool) {
    driver.script(&format!("return window.drawState({}, {}, {longer})", json!(state), json!(language))).await;
}

async fn what_is_cut(driver: &Driver) -> Vec<String> {
    serde_json::from_value(driver.script("return window.whatIsCut()").await).unwrap()
}

async fn resize(driver: &Driver, width: u32) {
    driver.client().set_window_size(width, HEIGHT).await.unwrap();
    driver.wait_for("the window has its width", &format!("return window.innerWidth === {width}")).await;
}

fn pictures(folder: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts/screens").join(folder);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Puts pictures of a folder on one sheet beside it, each read in its small size.
fn montage(folder: &Path, pictures: impl Iterator<Item = String>, sheet: &str, columns: &str, size: &str) {
    let small = pictures.map(|file| format!("{}[{size}]", folder.join(file).display()));
    let mut command = Command::new("montage");
    command.args(small).args(["-tile", columns, "-geometry", "+4+4"]).arg(folder.with_file_name(sheet));
    let made = command.output().expect("montage runs");
    assert!(
        made.status.success(),
        "{sheet}: {}",
        String::from_utf8_lossy(&made.stderr).lines().next().unwrap_or_default()
    );
}

/// Whether pictures are wanted, for people to look at: `make screens` wants them. They take a while.
fn pictures_are_wanted() -> bool {
    std::env::var_os("PICTURES").is_some()
}

/// Draws all states in all languages and widths, and looks whether they fit. Gives what is cut off.
async fn draw_everything(dark: bool, mut after: impl AsyncFnMut(&Driver, &str)) -> Vec<String> {
    let desktop = Desktop::with(DesktopOptions { dark, ..DesktopOptions::default() });
    let app = App::start(&desktop).await;
    let driver = app.driver();
    let mut cut = Vec::new();
    let names = states(driver).await;
    for width in WIDTHS {
        resize(driver, width).await;
        for language in LANGUAGES {
            for name in &names {
                draw(driver, name, language, false).await;
                let problems = what_is_cut(driver).await;
                cut.extend(problems.iter().map(|problem| format!("{name} {language} {width}: {problem}")));
                after(driver, &format!("{name}-{language}-{width}")).await;
            }
        }
    }
    cut
}

/// Pictures of all states in all languages and widths, and sheets with all of them in small.
async fn picture_everything(dark: bool) {
    let theme = if dark { "dark" } else { "light" };
    let folder = pictures(theme);
    let (mut last, mut taken) = (Vec::new(), Vec::new());
    draw_everything(dark, async |driver, name| {
        let mut picture = driver.picture().await;
        // What was drawn last may not be painted yet.
        for _ in 0..10 {
            if picture != last {
                break;
            }
            picture = driver.picture().await;
        }
        std::fs::write(folder.join(format!("{name}.png")), &picture).unwrap();
        last = picture;
        taken.push(name.to_owned());
    })
    .await;
    for language in LANGUAGES {
        let narrow = format!("-{language}-420");
        let all = taken.iter().filter(|name| name.ends_with(&narrow)).map(|name| format!("{name}.png"));
        montage(&folder, all, &format!("contact-sheet-{language}-{theme}.png"), "11x", "240x");
    }
    taken.sort();
    let all = taken.iter().map(|name| format!("{name}.png"));
    montage(&folder, all, &format!("contact-sheet-{theme}.jpg"), "27x", "x150");
}

#[tokio::test]
async fn every_state_fits_in_every_language_and_width() {
    let cut = draw_everything(false, async |_, _| {}).await;
    assert!(cut.is_empty(), "{}", cut.join("\n"));
    if pictures_are_wanted() {
        for dark in [false, true] {
            picture_everything(dark).await;
        }
    }
}

#[tokio::test]
async fn texts_that_are_two_fifths_longer_fit_and_so_does_twice_the_size() {
    let desktop = Desktop::start();
    let app = App::start(&desktop).await;
    let driver = app.driver();
    let names = states(driver).await;
    let mut cut = Vec::new();
    for width in WIDTHS {
        resize(driver, width).await;
        for name in &names {
            draw(driver, name, "en", true).await;
            let problems = what_is_cut(driver).await;
            cut.extend(problems.into_iter().map(|problem| format!("{name} longer {width}: {problem}")));
        }
    }
    resize(driver, 440).await;
    for width in [352, 294, 252, 220] {
        let press = "document.dispatchEvent(new KeyboardEvent('keydown', { key: '+', ctrlKey: true }))";
        driver.script(press).await;
        driver.wait_for("everything is larger", &format!("return window.innerWidth <= {width}")).await;
    }
    driver.wait_for("everything is twice as large", "return window.innerWidth === 220").await;
    for language in LANGUAGES {
        for name in &names {
            draw(driver, name, language, false).await;
            let problems = what_is_cut(driver).await;
            cut.extend(problems.into_iter().map(|problem| format!("{name} {language} twice: {problem}")));
        }
    }
    assert_eq!(desktop.settings()["zoom"], 200, "it is kept");
    assert!(cut.is_empty(), "{}", cut.join("\n"));
}

#[tokio::test]
async fn what_happens_on_the_same_screen_is_read_out_and_what_is_routine_is_not() {
    let desktop = Desktop::start();
    let app = App::start(&desktop).await;
    let driver = app.driver();
    states(driver).await;
    let said = async |state: &str| {
        driver.script(&format!("return window.nextMoment({})", json!(state))).await;
        driver
            .script("return document.getElementById('status').textContent")
            .await
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(said("connected").await.contains(&format!(
        "{}: {}",
        pt("connected.pill"),
        pt("connected.title")
    )));
    let before = said("refreshing").await;
    assert!(!says(&before, "refreshing.pill"), "{before}");
    assert!(said("retrying").await.starts_with(&pt("retrying.pill")));
    assert!(says(&said("connected_copied").await, "connected.copied_announced"));
    assert!(says(&said("expired_refused").await, "expired.title"));
    assert!(!says(&said("awaiting_opened").await, "awaiting.second_path_title"));
    assert!(
        says(&said("awaiting_late").await, "awaiting.second_path_title"),
        "help that comes by itself is said"
    );
}

#[tokio::test]
async fn a_clock_that_counts_and_news_that_comes_move_no_button_under_the_pointer() {
    let desktop = Desktop::start();
    let app = App::start(&desktop).await;
    let driver = app.driver();
    states(driver).await;
    draw(driver, "connected_more", "pt-BR", false).await;
    let top = async |seconds: i64| {
        let place = "return document.getElementById('copy-token').getBoundingClientRect().top";
        driver.script(&format!("return window.countTo({seconds}).then(() => {{ {place} }})")).await
    };
    // From "2 h" to "1 h e 59 min" and on.
    let full = top(-900).await;
    for seconds in [-899, -200, 0, 2_700, 6_200, 6_295] {
        assert_eq!(top(seconds).await, full, "{seconds}");
    }

    let pressed = "window.button = document.getElementById('copy-token'); \
                   window.button.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))";
    driver.script(pressed).await;
    driver.script("return window.nextMoment('connected_copied')").await;
    assert_eq!(driver.script("return window.button.isConnected").await, json!(true), "it is held down");
    driver.script("window.button.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }))").await;
    driver.wait_for("what came meanwhile", "return document.body.innerText.includes('Copiado.')").await;
}

/// The buttons that a screen is for, and are not whole in sight.
const OUT_OF_SIGHT: &str = "return [...document.querySelectorAll('main button.primary')]
    .filter((button) => button.checkVisibility() && !button.closest('details'))
    .map((button) => [button.id, button.getBoundingClientRect()])
    .filter(([, box]) => box.top < 0 || box.bottom > window.innerHeight)
    .map(([id, box]) => `${id} ends at ${Math.round(box.bottom)} of ${window.innerHeight}`)";

#[tokio::test]
async fn the_one_thing_to_do_is_in_sight_without_scrolling() {
    let desktop = Desktop::start();
    let app = App::start(&desktop).await;
    let driver = app.driver();
    let names = states(driver).await;
    // The window's own size, but for a form of many fields and a question among the settings, which
    // has the focus; and the smallest, for the first screen.
    let concerns = |width: u32, state: &str| match width {
        440 => !["form", "secret_missing", "forget_everything"].contains(&state),
        _ => state.starts_with("first_run") || state == "new_account",
    };
    for (width, height) in [(440, 820), (320, 480)] {
        driver.client().set_window_size(width, height).await.unwrap();
        let sized = format!("return window.innerWidth === {width} && window.innerHeight === {height}");
        driver.wait_for("the window has its size", &sized).await;
        for language in LANGUAGES {
            for name in names.iter().filter(|name| concerns(width, name)) {
                draw(driver, name, language, false).await;
                assert_eq!(driver.script(OUT_OF_SIGHT).await, json!([]), "{name} {language} {width}");
            }
        }
    }
}

async fn violations(driver: &Driver) -> Vec<String> {
    let names = states(driver).await;
    let checker = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/node_modules/axe-core/axe.min.js"),
    );
    driver.script(&checker.expect("the checker is installed")).await;
    let check = format!(
        "return axe.run(document, {{ runOnly: {} }}).then((results) => results.violations.map((violation) => \
         `${{violation.id}}: ${{violation.nodes.map((node) => node.target.join(' ') + ' ' + node.failureSummary).join(' | ')}}`))",
        json!(RULES)
    );
    let mut found = Vec::new();
    for name in &names {
        draw(driver, name, "pt-BR", false).await;
        let violations: Vec<String> = serde_json::from_value(driver.script(&check).await).unwrap();
        found.extend(violations.into_iter().map(|violation| format!("{name}: {violation}")));
    }
    assert!(names.len() > 35);
    found
}

#[tokio::test]
async fn no_state_violates_a_rule_of_accessibility_in_the_window() {
    for dark in [false, true] {
        let desktop = Desktop::with(DesktopOptions { dark, ..DesktopOptions::default() });
        let app = App::start(&desktop).await;
        let found = violations(app.driver()).await;
        assert!(found.is_empty(), "dark: {dark}\n{}", found.join("\n"));
    }
}

#[tokio::test]
async fn no_state_violates_a_rule_of_accessibility_in_chromium() {
    let desktop = Desktop::start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/serve.mjs");
    let mut server = Running::start(Command::new("node").arg(script).stdout(Stdio::piped()));
    let page = Url::parse(&format!("http://127.0.0.1:{}/", server.first_line())).unwrap();
    let mut browser = Browser::install(&desktop, None);
    desktop.open_link(page.as_str());
    let driver = browser.on_page(&desktop, &page, "document.querySelector('main')").await;
    driver.wait_for("the page is there", "return document.readyState === 'complete'").await;
    let found: Value = json!(violations(driver).await);
    assert_eq!(found, json!([]));
}

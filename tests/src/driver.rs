//! A WebDriver session, on the window or on the browser.

use std::io::Write;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;

use crate::process::{PATIENCE, Running, free_port};

/// Notes what is clicked on: the ids around it, and whether a click does something there.
const LISTEN_FOR_CLICKS: &str = "
    if (!window.heard) addEventListener('click', (event) => {
        const ids = [];
        for (let node = event.target; node; node = node.parentElement) ids.push(node.id);
        const acts = event.target.closest('a, button, input, label, select, summary, textarea') !== null;
        window.heard.push({ ids, acts });
    }, true);
    window.heard = []";

/// A session and the driver program behind it.
pub struct Driver {
    client: Client,
    _program: Running,
}

impl Driver {
    /// Starts a driver program on a free port, and a session with it. A port can
    /// be taken between being found and being used, and a driver can fail to
    /// bring its program up: one that gives no session is replaced by a fresh
    /// one on a fresh port, once.
    #[allow(clippy::print_stdout)] // A run that needed a second driver says so.
    pub async fn start(start: impl Fn(u16) -> Running, capabilities: Value) -> Self {
        let Value::Object(capabilities) = capabilities else { panic!("capabilities are an object") };
        match Self::connect(&start, &capabilities).await {
            Ok(driver) => driver,
            Err(problem) => {
                println!("a driver is replaced: {problem}");
                let second = Self::connect(&start, &capabilities).await;
                second.unwrap_or_else(|again| panic!("no session twice: {problem}; {again}"))
            }
        }
    }

    async fn connect(start: &impl Fn(u16) -> Running, capabilities: &Capabilities) -> Result<Self, String> {
        let port = free_port();
        let program = start(port);
        let address = format!("http://127.0.0.1:{port}");
        let started = Instant::now();
        loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            // A driver can wait for ever for a program that ended at once.
            match tokio::time::timeout(PATIENCE, builder.connect(&address)).await {
                Ok(Ok(client)) => return Ok(Self { client, _program: program }),
                Ok(Err(_)) if started.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Ok(Err(error)) => return Err(error.to_string()),
                Err(_) => return Err("the driver does not answer".to_owned()),
            }
        }
    }

    /// The session itself.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Clicks the element with this id, once it is there, and looks whether the
    /// page heard of it: a click is lost where the page moves, or another window
    /// comes up, between looking for a place and clicking there. Then it is made
    /// again, as a person does. One that did something else is a fault.
    pub async fn click(&self, id: &str) {
        let started = Instant::now();
        loop {
            self.with(id, async |element| {
                // The page that the element is on; one that just goes away is looked for again.
                let _ = self.client.execute(LISTEN_FOR_CLICKS, Vec::new()).await;
                element.click().await
            })
            .await;
            if self.was_heard(id).await {
                return;
            }
            // Not captured: a run that needed it says so, also where the test passes.
            let _ = writeln!(std::io::stderr(), "a click on {id} was lost and is made again");
            assert!(started.elapsed() < PATIENCE, "nothing hears of a click on {id}");
        }
    }

    /// Whether the page heard of a click on this, or is gone because of it.
    async fn was_heard(&self, id: &str) -> bool {
        let heard = format!(
            "return !window.heard || window.heard.some(({{ ids }}) => ids.includes({}))",
            Value::from(id)
        );
        for _ in 0..10 {
            match self.client.execute(&heard, Vec::new()).await {
                Ok(Value::Bool(false)) => tokio::time::sleep(Duration::from_millis(50)).await,
                _ => return true,
            }
        }
        let others = self.client.execute("return window.heard.filter(({ acts }) => acts)", Vec::new()).await;
        let others = others.unwrap_or_default();
        assert!(others.as_array().is_none_or(Vec::is_empty), "a click on {id} hit something else: {others}");
        false
    }

    /// Clicks what a page of another server has there. A browser follows links
    /// to programs only if a person clicked.
    pub async fn click_on(&self, selector: &str) {
        self.with_selector(selector, async |element| element.click().await).await;
    }

    /// Types into the element with this id.
    pub async fn type_into(&self, id: &str, text: &str) {
        self.with(id, async |element| element.send_keys(text).await).await;
    }

    /// The text of the element with this id.
    pub async fn text(&self, id: &str) -> String {
        self.with(id, async |element| element.text().await).await
    }

    /// Runs a script in the page.
    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Waits until a script gives something that is neither null nor false.
    pub async fn wait_for(&self, what: &str, script: &str) -> Value {
        let started = Instant::now();
        loop {
            let value = self.client.execute(script, Vec::new()).await;
            match value {
                Ok(value) if !matches!(value, Value::Null | Value::Bool(false)) => return value,
                _ if started.elapsed() > PATIENCE => {
                    let page = self.script("return document.body.innerText").await;
                    panic!("waited in vain: {what}; the page says: {page}");
                }
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// A picture of the page.
    pub async fn picture(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("the page can be pictured")
    }

    /// Does something with the element with this id, once it is there. The page
    /// may draw it anew at any moment, also while it is being looked for: then
    /// the new one is taken.
    async fn with<T>(&self, id: &str, act: impl AsyncFn(Element) -> Result<T, CmdError>) -> T {
        self.with_selector(&format!("#{id}"), act).await
    }

    /// Opens what is folded away around something, as a person does who looks for it.
    async fn open_what_folds_it_away(&self, selector: &str) {
        let open = format!(
            "const node = document.querySelector({});
             for (let around = node?.closest('details'); around; around = around.parentElement?.closest('details')) {{
                 if (node.parentElement !== around || node.tagName !== 'SUMMARY') around.open = true;
             }}",
            Value::from(selector)
        );
        // A page that just goes away is looked for again.
        let _ = self.client.execute(&open, Vec::new()).await;
    }

    async fn with_selector<T>(&self, selector: &str, act: impl AsyncFn(Element) -> Result<T, CmdError>) -> T {
        let started = Instant::now();
        loop {
            self.open_what_folds_it_away(selector).await;
            let result = match self.client.find(Locator::Css(selector)).await {
                Ok(element) => act(element).await,
                Err(error) => Err(error),
            };
            match result {
                Ok(value) => return value,
                Err(error) if started.elapsed() > PATIENCE => {
                    let page = self.script("return document.body.innerText").await;
                    panic!("{selector} in vain: {error}; the page says: {page}");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

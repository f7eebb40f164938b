//! A WebDriver session, on the window or on the browser.

use std::time::{Duration, Instant};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;

use crate::process::{PATIENCE, Running};

/// A session and the driver program behind it.
pub struct Driver {
    client: Client,
    _program: Running,
}

impl Driver {
    /// Connects to a driver program that is starting on this port.
    pub async fn connect(program: Running, port: u16, capabilities: Value) -> Self {
        let Value::Object(capabilities) = capabilities else { panic!("capabilities are an object") };
        let capabilities: Capabilities = capabilities;
        let address = format!("http://127.0.0.1:{port}");
        let started = Instant::now();
        loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            // A driver can wait for ever for a program that ended at once.
            match tokio::time::timeout(PATIENCE, builder.connect(&address)).await {
                Ok(Ok(client)) => return Self { client, _program: program },
                Ok(Err(_)) if started.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Ok(Err(error)) => panic!("no session: {error}"),
                Err(_) => panic!("no session: the driver does not answer"),
            }
        }
    }

    /// The session itself.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Clicks the element with this id, once it is there. The page may draw it
    /// anew between finding and clicking: then the new one is clicked.
    pub async fn click(&self, id: &str) {
        let started = Instant::now();
        while let Err(error) = self.find(id).await.click().await {
            assert!(started.elapsed() < PATIENCE, "#{id} cannot be clicked: {error}");
        }
    }

    /// Types into the element with this id.
    pub async fn type_into(&self, id: &str, text: &str) {
        self.find(id).await.send_keys(text).await.unwrap_or_else(|error| panic!("#{id}: {error}"));
    }

    /// The text of the element with this id.
    pub async fn text(&self, id: &str) -> String {
        self.find(id).await.text().await.expect("it has a text")
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

    async fn find(&self, id: &str) -> fantoccini::elements::Element {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(&format!("#{id}")))
            .await
            .unwrap_or_else(|error| panic!("#{id} never came: {error}"))
    }
}

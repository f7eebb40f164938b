//! A real Chromium as the desktop's default browser.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use url::Url;

use crate::desktop::Desktop;
use crate::driver::Driver;
use crate::process::{PATIENCE, Running, free_port, wait_until};

/// The page a browser ended on.
#[derive(Debug)]
pub struct Ended {
    /// What its address bar says.
    pub address: String,
    /// Its words.
    pub text: String,
}

/// The default browser; it runs once something opens an address.
pub struct Browser {
    debugging_port: u16,
    driver: Option<Driver>,
}

impl Browser {
    /// Makes Chromium the desktop's default browser. `always_allowed` is a site
    /// whose links to our program it opens without asking, as a person sets it
    /// with "always allow".
    pub fn install(desktop: &Desktop, always_allowed: Option<&Url>) -> Self {
        let debugging_port = free_port();
        let profile = desktop.home().join("chromium");
        std::fs::create_dir_all(profile.join("Default")).unwrap();
        let mut preferences =
            json!({ "intl": { "accept_languages": "pt-BR,pt", "selected_languages": "pt-BR,pt" } });
        if let Some(site) = always_allowed {
            let origin = site.origin().ascii_serialization();
            let pairs = json!({ origin: { "app.hotmart-connect": true } });
            preferences["protocol_handler"] = json!({ "allowed_origin_protocol_pairs": pairs });
        }
        std::fs::write(profile.join("Default/Preferences"), preferences.to_string()).unwrap();
        let flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--no-default-browser-check",
            "--password-store=basic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
            "--disable-search-engine-choice-screen",
            "--lang=pt-BR",
        ];
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Test Chromium\n\
             Exec=chromium {} --remote-debugging-port={debugging_port} --user-data-dir={} %u\n\
             MimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;\n",
            flags.join(" "),
            profile.display()
        );
        let applications = desktop.home().join(".local/share/applications");
        std::fs::write(applications.join("test-chromium.desktop"), entry).unwrap();
        let defaults = "[Default Applications]\nx-scheme-handler/http=test-chromium.desktop\n\
                        x-scheme-handler/https=test-chromium.desktop\ntext/html=test-chromium.desktop\n";
        let list = desktop.home().join(".config/mimeapps.list");
        let known = std::fs::read_to_string(&list).unwrap_or_default();
        assert!(known.is_empty(), "install the browser before the program starts");
        std::fs::write(list, defaults).unwrap();
        let _ = Command::new("update-desktop-database").arg(applications).status();
        Self { debugging_port, driver: None }
    }

    /// Waits until the browser asks at this site, and gives the session on that page.
    pub async fn at(&mut self, desktop: &Desktop, site: &Url) -> &Driver {
        self.at_request(desktop, site, "").await
    }

    /// The same for the page of one request among several, known by its state.
    pub async fn at_request(&mut self, desktop: &Desktop, site: &Url, state: &str) -> &Driver {
        let asks = format!(
            "location.search.includes({}) && !document.querySelector('#question').hidden",
            json!(state)
        );
        self.on_page(desktop, site, &asks).await
    }

    /// Waits until the browser shows a page of this site on which something is so.
    pub async fn on_page(&mut self, desktop: &Desktop, site: &Url, is_so: &str) -> &Driver {
        if self.driver.is_none() {
            self.driver = Some(self.attach(desktop).await);
        }
        let driver = self.driver.as_ref().unwrap();
        let asks = format!(
            "return location.origin === {} && Boolean({is_so})",
            json!(site.origin().ascii_serialization())
        );
        let started = Instant::now();
        loop {
            for window in driver.client().windows().await.unwrap_or_default() {
                let _ = driver.client().switch_to_window(window).await;
                if driver.client().execute(&asks, Vec::new()).await.is_ok_and(|asks| asks == json!(true)) {
                    return driver;
                }
            }
            assert!(started.elapsed() < PATIENCE, "the browser never came to {site}: {is_so}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until some page of the browser is at this address's site, and tells what it shows.
    pub async fn ended_on(&mut self, address: &str) -> Ended {
        let driver = self.driver.as_ref().expect("somebody is at the browser");
        let origin = Url::parse(address).unwrap().origin().ascii_serialization();
        let started = Instant::now();
        loop {
            for window in driver.client().windows().await.unwrap_or_default() {
                let _ = driver.client().switch_to_window(window).await;
                let here = "return [location.origin, location.href, document.body.innerText]";
                let Ok(here) = driver.client().execute(here, Vec::new()).await else { continue };
                if here[0] == origin {
                    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
                    return Ended { address: text(&here[1]), text: text(&here[2]) };
                }
            }
            assert!(started.elapsed() < PATIENCE, "the browser never ended on {address}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for the consent page and answers it: `allow` or `deny`.
    pub async fn answer(&mut self, desktop: &Desktop, site: &Url, button: &str) {
        self.at(desktop, site).await.click(button).await;
    }

    async fn attach(&self, desktop: &Desktop) -> Driver {
        let port = self.debugging_port;
        wait_until("the browser runs", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        let start = |port: u16| {
            let mut program = desktop.command("chromedriver");
            let program = program.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
            Running::start(program)
        };
        let capabilities = json!({
            "browserName": "chrome",
            // A tab whose only address was a link to our program never loads.
            "pageLoadStrategy": "none",
            "goog:chromeOptions": { "debuggerAddress": format!("127.0.0.1:{port}") },
        });
        Driver::start(start, capabilities).await
    }
}

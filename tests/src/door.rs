//! The local door, opened without a window, and calls at it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use connection::{AccountSettings, Deployment};
use serde_json::json;

use crate::desktop::Desktop;
use crate::hotmart::Hotmart;
use crate::process::{Running, free_port, wait_until};
use crate::session::record;

/// Longer than any answer takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// `hotmart-token serve`, until it is dropped.
pub struct OpenDoor {
    port: u16,
    running: Running,
}

impl OpenDoor {
    /// Opens a door on this desktop at a port of its own.
    pub fn open(desktop: &Desktop) -> Self {
        Self::open_at(desktop, free_port())
    }

    /// Opens a door at this port.
    pub fn open_at(desktop: &Desktop, port: u16) -> Self {
        Self::start(&mut desktop.token_program(&["serve", "--port", &port.to_string()]), port)
    }

    /// Starts a program that opens a door at this port.
    pub fn start(program: &mut Command, port: u16) -> Self {
        let running = Running::start(program.stdout(Stdio::null()).stderr(Stdio::null()));
        wait_until("the door opens", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { port, running }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Sends these very bytes and gives what comes back until the door hangs
    /// up, or says nothing more for a while.
    pub fn says(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the door is open");
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let mut some = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut some) {
            answer.extend_from_slice(&some[..count]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The same for a GET with these lines in its head; gives the status, or 0 if there is none.
    pub fn status(&self, line: &str, head: &str) -> u16 {
        let answer = self.says(&format!("{line}\r\n{head}Connection: close\r\n\r\n"));
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
    }
}

/// A client that keeps nothing and follows nothing.
pub fn tool() -> reqwest::Client {
    let none = reqwest::redirect::Policy::none();
    reqwest::Client::builder().no_proxy().redirect(none).timeout(PATIENCE).build().unwrap()
}

impl Hotmart {
    /// A connected account whose API is at another address.
    pub async fn connect_with_api(&self, desktop: &Desktop, api: &str) {
        self.configure_accounts(desktop, &["main"]);
        let mut settings = desktop.settings();
        settings["accounts"][0]["endpoints"]["api"] = json!(api);
        desktop.write_settings(&settings);
        let account: AccountSettings = serde_json::from_value(settings["accounts"][0].clone()).unwrap();
        let issued_for = account.resolve(&Deployment::default()).unwrap().fingerprint();
        let mut secret = record(desktop, "main/client-secret").unwrap();
        secret["issued_for"] = json!(issued_for);
        desktop.put_secret("main/client-secret", &format!("whole:{secret}"));
        self.connect_by_hand(desktop, "main", |record| record["issued_for"] = json!(issued_for)).await;
    }
}

impl Desktop {
    /// Makes a local key for an account, with these options.
    pub fn local_key(&self, account: &str, name: &str, options: &[&str]) -> String {
        let told = self.token(&[&["key", "create", name, "--account", account], options].concat());
        assert_eq!(told.code, 0, "{told:?}");
        told.answer.trim().to_owned()
    }
}

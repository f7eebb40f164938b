//! Sessions that were made by hand: tokens of the server, written into the
//! keyring as our programs would.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use adapters::HttpsClient;
use connection::ports::HttpClient;
use connection::{AccountSettings, Deployment};
use oauth::{AuthorizationRequest, AuthorizationResponse, Callback, Secret, Timestamp, TokenSet};
use serde_json::{Value, json};

use crate::by_hand::answer_by_hand;
use crate::desktop::Desktop;
use crate::hotmart::{CLIENT_ID, CLIENT_SECRET, Hotmart};

impl Hotmart {
    /// The seller logs in and says yes.
    pub async fn grant(&self) -> TokenSet {
        let account: AccountSettings = serde_json::from_value(self.account()).unwrap();
        let setup = account
            .resolve(&Deployment::default())
            .unwrap()
            .with_client_secret(Secret::new(CLIENT_SECRET.into()));
        let now = Timestamp::from_seconds(adapters::system_seconds());
        let pending =
            AuthorizationRequest::new(&setup.client, adapters::authorization_entropy().unwrap(), now);
        let link = pending.authorization_url(&setup.client).expect("it has a place for browsers");
        let callback = Callback::new(answer_by_hand(link.as_str(), "allow").await);
        let Ok(AuthorizationResponse::Code(code)) = pending.validate(&callback, now) else {
            panic!("no code came")
        };
        let oauth::Exchange { request, .. } = oauth::exchange_request(&setup.client, pending, code);
        let response = HttpsClient::default().send(request).await.expect("the server answers");
        oauth::parse_token_response(&response, &setup.client, &[], now).expect("it gives tokens")
    }

    /// A session for an account, in the keyring. `change` may make its record another one.
    pub async fn connect_by_hand(&self, desktop: &Desktop, account: &str, change: impl Fn(&mut Value)) {
        let tokens = self.grant().await;
        let endpoint = self.account()["endpoints"]["token"].as_str().unwrap().to_owned();
        let exposed = |token: &Option<Secret>| token.as_ref().map(|token| token.expose().to_owned());
        let mut record = json!({
            "version": 1, "issued_for": format!("{endpoint} {CLIENT_ID}"),
            "access_token": tokens.access_token.expose(),
            "refresh_token": exposed(&tokens.refresh_token),
            "id_token": exposed(&tokens.id_token),
            "expires_at": tokens.expires_at.map(Timestamp::seconds),
            "scope": tokens.scope, "obtained_at": tokens.obtained_at.seconds(),
        });
        change(&mut record);
        desktop.put_secret(&format!("{account}/tokens"), &format!("whole:{record}"));
    }

    /// Writes settings with these accounts, all at this server, and their client secrets.
    pub fn configure_accounts(&self, desktop: &Desktop, names: &[&str]) {
        let accounts: Vec<_> = names
            .iter()
            .map(|name| {
                let mut account = self.account();
                account["id"] = json!(name);
                desktop
                    .put_secret(&format!("{name}/client-secret"), &format!("whole:{}", self.secret_record()));
                account
            })
            .collect();
        desktop.write_settings(&json!({ "version": 1, "language": "pt-BR", "accounts": accounts }));
    }
}

/// Makes a session's access token over, as it is after a night.
pub fn expired(record: &mut Value) {
    ends_at(record, adapters::system_seconds() - 60);
}

/// Leaves a session's access token 200 seconds to live.
pub fn nearly_over(record: &mut Value) {
    ends_at(record, adapters::system_seconds() + 200);
}

/// Moves a session's life in time, so that its access token ends then.
pub fn ends_at(record: &mut Value, end: u64) {
    let lifetime = record["expires_at"].as_u64().unwrap() - record["obtained_at"].as_u64().unwrap();
    record["obtained_at"] = json!(end - lifetime);
    record["expires_at"] = json!(end);
}

/// `hotmart-token connect`, waiting for its answer.
pub struct Connecting {
    child: Child,
    /// The link it printed.
    pub link: String,
}

impl Connecting {
    /// Starts it and waits for the link.
    pub fn start(program: Command) -> Self {
        Self::start_with_input(program, "")
    }

    /// Starts it with a first line of input, and waits for the link.
    pub fn start_with_input(mut program: Command, input: &str) -> Self {
        program.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = program.spawn().expect("it starts");
        if !input.is_empty() {
            writeln!(child.stdin.as_mut().unwrap(), "{input}").unwrap();
        }
        let mut said = Vec::new();
        for line in BufReader::new(child.stderr.as_mut().unwrap()).lines().map_while(Result::ok) {
            if line.starts_with("http") {
                return Self { child, link: line };
            }
            said.push(line);
        }
        panic!("it printed no link: {said:?}, {:?}", child.wait());
    }

    /// Pastes a line.
    pub fn paste(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").expect("it listens");
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        crate::process::run(Command::new("kill").args(["-INT", &self.child.id().to_string()]));
    }

    /// Waits for its end, with what is open for pasting still open.
    pub fn end(&mut self) -> i32 {
        self.child.wait().unwrap().code().expect("it ends by itself")
    }
}

impl Desktop {
    /// Connects with `hotmart-token`, the browser being on another machine.
    pub async fn connect_with_token_program(&self, arguments: &[&str]) {
        let all = [&["connect", "--no-browser"], arguments].concat();
        let mut connecting = Connecting::start(self.token_program(&all));
        let address = answer_by_hand(&connecting.link, "allow").await;
        connecting.paste(&address);
        assert_eq!(connecting.end(), 0);
    }
}

/// The record under this name, without what the keyring adds.
pub fn record(desktop: &Desktop, name: &str) -> Option<Value> {
    let text = desktop.secret(name)?;
    serde_json::from_str(text.strip_prefix("whole:")?).ok()
}

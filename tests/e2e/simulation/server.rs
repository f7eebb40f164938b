//! A simulated authorization server: it rotates, with and without grace, and
//! knows of every session what the protocol could still keep.

use std::collections::BTreeMap;
use std::time::Duration;

use url::form_urlencoded;

/// Whoever asks with the token before the last within this time gets the last one again.
const GRACE: Duration = Duration::from_secs(60);
/// How long an access token lives.
pub const LIFETIME: u64 = 7_200;

/// One login's line of refresh tokens.
#[derive(Debug)]
struct Family {
    client: String,
    /// The generations so far; the last one counts.
    generation: usize,
    /// When the last one was given out, and to which process.
    given: (u64, usize),
    alive: bool,
    /// The last answer reached nobody who could store it.
    lost: bool,
}

/// What an endpoint answers.
pub struct Answered {
    pub status: u16,
    pub body: String,
    /// The line of tokens that moved on, whose answer must arrive.
    pub moved: Option<usize>,
}

/// The server, and what went wrong that must not.
#[derive(Default)]
pub struct Server {
    families: Vec<Family>,
    codes: BTreeMap<String, bool>,
    pub logins: usize,
    pub refreshes: usize,
    pub violation: Option<String>,
}

fn refresh_token(family: usize, generation: usize) -> String {
    format!("refresh-{family}-{generation}-padded-so-that-a-record-has-several-parts")
}

impl Server {
    /// Somebody said yes in a browser.
    pub fn code(&mut self) -> String {
        let code = format!("code-{}", self.codes.len());
        self.codes.insert(code.clone(), true);
        code
    }

    /// The seller takes the permission away, on the server's own pages.
    pub fn take_away(&mut self, client: &str) {
        for family in self.families.iter_mut().filter(|family| family.client == client) {
            family.alive = false;
        }
    }

    pub fn violates(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    /// A family and a generation by a refresh token.
    fn find(&self, token: &str) -> Option<(usize, usize)> {
        let mut parts = token.strip_prefix("refresh-")?.splitn(3, '-');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }

    /// Whether a session with this refresh token can go on, as far as the protocol allows.
    pub fn could_go_on(&self, token: &str) -> bool {
        self.find(token).is_some_and(|(number, generation)| {
            let family = &self.families[number];
            family.alive && !family.lost && family.generation == generation
        })
    }

    /// The token of this line is in the keyring: it was not lost after all.
    pub fn arrived(&mut self, token: &str) {
        if let Some((number, generation)) = self.find(token)
            && self.families[number].generation == generation
        {
            self.families[number].lost = false;
        }
    }

    /// The answer that moved a line on reached nobody.
    pub fn lose(&mut self, family: usize) {
        self.families[family].lost = true;
    }

    /// A process died: what it was given last and is not in the keyring is lost.
    pub fn lose_what_is_with(&mut self, process: usize, kept: &[String]) {
        for number in 0..self.families.len() {
            let token = refresh_token(number, self.families[number].generation);
            if self.families[number].given.1 == process && !kept.contains(&token) {
                self.families[number].lost = true;
            }
        }
    }

    /// Does what a request asks for. `kept` are the refresh tokens in the
    /// keyring; `leaving` says whether the user asked for this account's end.
    pub fn answer(
        &mut self,
        path: &str,
        body: &str,
        (now, process): (u64, usize),
        kept: &[String],
        leaving: bool,
    ) -> Answered {
        let form: BTreeMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let get = |name: &str| form.get(name).cloned().unwrap_or_default();
        let (client, token) = (get("client_id"), get("token"));
        if path == "/revoke" {
            if kept.contains(&token) && self.could_go_on(&token) && !leaving {
                self.violates(format!("{client}: a session that is in use was revoked"));
            }
            if let Some((number, _)) = self.find(&token) {
                self.families[number].alive = false;
            }
            return Answered { status: 200, body: String::new(), moved: None };
        }
        match get("grant_type").as_str() {
            "authorization_code" => match self.codes.get_mut(&get("code")) {
                Some(unused) if *unused => {
                    *unused = false;
                    self.logins += 1;
                    let given = (now, process);
                    self.families.push(Family { client, generation: 0, given, alive: true, lost: false });
                    self.tokens(self.families.len() - 1)
                }
                _ => {
                    self.violates(format!("{client}: a code was used twice, or made up"));
                    refused()
                }
            },
            "client_credentials" => {
                let body = format!(r#"{{"access_token":"access-{client}-{now}","expires_in":{LIFETIME}}}"#);
                Answered { status: 200, body, moved: None }
            }
            _ => self.refresh(&client, &get("refresh_token"), now, process),
        }
    }

    fn refresh(&mut self, client: &str, token: &str, now: u64, process: usize) -> Answered {
        self.refreshes += 1;
        let Some((number, generation)) = self.find(token) else {
            self.violates(format!("{client}: a refresh token that was never given: {token}"));
            return refused();
        };
        let family = &mut self.families[number];
        if !family.alive {
            return refused();
        }
        if family.generation == generation {
            family.generation += 1;
            family.given = (now, process);
            return self.tokens(number);
        }
        let graceful = client == "graceful" && family.generation == generation + 1;
        if graceful && now < family.given.0 + GRACE.as_secs() {
            family.given.1 = process;
            return self.tokens(number);
        }
        family.alive = false;
        if !family.lost {
            self.violates(format!("{client}: a refresh token was used twice, and its session is over"));
        }
        refused()
    }

    fn tokens(&self, number: usize) -> Answered {
        let generation = self.families[number].generation;
        let token = refresh_token(number, generation);
        let body = format!(
            r#"{{"access_token":"access-{number}-{generation}","refresh_token":"{token}","expires_in":{LIFETIME}}}"#
        );
        Answered { status: 200, body, moved: Some(number) }
    }
}

fn refused() -> Answered {
    Answered { status: 400, body: r#"{"error":"invalid_grant"}"#.into(), moved: None }
}

//! What all endpoints share: the registered clients, what was issued, who waits for an answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use url::Url;

use crate::consent::Consent;
use crate::ledger::Ledger;
use crate::options::{Client, Observation, Options};

/// Consents that are not answered; more than this many and all are forgotten.
const MAX_CONSENTS: usize = 100;

/// What the handlers share.
pub struct Server {
    pub options: Options,
    pub port: u16,
    /// Requests are answered on several threads at once; so for the next two.
    ledger: Mutex<Ledger>,
    consents: Mutex<HashMap<String, Consent>>,
    misbehaviour: Mutex<Misbehaviour>,
}

/// What a test has the server do wrong.
#[derive(Default)]
pub struct Misbehaviour {
    /// What the token endpoint answers instead of doing its work.
    pub planned: Option<PlannedAnswer>,
    /// How long it takes to answer, its work done at once.
    pub delay: Duration,
    /// Whether the API refuses every access token.
    pub refusing: bool,
    /// How many calls the API takes, if not more than anybody makes.
    pub limit: Option<CallLimit>,
}

/// So many calls in so many seconds.
pub struct CallLimit {
    pub calls: u32,
    pub seconds: u64,
    pub used: u32,
    pub since: u64,
}

impl CallLimit {
    /// Counts a call. How many are left after it, or `None` if there was none left, and the
    /// seconds until there are more.
    pub fn count(&mut self, now: u64) -> (Option<u32>, u64) {
        if now >= self.since + self.seconds {
            (self.used, self.since) = (0, now);
        }
        let left = self.calls.checked_sub(self.used + 1);
        if left.is_some() {
            self.used += 1;
        }
        (left, (self.since + self.seconds).saturating_sub(now))
    }
}

/// What the token endpoint answers instead of doing its work.
pub struct PlannedAnswer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub retry_after: Option<u64>,
    pub body: String,
}

impl Server {
    /// A server at this port, with what it remembered.
    pub fn new(options: Options, port: u16) -> Self {
        Self {
            port,
            ledger: Mutex::new(Ledger::restored(options.ledger.as_deref())),
            consents: Mutex::default(),
            misbehaviour: Mutex::default(),
            options,
        }
    }

    pub fn url(&self) -> Url {
        let mut url = Url::parse("http://127.0.0.1/").unwrap_or_else(|_| unreachable!("a constant URL"));
        let _ = url.set_port(Some(self.port));
        url
    }

    pub fn client(&self, id: &str) -> Option<&Client> {
        self.options.clients.iter().find(|client| client.id == id)
    }

    pub fn now(&self) -> u64 {
        (self.options.now)()
    }

    pub fn random_text(&self, bytes: usize) -> String {
        let mut random = vec![0; bytes];
        (self.options.random)(&mut random);
        BASE64_URL_SAFE_NO_PAD.encode(random)
    }

    pub fn observe(&self, observation: Observation) {
        (self.options.observe)(observation);
    }

    pub fn look_at_ledger<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&lock(&self.ledger))
    }

    /// Changes the ledger, and remembers it.
    pub fn with_ledger<T>(&self, action: impl FnOnce(&mut Ledger) -> T) -> T {
        let mut ledger = lock(&self.ledger);
        let result = action(&mut ledger);
        (self.options.remember)(&ledger.to_text());
        result
    }

    pub fn wait_for_consent(&self, id: String, consent: Consent) {
        let mut consents = lock(&self.consents);
        if consents.len() >= MAX_CONSENTS {
            consents.clear();
        }
        consents.insert(id, consent);
    }

    pub fn take_consent(&self, id: &str) -> Option<Consent> {
        lock(&self.consents).remove(id)
    }

    /// Looks at what the server is to do wrong, or changes it.
    pub fn with_misbehaviour<T>(&self, action: impl FnOnce(&mut Misbehaviour) -> T) -> T {
        action(&mut lock(&self.misbehaviour))
    }

    /// The answer that was planned, if one was.
    pub fn planned_answer(&self) -> Option<Response> {
        let misbehaviour = lock(&self.misbehaviour);
        let planned = misbehaviour.planned.as_ref()?;
        let kind = [(CONTENT_TYPE, planned.content_type)];
        let mut response = (planned.status, kind, planned.body.clone()).into_response();
        if let Some(seconds) = planned.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        Some(response)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Practice Hotmart inside this program: one registered application, on loopback.

use std::sync::Arc;

use adapters::{Places, PracticeLedger};
use connection::{DEFAULT_REDIRECT_URI, PRACTICE_CLIENT_ID, PRACTICE_CLIENT_SECRET};
use practice::{Authentication, Client, Options, Practice};

/// Tried first, so that a consent page that is open in the browser outlives a restart.
const PORT: u16 = 47_990;

/// Starts it, with what it remembered.
pub async fn start(places: &Places) -> std::io::Result<Practice> {
    let client = Client {
        id: PRACTICE_CLIENT_ID.to_owned(),
        secret: PRACTICE_CLIENT_SECRET.to_owned(),
        authentication: Authentication::Basic,
        redirect_uris: vec![DEFAULT_REDIRECT_URI.to_owned()],
        name: "Hotmart Connect".to_owned(),
    };
    let ledger = PracticeLedger::new(places.practice_ledger());
    let mut options = Options::new(vec![client], adapters::system_seconds, adapters::fill_random);
    options.port = PORT;
    options.ledger = ledger.read();
    options.remember = Arc::new(move |text| ledger.write(text));
    practice::serve(options).await
}

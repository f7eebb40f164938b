//! Practice Hotmart inside this program: one registered application, on loopback.

use std::sync::Arc;

use adapters::{Directories, PracticeLedger};
use connection::{
    DEFAULT_REDIRECT_URI, LOOPBACK_REDIRECT_URI, PRACTICE_CLIENT_ID, PRACTICE_CLIENT_SECRET, PRACTICE_PORT,
};
use practice::{Authentication, Client, Options, Practice};

/// Starts it, with what it remembered.
pub async fn start(directories: &Directories) -> std::io::Result<Practice> {
    let redirect_uris = [DEFAULT_REDIRECT_URI, LOOPBACK_REDIRECT_URI];
    let client =
        Client::new(PRACTICE_CLIENT_ID, PRACTICE_CLIENT_SECRET, Authentication::Basic, &redirect_uris);
    let ledger = PracticeLedger::new(directories);
    let mut options = Options::new(vec![client], adapters::system_seconds, adapters::fill_random);
    // Tried first, so that a consent page that is open in the browser outlives a restart.
    options.port = PRACTICE_PORT;
    options.ledger = ledger.read();
    let remembering = ledger.clone();
    options.remember = Arc::new(move |text| remembering.write(text));
    let practice = practice::serve(options).await?;
    ledger.publish(&practice.url());
    Ok(practice)
}

//! Practice Hotmart as a program of its own: prints where it listens, runs until stopped.
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // A program's own edge.

use std::time::{SystemTime, UNIX_EPOCH};

use practice::{Authentication, Client, Options};
use rand::TryRngCore;

const PORT: u16 = 4799;
const REDIRECT_URI: &str = "app.hotmart-connect:/oauth/callback";

const USAGE: &str = "Practice Hotmart: an authorization server and a small API on this machine, for trying things out.\n\
    Usage: practice\n\
    It takes no options, prints where it listens and which applications it knows, and runs until Ctrl+C.";

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    if std::env::args_os().nth(1).is_some() {
        println!("{USAGE}");
        return Ok(());
    }
    let client = |id, secret, authentication| Client::new(id, secret, authentication, &[REDIRECT_URI]);
    let developer = |id, sandbox| Client {
        developer: true,
        sandbox,
        ..Client::new(id, "practice-developer-secret", Authentication::Query, &[])
    };
    let mut options = Options::new(
        vec![
            client("practice-public", "", Authentication::None),
            client("practice-basic", "practice-basic-secret", Authentication::Basic),
            client("practice-body", "practice-body-secret", Authentication::Body),
            developer("practice-developer", false),
            developer("practice-sandbox", true),
        ],
        || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()),
        |bytes| {
            let _ = rand::rngs::OsRng.try_fill_bytes(bytes);
        },
    );
    options.port = PORT;
    let clients: Vec<_> =
        options.clients.iter().map(|client| (client.id.clone(), client.secret.clone())).collect();
    let practice = practice::serve(options).await?;

    let base = practice.url();
    println!("Practice Hotmart listens on {base}");
    println!("classic: {base}security/oauth/authorize, {base}security/oauth/token");
    println!("oidc:    {base}oidc/authorize, {base}oidc/accessToken, {base}oidc/revoke");
    println!("as Hotmart: HOTMART_CONNECT_STAND_IN={base}");
    println!("redirect URI: {REDIRECT_URI}");
    for (id, secret) in clients {
        println!("client id {id}, secret {}", if secret.is_empty() { "(none)" } else { &secret });
    }
    println!("Ctrl+C stops it.");
    tokio::signal::ctrl_c().await
}

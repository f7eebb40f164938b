//! The seller's own browser.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use connection::ports::{BoxFuture, Browser, BrowserDidNotOpen, BrowserStart};
use url::Url;

/// An opener that still runs after this long may have opened something: many
/// stay alive for as long as the browser they started.
const OPENER_DEADLINE: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Opens addresses the way this desktop does.
#[derive(Debug, Default)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open(&self, url: Url) -> BoxFuture<'_, Result<BrowserStart, BrowserDidNotOpen>> {
        Box::pin(async move {
            tokio::task::spawn_blocking(move || open_blocking(&url)).await.unwrap_or(Err(BrowserDidNotOpen))
        })
    }
}

/// Tries each of the system's openers until one works. The address is not logged.
fn open_blocking(url: &Url) -> Result<BrowserStart, BrowserDidNotOpen> {
    if !matches!(url.scheme(), "https" | "http") {
        return Err(BrowserDidNotOpen);
    }
    let started = Instant::now();
    for mut command in open::commands(url.as_str()) {
        let opener = command.get_program().to_string_lossy().into_owned();
        match run(&mut command, started) {
            Ok(start) => return Ok(start),
            Err(error) => log::info!("{opener} did not open the browser: {error}"),
        }
    }
    log::warn!("no browser could be started");
    Err(BrowserDidNotOpen)
}

/// Windows' file manager opens an address, and ends with a failure all the same.
fn always_fails(command: &Command) -> bool {
    let name = std::path::Path::new(command.get_program()).file_stem();
    cfg!(windows) && name.is_some_and(|name| name.eq_ignore_ascii_case("explorer"))
}

fn run(command: &mut Command, started: Instant) -> std::io::Result<BrowserStart> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child: Child = command.spawn()?;
    while started.elapsed() < OPENER_DEADLINE {
        match child.try_wait()? {
            Some(status) if status.success() || always_fails(command) => return Ok(BrowserStart::Done),
            Some(status) => return Err(std::io::Error::other(status.to_string())),
            None => std::thread::sleep(LOOK_AGAIN),
        }
    }
    // This process must wait for its child, or it stays as a zombie.
    std::thread::spawn(move || child.wait());
    Ok(BrowserStart::StillAtIt)
}

//! Looks at everything on this computer that a connection needs.

use std::time::{Duration, SystemTime};

use adapters::{HttpsClient, KEYRING_DEADLINE, ServerClock};
use connection::ports::{Keyring, SecretKind};
use connection::{AccountId, ErrorCode, KeyringProblem};
use oauth::Endpoint;

use crate::accounts::Accounts;
use crate::checkup::{Checkup, Finding, Fix, Severity};
use crate::command_error::CommandError;
use crate::program_state::Links;
use crate::report;

/// The entry that is written, read and deleted; no account can have this id,
/// since none that ends in a hyphen is ever made.
const TRIAL_ACCOUNT: &str = "self-test-0-";
/// A clock that is wrong by less does no harm.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(120);
/// Whose time and certificate are looked at while no account is set up.
const USUAL_SERVER: &str = "https://developers.hotmart.com/";

/// Looks at everything, and shows what was found. What was found before stays
/// until there is something newer.
pub async fn check_this_computer(accounts: &Accounts, webview: &str) {
    accounts.state.send_modify(|state| {
        let before = state.checkup.take().unwrap_or_default();
        state.checkup = Some(Checkup { running: true, findings: before.findings, ..Checkup::default() });
    });
    let (server, keyring) = tokio::join!(server(accounts), keyring(&*accounts.connections.keyring));
    let tray = accounts.look_for_a_tray().await;
    let mut findings = vec![links(accounts.state.borrow().links), keyring];
    findings.extend(server);
    findings.push(clipboard());
    findings.push(match tray {
        true => Finding::new("tray", Severity::Good, "there"),
        false => Finding::new("tray", Severity::Note, "none"),
    });
    findings.push(Finding::new("version", Severity::Good, "is").with(report::version(webview)));
    for finding in &findings {
        log::info!("checkup: {} {:?} {}", finding.name, finding.severity, finding.code);
    }
    let checkup = Checkup { findings, ..Checkup::default() };
    accounts.state.send_modify(|state| state.checkup = Some(checkup));
}

/// Saves the report where the user finds it, and shows where.
///
/// # Errors
/// It could not be saved.
pub fn save_report(accounts: &Accounts) -> Result<(), CommandError> {
    let name = format!("hotmart-connect-{}.txt", accounts.now().seconds());
    let path = adapters::save_for_the_person(&name, &report_on(accounts)).map_err(|error| {
        log::error!("the report was not saved: {error}");
        CommandError::Report
    })?;
    note(accounts, |checkup| checkup.report = Some(path.display().to_string()));
    Ok(())
}

/// Copies the report.
///
/// # Errors
/// It could not be copied.
pub async fn copy_report(accounts: &Accounts) -> Result<(), CommandError> {
    let report = report_on(accounts);
    accounts.connections.clipboard.copy_text(report).await.map_err(|_| CommandError::Report)?;
    note(accounts, |checkup| checkup.copied = true);
    Ok(())
}

/// Asks the person to unlock the keyring, or looks for it again.
pub async fn wake_keyring(accounts: &Accounts) {
    if let Err(problem) = accounts.connections.keyring.unlock().await {
        log::info!("the keyring stays as it is: {problem}");
    }
    accounts.connections.resume();
}

fn report_on(accounts: &Accounts) -> String {
    report::text(&accounts.overview(), &accounts.connections.directories, &accounts.words())
}

fn note(accounts: &Accounts, change: impl FnOnce(&mut Checkup)) {
    accounts.state.send_modify(|state| {
        state.checkup.as_mut().map(change);
    });
}

fn links(links: Links) -> Finding {
    match links {
        Links::ComeBack | Links::Repaired => Finding::new("links", Severity::Good, "come_back"),
        Links::DoNotComeBack => Finding::new("links", Severity::Bad, "do_not_come_back").fixed_by(Fix::Links),
    }
}

async fn keyring(keyring: &dyn Keyring) -> Finding {
    let found = tokio::time::timeout(KEYRING_DEADLINE * 3, trial(keyring)).await;
    match found.unwrap_or(Err(KeyringProblem::Unresponsive)) {
        Ok(()) => Finding::new("keyring", Severity::Good, "works"),
        Err(problem) => Finding::new("keyring", Severity::Bad, problem.code()).fixed_by(Fix::Keyring),
    }
}

/// The way to the server, and the time it has.
async fn server(accounts: &Accounts) -> Vec<Finding> {
    let resolved = match accounts.settings.current() {
        Some(account) => accounts.connections.resolve(&account).await.ok(),
        None => None,
    };
    let endpoint = resolved.map_or_else(usual_server, |account| Some(account.client.server.token_endpoint));
    let Some(endpoint) = endpoint else { return Vec::new() };
    let host = endpoint.url().host_str().unwrap_or_default().to_owned();
    let http: &HttpsClient = &accounts.connections.http;
    let probe = match http.probe(&endpoint).await {
        Ok(probe) => probe,
        Err(problem) => {
            let code = ErrorCode::from(problem).code();
            let finding = Finding::new("server", Severity::Bad, code).with(host).fixed_by(Fix::Network);
            return vec![finding, Finding::new("clock", Severity::Note, "unknown")];
        }
    };
    let route = match probe.proxy {
        Some(proxy) => Finding::new("server", Severity::Good, "through_proxy").with(proxy),
        None => Finding::new("server", Severity::Good, "direct").with(host),
    };
    vec![route, clock(probe.server_time)]
}

async fn trial(keyring: &dyn Keyring) -> Result<(), KeyringProblem> {
    let account = AccountId::parse(TRIAL_ACCOUNT).map_err(|_| KeyringProblem::Failed)?;
    let written = oauth::Secret::new(adapters::seed().to_string());
    keyring.write(&account, SecretKind::PendingRequest, &written).await?;
    let read = keyring.read(&account, SecretKind::PendingRequest).await;
    keyring.delete(&account, SecretKind::PendingRequest).await?;
    let same = read?.is_some_and(|read| read.matches(written.expose()));
    if same { Ok(()) } else { Err(KeyringProblem::Failed) }
}

fn usual_server() -> Option<Endpoint> {
    Endpoint::parse(USUAL_SERVER).ok()
}

fn clock(server_time: Option<SystemTime>) -> Finding {
    let Some(theirs) = server_time else { return Finding::new("clock", Severity::Note, "unknown") };
    let ahead = ServerClock::system_time_ahead_of(theirs);
    let off = Duration::from_secs(ahead.unsigned_abs());
    if off <= CLOCK_TOLERANCE {
        return Finding::new("clock", Severity::Good, "right");
    }
    let code = if ahead > 0 { "ahead" } else { "behind" };
    Finding::new("clock", Severity::Bad, code).with(off.as_secs().to_string()).fixed_by(Fix::Clock)
}

/// How far a copied token can be looked after here.
fn clipboard() -> Finding {
    match adapters::clipboard_kind() {
        adapters::ClipboardKind::Whole => Finding::new("clipboard", Severity::Good, "whole"),
        adapters::ClipboardKind::ThroughX11 => Finding::new("clipboard", Severity::Note, "through_x11"),
    }
}

//! A part of `transition.rs`, whose insides it needs to see. Holds the table in
//! the doc of that file against the code: tries examples of every event in every
//! situation that they reach, and writes down what leads where.
#![allow(clippy::result_large_err)] // A failed write carries the tokens that wait.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oauth::{AuthorizationEntropy, Callback, GrantType, Identity, Secret, ServerError, Timestamp, TokenSet};

use strum::VariantNames;

use super::transition;
use crate::event::Loaded;
use crate::open_requests::OpenRequests;
use crate::ports::{BrowserStart, LoopbackTaken};
use crate::state::{Blocked, Configuration, Phase, Resume, Step};
use crate::{
    AccountId, AccountSettings, Attempt, CopyTarget, Deployment, Endpoints, Environment, ErrorCode, Event,
    ExchangeFailure, ExpiryReason, KeyringProblem, Notice, RenewalFailure, Request, ResolvedAccount, Session,
    State, StoreFailure, Stored, StoredSession, TokenFormat, TokenStorage, Verdict,
};

const START: Timestamp = Timestamp::from_seconds(1_800_000_000);
/// A session that lives no longer than this is due to be renewed.
const DUE: Duration = Duration::from_secs(300);
const LOCKED: KeyringProblem = KeyringProblem::Locked;

/// A moment that was reached, with the time it is then.
struct Moment {
    state: State,
    now: Timestamp,
}

type Renewal = fn(&Moment) -> Result<Session, RenewalFailure>;

/// What can happen: made for the moment in which it happens.
type Happening = Box<dyn Fn(&Moment) -> Event>;

fn resolved(grant_type: GrantType, secret: Option<&str>) -> ResolvedAccount {
    let mut settings = AccountSettings::new(AccountId::parse("main").unwrap(), Environment::Custom);
    settings.grant_type = grant_type;
    settings.client_id = "client".into();
    settings.endpoints = Some(Endpoints {
        authorize: Some("https://sso.example/authorize".into()),
        token: "https://sso.example/token".into(),
        api: Some("https://api.example/".into()),
        ..Endpoints::default()
    });
    settings.loopback_redirect_uri = Some("http://127.0.0.1:4/callback".into());
    let resolved = settings.resolve(&Deployment::default()).unwrap();
    match secret {
        Some(secret) => resolved.with_client_secret(Secret::new(secret.into())),
        None => resolved,
    }
}

fn entropy() -> Option<AuthorizationEntropy> {
    Some(AuthorizationEntropy { state: [7; 32], verifier: [8; 32], nonce: [9; 32] })
}

fn callback(answer: &str) -> Callback {
    let state = BASE64_URL_SAFE_NO_PAD.encode([7; 32]);
    Callback::new(format!("{}?{answer}&state={state}", crate::DEFAULT_REDIRECT_URI))
}

fn tokens(now: Timestamp, subject: &str, lifetime: u64, refresh_token: bool) -> TokenSet {
    let claims = BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{subject}","exp":1}}"#));
    TokenSet {
        access_token: Secret::new("a".into()),
        refresh_token: refresh_token.then(|| Secret::new("r".into())),
        id_token: Some(Secret::new(format!("e30.{claims}.s"))),
        expires_at: Some(now.after(Duration::from_secs(lifetime))),
        refresh_token_expires_at: None,
        scope: None,
        obtained_at: now,
        grant_type: GrantType::AuthorizationCode,
        bearer: oauth::BearerToken::AccessToken,
    }
}

fn session(now: Timestamp, lifetime: u64, renewable: bool) -> Session {
    Session::of(&tokens(now, "ana", lifetime, renewable), TokenStorage::Keyring)
}

/// The login that is under way, if one is.
fn attempt(moment: &Moment) -> Attempt {
    match &moment.state.phase {
        Phase::AwaitingBrowser { waiting, .. } => waiting.attempt,
        Phase::Exchanging { attempt, .. } | Phase::OtherSeller { attempt, .. } => *attempt,
        Phase::KeyringBlocked(Blocked { resume: Resume::Open { waiting }, .. }) => waiting.attempt,
        Phase::KeyringBlocked(Blocked { resume: Resume::Exchange { attempt, .. }, .. }) => *attempt,
        _ => Attempt::default(),
    }
}

fn fingerprint(moment: &Moment) -> String {
    moment.state.resolved.as_ref().map(|account| account.fingerprint()).unwrap_or_default()
}

fn account(moment: &Moment) -> Arc<ResolvedAccount> {
    moment.state.resolved.clone().unwrap_or_else(|| Arc::new(resolved(GrantType::AuthorizationCode, None)))
}

fn loaded(moment: &Moment, stored_session: StoredSession, requests: Option<Secret>) -> Event {
    let seller = Identity::new("ana".into(), None, None);
    let result = Ok(Loaded { stored_session, client_secret: None, requests, seller });
    Event::Loaded { fingerprint: fingerprint(moment), result }
}

fn not_stored(moment: &Moment) -> StoreFailure {
    let tokens = tokens(moment.now, "ana", 7_200, true);
    StoreFailure { tokens, lock: None, replaces: None, problem: LOCKED }
}

fn stored(moment: &Moment) -> Stored {
    Stored { session: session(moment.now, 7_200, true), replaced: None }
}

/// Everything that can happen. Of events with several outcomes, each.
fn happenings() -> Vec<Happening> {
    let mut all: Vec<Happening> = Vec::new();
    let mut can = |happening: Happening| all.push(happening);
    for (resolved, with_secret) in [
        (Some(resolved(GrantType::AuthorizationCode, Some("s"))), false),
        (Some(resolved(GrantType::ClientCredentials, Some("s"))), false),
        (Some(resolved(GrantType::AuthorizationCode, None)), false),
        (Some(resolved(GrantType::AuthorizationCode, None)), true),
        (None, false),
    ] {
        can(Box::new(move |_| {
            let new_client_secret = with_secret.then(|| Secret::new("new".into()));
            let resolved = resolved.clone().map(Box::new);
            Event::Configured(Configuration { resolved, new_client_secret, then_check: with_secret })
        }));
    }
    for request in [Request::Connect, Request::ConnectAsAnother, Request::OpenSecondPath] {
        can(Box::new(move |_| Event::Requested(request, entropy())));
    }
    for request in [
        Request::Extend,
        Request::ReplaceSeller,
        Request::KeepSeller,
        Request::OpenBrowser,
        Request::CopyLink,
        Request::Paste,
        Request::Cancel,
        Request::Refresh,
        Request::Copy { target: CopyTarget::Bearer(TokenFormat::Token) },
        Request::Disconnect,
        Request::Forget,
        Request::Check,
        Request::Unlock,
        Request::KeepInMemory,
        Request::DismissNotice,
    ] {
        can(Box::new(move |_| request.into()));
    }
    can(Box::new(|moment| loaded(moment, StoredSession::Nothing, None)));
    can(Box::new(|moment| loaded(moment, StoredSession::Session(session(moment.now, 7_200, true)), None)));
    can(Box::new(|moment| loaded(moment, StoredSession::Session(session(moment.now, 0, true)), None)));
    // It falls due while a login waits for the browser.
    can(Box::new(|moment| loaded(moment, StoredSession::Session(session(moment.now, 800, true)), None)));
    can(Box::new(|moment| loaded(moment, StoredSession::Session(session(moment.now, 60, false)), None)));
    can(Box::new(|moment| {
        let long_over = START.before(Duration::from_secs(90_000));
        loaded(moment, StoredSession::Session(session(long_over, 60, true)), None)
    }));
    can(Box::new(|moment| loaded(moment, StoredSession::Expired(ExpiryReason::NothingToRenewWith), None)));
    can(Box::new(|moment| {
        let client = &account(moment).client;
        let request = oauth::AuthorizationRequest::new(client, entropy().unwrap(), moment.now);
        loaded(moment, StoredSession::Nothing, Some(OpenRequests::new(request).to_stored()))
    }));
    can(Box::new(|moment| Event::Loaded { fingerprint: fingerprint(moment), result: Err(LOCKED) }));
    for result in [Ok(()), Err(LOCKED)] {
        can(Box::new(move |moment| Event::ClientSecretStored { fingerprint: fingerprint(moment), result }));
        can(Box::new(move |moment| Event::PendingStored(attempt(moment), result)));
        can(Box::new(move |moment| Event::PendingDropped(attempt(moment), result)));
        can(Box::new(move |_| Event::Unlocked(result)));
        can(Box::new(move |_| Event::Disconnected(result.map(|()| Notice::Revoked).map_err(Into::into))));
        can(Box::new(move |_| Event::Forgotten(result.map(|()| Notice::Revoked))));
    }
    can(Box::new(|moment| {
        let uri = oauth::RedirectUri::parse("http://127.0.0.1:4/callback").unwrap();
        Event::Listening(attempt(moment), Ok(uri))
    }));
    can(Box::new(|moment| Event::Listening(attempt(moment), Err(LoopbackTaken))));
    can(Box::new(|moment| Event::BrowserOpened(attempt(moment), Ok(BrowserStart::Done))));
    for answer in ["code=c", "error=access_denied", "error=invalid_scope"] {
        can(Box::new(move |_| Event::CallbackArrived(callback(answer))));
    }
    can(Box::new(|moment| Event::Pasted(attempt(moment), Some(callback("code=c")))));
    can(Box::new(|moment| Event::Pasted(attempt(moment), None)));
    for subject in ["ana", "bia"] {
        can(Box::new(move |moment| Event::TokensReceived {
            attempt: attempt(moment),
            resolved: account(moment),
            result: Ok(tokens(moment.now, subject, 7_200, true)),
        }));
    }
    can(Box::new(|moment| Event::TokensReceived {
        attempt: attempt(moment),
        resolved: account(moment),
        result: Err(ExchangeFailure::Http(crate::HttpProblem::TimedOut)),
    }));
    can(Box::new(|moment| Event::TokensStored(attempt(moment), Ok(Some(stored(moment))))));
    can(Box::new(|moment| Event::TokensStored(attempt(moment), Ok(None))));
    can(Box::new(|moment| Event::TokensStored(attempt(moment), Err(not_stored(moment)))));
    let renewed: [Renewal; 9] = [
        |moment| Ok(session(moment.now, 7_200, true)),
        |moment| Ok(session(moment.now, 0, false)),
        |_| Err(ErrorCode::Network.into()),
        |_| Err(ErrorCode::ClientRefused.into()),
        |_| {
            Err(RenewalFailure::Over(ExpiryReason::Refused {
                server: ServerError::new("invalid_grant", None),
            }))
        },
        |_| Err(RenewalFailure::NothingToRenewWith),
        |_| Err(RenewalFailure::NoTokens),
        |_| Err(RenewalFailure::Keyring(LOCKED)),
        |moment| Err(RenewalFailure::NotStored(not_stored(moment))),
    ];
    for result in renewed {
        can(Box::new(move |moment| Event::Renewed { resolved: account(moment), result: result(moment) }));
    }
    for verdict in [Some(Verdict::Refused), Some(Verdict::Down), None] {
        can(Box::new(move |moment| Event::Checked {
            fingerprint: fingerprint(moment),
            verdict: verdict.clone(),
        }));
    }
    can(Box::new(|_| {
        let what = CopyTarget::Bearer(TokenFormat::Token);
        Event::TokenCopied(what, Ok(Duration::from_secs(60)))
    }));
    can(Box::new(|_| Event::LinkCopied(Notice::LinkCopied)));
    for answer in ["code=c", "error=access_denied", "error=invalid_scope"] {
        can(Box::new(move |moment| {
            let request =
                oauth::AuthorizationRequest::new(&account(moment).client, entropy().unwrap(), moment.now);
            let requests = Some(OpenRequests::new(request).to_stored());
            let fingerprint = fingerprint(moment);
            Event::RequestsFound { fingerprint, callback: callback(answer), requests, client_secret: None }
        }));
    }
    can(Box::new(|_| Event::Resumed));
    for effect in
        ["Load", "StorePending", "Exchange", "Renew", "Disconnect", "Forget", "Check", "UnlockKeyring"]
    {
        can(Box::new(move |_| Event::Crashed(effect)));
    }
    can(Box::new(|_| Event::Ending));
    let reread: [fn(&Moment) -> StoredSession; 4] = [
        |_| StoredSession::Nothing,
        |_| StoredSession::Expired(ExpiryReason::NothingToRenewWith),
        |_| StoredSession::Session(session(START.before(Duration::from_secs(90_000)), 60, true)),
        |moment| StoredSession::Session(session(moment.now, 3_600, true)),
    ];
    for stored in reread {
        can(Box::new(move |moment| Event::Reread {
            fingerprint: fingerprint(moment),
            result: Ok(stored(moment)),
        }));
    }
    all
}

/// Time that passes before something happens, in seconds.
const PAUSES: [u64; 5] = [0, 3, 590, 700, 8_000];

/// What tells one situation from another.
fn situation(moment: &Moment) -> String {
    let stored = |before: &StoredSession| match before {
        StoredSession::Nothing => "nothing",
        StoredSession::Session(session) if session.lives_longer_than(DUE, moment.now) => "session",
        StoredSession::Session(_) => "session that is due",
        StoredSession::Expired(_) => "expired",
    };
    let State { phase, resolved, deferred, seller, checking, .. } = &moment.state;
    let name: &str = phase.into();
    let detail = match phase {
        Phase::Connected { session, .. } => format!("{} {checking:?}", session.renewable),
        Phase::Refreshing { session, then_copy, .. } => {
            let alive = session.lives_longer_than(Duration::ZERO, moment.now);
            format!("{} {alive}", then_copy.is_some())
        }
        Phase::Retrying { session, .. } => {
            format!("{}", session.lives_longer_than(Duration::ZERO, moment.now))
        }
        Phase::AwaitingBrowser { waiting, browser } => {
            format!("{browser:?} {} {}", stored(&waiting.before), waiting.requests.redirect_uris().count())
        }
        Phase::Exchanging { step, before, .. } => {
            let step = match step {
                Step::Forgetting(_) => "forgetting",
                Step::Asking => "asking",
                Step::Storing => "storing",
            };
            format!("{step} {}", stored(before))
        }
        Phase::KeyringBlocked(blocked) => {
            let resume: &str = (&blocked.resume).into();
            let before = match &blocked.resume {
                Resume::Open { waiting } => stored(&waiting.before),
                Resume::Exchange { before, .. } => stored(before),
                _ => "",
            };
            format!("{resume} {before} {} {}", blocked.trying, blocked.unlocking)
        }
        Phase::OtherSeller { before, .. } => stored(before).to_owned(),
        _ => String::new(),
    };
    let kind = resolved.as_ref().map(|account| (account.uses_a_browser(), account.client.secret.is_some()));
    format!("{name} {detail} {kind:?} {} {}", deferred.is_some(), seller.is_some())
}

/// Lets things happen again from the start: a state cannot be copied, because
/// the secrets in it cannot.
fn again(happenings: &[Happening], script: &[(usize, u64)]) -> Moment {
    let mut moment = Moment { state: State::new(1), now: START };
    for &(index, pause) in script {
        moment.now = moment.now.after(Duration::from_secs(pause));
        let event = if index == happenings.len() { Event::Woke } else { happenings[index](&moment) };
        moment.state = transition(moment.state, event, moment.now).0;
    }
    moment
}

/// What leads from each phase to which others.
fn found() -> BTreeMap<&'static str, BTreeMap<&'static str, BTreeSet<&'static str>>> {
    let happenings = happenings();
    let mut found: BTreeMap<_, BTreeMap<_, BTreeSet<_>>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut open = VecDeque::from([Vec::new()]);
    while let Some(script) = open.pop_front() {
        for index in 0..=happenings.len() {
            // Time passes only where it is looked at.
            let pauses = if index == happenings.len() { &PAUSES[..] } else { &PAUSES[..1] };
            for pause in pauses {
                let before = again(&happenings, &script);
                let from: &'static str = (&before.state.phase).into();
                let now = before.now.after(Duration::from_secs(*pause));
                let event = if index == happenings.len() { Event::Woke } else { happenings[index](&before) };
                let name = match &event {
                    Event::Requested(request, _) => request.into(),
                    other => other.into(),
                };
                let state = transition(before.state, event, now).0;
                let to: &'static str = (&state.phase).into();
                if from != to {
                    found.entry(from).or_default().entry(name).or_default().insert(to);
                }
                let after = Moment { state, now };
                if seen.insert(situation(&after)) {
                    open.push_back([&script[..], &[(index, *pause)]].concat());
                }
            }
        }
    }
    found
}

#[test]
fn the_table_of_transitions_is_what_the_code_does() {
    let found = found();
    let rows =
        Phase::VARIANTS.iter().filter_map(|from| found.get_key_value(from)).flat_map(|(from, events)| {
            // Events that lead to the same phases share a row.
            let mut rows: BTreeMap<String, Vec<&str>> = BTreeMap::new();
            for (event, to) in events {
                rows.entry(to.iter().copied().collect::<Vec<_>>().join(", ")).or_default().push(event);
            }
            rows.into_iter().map(move |(to, events)| format!("//! | {from} | {} | {to} |", events.join(", ")))
        });
    let rows: Vec<_> = rows.collect();
    let written: Vec<_> = include_str!("../src/transition.rs")
        .lines()
        .filter(|line| line.starts_with("//! | ") && !line.contains("| from |"))
        .map(str::to_owned)
        .collect();
    assert!(rows == written, "the table should be:\n{}", rows.join("\n"));
}

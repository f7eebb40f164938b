//! Everything that can go wrong: an exit code for programs, a sentence for people.

use adapters::SettingsProblem;
use connection::{ErrorCode, ExpiryReason, KeyringProblem, Missing, NotDeleted, Notice};
use oauth::{ServerError, Timestamp};

use crate::exit_codes::{
    API, BUSY, KEYRING_FAILING, KEYRING_LOCKED, KEYRING_MISSING, NETWORK, NOT_CONNECTED, NOT_FOUND,
    NOT_RUNNABLE, OTHER, RECONNECT, REFUSED, SIGNAL, USAGE,
};
use crate::time_span::time_span;
use crate::translations::Translations;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// No account has this name.
    UnknownAccount { name: String, known: String },
    /// Two things that exclude each other were typed.
    Conflict { what: String, other: String },
    /// Something typed cannot be used; the key of the sentence that says what.
    Usage(&'static str),
    /// No seller is connected.
    NotConnected,
    /// There is nothing to connect with yet.
    NotSetUp(Missing),
    /// The session is over.
    Over { reason: ExpiryReason, now: Timestamp },
    /// The token is over, and must not be renewed.
    SpentOffline,
    /// The token is good, and cannot be renewed.
    DoesNotRenew,
    /// Practice Hotmart lives in the desktop program, which is not open.
    PracticeNotOpen,
    /// A signal ended the program; nothing was lost.
    Interrupted { signal: u8 },
    /// Several accounts have this name.
    AmbiguousAccount { name: String, ids: String },
    /// No new token now; nothing was lost.
    Temporary(connection::Failure),
    /// The keyring cannot be used; nothing was lost.
    Keyring(KeyringProblem),
    /// The tokens could not be deleted, whatever became of them at the server.
    NotDeleted(NotDeleted),
    /// The server gave new tokens, and the keyring did not take them.
    NotStored(KeyringProblem),
    /// The settings file cannot be used.
    Settings { problem: SettingsProblem, file: String },
    /// The settings file cannot be written.
    SettingsNotSaved,
    /// The file with the client secret cannot be read.
    SecretFile { file: String, error: std::io::Error },
    /// The account names no API.
    NoApi,
    /// The API's answer is no list, of which there could be more pages.
    NotAList,
    /// The API answered with an error, whose body was printed.
    Api(u16),
    /// A check found that the connection does not work; that was printed.
    Check(&'static str),
    /// The seller said no in the browser.
    Denied,
    /// Logging in failed, with the server's own code if it had one.
    LoginFailed { error: ErrorCode, server: Option<ServerError> },
    /// Another seller had logged in, and the seller before stays.
    SellerKept,
    /// The window, or the program in the tray, runs and would write again what is deleted.
    StillRuns,
    /// Nobody said that everything is to be deleted.
    NotConfirmed,
    /// Some of what the program wrote could not be deleted.
    TracesLeft { files: String },
    /// The login ended without an answer from the seller.
    Cancelled,
    /// No local key has this id or name.
    UnknownKey { key: String },
    /// The local keys cannot be read or written.
    Keys { file: String, error: std::io::Error },
    /// Where terminals look for programs could not be changed.
    #[cfg(windows)]
    Path { error: std::io::Error },
    /// Another program has the door's port.
    DoorTaken { port: u16 },
    /// The program could not be started.
    Program { name: String, error: std::io::Error },
    /// The answer could not be written.
    Output(std::io::Error),
}

impl From<KeyringProblem> for Failure {
    fn from(problem: KeyringProblem) -> Self {
        Self::Keyring(problem)
    }
}

impl From<NotDeleted> for Failure {
    fn from(failure: NotDeleted) -> Self {
        match failure.revocation {
            Some(_) => Self::NotDeleted(failure),
            None => Self::Keyring(failure.problem),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

impl Failure {
    /// What the program ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::UnknownAccount { .. }
            | Self::AmbiguousAccount { .. }
            | Self::UnknownKey { .. }
            | Self::Usage(_)
            | Self::NotConfirmed
            | Self::Conflict { .. } => USAGE,
            Self::NotConnected | Self::NotSetUp(_) | Self::Denied | Self::SellerKept | Self::Cancelled => {
                NOT_CONNECTED
            }
            Self::Over { .. } => RECONNECT,
            Self::SpentOffline | Self::PracticeNotOpen => NETWORK,
            Self::Interrupted { signal } => SIGNAL + signal,
            Self::Temporary(connection::Failure { error, .. }) | Self::LoginFailed { error, .. } => {
                of_code(*error)
            }
            Self::Keyring(problem)
            | Self::NotStored(problem)
            | Self::NotDeleted(NotDeleted { problem, .. }) => match problem {
                KeyringProblem::Locked => KEYRING_LOCKED,
                KeyringProblem::Missing => KEYRING_MISSING,
                KeyringProblem::Unresponsive | KeyringProblem::Failed => KEYRING_FAILING,
            },
            Self::Api(_) | Self::NotAList => API,
            Self::Check("refused") => RECONNECT,
            Self::Check("not_permitted" | "belongs_to_sandbox" | "belongs_to_production") => API,
            Self::Check(_) => NETWORK,
            Self::Program { error, .. } if error.kind() == std::io::ErrorKind::NotFound => NOT_FOUND,
            Self::Program { .. } => NOT_RUNNABLE,
            Self::DoesNotRenew
            | Self::Settings { .. }
            | Self::SettingsNotSaved
            | Self::StillRuns
            | Self::TracesLeft { .. }
            | Self::SecretFile { .. }
            | Self::Keys { .. }
            | Self::DoorTaken { .. }
            | Self::NoApi
            | Self::Output(_) => OTHER,
            #[cfg(windows)]
            Self::Path { .. } => OTHER,
        }
    }

    /// What happened, that nothing was lost, and what to do now.
    pub fn sentence(&self, words: &Translations) -> Option<String> {
        let nothing_lost = |said: String| format!("{said} {}", words.text("cli.nothing_lost"));
        let with_detail = |said: String, detail: Option<&ServerError>| match detail {
            Some(error) => {
                let code = words.with("failed.server_code", &[("code", error.code())]);
                let description = error.description().map(|text| format!(" “{text}”")).unwrap_or_default();
                format!("{said} {code}{description}")
            }
            None => said,
        };
        // What can be done besides trying again, if anything.
        let with_way_out = |said: String, code: ErrorCode| match code {
            ErrorCode::ClientRefused | ErrorCode::SecretRefused => {
                format!("{said} {}", words.text("cli.how_to_change_secret"))
            }
            ErrorCode::UnexpectedAnswer => format!("{said} {}", words.text("cli.if_it_goes_on")),
            _ => said,
        };
        let login_failed = |code: ErrorCode| {
            let next = if code.trying_again_helps() { "cli.nothing_lost" } else { "failed.check_settings" };
            format!("{} {}", words.text(&format!("error.{}", code.code())), words.text(next))
        };
        Some(match self {
            Self::UnknownAccount { known, .. } if known.is_empty() => {
                words.text("cli.failure.no_credentials")
            }
            Self::UnknownAccount { name, known } => {
                words.with("cli.failure.unknown_account", &[("name", name), ("known", known)])
            }
            Self::AmbiguousAccount { name, ids } => {
                words.with("cli.failure.ambiguous_account", &[("name", name), ("ids", ids)])
            }
            Self::Usage(key) => words.text(key),
            Self::Conflict { what, other } => {
                words.with("cli.usage.conflict", &[("what", what), ("other", other)])
            }
            Self::NotConnected => words.text("cli.failure.not_connected"),
            Self::NotSetUp(missing) => words.text(match missing {
                Missing::Credentials => "cli.failure.no_credentials",
                Missing::ClientSecret => "cli.failure.no_client_secret",
                Missing::UsableSettings => "cli.failure.unusable_account",
            }),
            Self::Over { reason, now } => {
                let said = match reason {
                    ExpiryReason::Refused { .. } => words.text("expired.refused"),
                    ExpiryReason::NothingToRenewWith => words.text("expired.nothing_to_renew_with"),
                    ExpiryReason::AnswerLost { since } => {
                        let ago = words.with("cli.ago", &[("time", &time_span(now.since(*since)))]);
                        words.with("expired.answer_lost", &[("moment", &ago)])
                    }
                };
                format!("{said} {}", words.text("cli.how_to_reconnect"))
            }
            Self::SpentOffline => words.text("cli.failure.spent_offline"),
            Self::DoesNotRenew => words.text("cli.failure.does_not_renew"),
            Self::PracticeNotOpen => words.text("cli.failure.practice_not_open"),
            Self::Temporary(connection::Failure { error, retry_after, server, answer_may_be_lost }) => {
                let said = words.text(&format!("error.{}", error.code()));
                let said = match answer_may_be_lost {
                    true => format!("{said} {}", words.text("cli.answer_may_be_lost")),
                    false => with_way_out(nothing_lost(said), *error),
                };
                let said = with_detail(said, server.as_ref());
                match retry_after {
                    Some(wait) => {
                        let wait = words.with("cli.retry_after", &[("time", &time_span(*wait))]);
                        format!("{said} {wait}")
                    }
                    None => said,
                }
            }
            Self::Keyring(problem) => nothing_lost(words.text(keyring_sentence(*problem))),
            Self::NotDeleted(NotDeleted { problem, revocation }) => {
                let void = *revocation == Some(Notice::Revoked);
                let key = if void { "cli.failure.void_not_deleted" } else { "cli.failure.not_deleted" };
                format!("{} {}", words.text(keyring_sentence(*problem)), words.text(key))
            }
            Self::NotStored(problem) => {
                format!("{} {}", words.text(keyring_sentence(*problem)), words.text("cli.failure.not_stored"))
            }
            Self::Settings { problem, file } => {
                let key = match problem {
                    SettingsProblem::Unreadable => "cli.failure.settings_unreadable",
                    SettingsProblem::Broken => "cli.failure.settings_broken",
                    SettingsProblem::FromTheFuture => "cli.failure.settings_from_the_future",
                };
                words.with(key, &[("file", file)])
            }
            Self::StillRuns => words.text("cli.failure.still_runs"),
            Self::NotConfirmed => words.text("cli.failure.not_confirmed"),
            Self::TracesLeft { files } => words.with("cli.failure.traces_left", &[("files", files)]),
            Self::SettingsNotSaved => words.text("command.settings_not_saved"),
            Self::SecretFile { file, error } => {
                words.with("cli.failure.secret_file", &[("file", file), ("error", &error.to_string())])
            }
            Self::NotAList => words.text("cli.failure.not_a_list"),
            Self::NoApi => words.text("cli.failure.no_api"),
            Self::Api(status) => words.with("cli.failure.api", &[("status", &status.to_string())]),
            Self::Denied => format!("{}. {}", words.text("denied.title"), words.text("denied.text")),
            Self::LoginFailed { error, server } => {
                let said = login_failed(*error);
                let refused = matches!(error, ErrorCode::ClientRefused | ErrorCode::SecretRefused);
                with_detail(if refused { with_way_out(said, *error) } else { said }, server.as_ref())
            }
            Self::SellerKept => words.text("notice.seller_kept"),
            Self::Cancelled => words.text("cli.failure.cancelled"),
            Self::UnknownKey { key } => words.with("cli.failure.unknown_key", &[("key", key)]),
            Self::Keys { file, error } => {
                words.with("cli.failure.keys", &[("file", file), ("error", &error.to_string())])
            }
            #[cfg(windows)]
            Self::Path { error } => words.with("cli.failure.path", &[("error", &error.to_string())]),
            Self::DoorTaken { port } => words.with("cli.failure.door_taken", &[("port", &port.to_string())]),
            Self::Program { name, error } => {
                words.with("cli.failure.program", &[("name", name), ("error", &error.to_string())])
            }
            // The program that read the output hung up, and needs no word about that.
            Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return None,
            Self::Output(error) => words.with("cli.failure.output", &[("error", &error.to_string())]),
            Self::Interrupted { .. } | Self::Check(_) => return None,
        })
    }
}

/// What to say of a keyring that cannot be used.
pub fn keyring_sentence(problem: KeyringProblem) -> &'static str {
    match problem {
        KeyringProblem::Locked => "cli.keyring.locked",
        KeyringProblem::Missing if cfg!(windows) => "cli.keyring.missing_on_windows",
        KeyringProblem::Missing => "cli.keyring.missing",
        KeyringProblem::Unresponsive => "cli.keyring.unresponsive",
        KeyringProblem::Failed => "cli.keyring.failed",
    }
}

fn of_code(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::Network
        | ErrorCode::ConnectionBroken
        | ErrorCode::Tls
        | ErrorCode::UnknownIssuer
        | ErrorCode::ProxyUnreachable
        | ErrorCode::ProxyLogin
        | ErrorCode::ProxyRefused
        | ErrorCode::ServerSlow
        | ErrorCode::ServerUnavailable
        | ErrorCode::TooManyRequests
        | ErrorCode::UnexpectedAnswer => NETWORK,
        ErrorCode::ClientRefused
        | ErrorCode::SecretRefused
        | ErrorCode::ApplicationRefused
        | ErrorCode::RedirectRefused
        | ErrorCode::ScopeRefused
        | ErrorCode::GrantRefused
        | ErrorCode::IdTokenWrong
        | ErrorCode::CodeRefused
        | ErrorCode::RequestRefused => REFUSED,
        ErrorCode::WaitedTooLong => NOT_CONNECTED,
        ErrorCode::Busy => BUSY,
        ErrorCode::KeyringUnavailable => KEYRING_FAILING,
        ErrorCode::Clipboard
        | ErrorCode::LockUnavailable
        | ErrorCode::LoopbackTaken
        | ErrorCode::Internal => OTHER,
    }
}

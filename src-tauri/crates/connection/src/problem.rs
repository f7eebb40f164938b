//! What can go wrong, as stable codes. The sentences belong to the window.

use std::time::Duration;

use oauth::{ServerError, TokenError};

use crate::{ExchangeFailure, Way};

/// A keyring that cannot be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringProblem {
    /// It is there, and locked.
    #[error("the keyring is locked")]
    Locked,
    /// There is none, or its service does not run.
    #[error("there is no keyring")]
    Missing,
    /// It did not answer in time.
    #[error("the keyring does not answer")]
    Unresponsive,
    /// It answered with an error: full, read-only, damaged.
    #[error("the keyring failed")]
    Failed,
}

/// A request that got no HTTP answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpProblem {
    /// No name, no route, no connection.
    #[error("the server cannot be reached")]
    Unreachable,
    /// The connection could not be made secure.
    #[error("the connection is not secure")]
    Tls,
    /// The certificate is from an issuer that this machine does not know.
    #[error("the certificate's issuer is not known here")]
    UnknownIssuer,
    /// The proxy cannot be reached.
    #[error("the proxy cannot be reached")]
    ProxyUnreachable,
    /// The proxy wants a user and a password, or others.
    #[error("the proxy wants a login")]
    ProxyLogin,
    /// The proxy does not let anybody through to this server, or cannot reach it.
    #[error("the proxy did not let the connection through")]
    ProxyRefused,
    /// No answer in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The connection broke after the request was sent and before the answer came.
    #[error("the connection broke before the answer came")]
    Interrupted,
    /// The answer is larger than any honest one, or broke off.
    #[error("the answer could not be read")]
    Unreadable,
}

impl HttpProblem {
    /// Whether the server may have done what it was asked for, although we
    /// have no answer.
    pub const fn answer_may_be_lost(self) -> bool {
        match self {
            Self::Unreachable
            | Self::Tls
            | Self::UnknownIssuer
            | Self::ProxyUnreachable
            | Self::ProxyLogin
            | Self::ProxyRefused => false,
            Self::TimedOut | Self::Interrupted | Self::Unreadable => true,
        }
    }
}

/// Stable codes for what a person is told. They never change once released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The server cannot be reached.
    Network,
    /// The connection is not secure.
    Tls,
    /// The certificate is from an issuer that this machine does not know.
    UnknownIssuer,
    /// The proxy cannot be reached.
    ProxyUnreachable,
    /// The proxy wants a login.
    ProxyLogin,
    /// The proxy did not let the connection through.
    ProxyRefused,
    /// The server took too long.
    ServerSlow,
    /// The server is busy or broken.
    ServerUnavailable,
    /// The server answered something that is no token response.
    UnexpectedAnswer,
    /// The server does not know the client id or secret.
    ClientRefused,
    /// The code was refused: too late or already used.
    CodeRefused,
    /// The server knows the client id, and not the secret.
    SecretRefused,
    /// The server does not let this application in, or no longer.
    ApplicationRefused,
    /// The redirect URI is not registered.
    RedirectRefused,
    /// A permission was asked for that the application does not have.
    ScopeRefused,
    /// The server does not take this kind of credentials.
    GrantRefused,
    /// The server was asked too often.
    TooManyRequests,
    /// The id token is not what it must be.
    IdTokenWrong,
    /// The server refused what was asked for.
    RequestRefused,
    /// Nobody answered in the browser in time.
    WaitedTooLong,
    /// Another process holds the refresh lock.
    Busy,
    /// The clipboard cannot be used.
    Clipboard,
    /// The keyring cannot be read just now.
    KeyringUnavailable,
    /// The folder of the refresh locks cannot be written.
    LockUnavailable,
    /// Another program listens where the answer would arrive.
    LoopbackTaken,
}

impl ErrorCode {
    /// The code as it crosses to the window and stands in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Tls => "tls",
            Self::UnknownIssuer => "unknown_issuer",
            Self::ProxyUnreachable => "proxy_unreachable",
            Self::ProxyLogin => "proxy_login",
            Self::ProxyRefused => "proxy_refused",
            Self::ServerSlow => "server_slow",
            Self::ServerUnavailable => "server_unavailable",
            Self::UnexpectedAnswer => "unexpected_answer",
            Self::ClientRefused => "client_refused",
            Self::CodeRefused => "code_refused",
            Self::SecretRefused => "secret_refused",
            Self::ApplicationRefused => "application_refused",
            Self::RedirectRefused => "redirect_refused",
            Self::ScopeRefused => "scope_refused",
            Self::GrantRefused => "grant_refused",
            Self::TooManyRequests => "too_many_requests",
            Self::IdTokenWrong => "id_token_wrong",
            Self::RequestRefused => "request_refused",
            Self::WaitedTooLong => "waited_too_long",
            Self::Busy => "busy",
            Self::Clipboard => "clipboard",
            Self::KeyringUnavailable => "keyring_unavailable",
            Self::LockUnavailable => "lock_unavailable",
            Self::LoopbackTaken => "loopback_taken",
        }
    }

    /// Whether doing the same again may work without changing anything.
    pub const fn trying_again_helps(self) -> bool {
        !matches!(
            self,
            Self::ClientRefused
                | Self::SecretRefused
                | Self::ApplicationRefused
                | Self::RedirectRefused
                | Self::ScopeRefused
                | Self::GrantRefused
                | Self::RequestRefused
        )
    }

    /// What a server's refusal of an authorization request or of tokens means,
    /// by its code: RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6,
    /// and the codes of Hotmart's own envelope.
    pub fn of_refusal(error: &ServerError) -> Self {
        match error.code() {
            "invalid_client" | "unauthorized" => Self::ClientRefused,
            "unauthorized_client" | "access_denied" => Self::ApplicationRefused,
            "invalid_grant" => Self::CodeRefused,
            "redirect_uri_mismatch" | "invalid_redirect_uri" | "invalid_redirect" => Self::RedirectRefused,
            "invalid_scope" | "insufficient_scope" => Self::ScopeRefused,
            "unsupported_grant_type" | "unsupported_response_type" => Self::GrantRefused,
            "too_many_requests" | "slow_down" => Self::TooManyRequests,
            "temporarily_unavailable" | "server_error" | "internal_server_error" => Self::ServerUnavailable,
            _ => Self::RequestRefused,
        }
    }
}

impl From<HttpProblem> for ErrorCode {
    fn from(problem: HttpProblem) -> Self {
        match problem {
            HttpProblem::Unreachable | HttpProblem::Interrupted => Self::Network,
            HttpProblem::Tls => Self::Tls,
            HttpProblem::UnknownIssuer => Self::UnknownIssuer,
            HttpProblem::ProxyUnreachable => Self::ProxyUnreachable,
            HttpProblem::ProxyLogin => Self::ProxyLogin,
            HttpProblem::ProxyRefused => Self::ProxyRefused,
            HttpProblem::TimedOut => Self::ServerSlow,
            HttpProblem::Unreadable => Self::UnexpectedAnswer,
        }
    }
}

/// A failed request: what to say, and how long the server asked to be left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub code: ErrorCode,
    pub retry_after: Option<Duration>,
    /// The server's own words, if it had some.
    pub detail: Option<ServerError>,
}

impl From<HttpProblem> for Failure {
    fn from(problem: HttpProblem) -> Self {
        ErrorCode::from(problem).into()
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self { code, retry_after: None, detail: None }
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        let (code, retry_after) = match &error {
            TokenError::Unavailable { status: 429, retry_after, .. } => {
                (ErrorCode::TooManyRequests, *retry_after)
            }
            TokenError::Unavailable { retry_after, .. } => (ErrorCode::ServerUnavailable, *retry_after),
            TokenError::Refused(error) => (ErrorCode::of_refusal(error), None),
            TokenError::NotATokenResponse { .. } | TokenError::UnsupportedTokenType => {
                (ErrorCode::UnexpectedAnswer, None)
            }
        };
        Self { code, retry_after, detail: error.into_server_error() }
    }
}

impl From<ExchangeFailure> for Failure {
    fn from(failure: ExchangeFailure) -> Self {
        match failure {
            ExchangeFailure::Http(problem) => problem.into(),
            ExchangeFailure::Token(error) => error.into(),
            ExchangeFailure::IdToken(_) => ErrorCode::IdTokenWrong.into(),
        }
    }
}

/// Something worth a line in the window that is no state of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Reconnecting was refused by the seller; the old connection goes on.
    StillConnectedAfterDenial,
    /// Reconnecting failed; the old connection goes on.
    StillConnectedAfterFailure(ErrorCode),
    /// Connected; this is how the answer came back.
    CameBack(Way),
    /// The other way back cannot be used; the first one is still open.
    OtherWayTaken,
    /// The seller before stays connected.
    SellerKept,
    /// The authorization link is in the clipboard.
    LinkCopied,
    /// What was in the clipboard is no answer to this request.
    NothingToPaste,
    /// The token could not be copied.
    CopyFailed(ErrorCode),
    /// The access token is over and no new one could be had yet.
    TokenSpent,
    /// Disconnected, and the server revoked the tokens.
    Revoked,
    /// Disconnected here; the server could not be told.
    RevocationFailed,
    /// Disconnected here; this server offers no revocation.
    RevocationNotOffered,
    /// There were no tokens that could be revoked.
    NothingToRevoke,
}

impl Notice {
    /// The code as it crosses to the window.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StillConnectedAfterDenial => "still_connected_after_denial",
            Self::StillConnectedAfterFailure(_) => "still_connected_after_failure",
            Self::CameBack(Way::Link) => "came_back_link",
            Self::CameBack(Way::Loopback) => "came_back_loopback",
            Self::CameBack(Way::Paste) => "came_back_paste",
            Self::OtherWayTaken => "other_way_taken",
            Self::SellerKept => "seller_kept",
            Self::LinkCopied => "link_copied",
            Self::NothingToPaste => "nothing_to_paste",
            Self::CopyFailed(_) => "copy_failed",
            Self::TokenSpent => "token_spent",
            Self::Revoked => "revoked",
            Self::RevocationFailed => "revocation_failed",
            Self::RevocationNotOffered => "revocation_not_offered",
            Self::NothingToRevoke => "nothing_to_revoke",
        }
    }
}

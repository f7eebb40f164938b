//! What can go wrong, and what is worth a line, as stable codes.
//!
//! A code is the variant's name in snake case: it crosses to the window, stands
//! in the log, and is the key of a sentence in `ui/locales`.

use oauth::ServerError;
use serde::Serialize;

use crate::ReturnPath;

/// A keyring that cannot be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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

impl KeyringProblem {
    /// The code as it crosses to the window and stands in the log.
    pub fn code(self) -> &'static str {
        self.into()
    }
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
    /// The proxy does not let this program through to the server, or cannot reach it.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantNames, strum::IntoStaticStr, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ErrorCode {
    /// The server cannot be reached.
    Network,
    /// The server was reached, and the connection broke before it had answered.
    ConnectionBroken,
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
    /// The seller did not answer in the browser in time.
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
    /// This program has a fault: a part of it broke off in the middle of its work.
    Internal,
}

impl ErrorCode {
    /// The code as it crosses to the window and stands in the log.
    pub fn code(self) -> &'static str {
        self.into()
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
            HttpProblem::Unreachable => Self::Network,
            HttpProblem::Interrupted => Self::ConnectionBroken,
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

/// Something worth a line in the window that is no state of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantNames, strum::IntoStaticStr, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Notice {
    /// Reconnecting was refused by the seller; the old connection goes on.
    StillConnectedAfterDenial,
    /// Reconnecting failed; the old connection goes on.
    StillConnectedAfterFailure {
        /// Why.
        error: ErrorCode,
    },
    /// Connected; this is how the answer came back.
    CameBack {
        /// How.
        path: ReturnPath,
    },
    /// The second path back cannot be used; the first one is still open.
    SecondPathTaken,
    /// The seller before stays connected.
    SellerKept,
    /// The authorization link is in the clipboard.
    LinkCopied,
    /// What was in the clipboard is no answer to this request.
    NothingToPaste,
    /// The token could not be copied.
    CopyFailed {
        /// Why.
        error: ErrorCode,
    },
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
    /// The code as it crosses to the window and stands in the log.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

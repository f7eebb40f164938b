//! Why an exchange, a renewal or a write gave no tokens, and what to say of it.

use std::time::Duration;

use oauth::{IdTokenProblem, ServerError, TokenError, TokenIdentity, TokenSet};

use crate::ports::LockGuard;
use crate::{ErrorCode, ExpiryReason, HttpProblem, KeyringProblem, Notice};

/// A failed request: what to say, and how long the server asked to be left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What to tell.
    pub error: ErrorCode,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Duration>,
    /// The server's own words, scrubbed, if it had some.
    pub server: Option<ServerError>,
    /// Whether the server may have put new tokens in place of the old ones, and
    /// they never arrived: then the session may be over, and only the next
    /// renewal tells.
    pub answer_may_be_lost: bool,
}

impl From<HttpProblem> for Failure {
    fn from(problem: HttpProblem) -> Self {
        ErrorCode::from(problem).into()
    }
}

impl From<ErrorCode> for Failure {
    fn from(error: ErrorCode) -> Self {
        Self { error, retry_after: None, server: None, answer_may_be_lost: false }
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
        Self { retry_after, server: error.into_server_error(), ..code.into() }
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

/// Why an exchange gave no tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeFailure {
    /// No HTTP answer.
    #[error(transparent)]
    Http(#[from] HttpProblem),
    /// An answer without tokens.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Tokens that cannot be trusted.
    #[error(transparent)]
    IdToken(IdTokenProblem),
}

/// Tokens that could not be written. They come back to be tried again.
#[derive(Debug)]
pub struct StoreFailure {
    /// The tokens.
    pub tokens: TokenSet,
    /// The refresh lock, if they come from a renewal.
    pub lock: Option<LockGuard>,
    /// The tokens they take the place of, if they come from a renewal: no others.
    pub replaces: Option<TokenIdentity>,
    /// Why they could not be written.
    pub problem: KeyringProblem,
}

/// Tokens that could not be deleted from the keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct NotDeleted {
    /// Why.
    pub problem: KeyringProblem,
    /// What had become of them at the server by then, if it was told: void
    /// tokens in the keyring open nothing.
    pub revocation: Option<Notice>,
}

impl From<KeyringProblem> for NotDeleted {
    /// The keyring could not even be read; the server was not told.
    fn from(problem: KeyringProblem) -> Self {
        Self { problem, revocation: None }
    }
}

/// Why a renewal gave no new tokens. Only [`RenewalFailure::Over`] ends a session.
#[derive(Debug, thiserror::Error)]
pub enum RenewalFailure {
    /// Nothing was lost; trying again later helps.
    #[error("not renewed: {}", .0.error.code())]
    Temporary(Failure),
    /// The server refused the refresh token itself.
    #[error("the session is over")]
    Over(ExpiryReason),
    /// There is no refresh token.
    #[error("there is nothing to renew with")]
    NothingToRenewWith,
    /// There are no tokens in the keyring.
    #[error("there are no tokens")]
    NoTokens,
    /// The keyring could not be read.
    #[error(transparent)]
    Keyring(KeyringProblem),
    /// There are new tokens, and they could not be written.
    #[error("the new tokens could not be written")]
    NotStored(StoreFailure),
}

impl From<Failure> for RenewalFailure {
    fn from(failure: Failure) -> Self {
        Self::Temporary(failure)
    }
}

impl From<ErrorCode> for RenewalFailure {
    fn from(error: ErrorCode) -> Self {
        Self::Temporary(error.into())
    }
}

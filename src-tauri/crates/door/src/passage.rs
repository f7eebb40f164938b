//! Passes a request on to the API, and its answer back to the tool.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use adapters::{ForwardedAnswer, ForwardedRequest};
use connection::AccountId;
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ACCEPT_ENCODING, CONTENT_LENGTH};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use oauth::Secret;

use crate::fresh_token::{ReachableAccount, Token, Tokens};
use crate::guard::{self, MAX_REQUEST_BYTES, only_reads};
use crate::refusal::Refusal;

/// What is longer is no error in words, and is not passed on: 256 KiB.
const MAX_ERROR_BYTES: usize = 256 * 1024;

/// What stands in the place of a token in the words of an error.
const REDACTED: &[u8] = b"***";

/// The body of an answer: the API's own as it comes, or a short one.
pub type AnswerBody = Either<reqwest::Body, Full<Bytes>>;

/// Passes a request on with the account's token. The API is the authority on
/// whether a token is good: one that it refuses is renewed once, and what only
/// reads is asked for again.
///
/// # Errors
/// Why there is no answer of the API's.
pub async fn pass(
    tokens: &Tokens,
    id: &AccountId,
    account: &ReachableAccount,
    parts: Parts,
    body: Incoming,
) -> Result<Response<AnswerBody>, Refusal> {
    let mut headers = parts.headers;
    guard::pass_on(&mut headers);
    // The HTTP library says how long the body is; an error must be readable here.
    headers.remove(CONTENT_LENGTH);
    headers.remove(ACCEPT_ENCODING);
    let again =
        (only_reads(&parts.method) && body.is_end_stream()).then(|| (parts.method.clone(), headers.clone()));
    let too_large = Arc::new(AtomicBool::new(false));
    let body = (!body.is_end_stream()).then(|| {
        let noted = Arc::clone(&too_large);
        Limited::new(body, MAX_REQUEST_BYTES)
            .map_err(move |error| {
                noted.fetch_or(error.is::<LengthLimitError>(), Ordering::Relaxed);
                error
            })
            .boxed()
    });
    let request = ForwardedRequest { method: parts.method, headers, body };

    let mut token = tokens.fresh(id, account).await?;
    // A token goes to its own API: the account's settings may change at any time.
    let address = |token: &Token| guard::address(&token.api, parts.uri.path(), parts.uri.query());
    let sent = account.http.forward(&address(&token)?, request, &token.secret).await;
    let mut answer = sent.map_err(|problem| match too_large.load(Ordering::Relaxed) {
        true => Refusal::TooLarge,
        false => problem.into(),
    })?;
    if answer.status() == StatusCode::UNAUTHORIZED {
        token = tokens.after(&token, id, account).await?;
        // What changes something is the tool's to repeat, with the new token.
        let Some((method, headers)) = again else {
            return Err(Refusal::NotRenewed { again: Some(Duration::ZERO) });
        };
        let request = ForwardedRequest { method, headers, body: None::<Limited<Incoming>> };
        answer = account.http.forward(&address(&token)?, request, &token.secret).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            tokens.were_in_vain(&token, id);
            return Err(Refusal::TokenRefused);
        }
    }
    back(answer, &token).await
}

/// The answer as the tool gets it.
async fn back(answer: ForwardedAnswer, token: &Token) -> Result<Response<AnswerBody>, Refusal> {
    let (mut parts, body) = answer.into_parts();
    log::debug!("{:?} answered {}", token.api, parts.status);
    if parts.status.is_redirection() && parts.status != StatusCode::NOT_MODIFIED {
        return Err(Refusal::Redirected);
    }
    guard::pass_on(&mut parts.headers);
    parts.version = hyper::Version::HTTP_11;
    let failed = parts.status.is_client_error() || parts.status.is_server_error();
    if !failed {
        return Ok(Response::from_parts(parts, Either::Left(body)));
    }
    // Servers of this family repeat the token in the words of an error.
    let whole = Limited::new(body, MAX_ERROR_BYTES).collect().await.map_err(|_| Refusal::AnswerBroken)?;
    parts.headers.remove(CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Either::Right(Full::new(without(&token.secret, &whole.to_bytes())))))
}

/// A text without the token that may be in it.
fn without(token: &Secret, text: &Bytes) -> Bytes {
    let token = token.expose().as_bytes();
    let mut left = &text[..];
    let mut clean = Vec::with_capacity(text.len());
    while let Some(at) = left.windows(token.len().max(1)).position(|part| part == token) {
        clean.extend_from_slice(&left[..at]);
        clean.extend_from_slice(REDACTED);
        left = &left[at + token.len()..];
    }
    clean.extend_from_slice(left);
    clean.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_the_words_of_an_error_stays_here() {
        let token = Secret::new("secret-token".into());
        let clean = without(&token, &Bytes::from("a secret-token, secret-tokensecret-token b"));
        assert_eq!(clean, "a ***, ****** b");
        assert_eq!(without(&token, &Bytes::from("secret-toke")), "secret-toke");
    }
}

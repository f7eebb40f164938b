//! From an answer in the browser, or from credentials alone, to the first
//! tokens of a session. Who they belong to is checked before the user is told.

use oauth::{Exchange, Expected, IdTokenProblem, KeySet, Secret, TokenError, TokenSet, check_id_token};

use super::{Custody, ExchangeFailure};
use crate::ResolvedAccount;

/// Second owners of the secrets in a request, which is sent with the first ones.
pub(super) fn duplicates(secrets: &[Secret]) -> Vec<Secret> {
    secrets.iter().map(Secret::duplicate).collect()
}

impl Custody {
    /// Sends an exchange and reads its answer. Tokens whose id token is wrong
    /// are revoked.
    ///
    /// # Errors
    /// Why there are no tokens that can be trusted.
    pub(crate) async fn exchange(
        &self,
        resolved: &ResolvedAccount,
        exchange: Exchange,
    ) -> Result<TokenSet, ExchangeFailure> {
        let Exchange { request, nonce } = exchange;
        // Before the code is spent: without the keys nothing could be believed.
        let keys = self.keys(resolved).await?;
        let sent = duplicates(&request.secrets);
        let response = self.http.send(request).await?;
        let tokens = oauth::parse_token_response(&response, &resolved.client, &sent, self.clock.now())?;
        let mut checked = self.check(resolved, &tokens, nonce.as_ref(), keys.as_ref());
        // The server may have changed its keys in this very moment.
        if checked == Err(IdTokenProblem::BadSignature)
            && let Ok(keys @ Some(_)) = self.keys(resolved).await
        {
            checked = self.check(resolved, &tokens, nonce.as_ref(), keys.as_ref());
        }
        if checked.is_err() {
            self.revoke(resolved, &tokens).await;
        }
        checked.map_err(ExchangeFailure::IdToken)?;
        Ok(tokens)
    }

    fn check(
        &self,
        resolved: &ResolvedAccount,
        tokens: &TokenSet,
        nonce: Option<&Secret>,
        keys: Option<&KeySet>,
    ) -> Result<(), IdTokenProblem> {
        let Some(token) = &tokens.id_token else {
            return if resolved.client.asks_who_it_is() { Err(IdTokenProblem::Missing) } else { Ok(()) };
        };
        let expected = Expected { client: &resolved.client, nonce, keys, subject: None };
        check_id_token(token, &expected, self.clock.now()).map(drop)
    }

    /// The keys that the server signs id tokens with, where it names a place for them.
    pub(super) async fn keys(&self, resolved: &ResolvedAccount) -> Result<Option<KeySet>, ExchangeFailure> {
        let Some(endpoint) = resolved.client.server.key_set_endpoint.clone() else { return Ok(None) };
        let response = self.http.get(endpoint, None).await?.response;
        let status = response.status;
        match KeySet::parse(response.body.expose()).filter(|_| status == 200) {
            Some(keys) => Ok(Some(keys)),
            None if status >= 500 => {
                Err(TokenError::Unavailable { status, retry_after: response.retry_after, words: None }.into())
            }
            None => Err(TokenError::NotATokenResponse { status }.into()),
        }
    }
}

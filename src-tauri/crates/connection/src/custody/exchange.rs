//! From an answer in the browser, or from credentials alone, to the first
//! tokens of a session. Who they belong to is checked before anybody is told.

use oauth::{Exchange, Expected, IdTokenProblem, KeySet, Secret, TokenError, TokenSet, check_id_token};

use super::Custody;
use crate::Setup;
use crate::event::ExchangeFailure;

impl Custody {
    /// Sends an exchange and reads its answer. Tokens whose id token is wrong
    /// are revoked.
    ///
    /// # Errors
    /// Why there are no tokens that can be trusted.
    pub(crate) async fn exchange(
        &self,
        setup: &Setup,
        exchange: Exchange,
    ) -> Result<TokenSet, ExchangeFailure> {
        let Exchange { request, nonce } = exchange;
        // Before the code is spent: without the keys nothing could be believed.
        let keys = self.keys(setup).await?;
        let response = self.http.send(request).await?;
        let tokens = oauth::parse_token_response(&response, &setup.server, self.clock.now())?;
        let mut checked = self.check(setup, &tokens, nonce.as_ref(), keys.as_ref());
        // The server may have changed its keys in this very moment.
        if checked == Err(IdTokenProblem::BadSignature)
            && let Ok(keys @ Some(_)) = self.keys(setup).await
        {
            checked = self.check(setup, &tokens, nonce.as_ref(), keys.as_ref());
        }
        if checked.is_err() {
            self.revoke(setup, &tokens).await;
        }
        checked.map_err(ExchangeFailure::IdToken)?;
        Ok(tokens)
    }

    fn check(
        &self,
        setup: &Setup,
        tokens: &TokenSet,
        nonce: Option<&Secret>,
        keys: Option<&KeySet>,
    ) -> Result<(), IdTokenProblem> {
        let Some(token) = &tokens.id_token else {
            return if setup.server.asks_who_it_is() { Err(IdTokenProblem::Missing) } else { Ok(()) };
        };
        let expected = Expected { server: &setup.server, nonce, keys, subject: None };
        check_id_token(token, &expected, self.clock.now()).map(drop)
    }

    /// The keys that the server signs id tokens with, where it names a place for them.
    pub(super) async fn keys(&self, setup: &Setup) -> Result<Option<KeySet>, ExchangeFailure> {
        let Some(endpoint) = setup.server.key_set_endpoint.clone() else { return Ok(None) };
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

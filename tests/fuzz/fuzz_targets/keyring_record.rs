//! Any bytes as a record in the keyring: never a panic, never another
//! application's tokens.
#![no_main]

use std::sync::Arc;

use connection::ports::{
    BoxFuture, Clock, Fetched, HttpClient, Keyring, LockGuard, LockProblem, RefreshLock, SecretKind,
};
use connection::{AccountId, Custody, HttpProblem, KeyringProblem, StoredSession, TokenStorage};
use libfuzzer_sys::fuzz_target;
use oauth::{AuthorizationRequest, Endpoint, Response, Secret, Timestamp, TokenRequest};

/// A world in which there is one record and nothing else.
struct OneRecord(String);

impl Keyring for OneRecord {
    fn read<'a>(&'a self, _: &'a AccountId, _: SecretKind) -> BoxFuture<'a, Result<Option<Secret>, KeyringProblem>> {
        Box::pin(async { Ok(Some(Secret::new(self.0.clone()))) })
    }
    fn write<'a>(&'a self, _: &'a AccountId, _: SecretKind, _: &'a Secret) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        Box::pin(async { Ok(()) })
    }
    fn delete<'a>(&'a self, _: &'a AccountId, _: SecretKind) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        Box::pin(async { Ok(()) })
    }
    fn forget<'a>(&'a self, _: &'a AccountId) -> BoxFuture<'a, Result<(), KeyringProblem>> {
        Box::pin(async { Ok(()) })
    }
    fn unlock(&self) -> BoxFuture<'_, Result<(), KeyringProblem>> {
        Box::pin(async { Ok(()) })
    }
    fn keep_in_memory(&self, _: &AccountId) {}
    fn storage_of(&self, _: &AccountId) -> TokenStorage {
        TokenStorage::Keyring
    }
}

impl HttpClient for OneRecord {
    fn send(&self, _: TokenRequest) -> BoxFuture<'_, Result<Response, HttpProblem>> {
        Box::pin(async { Err(HttpProblem::Unreachable) })
    }
    fn get(&self, _: Endpoint, _: Option<Secret>) -> BoxFuture<'_, Result<Fetched, HttpProblem>> {
        Box::pin(async { Err(HttpProblem::Unreachable) })
    }
}

impl RefreshLock for OneRecord {
    fn acquire<'a>(&'a self, _: &'a AccountId) -> BoxFuture<'a, Result<LockGuard, LockProblem>> {
        Box::pin(async { Err(LockProblem::TimedOut) })
    }
}

impl Clock for OneRecord {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let is_ours = text.contains("us");
    let _ = AuthorizationRequest::from_stored(&Secret::new(text.clone()));
    let world = Arc::new(OneRecord(text));
    let custody = Custody { http: world.clone(), keyring: world.clone(), lock: world.clone(), clock: world };
    let account = AccountId::parse("main").expect("a constant id");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let session = custody.stored_session(&account, "us").await.expect("the keyring works");
        assert!(is_ours || session == StoredSession::Nothing, "another application's tokens");
        let _ = custody.access_token(&account, "us").await;
        let secret = custody.secret(&account, SecretKind::ClientSecret, "us").await.expect("the keyring works");
        assert!(is_ours || secret.is_none());
    });
});

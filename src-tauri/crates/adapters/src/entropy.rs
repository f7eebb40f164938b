//! Random bytes from the operating system.

use oauth::AuthorizationEntropy;
use rand::TryRngCore;
use rand::rngs::OsRng;

/// The random bytes of one authorization request.
///
/// # Errors
/// The system has none to give; then nothing must be sent.
pub fn authorization_entropy() -> std::io::Result<AuthorizationEntropy> {
    let mut entropy = AuthorizationEntropy { state: [0; 32], verifier: [0; 32], nonce: [0; 32] };
    OsRng.try_fill_bytes(&mut entropy.state).map_err(std::io::Error::other)?;
    OsRng.try_fill_bytes(&mut entropy.verifier).map_err(std::io::Error::other)?;
    OsRng.try_fill_bytes(&mut entropy.nonce).map_err(std::io::Error::other)?;
    Ok(entropy)
}

/// The random bytes of one key.
///
/// # Errors
/// The system has none to give; then there is no key.
pub fn key_entropy() -> std::io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}

/// Fills a buffer for Practice Hotmart; nothing of the seller's depends on it.
pub fn fill_random(bytes: &mut [u8]) {
    rand::RngCore::fill_bytes(&mut rand::rng(), bytes);
}

/// A number that differs between processes. Nothing secret depends on it.
pub fn seed() -> u64 {
    OsRng.try_next_u64().unwrap_or_default()
}

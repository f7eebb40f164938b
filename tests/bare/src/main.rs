//! Reads the secret of the account `main` over D-Bus, as `hotmart-token` does,
//! prints how long it is, and does nothing else.
#![allow(clippy::print_stdout)] // A program that answers.

#[cfg(target_os = "linux")]
fn main() -> Result<(), secret_service::Error> {
    use std::collections::HashMap;

    use secret_service::EncryptionType;
    use secret_service::blocking::SecretService;

    let service = SecretService::connect(EncryptionType::Dh)?;
    let name = HashMap::from([("service", "app.hotmart-connect"), ("username", "main/tokens")]);
    let found = service.search_items(name)?;
    let secret = found.unlocked.first().ok_or(secret_service::Error::NoResult)?.get_secret()?;
    println!("{}", secret.len());
    Ok(())
}

#[cfg(not(target_os = "linux"))]
const fn main() {}

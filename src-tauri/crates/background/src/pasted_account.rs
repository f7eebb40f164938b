//! From what the seller pasted to an account: read, recognised by Hotmart's
//! servers, and saved.

use connection::ports::Clock;
use connection::{
    AccountId, AccountSettings, Credentials, Environment, NotRecognised, Recognised, read_pasted, recognise,
};
use oauth::Secret;

use crate::accounts::Accounts;
use crate::command_error::CommandError;

/// Saves an account with what the seller pasted, shows it, and waits until it
/// can be connected. `told` is where the account lives, once the seller was asked.
///
/// # Errors
/// There is no credential in the text, Hotmart does not know it or cannot be
/// reached, the seller has to say where it lives, or it could not be saved.
/// Nothing is changed then.
pub async fn save_pasted(
    accounts: &Accounts,
    text: &Secret,
    told: Option<Environment>,
) -> Result<AccountId, CommandError> {
    let pasted = read_pasted(text.expose()).map_err(|problem| {
        log::info!("what was pasted is not used: {problem}");
        CommandError::PastedUnusable
    })?;
    let connections = &accounts.connections;
    let now = adapters::ServerClock::default().now();
    let recognised = recognise(&connections.http, &adapters::deployment(None), pasted, now).await;
    let Recognised { credentials, grant_type, environment } = recognised.map_err(|problem| {
        log::info!("the credential is not saved: {problem}");
        match problem {
            NotRecognised::Unknown => CommandError::CredentialUnknown,
            NotRecognised::Unreachable | NotRecognised::Unclear => CommandError::HotmartUnreachable,
        }
    })?;
    let environment = environment.or(told).ok_or(CommandError::WhichEnvironment)?;
    let is_this = |account: &&AccountSettings| {
        (account.environment, account.grant_type) == (environment, grant_type)
            && account.client_id == credentials.client_id
    };
    let before = accounts.settings.read(|settings| settings.accounts.iter().find(is_this).cloned());
    let id = match &before {
        Some(before) => before.id.clone(),
        None => accounts.settings.new_id("").ok_or(CommandError::Configuration)?,
    };
    let filled_in = Credentials {
        name: before.as_ref().and_then(|before| before.name.clone()),
        environment,
        grant_type,
        client_id: credentials.client_id,
        client_secret: Some(credentials.client_secret),
        endpoints: None,
        client_authentication: None,
        scope: None,
    };
    let (account, secret) = AccountSettings::filled_in(id.clone(), before, filled_in)
        .map_err(|_| CommandError::PastedUnusable)?;
    accounts.save(account, secret).await?;
    connections.until_loaded(&id).await;
    Ok(id)
}

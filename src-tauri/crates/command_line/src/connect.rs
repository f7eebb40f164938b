//! Connects an account without a window: what is needed for it, and what is
//! written down once it has worked.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use adapters::{HttpsClient, SettingsFile};
use clap::ArgMatches;
use connection::ports::SecretKind;
use connection::{
    AccountId, AccountSettings, Credentials, Endpoints, Environment, ErrorCode, Missing, NotDiscovered,
    OWN_ACCOUNT, ResolvedAccount, StoredSession, discover, pasted_secret,
};
use oauth::{GrantType, RedirectUri, Secret};

use crate::context::{Account, Context};
use crate::disconnect;
use crate::failure::Failure;
use crate::interface::WAIT_SECONDS;
use crate::login::{Login, Options};
use crate::patience::Patient;
use crate::terminal;

/// Another process may renew meanwhile, and is waited for.
const WAIT: Duration = Duration::from_secs(WAIT_SECONDS);

pub async fn connect(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let (settings, typed, is_new) = set_up(context, matches).await?;
    let account = context.account(settings.clone(), WAIT)?;
    let secret = match typed {
        Some(secret) => Some(secret),
        None => missing_secret(context, &account).await?,
    };
    let known = match stored_session(&account).await? {
        StoredSession::Session(session) => Some(session),
        StoredSession::Nothing | StoredSession::Expired(_) => None,
    };
    if known.is_some() && !matches.get_flag("again") && !matches.get_flag("another-account") {
        terminal::say(
            &context.words.with("cli.connect.already", &[("account", account.settings.id.as_str())]),
        );
        return Ok(());
    }
    if account.settings.environment == Environment::Practice && !adapters::answers(&account.resolved.api_base)
    {
        return Err(Failure::PracticeNotOpen);
    }
    if is_new {
        // Before anybody approves anything: what could not be written down would be lost.
        context.file.try_out(&context.settings).map_err(not_saved)?;
    }
    // Until the login has worked, what was there before is what counts.
    let keyring = Arc::clone(&account.custody.keyring);
    let secret_before = keyring.read(&settings.id, SecretKind::ClientSecret).await?;
    let options = Options {
        open_browser: !matches.get_flag("no-browser"),
        another: matches.get_flag("another-account"),
        before: application_before(context, &account).await,
    };
    let was_typed = secret.is_some();
    let (custody, resolved) = (account.custody.clone(), account.resolved.clone());
    let login = Login::begin(context, account, secret, known, options);
    let mut result = login.finish().await;
    if result.is_ok() && is_new {
        let known = context.settings.account(&settings.id).is_some();
        result = save(context, settings.clone());
        // No program would know of the tokens of a new account, and nobody could disconnect them.
        if result.is_err()
            && !known
            && let Err(failure) = disconnect::revoke_and_delete(&custody, &settings.id, &resolved).await
        {
            log::error!("{}: the tokens stay in the keyring: {failure:?}", settings.id);
        }
    }
    if result.is_err() && was_typed {
        // A secret is kept once it has worked: a wrong one would not be asked for again.
        let kept = match secret_before {
            Some(before) => keyring.write(&settings.id, SecretKind::ClientSecret, &before).await,
            None => keyring.delete(&settings.id, SecretKind::ClientSecret).await,
        };
        if let Err(problem) = kept {
            log::warn!("{}: the secret that was typed stays in the keyring: {problem}", settings.id);
        }
    }
    result
}

/// The account as it is written down, if it is to belong to another application
/// or server: its tokens are revoked there once new ones have taken their place.
async fn application_before(context: &Context, account: &Account) -> Option<ResolvedAccount> {
    let id = &account.settings.id;
    let mut before = context.resolved(context.settings.account(id)?).ok()?;
    let fingerprint = before.fingerprint();
    if fingerprint == account.resolved.fingerprint() {
        return None;
    }
    if let Ok(Some(secret)) = account.custody.secret(id, SecretKind::ClientSecret, &fingerprint).await {
        before.client.secret = Some(Arc::new(secret));
    }
    Some(before)
}

/// Writes down an account that works.
fn save(context: &Context, account: AccountSettings) -> Result<(), Failure> {
    let (mut file, known) = SettingsFile::open(context.directories.settings_file());
    let saved = file.change(known, |settings| {
        // The window, and every script, goes on with the account it has.
        let shown = settings.current().map(|account| account.id.clone());
        settings.put(account);
        settings.current_account = shown.or(settings.current_account.take());
    });
    saved.map(drop).map_err(not_saved)
}

fn not_saved(error: std::io::Error) -> Failure {
    log::error!("the settings were not saved: {error}");
    Failure::SettingsNotSaved
}

/// The account to connect, the secret that was typed for it, and whether it
/// differs from what is written down.
async fn set_up(
    context: &Context,
    matches: &ArgMatches,
) -> Result<(AccountSettings, Option<Secret>, bool), Failure> {
    let typed = |name| matches.get_one::<String>(name).cloned();
    let (environment, client_id, redirect_uri) =
        (typed("environment"), typed("client-id"), typed("redirect-uri"));
    let kept_elsewhere = secret_file(matches)?;
    let (developer, names_client) = (matches.get_flag("developer-credentials"), client_id.is_some());
    if environment.is_none() && client_id.is_none() && redirect_uri.is_none() && !developer {
        return Ok((context.chosen(matches)?, kept_elsewhere, false));
    }
    context.settings_are_usable()?;
    let id = match typed("account") {
        Some(name) => AccountId::parse(&name).map_err(|_| Failure::Usage("cli.usage.account_name"))?,
        None => meant(context, environment.as_deref(), client_id.as_deref(), developer)?,
    };
    let before = context.settings.accounts.iter().find(|account| account.id == id).cloned();
    let environment = match environment {
        Some(name) => {
            serde_json::from_value(name.into()).map_err(|_| Failure::Usage("cli.usage.environment"))?
        }
        None => before
            .as_ref()
            .map(|account| account.environment)
            .ok_or(Failure::Usage("cli.usage.environment"))?,
    };
    let grant_type = match &before {
        _ if developer => GrantType::ClientCredentials,
        Some(before) if before.environment == environment => before.grant_type,
        _ => GrantType::AuthorizationCode,
    };
    let known_id = before.as_ref().map(|account| account.client_id.clone()).unwrap_or_default();
    let client_id = client_id.unwrap_or_else(|| known_id.clone());
    // Whoever names the application, also the one there is, may have another secret for it.
    // A script says nothing then: its next line may be the address that it pastes.
    let may_be_another = names_client && terminal::somebody_types();
    let needs_secret = kept_elsewhere.is_none()
        && environment != Environment::Practice
        && (may_be_another || client_id != known_id);
    let typed_secret = needs_secret
        .then(|| terminal::ask_for_secret(&context.words.text("cli.ask.client_secret")))
        .flatten();
    let client_secret = kept_elsewhere.or(typed_secret);
    let server = server(context, environment, typed("issuer"), before.as_ref()).await?;
    let name = before.as_ref().and_then(|account| account.name.clone());
    let has_secret = client_secret.as_ref().is_some_and(|secret| !secret.expose().is_empty());
    let filled_in = Credentials {
        name,
        environment,
        grant_type,
        client_id,
        client_secret,
        endpoints: server.endpoints,
        client_authentication: server.client_authentication.filter(|_| has_secret),
        // What a server offers is for people who log in.
        scope: before
            .as_ref()
            .and_then(|account| account.scope.clone())
            .or(server.scope.filter(|_| grant_type == GrantType::AuthorizationCode)),
    };
    let (mut account, secret) = match environment {
        Environment::Practice => (AccountSettings::new(id, environment), None),
        _ => AccountSettings::filled_in(id, before, filled_in)
            .map_err(|_| Failure::Usage("command.client_id"))?,
    };
    if let Some(uri) = redirect_uri {
        RedirectUri::parse(&uri).map_err(|_| Failure::Usage("cli.usage.redirect_uri"))?;
        account.redirect_uri = Some(uri);
    }
    Ok((account, secret, true))
}

/// What is known of a server that is not in the table.
#[derive(Default)]
struct CustomServer {
    endpoints: Option<Endpoints>,
    client_authentication: Option<String>,
    scope: Option<String>,
}

/// Asks a server of the user's own what it says of itself, or takes what is
/// known of it from before.
async fn server(
    context: &Context,
    environment: Environment,
    issuer: Option<String>,
    before: Option<&AccountSettings>,
) -> Result<CustomServer, Failure> {
    if environment != Environment::Custom {
        return Ok(CustomServer::default());
    }
    let Some(issuer) = issuer else {
        let endpoints = before.and_then(|account| account.endpoints.clone());
        let known = endpoints.ok_or(Failure::Usage("cli.usage.issuer"))?;
        return Ok(CustomServer { endpoints: Some(known), ..CustomServer::default() });
    };
    let http = Patient::new(HttpsClient::default(), &context.words, "cli.waiting.server");
    let found = discover(&http, &issuer).await.map_err(|problem| match problem {
        NotDiscovered::NoAddress => Failure::Usage("command.configuration"),
        NotDiscovered::Unreachable => Failure::Temporary(ErrorCode::Network.into()),
        NotDiscovered::NotFound => Failure::Usage("command.discovery_not_found"),
        NotDiscovered::Unusable => Failure::Usage("command.discovery_unusable"),
    })?;
    Ok(CustomServer {
        endpoints: Some(Endpoints::from(&found)),
        client_authentication: Some(found.client_authentication.as_str().to_owned()),
        scope: Some(found.scope),
    })
}

/// The client secret that somebody else keeps in a file.
fn secret_file(matches: &ArgMatches) -> Result<Option<Secret>, Failure> {
    let Some(path) = matches.get_one::<PathBuf>("client-secret-file") else { return Ok(None) };
    let secret = adapters::read_secret_file(path)
        .map_err(|error| Failure::SecretFile { file: path.display().to_string(), error })?;
    Ok(Some(secret).filter(|secret| !secret.expose().is_empty()))
}

/// The account that is meant where none is named: the one that programs use,
/// if it is of the same application; a new one otherwise.
fn meant(
    context: &Context,
    environment: Option<&str>,
    client_id: Option<&str>,
    developer: bool,
) -> Result<AccountId, Failure> {
    let settings = &context.settings;
    let is_meant = |account: &&AccountSettings| {
        let known = serde_json::to_value(account.environment).unwrap_or_default();
        let practice = account.environment == Environment::Practice;
        environment.is_none_or(|name| known == name)
            && client_id.is_none_or(|id| account.client_id == id || account.client_id.is_empty())
            && (!developer || account.grant_type == GrantType::ClientCredentials)
            && (!practice || environment == Some("practice"))
    };
    if let Some(account) = settings.default_account().filter(is_meant) {
        return Ok(account.id.clone());
    }
    settings.free_id(OWN_ACCOUNT).ok_or(Failure::Usage("cli.usage.account_name"))
}

/// Asks for a secret that is needed and not in the keyring.
async fn missing_secret(context: &Context, account: &Account) -> Result<Option<Secret>, Failure> {
    if !account.resolved.needs_secret() || account.resolved.client.secret.is_some() {
        return Ok(None);
    }
    let fingerprint = account.resolved.fingerprint();
    let kept = account.custody.secret(&account.settings.id, SecretKind::ClientSecret, &fingerprint).await?;
    if kept.is_some() {
        return Ok(None);
    }
    let typed = terminal::ask_for_secret(&context.words.text("cli.ask.client_secret"));
    let typed = typed.map(|secret| pasted_secret(&account.settings.client_id, &secret));
    let typed = typed.filter(|secret| !secret.expose().is_empty());
    typed.map(Some).ok_or(Failure::NotSetUp(Missing::ClientSecret))
}

async fn stored_session(account: &Account) -> Result<StoredSession, Failure> {
    let fingerprint = account.resolved.fingerprint();
    Ok(account.custody.stored_session(&account.settings.id, &fingerprint).await?)
}

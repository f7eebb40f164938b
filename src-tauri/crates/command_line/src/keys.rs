//! Local keys: makes, lists and revokes them.

use std::io::ErrorKind;

use adapters::system_seconds;
use clap::ArgMatches;
use door::{DOOR_PORT, ListedKey, LocalKeys};
use oauth::{Secret, Timestamp};
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::terminal;
use crate::time_span::time_span;

pub fn key(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let keys = LocalKeys::of(&context.directories);
    match matches.subcommand() {
        Some(("create", matches)) => create(context, &keys, matches),
        Some(("revoke", matches)) => revoke(context, &keys, text_of(matches, "key")),
        Some((_, matches)) => list(context, &keys, matches.get_flag("json")),
        None => Ok(()),
    }
}

/// The port of the door on this machine.
pub fn port(context: &Context) -> u16 {
    context.settings.door_port.unwrap_or(DOOR_PORT)
}

fn text_of<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    matches.get_one::<String>(name).map_or("", String::as_str)
}

fn now() -> Timestamp {
    Timestamp::from_seconds(system_seconds())
}

fn failed(context: &Context, error: std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::InvalidInput => Failure::Usage("cli.usage.key_name"),
        _ => Failure::Keys { file: context.directories.local_keys().display().to_string(), error },
    }
}

/// Prints the key, which is there this one time.
fn create(context: &Context, keys: &LocalKeys, matches: &ArgMatches) -> Result<(), Failure> {
    let account = context.chosen(matches)?;
    let created = keys.create(account.id.clone(), text_of(matches, "name"), now(), |key| {
        key.may_write = matches.get_flag("write");
        key.from_containers = matches.get_flag("containers");
    });
    let (kept, key) = created.map_err(|error| failed(context, error))?;
    let line = Secret::new(format!("{}\n", key.expose()));
    if let Err(error) = terminal::answer(line.expose().as_bytes()) {
        // A key that nobody got opens nothing.
        let _ = keys.revoke(&kept.id);
        return Err(error.into());
    }
    let address = format!("http://127.0.0.1:{}", port(context));
    let values =
        [("name", kept.name.as_str()), ("account", account.label()), ("address", &address), ("id", &kept.id)];
    terminal::say(&context.words.with("cli.key.created", &values));
    Ok(())
}

fn revoke(context: &Context, keys: &LocalKeys, id_or_name: &str) -> Result<(), Failure> {
    let revoked = keys.revoke(id_or_name).map_err(|error| failed(context, error))?;
    if revoked.is_empty() {
        return Err(Failure::UnknownKey { key: id_or_name.to_owned() });
    }
    for key in revoked {
        terminal::say(&context.words.with("cli.key.revoked", &[("name", &key.name), ("id", &key.id)]));
    }
    Ok(())
}

fn list(context: &Context, keys: &LocalKeys, as_json: bool) -> Result<(), Failure> {
    let now = now();
    let keys = keys.list(now).map_err(|error| failed(context, error))?;
    let text = if as_json { in_json(&keys) } else { in_words(context, &keys, now) };
    Ok(terminal::answer(text.as_bytes())?)
}

fn in_json(keys: &[ListedKey]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            json!({
                "id": key.id,
                "name": key.name,
                "account": key.account,
                "may_write": key.may_write,
                "from_containers": key.from_containers,
                "created_at": key.created_at,
                "last_used_at": key.last_used_at,
                "calls_in_the_last_24_hours": key.calls_of_a_day,
            })
        })
        .collect();
    format!("{}\n", json!({ "keys": keys }))
}

fn in_words(context: &Context, keys: &[ListedKey], now: Timestamp) -> String {
    let words = &context.words;
    if keys.is_empty() {
        return format!("{}\n", words.text("cli.key.none"));
    }
    let mut text = String::new();
    for ListedKey { id, name, account, may_write, last_used_at, calls_of_a_day, .. } in keys {
        let may = words.text(if *may_write { "cli.key.may_write" } else { "cli.key.only_reads" });
        text += &format!("{id}  {name} ({account}): {may}\n");
        let used = match last_used_at {
            Some(at) => {
                let ago = words.with("cli.ago", &[("time", &time_span(now.since(*at)))]);
                words.with("cli.key.used", &[("moment", &ago), ("calls", &calls_of_a_day.to_string())])
            }
            None => words.text("cli.key.never_used"),
        };
        text += &format!("    {used}\n");
    }
    text
}

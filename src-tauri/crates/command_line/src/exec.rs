//! Runs a program with a token in its environment, or with the credential itself
//! if it is one that has tokens by itself.

use std::ffi::OsString;
use std::time::Duration;

use adapters::ChildProgram;
use clap::ArgMatches;
use connection::ports::SecretKind;
use connection::{Missing, Session, credential_variables, variables};
use oauth::{Secret, Timestamp};

use crate::context::{Account, Context};
use crate::failure::Failure;
use crate::fresh_token::{self, Freshness};
use crate::terminal;

/// Whether a token is nearly over is looked at ten times in its life, and at
/// least this often: a minute. A computer may have slept meanwhile.
const LONGEST_LOOK: Duration = Duration::from_secs(60);
const SHORTEST_LOOK: Duration = Duration::from_secs(1);
/// New tokens that could not be had are tried for again after this long: half a minute.
const AGAIN: Duration = Duration::from_secs(30);

pub async fn exec(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let given = Given::of(context, matches).await?;
    let mut words = matches.get_many::<OsString>("command").into_iter().flatten().cloned();
    let program = Program { name: words.next().unwrap_or_default(), arguments: words.collect() };
    if matches.get_flag("restart-on-renewal") {
        return program.supervise(context, matches, given).await;
    }
    // Where a process cannot be replaced, Ctrl-C is the program's own business.
    let _shield = adapters::SignalShield::raise();
    let error = adapters::become_program(&program.name, &program.arguments, &given.variables);
    Err(program.not_run(error))
}

/// What a program is given, and the sessions whose tokens are among it.
struct Given {
    variables: Vec<(String, Secret)>,
    sessions: Vec<(Account, Session)>,
}

impl Given {
    async fn of(context: &Context, matches: &ArgMatches) -> Result<Self, Failure> {
        let wanted = Freshness::of(matches);
        let mut given = Self { variables: Vec::new(), sessions: Vec::new() };
        let of_account = async |settings| -> Result<_, Failure> {
            let account = context.account(settings, wanted.wait)?;
            let (token, session) = fresh_token::token(context, &account, wanted).await?;
            Ok((account, token, session))
        };
        if let Some(named) = matches.get_many::<String>("env") {
            for (name, account) in named.map(|text| variable(text)).collect::<Result<Vec<_>, _>>()? {
                let settings = match account {
                    Some(account) => context.named(account)?,
                    None => context.chosen(matches)?,
                };
                let (account, token, session) = of_account(settings).await?;
                given.variables.push((name.to_owned(), token));
                given.sessions.push((account, session));
            }
        } else if matches.get_flag("credentials") {
            let account = context.account(context.chosen(matches)?, wanted.wait)?;
            given.variables = owned(credentials(&account).await?);
        } else {
            let (account, token, session) = of_account(context.chosen(matches)?).await?;
            given.variables = owned(variables(&account.token_context(&token, &session)));
            given.sessions.push((account, session));
        }
        Ok(given)
    }

    /// Whether no token of these is nearly over.
    fn is_fresh(&self, min_ttl: Duration) -> bool {
        self.sessions.iter().all(|(account, session)| session.is_long_enough(min_ttl, now(account)))
    }

    /// When to look again.
    fn look_again(&self) -> Duration {
        let left = self
            .sessions
            .iter()
            .filter_map(|(account, session)| Some(session.expires_at?.since(now(account)) / 10));
        left.min().unwrap_or(LONGEST_LOOK).clamp(SHORTEST_LOOK, LONGEST_LOOK)
    }

    fn has_the_same_tokens(&self, other: &Self) -> bool {
        let same =
            |((_, one), (_, another)): (&(_, Session), &(_, Session))| one.identity == another.identity;
        self.sessions.len() == other.sessions.len() && self.sessions.iter().zip(&other.sessions).all(same)
    }
}

fn now(account: &Account) -> Timestamp {
    account.custody.clock.now()
}

/// What is to be run.
struct Program {
    name: OsString,
    arguments: Vec<OsString>,
}

impl Program {
    fn not_run(&self, error: std::io::Error) -> Failure {
        Failure::Program { name: self.name.to_string_lossy().into_owned(), error }
    }

    fn start(&self, given: &Given) -> Result<ChildProgram, Failure> {
        ChildProgram::start(&self.name, &self.arguments, &given.variables)
            .map_err(|error| self.not_run(error))
    }

    /// Runs it, and runs it anew with new tokens before those that it has are
    /// over. When it ends by itself, or is told to, this program ends as it did.
    async fn supervise(
        &self,
        context: &Context,
        matches: &ArgMatches,
        mut given: Given,
    ) -> Result<(), Failure> {
        let wanted = Freshness::of(matches);
        let mut endings = adapters::Endings::listen();
        let mut running = self.start(&given)?;
        let mut wait = given.look_again();
        loop {
            let code = tokio::select! {
                code = running.ended() => code,
                signal = endings.next() => {
                    running.tell(signal);
                    running.ended().await
                }
                () = tokio::time::sleep(wait) => {
                    wait = given.look_again();
                    if given.is_fresh(wanted.min_ttl) {
                        continue;
                    }
                    match Given::of(context, matches).await {
                        // A token that does not renew, or is not renewed yet: the one there is may be good.
                        Ok(new) if new.has_the_same_tokens(&given) => {}
                        Ok(new) => {
                            running.end().await;
                            given = new;
                            running = self.start(&given)?;
                            wait = given.look_again();
                        }
                        Err(failure) => {
                            if let Some(sentence) = failure.sentence(&context.words) {
                                terminal::say(&sentence);
                            }
                            wait = AGAIN;
                        }
                    }
                    continue;
                }
            };
            std::process::exit(code.map_err(Failure::Output)?);
        }
    }
}

/// A variable's name, and the account whose token it gets: `NAME` or `NAME:ACCOUNT`.
fn variable(text: &str) -> Result<(&str, Option<&str>), Failure> {
    let (name, account) = match text.split_once(':') {
        Some((name, account)) => (name, Some(account)),
        None => (text, None),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = name.bytes().all(plain) && name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    if is_name { Ok((name, account)) } else { Err(Failure::Usage("cli.usage.env")) }
}

fn owned(variables: Vec<(&'static str, Secret)>) -> Vec<(String, Secret)> {
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The seller's own credential. One that this build brings along is not handed out.
async fn credentials(account: &Account) -> Result<Vec<(&'static str, Secret)>, Failure> {
    let (custody, id) = (&account.custody, &account.settings.id);
    let secret = custody.secret(id, SecretKind::ClientSecret, &account.resolved.fingerprint()).await?;
    let secret = secret.ok_or(Failure::NotSetUp(Missing::ClientSecret))?;
    Ok(credential_variables(&account.resolved.client.id, &secret))
}

//! Says whether a connection works: one call that only reads.

use clap::ArgMatches;
use connection::{Environment, Verdict};

use crate::context::{Account, Context};
use crate::failure::Failure;
use crate::fresh_token::{self, Freshness};
use crate::terminal;
use crate::time_span::time_span;
use crate::translations::Translations;

pub async fn check(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = Freshness::usual();
    let account = context.account(context.chosen(matches)?, wanted.wait)?;
    if account.resolved.api_base.is_empty() {
        return Err(Failure::NoApi);
    }
    let (_, session) = fresh_token::token(context, &account, wanted).await?;
    let mut verdict = ask(&account).await?;
    if verdict == Verdict::Refused && session.renewable {
        fresh_token::renewed(context, &account, &session).await?;
        verdict = ask(&account).await?;
    }
    let sentence = sentence(&verdict, &account, &context.words);
    terminal::answer(format!("{sentence}\n").as_bytes())?;
    match verdict {
        Verdict::Works { .. } => Ok(()),
        verdict => Err(Failure::Check(verdict.code())),
    }
}

async fn ask(account: &Account) -> Result<Verdict, Failure> {
    let verdict = account.custody.check_api(&account.settings.id, &account.resolved).await?;
    verdict.ok_or(Failure::NotConnected)
}

fn sentence(verdict: &Verdict, account: &Account, words: &Translations) -> String {
    let time = |time: std::time::Duration| format!("{:.1} s", time.as_secs_f64());
    match verdict {
        Verdict::Works { who, took, calls_left } => {
            let took = time(*took);
            let mut said = match who {
                Some(who) => words.with("check.works_as", &[("who", &who.to_string()), ("took", &took)]),
                None => words.with("check.works", &[("took", &took)]),
            };
            if let Some(count) = calls_left {
                said += &format!(" {}", words.with("check.calls_left", &[("count", &count.to_string())]));
            }
            said
        }
        Verdict::TooManyRequests { wait_until: Some(end) } => {
            let wait = end.since(account.custody.clock.now());
            words.with("check.too_many_requests_until", &[("time", &time_span(wait))])
        }
        Verdict::Unreachable if account.settings.environment == Environment::Sandbox => {
            words.text("check.sandbox_unreachable")
        }
        Verdict::NotRenewed { error } => {
            let reason = words.text(&format!("error.{}", error.code()));
            words.with("check.not_renewed", &[("reason", &reason)])
        }
        verdict => words.text(&format!("check.{}", verdict.code())),
    }
}

//! Says whether a connection works: one call that only reads.

use clap::ArgMatches;
use connection::{Environment, HttpProblem, Verdict};

use crate::failure::Failure;
use crate::fresh::{self, Wanted};
use crate::machine::{Account, Machine};
use crate::terminal;
use crate::time_span::time_span;
use crate::words::Words;

pub async fn check(machine: &Machine, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = Wanted::usual();
    let account = machine.account(machine.chosen(matches)?, wanted.wait)?;
    if account.setup.api_base.is_empty() {
        return Err(Failure::NoApi);
    }
    let (_, session) = fresh::token(machine, &account, wanted).await?;
    let mut verdict = ask(&account).await?;
    if verdict == Verdict::Refused && session.renewable {
        fresh::renewed(machine, &account, &session).await?;
        verdict = ask(&account).await?;
    }
    let sentence = sentence(&verdict, account.settings.environment, &machine.words);
    terminal::answer(format!("{sentence}\n").as_bytes())?;
    match verdict {
        Verdict::Works { .. } => Ok(()),
        verdict => Err(Failure::Check(verdict.as_str())),
    }
}

async fn ask(account: &Account) -> Result<Verdict, Failure> {
    let verdict = account.custody.check_api(&account.settings.id, &account.setup).await?;
    verdict.ok_or(Failure::NotConnected)
}

fn sentence(verdict: &Verdict, environment: Environment, words: &Words) -> String {
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
        Verdict::TooManyRequests { retry_after: Some(wait) } => {
            words.with("check.too_many_requests_until", &[("time", &time_span(*wait))])
        }
        Verdict::NoAnswer(HttpProblem::Unreachable) if environment == Environment::Sandbox => {
            words.text("check.sandbox_unreachable")
        }
        Verdict::NotRenewed(code) => {
            let reason = words.text(&format!("error.{}", code.as_str()));
            words.with("check.not_renewed", &[("reason", &reason)])
        }
        verdict => words.text(&format!("check.{}", verdict.as_str())),
    }
}

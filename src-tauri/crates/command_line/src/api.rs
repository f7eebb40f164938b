//! Authenticated calls to the account's API: one, or one after the other until
//! all pages are there.

use std::collections::HashSet;
use std::time::Duration;

use adapters::ApiAnswer;
use clap::ArgMatches;
use connection::{ErrorCode, HttpProblem};
use oauth::{Endpoint, Secret};
use serde_json::Value;

use crate::api_output::{Destination, Form};
use crate::context::{Account, Context};
use crate::failure::Failure;
use crate::fresh_token::{self, Freshness};
use crate::terminal;

const UNAUTHORIZED: u16 = 401;
const TOO_MANY_REQUESTS: u16 = 429;
/// Where the API does not say how long it wants to be left alone: its limit is one of a minute.
const USUAL_WAIT: Duration = Duration::from_secs(60);
/// A call that is refused this often in a row, waits and all, is given up.
const MOST_WAITS: u32 = 5;
/// Where the next page's name stands in an answer, and what it is asked for with.
const NEXT_PAGE: &str = "/page_info/next_page_token";
const PAGE: &str = "page_token";

pub async fn api(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let account = context.account(context.chosen(matches)?, Freshness::usual().wait)?;
    let path = matches.get_one::<String>("path").map_or("", String::as_str);
    let endpoint = endpoint(&account.resolved.api_base, path)?;
    let mut caller = Caller { context, account: &account, token: None };
    let (form, destination) = (Form::of(matches), Destination::of(matches));
    let all_pages = matches.get_flag("paginate");
    if form == Form::Whole && !all_pages {
        let answer = caller.call(&endpoint).await?;
        if is_good(answer.status) {
            return destination.write(&answer.body);
        }
        terminal::answer(&answer.body)?;
        return Err(Failure::Api(answer.status));
    }
    let items = caller.items(endpoint, all_pages).await?;
    destination.write_items(form, &items)
}

/// Calls one account's API, with one token for as long as it is good.
struct Caller<'a> {
    context: &'a Context,
    account: &'a Account,
    token: Option<Secret>,
}

impl Caller<'_> {
    /// One call. The API is the authority on whether a token is good: one that
    /// it refuses is renewed, once.
    async fn call(&mut self, endpoint: &Endpoint) -> Result<ApiAnswer, Failure> {
        let answer = self.ask(endpoint).await?;
        if answer.status != UNAUTHORIZED {
            return Ok(answer);
        }
        let (_, session) = fresh_token::stored(self.account).await?;
        fresh_token::renewed(self.context, self.account, &session).await?;
        self.token = None;
        self.ask(endpoint).await
    }

    async fn ask(&mut self, endpoint: &Endpoint) -> Result<ApiAnswer, Failure> {
        let token = match self.token.take() {
            Some(token) => token,
            None => fresh_token::token(self.context, self.account, Freshness::usual()).await?.0,
        };
        let answer = self.account.http.read_api(endpoint, &token).await;
        self.token = Some(token);
        answer.map_err(no_answer)
    }

    /// The items of a list, and of all the pages behind it if they are wanted.
    /// The API's limit is obeyed: who has no call left waits until there are more.
    async fn items(&mut self, first: Endpoint, all_pages: bool) -> Result<Vec<Value>, Failure> {
        let (mut items, mut seen) = (Vec::new(), HashSet::new());
        let mut next = Some(first.clone());
        let mut waits = 0;
        while let Some(page) = next.take() {
            let answer = self.call(&page).await?;
            if answer.status == TOO_MANY_REQUESTS && waits < MOST_WAITS {
                waits += 1;
                self.wait(answer.wait.unwrap_or(USUAL_WAIT)).await?;
                next = Some(page);
                continue;
            }
            if !is_good(answer.status) {
                terminal::answer(&answer.body)?;
                return Err(Failure::Api(answer.status));
            }
            waits = 0;
            let mut body: Value = serde_json::from_slice(&answer.body).map_err(|_| Failure::NotAList)?;
            let Some(Value::Array(found)) = body.get_mut("items").map(Value::take) else {
                return Err(Failure::NotAList);
            };
            items.extend(found);
            let name = body.pointer(NEXT_PAGE).and_then(Value::as_str).unwrap_or_default();
            // A page that names itself would be asked for without end.
            if all_pages && !name.is_empty() && seen.insert(name.to_owned()) {
                next = Some(page_of(&first, name)?);
                if let Some(wait) = answer.wait {
                    self.wait(wait).await?;
                }
            }
        }
        Ok(items)
    }

    async fn wait(&self, wait: Duration) -> Result<(), Failure> {
        if terminal::somebody_reads() {
            terminal::say(&self.context.words.text("cli.waiting.limit"));
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            signal = adapters::told_to_end() => Err(Failure::Interrupted { signal }),
        }
    }
}

fn is_good(status: u16) -> bool {
    (200..=299).contains(&status)
}

fn no_answer(problem: HttpProblem) -> Failure {
    Failure::Temporary(ErrorCode::from(problem).into())
}

/// The same list's page of this name.
fn page_of(list: &Endpoint, name: &str) -> Result<Endpoint, Failure> {
    let mut url = list.url().clone();
    let others: Vec<_> = list.url().query_pairs().filter(|(key, _)| key != PAGE).collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(PAGE, name);
    Endpoint::parse(url.as_str()).map_err(|_| Failure::NotAList)
}

/// The address below the API's base. The token goes to no other host, whatever the path says.
fn endpoint(api_base: &str, path: &str) -> Result<Endpoint, Failure> {
    let base = Endpoint::parse(api_base).map_err(|_| Failure::NoApi)?;
    if !path.starts_with('/') {
        return Err(Failure::Usage("cli.usage.path"));
    }
    let endpoint =
        Endpoint::parse(&format!("{api_base}{path}")).map_err(|_| Failure::Usage("cli.usage.path"))?;
    let same = endpoint.url().origin() == base.url().origin();
    if same { Ok(endpoint) } else { Err(Failure::Usage("cli.usage.path")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://developers.hotmart.com";

    #[test]
    fn a_path_is_below_the_base() {
        let url = endpoint(BASE, "/payments/api/v1/sales/history?max_results=1").unwrap();
        assert_eq!(
            url.url().as_str(),
            "https://developers.hotmart.com/payments/api/v1/sales/history?max_results=1"
        );
    }

    #[test]
    fn the_token_goes_to_no_other_host() {
        for path in ["", "x", "@evil.example/", ":8080/", ".evil.example/", "https://evil.example/", "/#a"] {
            assert!(endpoint(BASE, path).is_err(), "{path}");
        }
        for path in ["//evil.example/", "/@evil.example/", "/../..//evil.example", "/\\evil.example"] {
            let url = endpoint(BASE, path).unwrap();
            assert_eq!(url.url().host_str(), Some("developers.hotmart.com"), "{path}");
        }
        assert!(endpoint("", "/x").is_err());
    }

    #[test]
    fn the_next_page_is_of_the_same_list() {
        let list = endpoint(BASE, "/payments/api/v1/sales/history?max_results=2&page_token=old").unwrap();
        let next = page_of(&list, "a b&c=https://evil.example/").unwrap();
        assert_eq!(
            next.url().as_str(),
            "https://developers.hotmart.com/payments/api/v1/sales/history\
             ?max_results=2&page_token=a+b%26c%3Dhttps%3A%2F%2Fevil.example%2F"
        );
    }
}

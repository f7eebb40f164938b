//! One authenticated call to the account's API.

use clap::ArgMatches;
use connection::{ErrorCode, HttpProblem};
use oauth::Endpoint;

use crate::context::Context;
use crate::failure::Failure;
use crate::fresh_token::{self, Freshness};
use crate::terminal;

const UNAUTHORIZED: u16 = 401;

pub async fn api(context: &Context, matches: &ArgMatches) -> Result<(), Failure> {
    let wanted = Freshness::usual();
    let account = context.account(context.chosen(matches)?, wanted.wait)?;
    let path = matches.get_one::<String>("path").map_or("", String::as_str);
    let endpoint = endpoint(&account.resolved.api_base, path)?;

    let (token, session) = fresh_token::token(context, &account, wanted).await?;
    let mut answer = account.http.read_api(&endpoint, &token).await.map_err(no_answer)?;
    if answer.status == UNAUTHORIZED {
        // The API is the authority on whether a token is good.
        fresh_token::renewed(context, &account, &session).await?;
        let (token, _) = fresh_token::stored(&account).await?;
        answer = account.http.read_api(&endpoint, &token).await.map_err(no_answer)?;
    }
    terminal::answer(&answer.body)?;
    if (200..=299).contains(&answer.status) { Ok(()) } else { Err(Failure::Api(answer.status)) }
}

fn no_answer(problem: HttpProblem) -> Failure {
    Failure::Temporary(ErrorCode::from(problem).into())
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
}

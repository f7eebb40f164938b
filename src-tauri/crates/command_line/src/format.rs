//! The forms a token is printed in. Pure.

use oauth::{Secret, Timestamp};
use serde_json::json;

/// What is known of a token that is handed out.
pub struct Facts<'a> {
    pub token: &'a Secret,
    pub account: &'a str,
    pub api_base: &'a str,
    pub expires_at: Option<Timestamp>,
    pub now: Timestamp,
}

/// The variables of a tool that is started with a token.
pub fn variables(facts: &Facts<'_>) -> Vec<(&'static str, Secret)> {
    let mut variables = vec![("HOTMART_ACCESS_TOKEN", facts.token.duplicate())];
    if let Some(end) = facts.expires_at {
        variables.push(("HOTMART_ACCESS_TOKEN_EXPIRES_AT", Secret::new(end.seconds().to_string())));
    }
    if !facts.api_base.is_empty() {
        variables.push(("HOTMART_API_BASE", Secret::new(facts.api_base.to_owned())));
    }
    variables
}

/// The token in one of [`crate::interface::FORMATS`], with a line end.
pub fn render(format: &str, facts: &Facts<'_>) -> Secret {
    let token = facts.token.expose();
    let lines = |line: fn(&str, &str) -> String| {
        let lines = variables(facts).into_iter().map(|(name, value)| line(name, value.expose()));
        lines.collect::<Vec<_>>().join("\n")
    };
    let text = match format {
        "header" => format!("Authorization: Bearer {token}"),
        // Read from a file or a pipe: no other process can see it in a list of arguments.
        "curl" => format!("header = \"Authorization: Bearer {}\"", escaped_for_curl(token)),
        "env" => lines(|name, value| format!("{name}={}", quoted_for_a_shell(value))),
        "powershell" => lines(|name, value| format!("$env:{name} = '{}'", value.replace('\'', "''"))),
        "json" => json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_at": facts.expires_at.map(Timestamp::seconds),
            "expires_in": facts.expires_at.map(|end| end.since(facts.now).as_secs()),
            "account": facts.account,
            "api_base": facts.api_base,
        })
        .to_string(),
        _ => token.to_owned(),
    };
    Secret::new(format!("{text}\n"))
}

fn escaped_for_curl(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// As it is where every reader of such files takes it so; quoted otherwise.
fn quoted_for_a_shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%:@,".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(format: &str, token: &str) -> String {
        let token = Secret::new(token.to_owned());
        let facts = Facts {
            token: &token,
            account: "main",
            api_base: "https://developers.hotmart.com",
            expires_at: Some(Timestamp::from_seconds(1_000)),
            now: Timestamp::from_seconds(400),
        };
        render(format, &facts).expose().to_owned()
    }

    #[test]
    fn each_form_carries_the_token_byte_for_byte() {
        let token = "H4sI%2Fa+b==";
        assert_eq!(rendered("token", token), "H4sI%2Fa+b==\n");
        assert_eq!(rendered("header", token), "Authorization: Bearer H4sI%2Fa+b==\n");
        assert_eq!(rendered("curl", token), "header = \"Authorization: Bearer H4sI%2Fa+b==\"\n");
        assert_eq!(
            rendered("env", token),
            "HOTMART_ACCESS_TOKEN=H4sI%2Fa+b==\nHOTMART_ACCESS_TOKEN_EXPIRES_AT=1000\n\
             HOTMART_API_BASE=https://developers.hotmart.com\n"
        );
        assert!(rendered("powershell", token).starts_with("$env:HOTMART_ACCESS_TOKEN = 'H4sI%2Fa+b=='\n"));
        let json: serde_json::Value = serde_json::from_str(&rendered("json", token)).unwrap();
        assert_eq!(json["access_token"], token);
        assert_eq!(json["expires_in"], 600);
    }

    #[test]
    fn a_strange_token_breaks_out_of_no_form() {
        let token = "a'b\"c\\d $(e)";
        assert!(rendered("env", token).starts_with("HOTMART_ACCESS_TOKEN='a'\\''b\"c\\d $(e)'\n"));
        assert!(rendered("powershell", token).contains("= 'a''b\"c\\d $(e)'\n"));
        assert_eq!(rendered("curl", token), "header = \"Authorization: Bearer a'b\\\"c\\\\d $(e)\"\n");
    }
}

//! The forms in which a token is handed to the tools that ask for it. Pure.

use oauth::{Secret, Timestamp, join_basic};
use serde::Deserialize;
use serde_json::json;

/// A form of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, strum::EnumString, strum::IntoStaticStr)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TokenFormat {
    /// The token alone.
    Token,
    /// The header of RFC 6750 §2.1.
    Header,
    /// The header's value alone, for tools that have a field for it.
    HeaderValue,
    /// A whole curl command.
    Curl,
    /// A configuration for `curl --config`: read from a file or a pipe, no
    /// other process can see it in a list of arguments.
    CurlConfiguration,
    /// Lines of a `.env` file.
    Env,
    /// Variables of PowerShell.
    #[serde(rename = "powershell")]
    #[strum(serialize = "powershell")]
    PowerShell,
    /// A JSON object.
    Json,
    /// A node that is pasted into a workflow of n8n.
    #[serde(rename = "n8n")]
    #[strum(serialize = "n8n")]
    N8n,
}

/// A part of a credential, as tools ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, strum::EnumString, strum::IntoStaticStr)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CredentialField {
    /// The public id.
    ClientId,
    /// The secret.
    ClientSecret,
    /// Both in one, as Hotmart shows it, without the word in front.
    Basic,
}

/// What is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CopyTarget {
    /// The token for the API, in one of its forms.
    Bearer(TokenFormat),
    /// A part of the seller's own credential, for tools that have tokens by
    /// themselves. What a build brings along is not the seller's, and not handed out.
    Credential(CredentialField),
    /// The refresh token: using it elsewhere ends this connection.
    RefreshToken,
}

/// What is known of a token that is handed out.
pub struct TokenContext<'a> {
    /// The token.
    pub token: &'a Secret,
    /// The account's id.
    pub account: &'a str,
    /// The API it opens; empty if none is known.
    pub api_base: &'a str,
    /// When it ends, if that is known.
    pub expires_at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// A call of Hotmart's API that only reads.
const EXAMPLE_CALL: &str = "/payments/api/v1/sales/history";

/// The variables of a tool that is started with a token.
pub fn variables(context: &TokenContext<'_>) -> Vec<(&'static str, Secret)> {
    let mut variables = vec![("HOTMART_ACCESS_TOKEN", context.token.duplicate())];
    if let Some(end) = context.expires_at {
        variables.push(("HOTMART_ACCESS_TOKEN_EXPIRES_AT", Secret::new(end.seconds().to_string())));
    }
    if !context.api_base.is_empty() {
        variables.push(("HOTMART_API_BASE", Secret::new(context.api_base.to_owned())));
    }
    variables
}

/// The variables of a tool that has tokens by itself, under the names that
/// tools for Hotmart read.
pub fn credential_variables(client_id: &str, client_secret: &Secret) -> Vec<(&'static str, Secret)> {
    let mut variables = vec![
        ("HOTMART_CLIENT_ID", Secret::new(client_id.to_owned())),
        ("HOTMART_CLIENT_SECRET", client_secret.duplicate()),
    ];
    // Each is read somewhere, and nearly everywhere without the word in front.
    let names = ["HOTMART_BASIC", "HOTMART_BASIC_AUTH", "HOTMART_BASIC_TOKEN"];
    variables.extend(names.map(|name| (name, join_basic(client_id, client_secret))));
    variables
}

/// The token in one of its forms, without a line end.
pub fn render(format: TokenFormat, context: &TokenContext<'_>) -> Secret {
    let token = context.token.expose();
    let address = || format!("{}{EXAMPLE_CALL}", context.api_base);
    let lines = |line: fn(&str, &str) -> String| {
        let lines = variables(context).into_iter().map(|(name, value)| line(name, value.expose()));
        lines.collect::<Vec<_>>().join("\n")
    };
    Secret::new(match format {
        TokenFormat::Token => token.to_owned(),
        TokenFormat::HeaderValue => format!("Bearer {token}"),
        TokenFormat::Header => format!("Authorization: Bearer {token}"),
        TokenFormat::Curl => {
            let (curl, quoted): (_, fn(&str) -> String) =
                if cfg!(windows) { ("curl.exe", quoted_for_windows) } else { ("curl", quoted_for_a_shell) };
            let header = quoted(&format!("Authorization: Bearer {token}"));
            format!("{curl} -H {header} {}", quoted(&address()))
        }
        TokenFormat::CurlConfiguration => {
            format!("header = \"Authorization: Bearer {}\"", escaped_for_curl(token))
        }
        TokenFormat::Env => lines(|name, value| format!("{name}={}", quoted_for_a_shell(value))),
        TokenFormat::PowerShell => {
            lines(|name, value| format!("$env:{name} = {}", quoted_for_powershell(value)))
        }
        TokenFormat::Json => json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_at": context.expires_at.map(Timestamp::seconds),
            "expires_in": context.expires_at.map(|end| end.since(context.now).as_secs()),
            "account": context.account,
            "api_base": context.api_base,
        })
        .to_string(),
        TokenFormat::N8n => n8n_node(token, &address()),
    })
}

/// An HTTP Request node, as n8n itself copies one.
fn n8n_node(token: &str, address: &str) -> String {
    let headers = json!({ "parameters": [{ "name": "Authorization", "value": format!("Bearer {token}") }] });
    json!({
        "nodes": [{
            "name": "Hotmart",
            "type": "n8n-nodes-base.httpRequest",
            "typeVersion": 4.2,
            "position": [0, 0],
            "parameters": {
                "url": address,
                "sendHeaders": true,
                "headerParameters": headers,
                "options": {},
            },
        }],
        "connections": {},
    })
    .to_string()
}

fn escaped_for_curl(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// For Windows' two shells, as far as both take the same; or else for PowerShell.
fn quoted_for_windows(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~+/=:@,% ".contains(c);
    if text.chars().all(plain) { format!("\"{text}\"") } else { quoted_for_powershell(text) }
}

fn quoted_for_powershell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// As it is where every reader of such files takes it so; quoted otherwise.
fn quoted_for_a_shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%:@,".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

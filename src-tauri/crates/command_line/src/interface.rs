//! The command line as it is typed: commands, options, examples, exit codes.
//! Manual and completions are made from it too.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, Command, value_parser};

use crate::exit_codes::EXIT_CODES;
use crate::translations::Translations;

/// The program's name.
pub const NAME: &str = "hotmart-token";

/// A token must have this long to live, if nothing else is said: 5 minutes.
pub const MIN_TTL_SECONDS: u64 = 300;
/// Another process that renews is waited for this long, if nothing else is
/// said: as long as a renewal can take, where no keyring asks the user anything.
pub const WAIT_SECONDS: u64 = 100;

/// Options that belong to printing, and to no command.
pub const PRINT_OPTIONS: [&str; 5] = ["min-ttl", "wait", "renew", "offline", "format"];

/// The forms a token can be printed in.
pub const FORMATS: [&str; 6] = ["token", "header", "env", "json", "curl", "powershell"];

/// The environments an account can be set up for from here.
pub const ENVIRONMENTS: [&str; 5] = ["hotmart", "hotmart-authentication", "sandbox", "practice", "custom"];

// A token among a program's arguments could be read by every user of the machine.
const EXAMPLES: [(&str, &str); 5] = [
    (
        "cli.example.curl",
        if cfg!(windows) {
            // In PowerShell the name alone is another program's.
            "hotmart-token --format curl | curl.exe --config - https://developers.hotmart.com/…"
        } else {
            "hotmart-token --format curl | curl --config - https://developers.hotmart.com/…"
        },
    ),
    ("cli.example.exec", "hotmart-token exec -- python report.py"),
    ("cli.example.api", "hotmart-token api GET /payments/api/v1/sales/summary"),
    ("cli.example.status", "hotmart-token status"),
    ("cli.example.connect", "hotmart-token connect"),
];

/// The whole command line, explained in one language.
pub fn command(words: &Translations) -> Command {
    let template = format!(
        "{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
        words.text("cli.heading.usage")
    );
    let of = |command: Command| {
        command
            .help_template(template.clone())
            .disable_help_flag(true)
            .disable_version_flag(true)
            .arg(flag(words, "help").short('h').action(ArgAction::Help))
    };
    let options = words.text("cli.value.options");
    let usage = |name: &str, rest: &str| format!("{NAME} {name} [{options}]{rest}");
    let value = |name: &str| words.text(&format!("cli.value.{name}"));
    let main = Command::new(NAME)
        .override_usage(format!("{NAME} [{options}]\n       {NAME} <{}>", value("command")))
        .about(words.text("cli.about"))
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_help_heading(words.text("cli.heading.commands"))
        .subcommand_value_name(words.text("cli.value.command"))
        .disable_help_subcommand(true)
        .after_help(after_help(words))
        .arg(account(words))
        .args(freshness(words))
        .arg(
            option(words, "format")
                .value_parser(FORMATS)
                .default_value(FORMATS[0])
                .hide_default_value(true)
                .hide_possible_values(true),
        )
        .arg(flag(words, "version").short('V').action(ArgAction::Version))
        .subcommand(of(sub(words, "status").override_usage(usage("status", "")).arg(flag(words, "json"))))
        .subcommand(of(sub(words, "exec")
            .override_usage(usage("exec", &format!(" -- <{}>…", value("command"))))
            .args(freshness(words))
            .arg(flag(words, "credentials"))
            .arg(flag(words, "restart-on-renewal").conflicts_with("credentials"))
            .arg(option(words, "env").short('e').action(ArgAction::Append).conflicts_with("credentials"))
            .arg(
                argument(words, "command")
                    .num_args(1..)
                    .trailing_var_arg(true)
                    .allow_hyphen_values(true)
                    .value_parser(value_parser!(std::ffi::OsString)),
            )))
        .subcommand(of(sub(words, "api")
            .override_usage(usage("api", &format!(" GET <{}>", value("path"))))
            .arg(argument(words, "method").value_parser(["GET"]).hide_possible_values(true).ignore_case(true))
            .arg(argument(words, "path"))
            .arg(flag(words, "paginate"))
            .arg(flag(words, "ndjson").conflicts_with("csv"))
            .arg(flag(words, "csv"))
            .arg(option(words, "output").short('o').value_parser(value_parser!(std::path::PathBuf)))))
        .subcommand(of(sub(words, "check").override_usage(usage("check", ""))))
        .subcommand(of(sub(words, "connect")
            .override_usage(usage("connect", ""))
            .arg(option(words, "environment").value_parser(ENVIRONMENTS).hide_possible_values(true))
            .arg(flag(words, "developer-credentials"))
            .arg(option(words, "issuer"))
            .arg(option(words, "client-id"))
            .arg(option(words, "client-secret-file").value_parser(value_parser!(std::path::PathBuf)))
            .arg(option(words, "redirect-uri"))
            .arg(flag(words, "again"))
            .arg(flag(words, "another-account"))
            .arg(flag(words, "no-browser"))))
        .subcommand(of(sub(words, "key")
            .override_usage(usage("key", &format!(" <{}>", value("command"))))
            .subcommand_required(true)
            .disable_help_subcommand(true)
            .subcommand_help_heading(words.text("cli.heading.commands"))
            .subcommand_value_name(words.text("cli.value.command"))
            .subcommand(of(key_sub(words, "create")
                .override_usage(usage("key create", &format!(" <{}>", value("name"))))
                .arg(argument(words, "name"))
                .arg(flag(words, "write"))
                .arg(flag(words, "containers"))))
            .subcommand(of(key_sub(words, "list")
                .override_usage(usage("key list", ""))
                .arg(flag(words, "json"))))
            .subcommand(of(key_sub(words, "revoke")
                .override_usage(usage("key revoke", &format!(" <{}>", value("key"))))
                .arg(argument(words, "key"))))))
        .subcommand(of(sub(words, "serve")
            .override_usage(usage("serve", ""))
            .arg(option(words, "port").value_parser(value_parser!(u16).range(1..)))))
        .subcommand(of(sub(words, "disconnect").override_usage(usage("disconnect", ""))))
        .subcommand(of(sub(words, "forget")
            .override_usage(format!("{NAME} forget --everything [--yes]"))
            .arg(flag(words, "everything").required(true))
            .arg(flag(words, "yes"))
            // For the window, whose person reads no terminal.
            .arg(Arg::new("notify").long("notify").action(ArgAction::SetTrue).hide(true))));
    // Elsewhere packages put the program where terminals look.
    let main = if cfg!(windows) {
        main.subcommand(of(sub(words, "path")
            .override_usage(usage("path", &format!(" <{}>", value("command"))))
            .subcommand_required(true)
            .disable_help_subcommand(true)
            .subcommand_help_heading(words.text("cli.heading.commands"))
            .subcommand_value_name(words.text("cli.value.command"))
            .subcommand(of(path_sub(words, "add").override_usage(usage("path add", ""))))
            .subcommand(of(path_sub(words, "remove").override_usage(usage("path remove", ""))))))
    } else {
        main
    };
    of(main)
}

/// What decides whether the token is renewed first.
fn freshness(words: &Translations) -> [Arg; 4] {
    [
        option(words, "min-ttl")
            .value_parser(ValueParser::new(duration))
            .default_value(MIN_TTL_SECONDS.to_string())
            .hide_default_value(true),
        option(words, "wait")
            .value_parser(ValueParser::new(duration))
            .default_value(WAIT_SECONDS.to_string())
            .hide_default_value(true),
        flag(words, "renew"),
        flag(words, "offline").conflicts_with("renew"),
    ]
}

fn account(words: &Translations) -> Arg {
    option(words, "account").short('a').env("HOTMART_CONNECT_ACCOUNT").hide_env(true).global(true)
}

fn sub(words: &Translations, name: &'static str) -> Command {
    Command::new(name).about(words.text(&format!("cli.command.{name}")))
}

fn key_sub(words: &Translations, name: &'static str) -> Command {
    Command::new(name).about(words.text(&format!("cli.command.key_{name}")))
}

fn path_sub(words: &Translations, name: &'static str) -> Command {
    Command::new(name).about(words.text(&format!("cli.command.path_{name}")))
}

fn flag(words: &Translations, name: &'static str) -> Arg {
    described(words, name).long(name).action(ArgAction::SetTrue)
}

fn option(words: &Translations, name: &'static str) -> Arg {
    described(words, name).long(name).value_name(words.text(&format!("cli.value.{}", key(name))))
}

fn described(words: &Translations, name: &'static str) -> Arg {
    Arg::new(name)
        .help(words.text(&format!("cli.option.{}", key(name))))
        .help_heading(words.text("cli.heading.options"))
}

fn argument(words: &Translations, name: &'static str) -> Arg {
    Arg::new(name)
        .required(true)
        .value_name(words.text(&format!("cli.value.{name}")))
        .help(words.text(&format!("cli.argument.{name}")))
        .help_heading(words.text("cli.heading.arguments"))
}

fn key(name: &str) -> String {
    name.replace('-', "_")
}

fn after_help(words: &Translations) -> String {
    let examples = EXAMPLES.map(|(key, command)| format!("  {}\n      {command}\n", words.text(key)));
    let codes = EXIT_CODES.map(|(code, key)| format!("  {code:>3}  {}\n", words.text(key)));
    let headings = [words.text("cli.heading.examples"), words.text("cli.heading.exit_codes")];
    format!("{}:\n{}\n{}:\n{}", headings[0], examples.concat(), headings[1], codes.concat())
}

/// A time span: `300` or `90s` or `5m` or `2h`.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    match text.parse() {
        Ok(seconds) => Ok(std::time::Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text).map_err(|error| error.to_string()),
    }
}

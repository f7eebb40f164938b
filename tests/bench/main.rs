//! `make bench`: how long `hotmart-token` and the window take, side by side with what people know.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.
#![allow(clippy::print_stdout)] // What it is for.

mod window;

use std::path::Path;

use serde_json::Value;
use tests::{Desktop, Hotmart, built_programs, run};

/// `hotmart-token` with a fresh token takes no longer than this many times `secret-tool lookup`.
const MOST_OF_SECRET_TOOL: f64 = 1.0;
/// And no longer than this part of `gh auth token`.
const MOST_OF_GH: f64 = 1.0 / 3.0;

#[tokio::main]
async fn main() {
    // Any folder of programs, for the window alone.
    if let Some(programs) = std::env::args().nth(1) {
        assert!(window::measure(Path::new(&programs)).await, "too slow, or too large");
        return;
    }
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let release = built_programs().with_file_name("release").join("hotmart-token");
    let gh = desktop.home().join("gh");
    std::fs::create_dir_all(&gh).unwrap();
    std::fs::write(gh.join("hosts.yml"), "github.com:\n    oauth_token: gho_practice\n    user: practice\n")
        .unwrap();

    let results = desktop.home().join("bench.json");
    let lookup = "secret-tool lookup service app.hotmart-connect username main/tokens";
    let mut hyperfine = desktop.command("hyperfine");
    hyperfine
        .env_remove("HOTMART_CONNECT_LOG")
        .env("GH_CONFIG_DIR", &gh)
        .args(["--shell", "none", "--warmup", "20", "--runs", "200", "--export-json"])
        .arg(&results)
        .arg(&release)
        .args([lookup, "gh auth token"]);
    print!("{}", run(&mut hyperfine));

    let [ours, secret_tool, gh] = medians(&results);
    let (to_secret_tool, to_gh) = (ours / secret_tool, ours / gh);
    println!(
        "hotmart-token takes {to_secret_tool:.2} times secret-tool lookup (at most {MOST_OF_SECRET_TOOL:.2})"
    );
    println!("hotmart-token takes {to_gh:.2} times gh auth token (at most {MOST_OF_GH:.2})");
    let window = window::measure(&built_programs().with_file_name("release")).await;
    assert!(to_secret_tool <= MOST_OF_SECRET_TOOL && to_gh <= MOST_OF_GH && window, "too slow, or too large");
}

/// In seconds, in the order of the commands.
fn medians(results: &Path) -> [f64; 3] {
    let results: Value = serde_json::from_str(&std::fs::read_to_string(results).unwrap()).unwrap();
    [0, 1, 2].map(|index| results["results"][index]["median"].as_f64().unwrap())
}

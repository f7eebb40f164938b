//! `make bench`: how long `hotmart-token` and the window take, side by side with what people know.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.
#![allow(clippy::print_stdout)] // What it is for.

mod door;
mod window;

use std::path::Path;
use std::time::Instant;

use serde_json::Value;
use tests::{Desktop, Hotmart, built_programs, run};

/// `hotmart-token` with a fresh token takes no longer than this many times `secret-tool lookup`.
const MOST_OF_SECRET_TOOL: f64 = 1.0;
/// Nor longer than this many times a program that reads one secret over D-Bus and does nothing else.
const MOST_OF_A_BARE_PROGRAM: f64 = 1.10;
/// Pairs of runs for that.
const PAIRS: usize = 200;
/// And no longer than this part of `gh auth token`.
const MOST_OF_GH: f64 = 1.0 / 3.0;

#[tokio::main]
async fn main() {
    // Any folder of programs, for the window alone, or for the door alone.
    let mut arguments = std::env::args().skip(1);
    if let Some(programs) = arguments.next() {
        let programs = Path::new(&programs);
        let good = match arguments.next().as_deref() {
            Some("door") => door::measure(programs).await,
            _ => window::measure(programs).await,
        };
        assert!(good, "too slow, or too large");
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
    let release = built_programs().with_file_name("release");
    let bare = beside_a_bare_program(&desktop, &release);
    let (door, window) = (door::measure(&release).await, window::measure(&release).await);
    let token = to_secret_tool <= MOST_OF_SECRET_TOOL && to_gh <= MOST_OF_GH;
    assert!(token && bare && door && window, "too slow, or too large");
}

/// `hotmart-token` and the bare program one after the other, so that whatever
/// the machine does else hits both alike; then with 200 accounts in the settings.
fn beside_a_bare_program(desktop: &Desktop, release: &Path) -> bool {
    let time = |program: &str| {
        let mut command = desktop.command(release.join(program));
        command.env_remove("HOTMART_CONNECT_LOG");
        let started = Instant::now();
        run(&mut command);
        started.elapsed().as_secs_f64()
    };
    let ratios = || {
        let mut ratios: Vec<_> = (0..PAIRS).map(|_| time("hotmart-token") / time("bare-secret")).collect();
        ratios.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| ratios[PAIRS * quarter / 4])
    };
    let [low, ratio, high] = ratios();
    println!(
        "hotmart-token takes {ratio:.2} times a program that reads one secret (half of the pairs from {low:.2} to \
         {high:.2}; at most {MOST_OF_A_BARE_PROGRAM:.2})"
    );
    let one = desktop.settings();
    let mut settings = one.clone();
    let account = settings["accounts"][0].clone();
    let others = (1..200).map(|number| {
        let mut other = account.clone();
        other["id"] = format!("shop-{number}").into();
        other
    });
    settings["accounts"].as_array_mut().unwrap().extend(others);
    desktop.write_settings(&settings);
    let [_, many, _] = ratios();
    println!("with 200 accounts {many:.2} times");
    desktop.write_settings(&one);
    ratio <= MOST_OF_A_BARE_PROGRAM
}

/// In seconds, in the order of the commands.
fn medians(results: &Path) -> [f64; 3] {
    let results: Value = serde_json::from_str(&std::fs::read_to_string(results).unwrap()).unwrap();
    [0, 1, 2].map(|index| results["results"][index]["median"].as_f64().unwrap())
}

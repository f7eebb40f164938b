//! How long the window takes until it can be clicked, beside an empty one built
//! the same way, and how much memory is left of it in the tray.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Desktop, Hotmart, MOST_MEMORY_IN_THE_TRAY, TrayHost, settled_memory_of_tree, wait_until};

/// Our window can be clicked after no longer than this many times an empty one.
const MOST_OF_AN_EMPTY_WINDOW: f64 = 1.05;
const ROUNDS: usize = 15;
const SIGN: &str = "the window can be used";

/// Measures both, prints them, and says whether they are good enough.
pub async fn measure(release: &Path) -> bool {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    let tray = TrayHost::start(&desktop);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let (ours, empty) = (release.join("hotmart-connect"), release.join("empty-window"));
    // One after the other, so that whatever the machine does else hits both alike.
    let mut times = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let pair = (start_of_ours(&desktop, &ours), start_of_an_empty_one(&desktop, &empty));
        // The first round warms the disk's cache.
        if round > 0 {
            times.0.push(pair.0);
            times.1.push(pair.1);
        }
    }
    let (ours_takes, empty_takes) = (median(times.0), median(times.1));
    let ratio = ours_takes.as_secs_f64() / empty_takes.as_secs_f64();
    println!(
        "start-up until the window can be clicked: {} ms, an empty window {} ms: {ratio:.2} times (at most {MOST_OF_AN_EMPTY_WINDOW:.2})",
        ours_takes.as_millis(),
        empty_takes.as_millis(),
    );

    let mut settings = desktop.settings();
    settings["keep_in_tray"] = json!(true);
    desktop.write_settings(&settings);
    let mut program = desktop.quiet(&ours).spawn().unwrap();
    tray.line("conectada");
    wait_until("the window is there", || desktop.shows_a_window().then_some(()));
    desktop.close_the_window();
    wait_until("there is none", || (!desktop.shows_a_window()).then_some(()));
    tray.line("conectada");
    let ours = settled_memory_of_tree(program.id());
    tray.click("Sair");
    program.wait().unwrap();
    let mut window = desktop.quiet(&empty).spawn().unwrap();
    let whole = settled_memory_of_tree(window.id());
    window.kill().unwrap();
    window.wait().unwrap();
    let share = ours as f64 / whole as f64;
    println!(
        "memory in the tray: {} MiB, an empty window {} MiB: {share:.2} of it (less than {MOST_MEMORY_IN_THE_TRAY:.2})",
        ours / 1024,
        whole / 1024
    );
    ratio <= MOST_OF_AN_EMPTY_WINDOW && share < MOST_MEMORY_IN_THE_TRAY
}

fn start_of_ours(desktop: &Desktop, program: &Path) -> Duration {
    let before = desktop.log().matches(SIGN).count();
    let mut command = desktop.command(program);
    command.env("HOTMART_CONNECT_LOG", "info").stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let mut running = command.spawn().unwrap();
    while desktop.log().matches(SIGN).count() == before {
        std::thread::sleep(Duration::from_millis(1));
    }
    let took = started.elapsed();
    desktop.close_the_window();
    running.wait().unwrap();
    took
}

fn start_of_an_empty_one(desktop: &Desktop, program: &Path) -> Duration {
    let mut command = desktop.command(program);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let started = Instant::now();
    let mut running = command.spawn().unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == SIGN), "the empty window opens");
    let took = started.elapsed();
    running.kill().unwrap();
    running.wait().unwrap();
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

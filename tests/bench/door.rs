//! What the local door adds to a call: beside the same call straight to the
//! API, and through nginx as a plain reverse proxy, in one run.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tests::{Desktop, Hotmart, OpenDoor, Running, free_port, run, wait_until};

/// At one connection the door adds no more to the median call, in milliseconds.
const MOST_ADDED: f64 = 0.5;
/// At 128 connections a median call through the door takes no longer than this
/// many times nginx's, which keeps the tools' connections; the door keeps none.
const MOST_OF_NGINX: f64 = 1.2;
const CONNECTIONS: [u32; 3] = [1, 16, 128];
const ROUNDS: usize = 3;
const SECONDS: &str = "3s";
/// How long the door is left alone, to see whether it stays asleep.
const IDLE: Duration = Duration::from_secs(10);
/// So often it may wake meanwhile: the account's clock is looked at now and then.
const MOST_WAKES: u64 = 15;
/// Connections that have shown no key.
const IDLE_CONNECTIONS: u64 = 200;

/// One run of the load generator.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Load {
    /// The median call, in milliseconds.
    median: f64,
    /// The slowest of a hundred.
    slow: f64,
    /// Calls in a second, connecting included.
    calls: f64,
}

/// Measures all of it, prints it, and says whether it is good enough.
pub async fn measure(release: &Path) -> bool {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    let (api, proxy, port) = (free_port(), free_port(), free_port());
    let answer =
        "default_type application/json; return 200 '{\"items\": [], \"page_info\": {\"total_results\": 0}}';";
    let _api = nginx(&desktop, api, answer);
    // It swaps the credential too.
    let forward =
        format!("proxy_pass http://127.0.0.1:{api}; proxy_set_header Authorization \"Bearer token\";");
    let _proxy = nginx(&desktop, proxy, &forward);
    hotmart.connect_with_api(&desktop, &format!("http://127.0.0.1:{api}")).await;
    let key = desktop.local_key("main", "wrk", &[]);
    let mut program = desktop.command(release.join("hotmart-token"));
    program.args(["serve", "--port", &port.to_string()]).env_remove("HOTMART_CONNECT_LOG");
    let door = OpenDoor::start(&mut program, port);
    let before = memory(door.id());

    println!(
        "calls straight to the API, through nginx, and through the door; milliseconds of the median and of the slowest in a hundred, calls in a second"
    );
    let mut good = true;
    for connections in CONNECTIONS {
        let mut loads = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (load, port) in loads.iter_mut().zip([api, proxy, port]) {
                load.push(load_on(port, connections, &key));
            }
        }
        let [straight, nginx, door] = loads.map(|mut loads| {
            loads.sort_by(|one, other| one.median.total_cmp(&other.median));
            loads[ROUNDS / 2]
        });
        let show = |load: Load| format!("{:.3} / {:.3} ms, {:>6.0}/s", load.median, load.slow, load.calls);
        println!("{connections:>4} connections: {} | {} | {}", show(straight), show(nginx), show(door));
        if connections == CONNECTIONS[0] {
            let added = door.median - straight.median;
            println!(
                "     the door adds {added:.3} ms (at most {MOST_ADDED}), nginx {:.3} ms",
                nginx.median - straight.median
            );
            good &= added <= MOST_ADDED;
        }
        if connections == CONNECTIONS[2] {
            let ratio = door.median / nginx.median;
            println!("     the door takes {ratio:.2} times nginx (at most {MOST_OF_NGINX})");
            good &= ratio <= MOST_OF_NGINX;
        }
    }

    let busy = memory(door.id());
    let open: Vec<_> =
        (0..IDLE_CONNECTIONS).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
    std::thread::sleep(Duration::from_secs(1));
    let each = memory(door.id()).saturating_sub(busy) * 1_024 / IDLE_CONNECTIONS;
    drop(open);
    std::thread::sleep(Duration::from_secs(12));
    let asleep = wakes(door.id());
    std::thread::sleep(IDLE);
    let woke = wakes(door.id()) - asleep;
    good &= woke <= MOST_WAKES;
    println!(
        "memory: {} MiB before the first call, {} MiB after them all, {each} bytes for each connection that waits; \
         woke {woke} times in {} idle seconds (at most {MOST_WAKES})",
        before / 1_024,
        busy / 1_024,
        IDLE.as_secs(),
    );
    good
}

/// An nginx that answers this to everything, at a port of its own.
fn nginx(desktop: &Desktop, port: u16, location: &str) -> Running {
    let folder = desktop.home().join(format!("nginx-{port}"));
    std::fs::create_dir_all(&folder).unwrap();
    let here = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {here}/{name};"))
        .concat();
    let configuration = format!(
        "daemon off; user root; pid {here}/pid; error_log stderr crit; worker_processes 1; \
         events {{ worker_connections 2048; }} \
         http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port} backlog=1024; location / {{ {location} }} }} }}"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&file).arg("-e").arg("stderr").stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running::start(&mut command);
    wait_until("nginx answers", || TcpStream::connect(("127.0.0.1", port)).ok());
    running
}

fn load_on(port: u16, connections: u32, key: &str) -> Load {
    let url = format!("http://127.0.0.1:{port}/payments/api/v1/sales/history");
    let header = format!("Authorization: Bearer {key}");
    let connections = connections.to_string();
    let said = run(Command::new("wrk").args([
        "-t1",
        "-c",
        &connections,
        "-d",
        SECONDS,
        "--latency",
        "-H",
        &header,
        &url,
    ]));
    assert!(!said.contains("Non-2xx"), "{said}");
    let value = |name: &str| {
        let line =
            said.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_else(|| panic!("{said}"));
        line.split_whitespace().last().unwrap().to_owned()
    };
    Load {
        median: milliseconds(&value("50%")),
        slow: milliseconds(&value("99%")),
        calls: value("Requests/sec:").parse().unwrap(),
    }
}

/// `812.00us`, `1.20ms` or `2.00s`.
fn milliseconds(text: &str) -> f64 {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "us" => 0.001,
        "ms" => 1.0,
        _ => 1_000.0,
    };
    number.parse::<f64>().unwrap() * unit
}

fn status_of(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim_start_matches(':')
        .split_whitespace()
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// What a process has in memory, in KiB.
fn memory(id: u32) -> u64 {
    status_of(&format!("/proc/{id}"), "VmRSS")
}

/// How often any of its threads went to sleep and woke.
fn wakes(id: u32) -> u64 {
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).unwrap().flatten();
    threads.map(|thread| status_of(&thread.path().display().to_string(), "voluntary_ctxt_switches")).sum()
}

//! A day at the door, in minutes: fifty tools, three accounts, tokens that end
//! and rotate, and a program that is closed, opened, killed and started under them.
#![allow(clippy::print_stdout)] // Says what the day was like.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Desktop, Hotmart, HotmartOptions, TrayHost, free_port, pt, tool, wait_until};

const ACCOUNTS: [&str; 3] = ["cakes", "courses", "violin"];
const TOOLS: usize = 50;
/// How long a token lives.
const LIFETIME: Duration = Duration::from_secs(60);
/// The program renews no earlier than after this part of a life.
const SHORTEST_LIFE: Duration = Duration::from_secs(40);
const SALES: &str = "/payments/api/v1/sales/history";

/// What the tools of this test saw.
#[derive(Default)]
struct Seen {
    /// How often each kind of answer came.
    kinds: BTreeMap<String, usize>,
    /// Every answer that differs from the others, headers and all.
    answers: BTreeMap<String, ()>,
}

/// What all tools know of the day.
#[derive(Default)]
struct Day {
    is_over: AtomicBool,
    /// The program was killed and is not there again.
    is_dead: AtomicBool,
    seen: Mutex<Seen>,
}

impl Day {
    fn note(&self, kind: &str, answer: String) {
        let mut seen = self.seen.lock().unwrap();
        *seen.kinds.entry(kind.to_owned()).or_default() += 1;
        seen.answers.insert(answer, ());
    }
}

/// A tool that calls about once in a second, each call on its own.
async fn work(day: Arc<Day>, url: String, key: String, number: usize) {
    let client = tool();
    while !day.is_over.load(Ordering::SeqCst) {
        let dead_before = day.is_dead.load(Ordering::SeqCst);
        let answer = client.get(&url).bearer_auth(&key).send().await;
        match answer {
            Ok(answer) => {
                let (status, head) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
                let waits = answer.headers().contains_key("retry-after");
                let body = answer.text().await.unwrap();
                let said: Value = serde_json::from_str(&body).unwrap_or_default();
                let kind = match status {
                    200 if said["items"].is_array() => "answered".to_owned(),
                    503 if waits && said["error_description"].is_string() => {
                        format!("refused: {}", said["error"].as_str().unwrap())
                    }
                    _ => format!("{status} {body}"),
                };
                day.note(&kind, head + &body);
            }
            // Whoever was killed answers nothing, also not what it was asked just before.
            Err(_) if dead_before || day.is_dead.load(Ordering::SeqCst) => {
                day.note("nobody there", String::new())
            }
            Err(error) => day.note(&format!("{error:?}"), String::new()),
        }
        tokio::time::sleep(Duration::from_millis(700 + 13 * number as u64)).await;
    }
}

/// A client that nobody here wrote, in a home of its own, calling until it is told to stop.
struct Client {
    name: &'static str,
    home: PathBuf,
    child: Child,
}

impl Client {
    fn start(desktop: &Desktop, name: &'static str, url: &str, key: &str) -> Self {
        let home = desktop.home().join("tools").join(name);
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("key"), key).unwrap();
        let (program, flag, script) = match name {
            "curl" => (
                "sh",
                "-c",
                "while ! test -e stop; do \
                 curl --silent --noproxy '*' --output last --write-out '%{http_code}\\n' \
                 --oauth2-bearer \"$(cat key)\" $URL; sleep 1; done",
            ),
            "python3" => (
                "python3",
                "-c",
                "import os, time, json, urllib.request as u\n\
                 key = open('key').read()\n\
                 while not os.path.exists('stop'):\n\
                 \x20   a = u.urlopen(u.Request(os.environ['URL'], headers={'Authorization': 'Bearer ' + key}))\n\
                 \x20   body = a.read(); json.loads(body)['items']; open('last', 'wb').write(body)\n\
                 \x20   print(a.status, flush=True); time.sleep(1)",
            ),
            _ => (
                "node",
                "-e",
                "const fs = require('fs'), key = fs.readFileSync('key', 'utf8');\n\
                 (async () => { while (!fs.existsSync('stop')) {\n\
                 const a = await fetch(process.env.URL, { headers: { Authorization: 'Bearer ' + key } });\n\
                 const body = await a.text(); JSON.parse(body).items.length; fs.writeFileSync('last', body);\n\
                 console.log(a.status); await new Promise((r) => setTimeout(r, 1000)); } })()",
            ),
        };
        let output = std::fs::File::create(home.join("statuses")).unwrap();
        let child = desktop
            .command(program)
            .args([flag, script])
            .current_dir(&home)
            .env("HOME", &home)
            .env("URL", url)
            .stdout(Stdio::from(output))
            .spawn()
            .unwrap();
        Self { name, home, child }
    }

    /// How many calls it made; all were answered.
    fn finish(mut self) -> usize {
        std::fs::write(self.home.join("stop"), "").unwrap();
        assert!(self.child.wait().unwrap().success(), "{}", self.name);
        let statuses = std::fs::read_to_string(self.home.join("statuses")).unwrap();
        let wrong: Vec<_> = statuses.lines().filter(|status| *status != "200").collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", self.name);
        statuses.lines().count()
    }
}

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(desktop: &Desktop, arguments: &[&str]) -> Program {
    Program(desktop.quiet(desktop.program()).args(arguments).spawn().unwrap())
}

/// Waits until no renewal is under way: a rotated token whose answer is killed is the protocol's to lose.
fn at_rest(hotmart: &Hotmart) {
    let (mut before, mut since) = (hotmart.refreshes(), Instant::now());
    wait_until("nothing is being renewed", || {
        let now = hotmart.refreshes();
        if now != before {
            (before, since) = (now, Instant::now());
        }
        (since.elapsed() > Duration::from_secs(2)).then_some(())
    });
}

fn everything_in(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            text += &everything_in(&path);
        } else {
            text += &String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default());
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_fifty_tools_loses_no_call_and_shows_no_token() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::with(HotmartOptions { lifetime: LIFETIME, ..HotmartOptions::default() }).await;
    hotmart.configure_accounts(&desktop, &ACCOUNTS);
    let first_token = Instant::now();
    for account in ACCOUNTS {
        hotmart.connect_by_hand(&desktop, account, |_| {}).await;
    }
    let port = free_port();
    let mut settings = desktop.settings();
    settings["door_port"] = json!(port);
    settings["keep_in_tray"] = json!(true);
    desktop.write_settings(&settings);
    let url = format!("http://127.0.0.1:{port}{SALES}");
    let keys: Vec<_> = (0..TOOLS)
        .map(|number| desktop.local_key(ACCOUNTS[number % ACCOUNTS.len()], &format!("tool {number}"), &[]))
        .collect();
    let tray = TrayHost::start(&desktop);
    let mut program = start(&desktop, &[]);
    wait_until("it can be used", || desktop.log().contains("the window can be used").then_some(()));
    tray.line(&pt("state.connected"));

    let (day, began) = (Arc::<Day>::default(), Instant::now());
    let names = ["curl", "python3", "node"];
    let clients: Vec<_> =
        names.into_iter().zip(&keys).map(|(name, key)| Client::start(&desktop, name, &url, key)).collect();
    let others = keys.iter().enumerate().skip(names.len());
    let tools: Vec<_> = others
        .map(|(number, key)| tokio::spawn(work(Arc::clone(&day), url.clone(), key.clone(), number)))
        .collect();
    let is_in_the_tray = |program: &Program| {
        let file = std::fs::read_link(format!("/proc/{}/exe", program.0.id())).ok()?;
        file.ends_with("hotmart-connect-tray").then_some(())
    };

    // The morning: closed to the tray and opened again, until the first tokens have ended.
    for _ in 0..2 {
        desktop.close_the_window();
        wait_until("it goes on in the tray", || is_in_the_tray(&program));
        tray.line(&pt("state.connected"));
        tray.click(&pt("tray.open"));
        wait_until("the window is back", || desktop.shows_a_window().then_some(()));
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    desktop.close_the_window();
    wait_until("it goes on in the tray", || is_in_the_tray(&program));
    let all_renewed = || (hotmart.refreshes() >= ACCOUNTS.len()).then_some(());
    wait_until("every token was renewed", all_renewed);
    let rest = (LIFETIME + Duration::from_secs(10)).saturating_sub(began.elapsed());
    tokio::time::sleep(rest).await;
    let calls: Vec<_> = clients.into_iter().map(Client::finish).collect();
    assert!(calls.iter().all(|calls| *calls > 30), "{calls:?}");

    // The afternoon: killed, and started without a window.
    at_rest(&hotmart);
    day.is_dead.store(true, Ordering::SeqCst);
    program.0.kill().unwrap();
    program.0.wait().unwrap();
    program = start(&desktop, &["--background"]);
    let answers = || std::net::TcpStream::connect(("127.0.0.1", port)).ok();
    wait_until("the door is open again", answers);
    tokio::time::sleep(Duration::from_secs(2)).await;
    day.is_dead.store(false, Ordering::SeqCst);
    let before = hotmart.refreshes();
    wait_until("tokens are renewed again", || (hotmart.refreshes() > before).then_some(()));
    day.is_over.store(true, Ordering::SeqCst);
    for tool in tools {
        tool.await.unwrap();
    }
    drop(program);

    let seen = day.seen.lock().unwrap();
    let elapsed = began.elapsed();
    println!(
        "{} s, {} refreshes; clients: {calls:?}; tools: {:?}",
        elapsed.as_secs(),
        hotmart.refreshes(),
        seen.kinds
    );
    let expected =
        |kind: &String| kind == "answered" || kind == "nobody there" || kind.starts_with("refused: ");
    assert!(seen.kinds.keys().all(expected), "{:?}", seen.kinds);
    assert!(seen.kinds["answered"] > 20 * TOOLS, "{:?}", seen.kinds);
    // One for each life of a token, and no more.
    let lives = usize::try_from(first_token.elapsed().as_secs() / SHORTEST_LIFE.as_secs()).unwrap();
    assert!(hotmart.refreshes() <= ACCOUNTS.len() * lives, "{} refreshes", hotmart.refreshes());
    let said: String = seen.answers.keys().map(String::as_str).collect();
    let said = said + &everything_in(&desktop.home().join("tools"));
    let tokens = hotmart.access_tokens();
    assert!(tokens.len() >= 2 * ACCOUNTS.len());
    assert!(tokens.iter().all(|token| !said.contains(token.as_str())), "a token is outside of the program");
}

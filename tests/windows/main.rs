//! `hotmart-token.exe`, end to end, on Windows' interfaces as Wine has them: the
//! registry, the credential store, file locks, consoles. `make test-windows`
//! builds the program and runs these.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)] // It is all tests.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{
    CLIENT_ID, CLIENT_SECRET, Connecting, DEVELOPER_ID, Hotmart, HotmartOptions, LOOPBACK_REDIRECT_URI,
    Running, Told, answer_by_hand, free_port, says, tool, wait_until,
};

const SUMMARY: &str = "/payments/api/v1/sales/summary";

/// A seller on Windows, with a name and folders as sellers have them.
struct Seller {
    folder: tempfile::TempDir,
    hotmart: String,
}

impl Seller {
    fn of(hotmart: &Hotmart) -> Self {
        let users = target().join("wine/prefix/drive_c/users");
        let folder = tempfile::Builder::new().prefix("Ana Conceição ").tempdir_in(users);
        let seller =
            Self { folder: folder.expect("Wine has been set up"), hotmart: hotmart.url().to_string() };
        std::fs::create_dir_all(seller.home()).unwrap();
        let built = target().join("x86_64-pc-windows-gnu/debug/hotmart-token.exe");
        std::fs::copy(built, seller.folder.path().join("hotmart-token.exe"))
            .expect("make windows has built it");
        seller
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("Meus Dados")
    }

    /// The program with these arguments, run as the others of the same seller are.
    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/windows/wine.sh"));
        command.arg(self.folder.path().join("hotmart-token.exe")).args(arguments);
        command
            .env("HOTMART_CONNECT_HOME", on_windows(&self.home()))
            .env("HOTMART_CONNECT_STAND_IN", &self.hotmart);
        // Wine takes the names of files and the seller's language from here.
        command.env("LC_ALL", "C.UTF-8");
        command
    }

    fn run(&self, arguments: &[&str]) -> Told {
        Told::by(&mut self.program(arguments))
    }

    fn write_settings(&self, accounts: &[Value]) {
        let settings = json!({ "version": 1, "language": "pt-BR", "accounts": accounts });
        std::fs::write(self.home().join("settings.json"), settings.to_string()).unwrap();
    }

    fn connecting(&self, arguments: &[&str]) -> Connecting {
        let all = ["connect", "--no-browser", "--account", "main", "--client-id", CLIENT_ID, "--again"];
        Connecting::start_with_input(self.program(&[&all[..], arguments].concat()), CLIENT_SECRET)
    }

    /// Connects as the registered application of this server.
    async fn connect(&self, hotmart: &Hotmart) {
        let mut account = hotmart.account();
        account["client_id"] = json!("another");
        self.write_settings(&[account]);
        let mut connecting = self.connecting(&[]);
        let address = answer_by_hand(&connecting.link, "allow").await;
        connecting.paste(&address);
        assert_eq!(connecting.end(), 0);
    }

    /// All that the seller's files hold.
    fn files(&self) -> String {
        fn read(folder: &Path, all: &mut String) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    read(&path, all);
                } else {
                    all.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
                }
            }
        }
        let mut all = String::new();
        read(&self.home(), &mut all);
        all
    }
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target")
}

/// A path as a program under Wine reads it.
fn on_windows(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

fn newest(hotmart: &Hotmart) -> String {
    hotmart.access_tokens().pop().expect("a token was given out")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_credential_connects_prints_checks_calls_and_goes_away() {
    let hotmart = Hotmart::start().await;
    let seller = Seller::of(&hotmart);
    seller.write_settings(&[]);
    let secret = seller.folder.path().join("segredo.txt");
    std::fs::write(&secret, format!("{CLIENT_SECRET}\r\n")).unwrap();
    assert_eq!(seller.run(&[]).code, 3, "nothing is connected");
    let arguments =
        ["connect", "--environment", "hotmart", "--developer-credentials", "--client-id", DEVELOPER_ID];
    let told = seller.run(&[&arguments[..], &["--client-secret-file", &on_windows(&secret)]].concat());
    assert_eq!(told.code, 0, "{told:?}");
    let token = newest(&hotmart);

    assert_eq!(seller.run(&[]).quietly(), token);
    let forms = [
        ("header", format!("Authorization: Bearer {token}")),
        ("env", format!("HOTMART_ACCESS_TOKEN={token}\n")),
        ("curl", "header = \"".to_owned()),
        ("powershell", format!("$env:HOTMART_ACCESS_TOKEN = '{token}'\n")),
    ];
    for (form, start) in forms {
        let told = seller.run(&["--format", form]);
        assert!(
            told.code == 0 && told.answer.starts_with(&start) && told.answer.contains(&token),
            "{told:?}"
        );
    }
    let told = seller.run(&["--format", "json"]);
    let printed: Value = serde_json::from_str(told.quietly()).unwrap();
    assert_eq!(printed["access_token"], token.as_str());

    assert_eq!(seller.run(&["check"]).code, 0);
    assert_eq!(seller.run(&["status"]).code, 0);
    let told = seller.run(&["api", "GET", SUMMARY]);
    let body: Value = serde_json::from_str(told.quietly()).unwrap();
    assert!(body["items"].is_array(), "{body}");

    let files = seller.files();
    assert!(
        !files.contains(CLIENT_SECRET) && !files.contains(&token),
        "secrets are in the credential store alone"
    );
    let told = seller.run(&["disconnect"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(seller.run(&[]).code, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_comes_back_by_the_loopback_redirect_and_by_pasting_and_can_be_broken_off() {
    let hotmart = Hotmart::start().await;
    let seller = Seller::of(&hotmart);
    let mut account = hotmart.account();
    account["client_id"] = json!("another");
    seller.write_settings(&[account]);

    let mut connecting = seller.connecting(&["--redirect-uri", LOOPBACK_REDIRECT_URI]);
    let address = answer_by_hand(&connecting.link, "allow").await;
    let page = tool().get(&address).send().await.expect("the program listens").text().await.unwrap();
    assert!(page.contains("lang=\"pt-BR\""), "{page}");
    assert_eq!(connecting.end(), 0);
    assert_eq!(seller.run(&[]).quietly(), newest(&hotmart));

    let mut connecting = seller.connecting(&["--redirect-uri", connection::DEFAULT_REDIRECT_URI]);
    connecting.paste("hello");
    let address = answer_by_hand(&connecting.link, "allow").await;
    connecting.paste(&address);
    assert_eq!(connecting.end(), 0);
    assert_eq!(seller.run(&[]).quietly(), newest(&hotmart));

    let mut connecting = seller.connecting(&[]);
    let address = answer_by_hand(&connecting.link, "deny").await;
    connecting.paste(&address);
    assert_eq!(connecting.end(), 3);
    assert_eq!(seller.run(&["--offline"]).quietly(), newest(&hotmart), "the connection before goes on");

    let mut connecting = seller.connecting(&[]);
    connecting.interrupt();
    assert_eq!(connecting.end(), 130, "Ctrl-C ends it");
    assert_eq!(seller.run(&["--offline"]).quietly(), newest(&hotmart), "the connection before goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_run_with_a_token_and_their_exit_code_is_passed_on() {
    let hotmart = Hotmart::start().await;
    let seller = Seller::of(&hotmart);
    seller.connect(&hotmart).await;
    let told = seller.run(&["exec", "--", "cmd", "/c", "echo %HOTMART_ACCESS_TOKEN%& exit 42"]);
    assert_eq!((told.code, told.answer.trim_end()), (42, newest(&hotmart).as_str()), "{told:?}");
    let script = seller.folder.path().join("script.cmd");
    // As packages of npm have one beside the other.
    std::fs::write(script.with_extension(""), "#!/bin/sh\nexit 1\n").unwrap();
    std::fs::write(&script, "@echo %1 %HOTMART_ACCESS_TOKEN%\r\n@exit 7\r\n").unwrap();
    let told = seller.run(&["exec", "--", &on_windows(&script.with_extension("")), "vendas"]);
    assert_eq!(
        (told.code, told.answer.trim_end()),
        (7, format!("vendas {}", newest(&hotmart)).as_str()),
        "{told:?}"
    );
    let told = seller.run(&["exec", "--", "no-such-program"]);
    assert!(told.code == 127 && told.words.contains("no-such-program"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_processes_make_one_refresh_and_print_the_same_new_token() {
    const PROCESSES: usize = 16;
    let options = HotmartOptions { lifetime: Duration::from_secs(600), ..HotmartOptions::default() };
    let hotmart = Hotmart::with(options).await;
    let seller = Seller::of(&hotmart);
    seller.connect(&hotmart).await;
    // A token that is 25 seconds old is not long enough, and one that all of them find renewed is.
    let connected = Instant::now();
    wait_until("the token is not long enough", || (connected.elapsed().as_secs() > 25).then_some(()));
    let start = |_| -> Child {
        let mut program = seller.program(&["--min-ttl", "575"]);
        program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    };
    assert_eq!(hotmart.refreshes(), 0);
    let children: Vec<_> = (0..PROCESSES).map(start).collect();
    let told =
        children.into_iter().map(|child| Told::of(&child.wait_with_output().unwrap())).collect::<Vec<_>>();
    assert_eq!(hotmart.refreshes(), 1);
    for told in &told {
        assert_eq!(told.quietly(), newest(&hotmart));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_during_a_renewal_tear_no_record_that_is_longer_than_an_entry() {
    const KILLS: u32 = 40;
    let options = HotmartOptions { dialect: "classic", token_bytes: 14_500, ..HotmartOptions::default() };
    let hotmart = Hotmart::with(options).await;
    let seller = Seller::of(&hotmart);
    seller.connect(&hotmart).await;
    assert!(newest(&hotmart).len() > 20_000, "a record is split into parts");
    let renewing = Instant::now();
    assert_eq!(seller.run(&["--renew"]).quietly(), newest(&hotmart));
    let mut usual = renewing.elapsed();
    let (mut finished, mut lost) = (0, 0);
    for round in 0..KILLS {
        let known = hotmart.access_tokens();
        let mut child =
            seller.program(&["--renew"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(usual.mul_f64(rand::random_range(0.2..1.1)));
        let _ = child.kill();
        let was_in_time = child.wait().unwrap().success();
        usual = usual.mul_f64(if was_in_time { 0.95 } else { 1.01 });
        finished += u32::from(was_in_time);

        let told = seller.run(&["--offline"]);
        assert_eq!(told.code, 0, "round {round}: the record is whole: {told:?}");
        let printed = told.answer.trim_end();
        let of_this_round = hotmart.access_tokens().into_iter().skip(known.len() - 1);
        assert!(
            of_this_round.clone().any(|token| token == printed),
            "round {round}: it is the old or the new one"
        );
        let told = seller.run(&["--renew"]);
        match told.code {
            0 => {}
            // The answer of the server died with the process.
            4 => {
                assert!(!was_in_time && says(&told.words, "expired.answer_lost"), "round {round}: {told:?}");
                lost += 1;
                seller.connect(&hotmart).await;
            }
            _ => panic!("round {round}: {told:?}"),
        }
    }
    assert!(finished < KILLS, "some were killed in the middle");
    eprintln!(
        "{KILLS} kills during a renewal: {finished} too late, {lost} lost the server's answer, no record torn"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_calls_the_api_through_the_local_door() {
    let hotmart = Hotmart::start().await;
    let seller = Seller::of(&hotmart);
    seller.connect(&hotmart).await;
    let told = seller.run(&["key", "create", "Planilha da Ana"]);
    assert_eq!(told.code, 0, "{told:?}");
    let key = told.answer.trim_end().to_owned();
    let port = free_port();
    let mut serving = seller.program(&["serve", "--port", &port.to_string()]);
    let running = Running::start(serving.stdout(Stdio::null()).stderr(Stdio::null()));
    wait_until("the door opens", || TcpStream::connect(("127.0.0.1", port)).ok());
    let status = async |key: &str| {
        let answer = tool().get(format!("http://127.0.0.1:{port}{SUMMARY}")).bearer_auth(key).send().await;
        answer.unwrap().status().as_u16()
    };
    assert_eq!(status(&key).await, 200);
    assert_eq!(status("hmc_nonsense").await, 401);
    let taken = seller.run(&["serve", "--port", &port.to_string()]);
    assert!(
        taken.code == 1 && says(&taken.words, "cli.failure.door_taken"),
        "one program at a time: {taken:?}"
    );
    drop(running);
}

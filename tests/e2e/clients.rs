//! Programs that nobody here wrote, fed by `hotmart-token`, against Practice Hotmart's API.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tests::{Desktop, Hotmart, Told, expired, run};

async fn ready() -> (Desktop, Hotmart) {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", expired).await;
    (desktop, hotmart)
}

/// Runs a line of shell with the program in its path.
fn shell(desktop: &Desktop, line: &str) -> Told {
    let folder = desktop.program().parent().unwrap().display().to_string();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    Told::by(desktop.command("sh").args(["-c", line]).env("PATH", path))
}

fn is_a_summary(told: &Told) {
    let body: Value = serde_json::from_str(told.quietly()).unwrap();
    assert!(body["items"][0]["total_value"]["currency_code"].is_string(), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_is_fed_by_a_header_by_a_config_and_by_exec() {
    let (desktop, hotmart) = ready().await;
    let url = format!("{}payments/api/v1/sales/summary", hotmart.url());
    let curl = "curl --silent --show-error --fail --noproxy '*'";
    is_a_summary(&shell(&desktop, &format!("{curl} -H \"$(hotmart-token --format header)\" {url}")));
    is_a_summary(&shell(&desktop, &format!("hotmart-token --format curl | {curl} --config - {url}")));
    is_a_summary(&shell(
        &desktop,
        &format!(
            "hotmart-token exec -- sh -c '{curl} -H \"Authorization: Bearer $HOTMART_ACCESS_TOKEN\" \
                  $HOTMART_API_BASE/payments/api/v1/sales/summary'"
        )
        .replace("--noproxy '*'", "--noproxy \"*\""),
    ));
    is_a_summary(&shell(
        &desktop,
        &format!(
            "eval \"$(hotmart-token --format env)\"; \
                  {curl} -H \"Authorization: Bearer $HOTMART_ACCESS_TOKEN\" {url}"
        ),
    ));
    assert_eq!(hotmart.refreshes(), 1);
}

/// A Python environment with the clients, made once and kept beside the build.
fn python_clients() -> PathBuf {
    let folder = tests::built_programs().join("python-clients");
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let python = folder.join("bin/python");
    if !folder.join("installed").is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        run(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "hotmart-python==1.1.0",
            "httpie==3.2.4",
        ]));
        std::fs::write(folder.join("installed"), "").unwrap();
    }
    python
}

/// hotmart-python has no argument for a token from outside, nor for another
/// address: both are put where it keeps them. All calls are its own.
const SCRIPT: &str = r#"
import subprocess, sys
import hotmart._config as config
from hotmart import Hotmart

api, program = sys.argv[1:]
for kind in config.BASE_URLS["prod"]:
    config.BASE_URLS["prod"][kind] = f"{api}/{kind}/api/v1"

class FromHotmartToken:
    def get_token(self):
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout.strip()
    def invalidate(self):
        subprocess.run([program, "--renew"], check=True, capture_output=True)

client = Hotmart(client_id="", client_secret="", basic="")
client._token_manager = FromHotmartToken()
for answer in (client.sales.history(max_results=1), client.sales.summary()):
    print(len(answer.items))
"#;

#[tokio::test(flavor = "multi_thread")]
async fn hotmart_python_lists_sales_and_outlives_its_token() {
    let (desktop, hotmart) = ready().await;
    let python = python_clients();
    let api = hotmart.url().as_str().trim_end_matches('/').to_owned();
    let program = desktop.program().with_file_name("hotmart-token");
    let list = || {
        let mut script = desktop.command(&python);
        script.env("NO_PROXY", "*").args(["-c", SCRIPT, &api]).arg(&program);
        Told::by(&mut script)
    };
    assert!(list().quietly().starts_with('1'), "one sale was asked for");
    assert_eq!(hotmart.refreshes(), 1);
    // The server forgets the token: the client is told 401, and gets a new one by itself.
    hotmart.practice().forget_access_tokens();
    assert!(list().quietly().starts_with('1'));
    assert_eq!(hotmart.refreshes(), 2);
}

/// HTTPie takes a token from outside by its own option.
#[tokio::test(flavor = "multi_thread")]
async fn httpie_is_fed_through_its_own_option_for_a_token() {
    let (desktop, hotmart) = ready().await;
    let http = python_clients().with_file_name("http");
    let url = format!("{}payments/api/v1/sales/summary", hotmart.url());
    let line = format!(
        "NO_PROXY='*' hotmart-token exec -- sh -c '{} --ignore-stdin --check-status --body \
         --auth-type bearer --auth \"$HOTMART_ACCESS_TOKEN\" GET {url}'",
        http.display()
    );
    is_a_summary(&shell(&desktop, &line));
    assert_eq!(hotmart.refreshes(), 1);
}

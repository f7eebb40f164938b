//! Newer versions: found, fetched, and put in this one's place, from a server of the test's own and signed
//! with keys of its own by the script that signs releases.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tests::{
    App, Desktop, Hotmart, Openers, built_programs, free_port, path_that_begins_with, run, wait_until,
};

/// A newer version than any that is built.
const NEWER: &str = "900.1.0";
const OLDER: &str = "0.0.1";
const PUBLISH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src-tauri/packaging/publish.sh");

/// A place of releases: what it answers at each path, byte for byte.
struct Releases {
    address: String,
    answers: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    folder: tempfile::TempDir,
}

impl Releases {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/releases", listener.local_addr().unwrap());
        let answers: Arc<Mutex<HashMap<String, Vec<u8>>>> = Arc::default();
        let folder = tempfile::tempdir().unwrap();
        for key in ["ours", "another"] {
            let [public, secret] = ["pub", "key"].map(|kind| folder.path().join(format!("{key}.{kind}")));
            run(Command::new("minisign").args(["-G", "-W", "-p"]).arg(public).arg("-s").arg(secret));
        }
        let given = Arc::clone(&answers);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut request = [0; 8192];
                let read = stream.read(&mut request).unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default();
                let answer = given.lock().unwrap().get(path).cloned();
                // An empty answer is none: the connection ends.
                let _ = stream.write_all(&answer.unwrap_or_else(|| with_body("404 Not Found", b"")));
            }
        });
        Self { address, answers, folder }
    }

    fn key(&self) -> String {
        let file = std::fs::read_to_string(self.folder.path().join("ours.pub")).unwrap();
        file.lines().nth(1).unwrap().to_owned()
    }

    fn answers(&self, path: &str, answer: Vec<u8>) {
        self.answers.lock().unwrap().insert(format!("/releases{path}"), answer);
    }

    /// Signs a package as releases are, and gives what describes it.
    fn publish(&self, version: &str, package: &[u8], key: &str) -> Value {
        self.publish_as(&format!("hotmart-connect_{version}_x86_64.AppImage"), version, package, key)
    }

    fn publish_as(&self, name: &str, version: &str, package: &[u8], key: &str) -> Value {
        let packages = self.folder.path().join("packages");
        std::fs::create_dir_all(&packages).unwrap();
        std::fs::write(packages.join(name), package).unwrap();
        let mut publish = Command::new(PUBLISH);
        publish.arg(version).arg(&packages).arg(&self.address).stdin(Stdio::null());
        run(publish.env("MINISIGN_KEY", self.folder.path().join(format!("{key}.key"))));
        self.answers(&format!("/download/v{version}/{name}"), with_body("200 OK", package));
        let described = std::fs::read(packages.join("latest.json")).unwrap();
        std::fs::remove_dir_all(packages).unwrap();
        let described: Value = serde_json::from_slice(&described).unwrap();
        self.describe(&described);
        described
    }

    fn describe(&self, described: &Value) {
        self.answers("/latest/download/latest.json", with_body("200 OK", described.to_string().as_bytes()));
    }

    /// What makes a program on this desktop the AppImage at `image`.
    fn variables(&self, desktop: &Desktop, image: &Path) -> [(&'static str, String); 4] {
        let mounted = desktop.program().parent().unwrap();
        [
            ("HOTMART_CONNECT_RELEASES", self.address.clone()),
            ("HOTMART_CONNECT_RELEASE_KEY", self.key()),
            ("APPDIR", mounted.display().to_string()),
            ("APPIMAGE", image.display().to_string()),
        ]
    }
}

fn with_body(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// What the program that runs is an AppImage of, as far as anything here can tell.
fn image_on(desktop: &Desktop, program: &[u8]) -> PathBuf {
    let image = desktop.home().join("Hotmart-Connect.AppImage");
    std::fs::write(&image, program).unwrap();
    std::fs::set_permissions(&image, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    image
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_takes_this_ones_place_once_nothing_would_be_lost() {
    let (desktop, hotmart, releases) = (Desktop::start(), Hotmart::start().await, Releases::start());
    hotmart.configure_accounts(&desktop, &["main"]);
    let program = std::fs::read(built_programs().join("hotmart-connect")).unwrap();
    let image = image_on(&desktop, &program);
    // The same program, told apart by what stands behind it.
    let newer = [&program[..], b"the newer one"].concat();
    releases.publish(NEWER, &newer, "ours");
    // A link that nobody waits for: the new version is not given it again.
    let link = "app.hotmart-connect:/oauth/callback?code=c&state=s";
    let app = App::start_with_arguments(&desktop, &releases.variables(&desktop, &image), &[link]).await;
    app.wait_for_sentence_with("update.available", &[("version", NEWER)]).await;
    app.wait_for_sentence("update.available_installs").await;

    // A login is open: its answer would find nobody.
    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    app.press("install-update").await;
    app.wait_for_sentence_with("update.waiting_login", &[("version", NEWER)]).await;
    assert_eq!(std::fs::read(&image).unwrap(), program, "it waits");
    // Not now; and then all the same.
    app.press("cancel-update").await;
    let is_gone = "return !document.getElementById('update')";
    app.driver().wait_for("the line is gone", is_gone).await;
    app.press("settings").await;
    app.press("install-update").await;
    app.wait_for_sentence_with("update.waiting_login", &[("version", NEWER)]).await;
    app.press("close-settings").await;
    let starts = || desktop.log().matches(concat!(env!("CARGO_PKG_VERSION"), " starts")).count();
    assert_eq!(starts(), 1, "{}", desktop.log());
    app.press("cancel").await;
    wait_until("the newer one is there", || (std::fs::read(&image).ok()? == newer).then_some(()));
    let runs = |program: &Path| {
        let found = Command::new("pgrep").arg("-f").arg(format!("^{}$", program.display())).output().unwrap();
        !found.stdout.is_empty()
    };
    wait_until("the newer one runs, and was given no arguments", || runs(&image).then_some(()));
    wait_until("its window is there", || {
        let is_drawn = desktop.log().matches("the window can be used").count() == 2;
        (desktop.shows_a_window() && is_drawn && starts() == 2).then_some(())
    });
    let log = desktop.log();
    assert!(log.contains("Hotmart Connect ends"), "the one before came to its own end: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_newer_version_signed_by_us_is_not_installed() {
    let (desktop, releases) = (Desktop::start(), Releases::start());
    // Neither is ever run.
    let [program, newer] = ["this one", "the newer one"].map(|name| format!("\x7fELF {name}").into_bytes());
    let image = image_on(&desktop, &program);
    let this = env!("CARGO_PKG_VERSION");
    let app = App::start_with_all(&desktop, &releases.variables(&desktop, &image)).await;
    app.press("settings").await;
    // There is nothing at that address yet.
    app.wait_for_sentence("update.look_failed").await;
    let look = async |key: &str| {
        app.press("look-for-update").await;
        app.wait_for_sentence(key).await;
    };
    for version in [this, OLDER] {
        releases.publish(version, &newer, "ours");
        look("update.newest").await;
        // The next one is told from it.
        let portal = with_body("200 OK", b"<html>Wi-Fi: log in</html>");
        let trouble = if version == this { portal } else { Vec::new() };
        releases.answers("/latest/download/latest.json", trouble);
        look("update.look_failed").await;
    }

    let whole = releases.publish(NEWER, &newer, "ours");
    let package = format!("/download/v{NEWER}/hotmart-connect_{NEWER}_x86_64.AppImage");
    let good = with_body("200 OK", &newer);
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut described = whole.clone();
        change(&mut described["platforms"]["linux-x86_64"]);
        described
    };
    let unsigned = changed(&|entry| entry["signature"] = json!(""));
    let by_another = releases.publish(NEWER, &newer, "another");
    // One of ours that is old, offered as a new one.
    let mut old = releases.publish(OLDER, &newer, "ours");
    old["version"] = json!(NEWER);
    let nobody = format!("http://127.0.0.1:{}/package", free_port());
    let unreachable = changed(&|entry| entry["url"] = json!(nobody));
    // Signed by us, for this version, and another package.
    let installer = format!("hotmart-connect_{NEWER}_windows-x64.exe");
    let installer = releases.publish_as(&installer, NEWER, &newer, "ours");
    let signature = &installer["platforms"]["windows-x86_64"]["signature"];
    let elsewhere = changed(&|entry| entry["signature"] = signature.clone());
    let cases = [
        ("unsigned", &unsigned, good.clone(), "update.failed_untrusted"),
        ("signed by another", &by_another, good.clone(), "update.failed_untrusted"),
        ("an old one", &old, good.clone(), "update.failed_untrusted"),
        ("changed on the way", &whole, with_body("200 OK", &program), "update.failed_untrusted"),
        ("cut off", &whole, good[..good.len() - 3].to_vec(), "update.failed_interrupted"),
        ("gone from there", &whole, with_body("404 Not Found", b""), "update.failed_interrupted"),
        ("a server that is gone", &unreachable, good.clone(), "update.failed_interrupted"),
        ("for another system", &elsewhere, good.clone(), "update.failed_untrusted"),
    ];
    releases.describe(&whole);
    look("update.available_installs").await;
    for (what, described, answer, key) in cases {
        releases.describe(described);
        releases.answers(&package, answer);
        app.press("install-update").await;
        app.wait_for_sentence_with(key, &[("version", NEWER)]).await;
        assert_eq!(std::fs::read(&image).unwrap(), program, "{what}");
        // Back to where it is offered.
        app.press("close-settings").await;
        app.press("dismiss-update").await;
        app.press("settings").await;
        app.wait_for_sentence("update.available_installs").await;
    }
    // Without any signature it is no description of a version.
    releases
        .describe(&json!({ "version": NEWER, "platforms": { "linux-x86_64": { "url": releases.address } } }));
    app.press("install-update").await;
    app.wait_for_sentence("update.failed_interrupted").await;
    assert_eq!(std::fs::read(&image).unwrap(), program);
    app.press("close-settings").await;
    app.wait_for_state("unconfigured").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_package_manager_replaces_it_the_newer_version_has_a_page() {
    let (desktop, releases) = (Desktop::start(), Releases::start());
    // For another system alone: which version is the newest is known all the same.
    releases.describe(&json!({ "version": NEWER, "platforms": {} }));
    let openers = Openers::on(&desktop);
    // Installed by a package: no AppImage is there.
    let [address, key, ..] = releases.variables(&desktop, Path::new("/nowhere"));
    let app = App::start_with_all(&desktop, &[address, key, path_that_begins_with(openers.folder())]).await;
    app.wait_for_sentence_with("update.available", &[("version", NEWER)]).await;
    app.wait_for_sentence("update.available_page").await;
    app.press("open-releases").await;
    assert!(openers.opened().contains("/releases/latest"));
    app.press("dismiss-update").await;
    let is_gone = "return !document.getElementById('update')";
    app.driver().wait_for("the line is gone", is_gone).await;
}

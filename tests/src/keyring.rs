//! gnome-keyring, and reading it as another program would.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::desktop::Desktop;
use crate::process::{Running, run, wait_until};

/// The password of every test keyring.
pub const PASSWORD: &str = "practice-password";

/// The desktop's keyring daemon; it ends when this is dropped.
pub struct Keyring(Running);

impl Keyring {
    /// Starts it. Unlocked, it makes a default keyring if there is none yet.
    pub fn start(desktop: &Desktop, unlocked: bool) -> Self {
        Self(start(desktop, unlocked))
    }

    /// Lets it answer nothing for a while.
    pub fn pause_for(&self, time: Duration) {
        let id = self.0.id().to_string();
        run(Command::new("kill").args(["-STOP", &id]));
        std::thread::spawn(move || {
            std::thread::sleep(time);
            // It may have ended meanwhile.
            let _ = Command::new("kill").args(["-CONT", &id]).stderr(Stdio::null()).status();
        });
    }

    /// Lets it find the disk full, or no longer so.
    pub fn find_the_disk_full(&self, full: bool) {
        let limit = if full { "--fsize=0:unlimited" } else { "--fsize=unlimited:unlimited" };
        run(Command::new("prlimit").args(["--pid", &self.0.id().to_string(), limit]));
    }
}

impl Desktop {
    /// Stores a record under our service and this name, as another program would.
    pub fn put_secret(&self, name: &str, record: &str) {
        let mut store = self.command("secret-tool");
        store.args(["store", "--label", &format!("Hotmart Connect ({name})")]);
        store.args(["service", "app.hotmart-connect", "username", name]).stdin(Stdio::piped());
        let mut child = store.spawn().expect("secret-tool runs");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), record.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{name} was not stored");
    }

    /// Deletes a record, as another program would.
    pub fn forget_secret(&self, name: &str) {
        run(self.command("secret-tool").args(["clear", "service", "app.hotmart-connect", "username", name]));
    }

    /// What `secret-tool` finds under our service and this name.
    pub fn secret(&self, name: &str) -> Option<String> {
        let mut lookup = self.command("secret-tool");
        lookup.args(["lookup", "service", "app.hotmart-connect", "username", name]);
        let output = lookup.output().expect("secret-tool runs");
        let text = String::from_utf8(output.stdout).expect("the secret is text");
        output.status.success().then_some(text).filter(|text| !text.is_empty())
    }
}

fn start(desktop: &Desktop, unlocked: bool) -> Running {
    // A disk that is full is an error to it, not the end.
    let ignoring = "trap '' XFSZ; exec gnome-keyring-daemon --foreground --components=secrets \"$@\"";
    let mut daemon = desktop.command("sh");
    daemon.args(["-c", ignoring, "sh"]).stdout(Stdio::null()).stderr(Stdio::null());
    let running = if unlocked {
        let mut running = Running::start(daemon.arg("--unlock").stdin(Stdio::piped()));
        running.tell(PASSWORD);
        running
    } else {
        Running::start(&mut daemon)
    };
    run(desktop.command("gdbus").args(["wait", "--session", "--timeout", "20", "org.freedesktop.secrets"]));
    if unlocked {
        wait_until("the keyring is unlocked", || (!is_locked(desktop)).then_some(()));
    }
    running
}

fn is_locked(desktop: &Desktop) -> bool {
    let mut get: Command = desktop.command("gdbus");
    get.args(["call", "--session", "--dest", "org.freedesktop.secrets"])
        .args(["--object-path", "/org/freedesktop/secrets/aliases/default"])
        .args(["--method", "org.freedesktop.DBus.Properties.Get"])
        .args(["org.freedesktop.Secret.Collection", "Locked"]);
    let output = get.output().expect("gdbus runs");
    !String::from_utf8_lossy(&output.stdout).contains("false")
}

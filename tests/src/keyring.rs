//! gnome-keyring, which can be paused, and can find the disk full.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Running, run, wait_until};

/// On a slow machine too: 20 seconds.
const UNLOCKED_WITHIN: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The password of every test keyring.
pub const PASSWORD: &str = "practice-password";

/// The desktop's keyring daemon; it ends when this is dropped.
pub struct Keyring(Running, File);

impl Keyring {
    /// Starts it on the desktop on which these commands run. Unlocked, it makes
    /// a default keyring if there is none yet.
    pub fn start(command: &dyn Fn(&str) -> Command, unlocked: bool) -> Self {
        start(command, unlocked)
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

/// A daemon that breaks off by itself leaves a locked one in its place, which the
/// session bus starts: what a test then finds is explained by this alone.
impl Drop for Keyring {
    #[allow(clippy::print_stderr)]
    fn drop(&mut self) {
        if let Some(end) = self.0.ended_by_itself() {
            let mut words = String::new();
            let _ = self.1.rewind().and_then(|()| self.1.read_to_string(&mut words));
            eprintln!("the keyring ended by itself: {end}: {words}");
        }
    }
}

/// One that does not unlock is replaced by a fresh one, once: the daemon itself
/// does not always take the password that it is told as it starts.
#[allow(clippy::print_stdout)] // A run that needed a second keyring says so.
fn start(command: &dyn Fn(&str) -> Command, unlocked: bool) -> Keyring {
    let running = start_once(command, unlocked);
    if !unlocked || unlocks(command) {
        return running;
    }
    println!("a keyring is replaced: it did not unlock");
    drop(running);
    let running = start_once(command, unlocked);
    wait_until("the keyring is unlocked", || (!is_locked(command)).then_some(()));
    running
}

/// Whether it is unlocked within the time that an honest one takes.
fn unlocks(command: &dyn Fn(&str) -> Command) -> bool {
    let started = Instant::now();
    while is_locked(command) {
        if started.elapsed() > UNLOCKED_WITHIN {
            return false;
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    true
}

fn start_once(command: &dyn Fn(&str) -> Command, unlocked: bool) -> Keyring {
    let words = tempfile::tempfile().expect("there is room for what it says");
    // A disk that is full is an error to it, not the end.
    let ignoring = "trap '' XFSZ; exec gnome-keyring-daemon --foreground --components=secrets \"$@\"";
    let mut daemon = command("sh");
    daemon.args(["-c", ignoring, "sh"]).stdout(Stdio::null()).stderr(words.try_clone().unwrap());
    let running = if unlocked {
        let mut running = Running::start(daemon.arg("--unlock").stdin(Stdio::piped()));
        running.tell(PASSWORD);
        running
    } else {
        Running::start(&mut daemon)
    };
    run(command("gdbus").args(["wait", "--session", "--timeout", "20", "org.freedesktop.secrets"]));
    Keyring(running, words)
}

fn is_locked(command: &dyn Fn(&str) -> Command) -> bool {
    let mut get = command("gdbus");
    get.args(["call", "--session", "--dest", "org.freedesktop.secrets"])
        .args(["--object-path", "/org/freedesktop/secrets/aliases/default"])
        .args(["--method", "org.freedesktop.DBus.Properties.Get"])
        .args(["org.freedesktop.Secret.Collection", "Locked"]);
    let output = get.output().expect("gdbus runs");
    !String::from_utf8_lossy(&output.stdout).contains("false")
}

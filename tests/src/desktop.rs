//! The private desktop.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::keyring::Keyring;
use crate::memory::{memory_of, processor_time_of_tree};
use crate::process::{Running, Told, wait_until};
use crate::programs::{PROGRAMS, put_program};

/// Where Debian, Fedora and Arch have it.
const ACCESSIBILITY_BUS: &str = "/usr/libexec/at-spi-bus-launcher";

/// Which kind of desktop to pretend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// GNOME: `xdg-open` goes through gio.
    Gnome,
    /// None, as on i3 or sway: plain xdg-utils.
    Plain,
}

/// How a desktop is made.
#[derive(Clone, Debug)]
pub struct DesktopOptions {
    /// Its kind.
    pub environment: Environment,
    /// The folder inside the home where the program is put.
    pub program_folder: &'static str,
    /// Its user's language.
    pub language: &'static str,
    /// Whether a keyring runs, unlocked.
    pub keyring: bool,
    /// Whether its user prefers dark windows.
    pub dark: bool,
    /// Whether the program is a distributor's build.
    pub distributor: bool,
    /// Whether its user has a screen reader.
    pub screen_reader: bool,
}

impl Default for DesktopOptions {
    fn default() -> Self {
        Self {
            environment: Environment::Gnome,
            program_folder: "bin",
            language: "pt_BR.UTF-8",
            keyring: true,
            dark: false,
            distributor: false,
            screen_reader: false,
        }
    }
}

/// A display, a session bus and a home of one's own.
pub struct Desktop {
    options: DesktopOptions,
    home: TempDir,
    display: String,
    bus: String,
    program: PathBuf,
    _running: Vec<Running>,
    keyring: Option<Keyring>,
}

impl Desktop {
    /// A desktop like most sellers'.
    pub fn start() -> Self {
        Self::with(DesktopOptions::default())
    }

    /// A desktop of a certain kind.
    pub fn with(options: DesktopOptions) -> Self {
        let home = tempfile::Builder::new().prefix("desk").tempdir().unwrap();
        for folder in ["run", ".config", ".local/share/applications", ".local/share/dbus-1/services"] {
            std::fs::create_dir_all(home.path().join(folder)).unwrap();
        }
        std::fs::set_permissions(
            home.path().join("run"),
            std::os::unix::fs::PermissionsExt::from_mode(0o700),
        )
        .unwrap();
        let program = put_program(&home.path().join(options.program_folder), options.distributor);

        let mut x_server = Command::new("Xvfb");
        // It would begin anew with the end of its only client, and cut off the next one in the middle of its start.
        x_server.args(["-noreset", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]);
        let mut x_server = Running::start(x_server.stdout(Stdio::piped()).stderr(Stdio::null()));
        let display = format!(":{}", x_server.first_line());

        let mut desktop = Self {
            options,
            home,
            display,
            bus: String::new(),
            program,
            _running: vec![x_server],
            keyring: None,
        };
        if !desktop.options.keyring {
            desktop.forbid_a_keyring();
        }
        let mut bus = desktop.command("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let mut bus = Running::start(bus.stdout(Stdio::piped()).stderr(Stdio::null()));
        desktop.bus = bus.first_line();
        desktop._running.insert(0, bus);
        if desktop.options.keyring {
            desktop.keyring = Some(Keyring::start(&|program| desktop.command(program), true));
        }
        if desktop.options.screen_reader {
            let bus = Running::start(desktop.quiet(ACCESSIBILITY_BUS).arg("--launch-immediately"));
            desktop._running.insert(0, bus);
        }
        let window_manager = Running::start(desktop.quiet("openbox"));
        desktop._running.insert(0, window_manager);
        // A window that was there before it would never get the focus.
        wait_until("the window manager is there", || {
            desktop.quiet("wmctrl").arg("-m").status().is_ok_and(|status| status.success()).then_some(())
        });
        desktop
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where the program is on this desktop.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The command-line program, with arguments.
    pub fn token_program(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(self.program.with_file_name("hotmart-token"));
        command.args(arguments);
        command
    }

    /// Runs the command-line program to its end.
    pub fn token(&self, arguments: &[&str]) -> Told {
        Told::by(&mut self.token_program(arguments))
    }

    /// The settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.home().join(".config/app.hotmart-connect/settings.json")
    }

    /// Writes the settings file.
    pub fn write_settings(&self, settings: &serde_json::Value) {
        let path = self.settings_file();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, settings.to_string()).unwrap();
    }

    /// What is in the settings file.
    pub fn settings(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.settings_file()).unwrap()).unwrap()
    }

    /// Everything that was logged.
    pub fn log(&self) -> String {
        let folder = self.home().join(".local/share/app.hotmart-connect/logs");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default()).collect()
    }

    /// The session bus's address.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// The keyring daemon.
    pub fn keyring(&self) -> &Keyring {
        self.keyring.as_ref().expect("a keyring runs on this desktop")
    }

    /// Ends the keyring, as if it were not installed.
    pub fn remove_keyring(&mut self) {
        self.forbid_a_keyring();
        crate::process::run(self.command("gdbus").args([
            "call",
            "--session",
            "--dest",
            "org.freedesktop.DBus",
            "--object-path",
            "/org/freedesktop/DBus",
            "--method",
            "org.freedesktop.DBus.ReloadConfig",
        ]));
        self.keyring = None;
    }

    /// Ends the keyring and starts it again, locked.
    pub fn restart_keyring_locked(&mut self) {
        self.keyring = None;
        self.keyring = Some(Keyring::start(&|program| self.command(program), false));
    }

    /// Ends the keyring and starts it again, unlocked.
    pub fn restart_keyring_unlocked(&mut self) {
        self.keyring = None;
        self.keyring = Some(Keyring::start(&|program| self.command(program), true));
    }

    /// A command that runs on this desktop and knows nothing of the machine's own.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("DISPLAY", &self.display)
            .env("LANG", self.options.language)
            .env("HOTMART_CONNECT_LOG", "trace")
            .stdin(Stdio::null());
        if !self.options.screen_reader {
            command.env("NO_AT_BRIDGE", "1").env("GTK_A11Y", "none");
        }
        if !self.bus.is_empty() {
            command.env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        }
        if self.options.dark {
            command.env("GTK_THEME", "Adwaita:dark");
        }
        if self.options.environment == Environment::Gnome {
            command.env("XDG_CURRENT_DESKTOP", "GNOME");
        }
        command
    }

    /// A command whose output no test needs.
    pub fn quiet(&self, program: impl AsRef<std::ffi::OsStr>) -> &'static mut Command {
        let mut command = self.command(program);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Box::leak(Box::new(command))
    }

    /// Opens a link the way a browser does: through the desktop's opener.
    pub fn open_link(&self, link: impl AsRef<std::ffi::OsStr>) {
        let status = self.quiet("xdg-open").arg(link).status().expect("xdg-open runs");
        // An opener that finds no handler fails; a handler's own end says nothing.
        assert!(status.code().is_some(), "{status}");
    }

    /// Kills every process of the program, as a crash would.
    pub fn kill_program(&self) {
        let _ = Command::new("pkill").args(["-9", "-f", &self.program.to_string_lossy()]).status();
    }

    /// Whether the program runs.
    pub fn program_runs(&self) -> bool {
        !self.processes().is_empty()
    }

    /// Every process that has the program among its arguments, a driver of it too.
    fn processes(&self) -> Vec<u32> {
        let found = Command::new("pgrep").args(["-f", &self.program.to_string_lossy()]).output().unwrap();
        let found = String::from_utf8(found.stdout).unwrap();
        found.lines().map(|line| line.parse().unwrap()).collect()
    }

    /// Everything in the memory of the program that runs here.
    pub fn memory(&self) -> Vec<u8> {
        memory_of(self.process())
    }

    /// How long the program that runs here, and its webview, have had a processor, in seconds.
    pub fn processor_time(&self) -> f64 {
        processor_time_of_tree(self.process())
    }

    /// The program that runs here.
    fn process(&self) -> u32 {
        let is_the_program = |process: &u32| {
            std::fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|exe| exe == self.program)
        };
        self.processes().into_iter().find(is_the_program).expect("the program runs")
    }

    /// The text in the clipboard.
    pub fn clipboard(&self) -> String {
        let output =
            self.command("xclip").args(["-selection", "clipboard", "-o"]).output().expect("xclip runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The forms in which the clipboard's content is offered.
    pub fn clipboard_targets(&self) -> String {
        let mut xclip = self.command("xclip");
        let output =
            xclip.args(["-selection", "clipboard", "-o", "-t", "TARGETS"]).output().expect("xclip runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Copies something, as another program would.
    pub fn copy(&self, text: &str) {
        let mut xclip = self.command("xclip");
        xclip.args(["-selection", "clipboard", "-i"]).stdin(Stdio::piped());
        xclip.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = xclip.spawn().expect("xclip runs");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        // It goes on in the background, as the clipboard's owner.
        assert!(child.wait().unwrap().success());
    }

    /// The title of the window that has the focus.
    pub fn focused_window(&self) -> String {
        let output = self.command("xdotool").args(["getactivewindow", "getwindowname"]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Presses a key, in whatever has the focus.
    pub fn press(&self, key: &str) {
        crate::process::run(self.command("xdotool").args(["key", key]));
    }

    /// Gives the program's window the focus, as a click on its title does.
    pub fn look_at_the_window(&self) {
        wait_until("the window has the focus", || {
            let _ = self.quiet("wmctrl").args(["-F", "-a", "Hotmart Connect"]).status();
            (self.focused_window() == "Hotmart Connect").then_some(())
        });
    }

    /// Whether the program shows a window.
    pub fn shows_a_window(&self) -> bool {
        let windows = self.command("wmctrl").arg("-l").output().expect("wmctrl runs");
        String::from_utf8_lossy(&windows.stdout).lines().any(|line| line.ends_with("Hotmart Connect"))
    }

    /// Closes the program's window as a person does.
    pub fn close_the_window(&self) {
        crate::process::run(self.command("wmctrl").args(["-F", "-c", "Hotmart Connect"]));
    }

    /// The same desktop after its program was moved to another folder.
    pub fn moved_to(mut self, folder: &str) -> Self {
        let there = self.home().join(folder);
        std::fs::create_dir_all(&there).unwrap();
        for name in PROGRAMS {
            std::fs::rename(self.program.with_file_name(name), there.join(name)).unwrap();
        }
        self.program = there.join("hotmart-connect");
        self
    }

    /// Minimises the program's window and brings it back, as a user does who works elsewhere.
    pub fn look_away_and_back(&self) {
        crate::process::run(self.command("xdotool").args(["getactivewindow", "windowminimize"]));
        wait_until("nobody looks", || (self.focused_window() != "Hotmart Connect").then_some(()));
        crate::process::run(self.command("wmctrl").args(["-F", "-a", "Hotmart Connect"]));
        wait_until("the window has the focus", || (self.focused_window() == "Hotmart Connect").then_some(()));
    }

    /// Saves what is on the display as a picture.
    pub fn picture(&self, path: &Path) {
        let _ = self.quiet("import").args(["-window", "root"]).arg(path).status();
    }

    /// A service file that comes before the machine's own, and starts nothing.
    fn forbid_a_keyring(&self) {
        let service = "[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/false\n";
        let folder = self.home().join(".local/share/dbus-1/services");
        std::fs::write(folder.join("org.freedesktop.secrets.service"), service).unwrap();
    }
}

impl Drop for Desktop {
    #[allow(clippy::print_stderr)] // A failed test shows what the program said.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().filter(|line| !line.contains("to the window:")).collect();
            let last = lines.len().saturating_sub(40);
            eprintln!("the program's log ends with:\n{}", lines[last..].join("\n"));
        }
        // What the desktop's own programs started is in no process group that a test ends.
        let home = self.home.path().to_string_lossy().into_owned();
        let _ = Command::new("pkill").args(["-9", "-f", &home]).status();
    }
}

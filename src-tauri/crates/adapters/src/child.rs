//! A program that runs beside this one, for as long as it is needed.

use std::ffi::OsString;
use std::process::ExitStatus;
#[cfg(windows)]
use std::process::Stdio;
use std::time::Duration;

use oauth::Secret;
use tokio::process::{Child, Command};

use crate::exec::under_its_names;

/// A program that was asked to end is ended after this long.
const GRACE: Duration = Duration::from_secs(30);
/// As a shell says it: ended by this signal.
#[cfg(unix)]
const ENDED_BY_SIGNAL: i32 = 128;

/// A program that was started, and that this one waits for.
#[derive(Debug)]
pub struct ChildProgram(Child);

impl ChildProgram {
    /// Starts a program with more variables in its environment. It has this
    /// one's input and output.
    ///
    /// # Errors
    /// It could not be started.
    pub fn start(
        program: &OsString,
        arguments: &[OsString],
        variables: &[(String, Secret)],
    ) -> std::io::Result<Self> {
        let started = under_its_names(program, |name| {
            let variables = variables.iter().map(|(name, value)| (name, value.expose()));
            Command::new(name).args(arguments).envs(variables).spawn()
        });
        started.map(Self)
    }

    /// Waits for its end. Its exit code, or what a shell makes of a signal.
    ///
    /// # Errors
    /// The system does not tell how it ended.
    pub async fn ended(&mut self) -> std::io::Result<i32> {
        self.0.wait().await.map(code_of)
    }

    /// Passes on what this program was told. Ctrl-C reaches both from the terminal.
    pub fn tell(&self, signal: u8) {
        #[cfg(unix)]
        if let Some(signal) = rustix::process::Signal::from_named_raw(i32::from(signal))
            && signal != rustix::process::Signal::INT
        {
            self.send(signal);
        }
        #[cfg(not(unix))]
        let _ = signal;
    }

    /// Asks it to end, and ends it if it does not.
    pub async fn end(mut self) {
        #[cfg(unix)]
        self.send(rustix::process::Signal::TERM);
        // Elsewhere nobody can ask a program without a window; and it may be a script, which started others.
        #[cfg(windows)]
        self.end_with_what_it_started().await;
        let grace = if cfg!(unix) { GRACE } else { Duration::ZERO };
        if tokio::time::timeout(grace, self.0.wait()).await.is_err()
            && let Err(error) = self.0.kill().await
        {
            log::warn!("a program that does not end cannot be ended: {error}");
        }
    }

    #[cfg(windows)]
    async fn end_with_what_it_started(&self) {
        let Some(id) = self.0.id() else { return };
        let system = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
        let mut command = Command::new(std::path::Path::new(&system).join(r"System32\taskkill.exe"));
        command.args(["/T", "/F", "/PID", &id.to_string()]);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Err(error) = quiet.status().await {
            log::warn!("what a program started may go on: {error}");
        }
    }

    #[cfg(unix)]
    fn send(&self, signal: rustix::process::Signal) {
        let id = self.0.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        // One that has ended just now needs no telling.
        let _ = id.map(|id| rustix::process::kill_process(id, signal));
    }
}

fn code_of(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return ENDED_BY_SIGNAL + signal;
    }
    status.code().unwrap_or(1)
}

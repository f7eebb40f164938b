//! Programs that end with the test, and waiting without hoping.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Longer than anything honest takes on a slow machine, what the program does
/// after a minute included; shorter than the program waits for what hangs.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A program, and all that it started; killed when dropped.
pub struct Running(Child);

impl Running {
    /// Starts a program in a group of its own.
    pub fn start(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        Self(command.process_group(0).spawn().unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// How it ended, if nobody killed it and it runs no more.
    pub fn ended_by_itself(&mut self) -> Option<std::process::ExitStatus> {
        self.0.try_wait().expect("the system tells how it is")
    }

    /// The first line it prints.
    pub fn first_line(&mut self) -> String {
        let output = self.0.stdout.as_mut().expect("its output is piped");
        let mut line = Vec::new();
        let mut byte = [0];
        while output.read_exact(&mut byte).is_ok() && byte[0] != b'\n' {
            line.push(byte[0]);
        }
        String::from_utf8(line).expect("it prints text")
    }

    /// Writes to its input and closes it.
    pub fn tell(&mut self, text: &str) {
        self.0.stdin.take().expect("its input is piped").write_all(text.as_bytes()).expect("it listens");
    }

    /// Kills it as a crash would.
    pub fn kill(&mut self) {
        let _ = Command::new("kill")
            .args(["-9", "--", &format!("-{}", self.0.id())])
            .stderr(Stdio::null())
            .status();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a program told on its two streams, and how it ended.
#[derive(Debug)]
pub struct Told {
    /// Its exit code; 128 and more for a signal, as a shell says it.
    pub code: i32,
    /// What it printed.
    pub answer: String,
    /// What it said besides.
    pub words: String,
}

impl Told {
    /// Runs a program to its end.
    pub fn by(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        Self::of(&command.output().unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    /// Runs a program to its end that reads this.
    pub fn by_with_input(command: &mut Command, input: &str) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Self::of(&child.wait_with_output().unwrap())
    }

    /// Runs a program to its end, under limits as a shell sets them (`:` for
    /// none), and also gives the seconds of a processor that it took.
    pub fn measured(program: &Command, limits: &str) -> (Self, f64) {
        let mut shell = Command::new("bash");
        shell.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let line = format!("TIMEFORMAT='cpu %U %S'; time bash -c '{limits}; exec \"$@\"' bash \"$@\"");
        shell.args(["-c", &line, "bash"]).arg(program.get_program()).args(program.get_args());
        let mut told = Self::by(shell.stdin(Stdio::null()));
        let (words, cpu) = told.words.rsplit_once("cpu ").expect("the shell says it");
        let cpu = cpu.split_whitespace().map(|seconds| seconds.parse::<f64>().expect("a number")).sum();
        told.words = words.trim().to_owned();
        (told, cpu)
    }

    /// What a program that has ended told.
    pub fn of(output: &Output) -> Self {
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        Self {
            code: output.status.code().unwrap_or_else(|| 128 + signal.unwrap_or_default()),
            answer: String::from_utf8_lossy(&output.stdout).into_owned(),
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The answer, if it worked and nothing was said besides.
    pub fn quietly(&self) -> &str {
        assert_eq!((self.code, self.words.as_str()), (0, ""), "{self:?}");
        self.answer.trim_end()
    }
}

/// The variables under which a program finds the wall clock off, such as by
/// `+2h`. What the system waits by is another clock, and stays right. The
/// library is used by itself: its wrapper trips over semaphores left behind.
pub fn clock_that_is_off(off: &str) -> [(&'static str, String); 3] {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    let library = folders.map(|folder| format!("{folder}/faketime/libfaketime.so.1"));
    let library = library.into_iter().find(|path| std::path::Path::new(path).exists());
    [
        ("LD_PRELOAD", library.expect("libfaketime is installed")),
        ("FAKETIME", off.to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
}

/// A port that is free, and that nobody takes before it is used: no other test of
/// this process is given it, and no connection begins at it, as the system takes
/// higher ones for these.
pub fn free_port() -> u16 {
    const PORTS: std::ops::Range<u32> = 20_000..30_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id();
    let next = || first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % (PORTS.end - PORTS.start);
    let ports = std::iter::repeat_with(|| u16::try_from(PORTS.start + next()).expect("it is a port"));
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.take(PORTS.len()).find(is_free).expect("a port is free")
}

/// Runs a program to its end and gives what it printed.
pub fn run(command: &mut Command) -> String {
    let name = format!("{command:?}");
    let output = command.output().unwrap_or_else(|error| panic!("{name}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {}: {errors}", output.status);
    String::from_utf8(output.stdout).expect("it prints text")
}

/// Waits until something is there, and says what was missing if it never comes.
pub fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

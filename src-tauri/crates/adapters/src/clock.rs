//! Wall-clock time, corrected by the server's.

use std::borrow::Cow;
use std::path::PathBuf;
#[cfg(target_os = "linux")]
use std::sync::LazyLock;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use connection::ports::Clock;
use oauth::Timestamp;
#[cfg(target_os = "linux")]
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::files::{read_small, write_whole};

/// A smaller difference is delay on the line, not a wrong clock.
const TOLERANCE_SECONDS: i64 = 60;

/// From the beginning of 2026 to the end of 2099: no server is right outside of it.
const SENSIBLE_SECONDS: std::ops::Range<i64> = 1_767_225_600..4_102_444_800;

/// The time as it should be. It is the later of two estimates:
///
/// - the system's clock, off by what it was off when a server last told the
///   time: it goes on while the machine sleeps or is switched off, but a hand
///   can set it;
/// - the time a server last told, and what a clock that no hand can set has
///   counted since: it goes wrong only when the machine stands still unnoticed.
///
/// Too late costs one renewal, which asks the server again; too early would
/// hand out a token that is over.
///
/// What a server told is remembered in a file, because a program that prints a
/// token lives for milliseconds.
#[derive(Debug)]
pub struct ServerClock {
    /// Answers of the server set it, while any task may ask what time it is.
    anchor: Mutex<Anchor>,
    started: Instant,
    file: Option<PathBuf>,
}

/// A moment at which the time was known.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Anchor {
    /// Seconds since the epoch, as the server says, or else the system.
    told: i64,
    /// Seconds since the epoch, as the system said at that moment.
    local: i64,
    /// The machine's count at that moment, where it has one.
    machine: Option<MachineTime>,
    /// Since the start of this process, at that moment.
    #[serde(skip)]
    in_process: Duration,
}

impl Default for ServerClock {
    fn default() -> Self {
        Self::with(None, None)
    }
}

impl ServerClock {
    /// A clock that knows what a server told an earlier process, and remembers
    /// in `file` what one tells this process.
    pub fn remembered(file: PathBuf) -> Self {
        let remembered = read_small(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        Self::with(remembered.filter(Anchor::can_be), Some(file))
    }

    fn with(remembered: Option<Anchor>, file: Option<PathBuf>) -> Self {
        let (local, machine) = (local_seconds(), MachineTime::now());
        let told = remembered.map_or(local, |anchor| {
            let another_start = anchor.is_of_another_start(machine.as_ref());
            anchor.now(local, anchor.counted(Duration::ZERO, machine.as_ref()), another_start)
        });
        let anchor = Anchor { told, local, machine, in_process: Duration::ZERO };
        Self { anchor: Mutex::new(anchor), started: Instant::now(), file }
    }

    /// How many seconds this system's clock is ahead of a server's; less than zero if it is behind.
    pub fn system_time_ahead_of(server_time: SystemTime) -> i64 {
        let seconds = |difference: Duration| i64::try_from(difference.as_secs()).unwrap_or(i64::MAX);
        match SystemTime::now().duration_since(server_time) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => -seconds(behind.duration()),
        }
    }

    /// Hears from a server what time it is (RFC 9110 §6.6.1).
    pub fn hear(&self, server_time: SystemTime) {
        if !SENSIBLE_SECONDS.contains(&signed_seconds(server_time)) {
            log::warn!("a server said a time that cannot be; not believed");
            return;
        }
        let anchor = Anchor {
            told: signed_seconds(server_time),
            local: local_seconds(),
            machine: MachineTime::now(),
            in_process: self.started.elapsed(),
        };
        let off = anchor.local - anchor.told;
        let before = std::mem::replace(&mut *self.anchor(), anchor.clone());
        if (before.local - before.told - off).abs() > TOLERANCE_SECONDS {
            log::warn!("this computer's clock is {off} s off; corrected for");
        }
        if let Some(file) = &self.file {
            let written = serde_json::to_vec(&anchor).map_err(std::io::Error::from);
            if let Err(error) = written.and_then(|json| write_whole(file, &json)) {
                log::warn!("the server's time is not remembered: {error}");
            }
        }
    }

    fn anchor(&self) -> MutexGuard<'_, Anchor> {
        self.anchor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ServerClock {
    fn now(&self) -> Timestamp {
        let anchor = self.anchor();
        let counted = anchor.counted(self.started.elapsed(), MachineTime::now().as_ref());
        // Since the start of this process the machine has not been started anew.
        Timestamp::from_seconds(anchor.now(local_seconds(), counted, false).max(0).unsigned_abs())
    }
}

impl Anchor {
    /// Whether such a moment can have been. A file may say anything.
    fn can_be(&self) -> bool {
        let counts = |machine: &MachineTime| (0..SENSIBLE_SECONDS.end).contains(&machine.seconds);
        SENSIBLE_SECONDS.contains(&self.told)
            && (-SENSIBLE_SECONDS.end..SENSIBLE_SECONDS.end).contains(&self.local)
            && self.machine.as_ref().is_none_or(counts)
    }

    /// Seconds since the anchor that no hand can set.
    fn counted(&self, in_process: Duration, machine: Option<&MachineTime>) -> i64 {
        let by_machine = match (&self.machine, machine) {
            (Some(then), Some(now)) if then.boot == now.boot => now.seconds - then.seconds,
            _ => 0,
        };
        by_machine.max(whole_seconds(in_process.saturating_sub(self.in_process)))
    }

    /// Whether the machine was started anew since: its clock may have been put
    /// right meanwhile, and nothing counted along that could tell.
    fn is_of_another_start(&self, machine: Option<&MachineTime>) -> bool {
        matches!((&self.machine, machine), (Some(then), Some(now)) if then.boot != now.boot)
    }

    fn now(&self, local: i64, counted: i64, another_start: bool) -> i64 {
        let off = self.told - self.local;
        let by_local = match off.abs() > TOLERANCE_SECONDS {
            true if another_start => local.max(local + off),
            true => local + off,
            false => local,
        };
        let by_count = self.told + counted;
        // The two differ by rounding and by delay on the line all the time.
        if by_count > by_local + TOLERANCE_SECONDS { by_count } else { by_local }
    }
}

/// How long the machine has been running, its sleep included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MachineTime {
    /// Tells one start of the machine from another.
    boot: Cow<'static, str>,
    seconds: i64,
}

impl MachineTime {
    /// Read for every call at the local door: only the first time from a file.
    #[cfg(target_os = "linux")]
    fn now() -> Option<Self> {
        static BOOT: LazyLock<Option<String>> = LazyLock::new(|| {
            let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
            Some(boot.trim().to_owned())
        });
        let boot = Cow::Borrowed(BOOT.as_deref()?);
        Some(Self { boot, seconds: clock_gettime(ClockId::Boottime).tv_sec })
    }

    /// Elsewhere only a running process can count.
    #[cfg(not(target_os = "linux"))]
    fn now() -> Option<Self> {
        None
    }
}

/// Seconds since the epoch by the system's own clock: Practice Hotmart's time.
pub fn system_seconds() -> u64 {
    local_seconds().max(0).unsigned_abs()
}

fn local_seconds() -> i64 {
    signed_seconds(SystemTime::now())
}

fn signed_seconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => whole_seconds(after),
        Err(before) => -whole_seconds(before.duration()),
    }
}

fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURS: i64 = 7_200;
    const TRUE: i64 = 1_800_000_000;

    fn off_by(clock: &ServerClock) -> i64 {
        i64::try_from(clock.now().seconds()).unwrap() - local_seconds()
    }

    /// What a clock says `later` seconds of true time after a server told the
    /// time, when the system's clock was off by `then` and is off by `now`.
    fn said(then: i64, now: i64, later: i64) -> i64 {
        let boot = || MachineTime { boot: "b".into(), seconds: 50 };
        let anchor =
            Anchor { told: TRUE, local: TRUE + then, machine: Some(boot()), in_process: Duration::ZERO };
        let machine = MachineTime { seconds: 50 + later, ..boot() };
        let counted = anchor.counted(Duration::ZERO, Some(&machine));
        anchor.now(TRUE + later + now, counted, false) - (TRUE + later)
    }

    #[test]
    fn a_clock_that_is_hours_wrong_is_corrected_both_ways_and_a_delay_is_not() {
        let clock = ServerClock::default();
        let hours = Duration::from_secs(7_200);
        clock.hear(SystemTime::now() + hours);
        assert!((7_198..=7_202).contains(&off_by(&clock)));
        clock.hear(SystemTime::now() - hours);
        assert!((-7_202..=-7_198).contains(&off_by(&clock)));
        clock.hear(SystemTime::now() - Duration::from_secs(20));
        assert!((-1..=1).contains(&off_by(&clock)));
        for absurd in [UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(253_402_300_799)] {
            clock.hear(absurd);
            assert!((-1..=1).contains(&off_by(&clock)), "1970 and 9999 are not believed");
        }
    }

    #[test]
    fn a_clock_that_stays_wrong_costs_nothing() {
        for off in [HOURS, -HOURS, 30, 0] {
            assert!(said(off, off, 3_600).abs() <= 30, "{off}");
        }
    }

    #[test]
    fn a_clock_that_is_set_is_never_believed_to_be_earlier_than_it_is() {
        assert_eq!(said(0, -HOURS, 3_600), 0, "set back");
        assert_eq!(said(HOURS, 0, 3_600), 0, "put right, from ahead");
        assert_eq!(said(0, HOURS, 3_600), HOURS, "set ahead: one renewal, and it is known");
        assert_eq!(said(-HOURS, 0, 3_600), HOURS, "put right, from behind: likewise");
    }

    #[test]
    fn a_machine_that_was_restarted_or_stood_still_goes_by_its_clock() {
        let anchor = Anchor {
            told: TRUE,
            local: TRUE + HOURS,
            machine: Some(MachineTime { boot: "before".into(), seconds: 9_000 }),
            in_process: Duration::ZERO,
        };
        let other = MachineTime { boot: "after".into(), seconds: 10 };
        assert_eq!(anchor.counted(Duration::ZERO, Some(&other)), 0);
        assert!(anchor.is_of_another_start(Some(&other)));
        let after = |local| anchor.now(local, 0, true);
        assert_eq!(after(TRUE + HOURS + 500), TRUE + HOURS + 500, "still wrong: one renewal tells");
        assert_eq!(after(TRUE + 3 * HOURS), TRUE + 3 * HOURS, "put right: believed");
        assert_eq!(after(TRUE - 100), TRUE, "never earlier than what was told");
        assert!(!anchor.is_of_another_start(None), "where nothing tells, it is as wrong as it was");
        let same = MachineTime { boot: "before".into(), seconds: 9_010 };
        let stood_still = anchor.now(TRUE + HOURS + 500, anchor.counted(Duration::ZERO, Some(&same)), false);
        assert_eq!(stood_still, TRUE + 500);
    }

    #[test]
    fn what_a_server_told_is_remembered_for_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clocks/main.json");
        ServerClock::remembered(file.clone()).hear(SystemTime::now() - Duration::from_secs(7_200));
        assert!((-7_202..=-7_198).contains(&off_by(&ServerClock::remembered(file.clone()))));
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let machine = |seconds: i64| format!(r#"{{"boot":"{}","seconds":{seconds}}}"#, boot.trim());
        for damaged in [
            "{ nonsense".to_owned(),
            format!(r#"{{"told":{TRUE},"local":{},"machine":null}}"#, i64::MIN),
            format!(r#"{{"told":{},"local":{TRUE},"machine":null}}"#, i64::MAX),
            format!(r#"{{"told":{TRUE},"local":{TRUE},"machine":{}}}"#, machine(i64::MIN)),
        ] {
            std::fs::write(&file, &damaged).unwrap();
            assert!((-1..=1).contains(&off_by(&ServerClock::remembered(file.clone()))), "{damaged}");
        }
    }
}

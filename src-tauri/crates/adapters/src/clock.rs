//! Wall-clock time, corrected by the server's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connection::ports::Clock;
use oauth::Timestamp;

/// A smaller difference is delay on the line, not a wrong clock.
const TOLERANCE_SECONDS: i64 = 60;

/// The system's clock and how far it is off.
#[derive(Debug, Default)]
pub struct ServerClock {
    /// What to add to the system's time, in seconds.
    correction: AtomicI64,
}

impl ServerClock {
    /// Hears from a server what time it is (RFC 9110 §6.6.1).
    pub fn hear(&self, server_time: SystemTime) {
        let difference = signed_seconds(server_time) - signed_seconds(SystemTime::now());
        let correction = if difference.abs() > TOLERANCE_SECONDS { difference } else { 0 };
        let before = self.correction.swap(correction, Ordering::Relaxed);
        if (before - correction).abs() > TOLERANCE_SECONDS {
            log::warn!("this computer's clock is {} s off; corrected for", -correction);
        }
    }
}

impl Clock for ServerClock {
    fn now(&self) -> Timestamp {
        let corrected = signed_seconds(SystemTime::now()) + self.correction.load(Ordering::Relaxed);
        Timestamp::from_seconds(corrected.max(0).unsigned_abs())
    }
}

/// Seconds since the epoch by the system's own clock: Practice Hotmart's time.
pub fn system_seconds() -> u64 {
    signed_seconds(SystemTime::now()).max(0).unsigned_abs()
}

fn signed_seconds(time: SystemTime) -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => seconds(after),
        Err(before) => -seconds(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off_by(clock: &ServerClock) -> i64 {
        i64::try_from(clock.now().seconds()).unwrap() - signed_seconds(SystemTime::now())
    }

    #[test]
    fn a_clock_that_is_hours_wrong_is_corrected_both_ways_and_a_delay_is_not() {
        let clock = ServerClock::default();
        let hours = Duration::from_secs(7200);
        clock.hear(SystemTime::now() + hours);
        assert!((7198..=7202).contains(&off_by(&clock)));
        clock.hear(SystemTime::now() - hours);
        assert!((-7202..=-7198).contains(&off_by(&clock)));
        clock.hear(SystemTime::now() - Duration::from_secs(20));
        assert!((-1..=1).contains(&off_by(&clock)));
    }
}

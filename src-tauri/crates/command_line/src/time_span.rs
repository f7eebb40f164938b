//! Time spans in words that every language shares.

use std::time::Duration;

/// `45 s`, `12 min`, `1 h 32 min`, `2 d 3 h`.
pub fn time_span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let two = |first: u64, one: &str, second: u64, other: &str| match second {
        0 => format!("{first} {one}"),
        _ => format!("{first} {one} {second} {other}"),
    };
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=3_599 => format!("{} min", seconds / 60),
        3_600..=86_399 => two(hours, "h", minutes, "min"),
        _ => two(days, "d", hours, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_with_one_or_two_units() {
        for (seconds, said) in [
            (0, "0 s"),
            (89, "89 s"),
            (90, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (5_520, "1 h 32 min"),
            (86_400, "1 d"),
            (183_700, "2 d 3 h"),
        ] {
            assert_eq!(time_span(Duration::from_secs(seconds)), said);
        }
    }
}

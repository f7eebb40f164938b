//! When to renew, and when to try again.

use std::time::Duration;

use oauth::Timestamp;

use crate::Session;
use crate::session::SHORTEST_INTERVAL;

/// Renewal happens this long before the end, or a tenth of the lifetime if that is shorter.
const MARGIN: Duration = Duration::from_secs(300);
/// Spread over at most this long before that, or a twentieth of the lifetime.
const SPREAD: Duration = Duration::from_secs(60);
/// A token of unknown lifetime is renewed this long after it arrived.
const ASSUMED_LIFETIME: Duration = Duration::from_secs(3600);

const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// A part of `longest` that looks like chance and follows from the
/// connection's seed and the moment alone (the finalizer of splitmix64): spreads moments, keeps no secret.
fn spread(longest: Duration, seed: u64, moment: u64) -> Duration {
    let mut mixed = seed.wrapping_add(moment.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let share = (mixed ^ (mixed >> 31)) >> 40;
    // 24 bits fit a double exactly.
    #[allow(clippy::cast_precision_loss)]
    longest.mul_f64(share as f64 / (1u64 << 24) as f64)
}

/// When a session's tokens are to be renewed; `None` if they cannot be.
pub(crate) fn renew_at(session: &Session, seed: u64) -> Option<Timestamp> {
    if !session.renewable {
        return None;
    }
    let lifetime = session.expires_at.map_or(ASSUMED_LIFETIME, |end| end.since(session.obtained_at));
    let margin =
        MARGIN.min(lifetime / 10) + spread(SPREAD.min(lifetime / 20), seed, session.obtained_at.seconds());
    let wait = lifetime.saturating_sub(margin).max(SHORTEST_INTERVAL);
    Some(session.obtained_at.after(wait))
}

/// When to try again after `failures` tries in a row failed.
pub(crate) fn retry_at(now: Timestamp, failures: u32, retry_after: Option<Duration>, seed: u64) -> Timestamp {
    let wait = (FIRST_WAIT * 2u32.saturating_pow(failures.saturating_sub(1).min(10))).min(LONGEST_WAIT);
    let wait = wait + spread(wait / 4, seed, now.seconds());
    let asked = retry_after.unwrap_or_default();
    // A fraction of a second less than what the server asked for would be too early.
    now.after(wait.max(asked) + Duration::from_millis(999))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenStorage;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn session(lifetime: Option<u64>, renewable: bool) -> Session {
        let tokens = oauth::TokenSet {
            access_token: oauth::Secret::new("a".into()),
            refresh_token: renewable.then(|| oauth::Secret::new("r".into())),
            id_token: None,
            expires_at: lifetime.map(|seconds| NOW.after(Duration::from_secs(seconds))),
            refresh_token_expires_at: None,
            scope: None,
            obtained_at: NOW,
            grant_type: oauth::GrantType::AuthorizationCode,
            bearer: oauth::BearerToken::AccessToken,
        };
        Session::of(&tokens, TokenStorage::Keyring)
    }

    fn wait(lifetime: Option<u64>, seed: u64) -> u64 {
        renew_at(&session(lifetime, true), seed).unwrap().since(NOW).as_secs()
    }

    #[test]
    fn renewal_comes_before_the_end_and_not_for_all_at_the_same_moment() {
        let waits: std::collections::BTreeSet<_> =
            (0..50).map(|seed| wait(Some(7200), seed * 7919)).collect();
        assert!(waits.iter().all(|wait| (7200 - 360..=7200 - 300).contains(wait)), "{waits:?}");
        assert!(waits.len() > 10, "{waits:?}");
        assert!((17..=18).contains(&wait(Some(20), 1)), "a short life has a short margin");
    }

    #[test]
    fn an_absurd_or_unknown_lifetime_makes_no_loop() {
        assert_eq!(wait(Some(0), 1), 10);
        assert!((3240..=3300).contains(&wait(None, 1)));
        assert_eq!(renew_at(&session(Some(7200), false), 1), None);
    }

    #[test]
    fn waits_double_up_to_a_limit_and_the_server_may_ask_for_more() {
        let wait = |failures, asked: Option<u64>| {
            retry_at(NOW, failures, asked.map(Duration::from_secs), 1).since(NOW).as_secs()
        };
        assert!((2..=3).contains(&wait(1, None)));
        assert!((8..=11).contains(&wait(3, None)));
        assert!((300..=375).contains(&wait(40, None)));
        assert_eq!(wait(1, Some(120)), 120);
    }
}

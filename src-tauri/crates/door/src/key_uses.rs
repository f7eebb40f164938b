//! When keys were used. Nothing of what was asked with them is in it.

use std::collections::BTreeMap;

use oauth::Timestamp;
use serde::{Deserialize, Serialize};

const HOUR_SECONDS: u64 = 3_600;
/// So many hours are one day.
const DAY_HOURS: u64 = 24;

/// The uses of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// The last one.
    pub last_used_at: Option<Timestamp>,
    /// How many calls in each hour, by the hour's number since the epoch.
    hours: BTreeMap<u64, u64>,
}

impl Uses {
    /// One call more.
    pub fn count(&mut self, now: Timestamp) {
        self.last_used_at = self.last_used_at.max(Some(now));
        *self.hours.entry(now.seconds() / HOUR_SECONDS).or_default() += 1;
    }

    /// Adds what another part of the day brought, and drops what is older than a day.
    fn add(&mut self, other: &Self, now: Timestamp) {
        self.last_used_at = self.last_used_at.max(other.last_used_at);
        for (hour, calls) in &other.hours {
            *self.hours.entry(*hour).or_default() += calls;
        }
        self.hours.retain(|hour, _| is_today(*hour, now));
    }

    /// The calls of the last 24 hours.
    pub fn calls_of_a_day(&self, now: Timestamp) -> u64 {
        self.hours.iter().filter(|(hour, _)| is_today(**hour, now)).map(|(_, calls)| calls).sum()
    }
}

fn is_today(hour: u64, now: Timestamp) -> bool {
    hour + DAY_HOURS > now.seconds() / HOUR_SECONDS
}

/// The uses of all keys, by their ids.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AllUses(pub BTreeMap<String, Uses>);

impl AllUses {
    /// Adds what was counted since the last time. Keys that are gone are forgotten.
    pub fn add(&mut self, counted: &Self, now: Timestamp, is_there: impl Fn(&str) -> bool) {
        for (id, uses) in &counted.0 {
            self.0.entry(id.clone()).or_default().add(uses, now);
        }
        self.0.retain(|id, _| is_there(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_two_programs_are_added_and_yesterday_is_over() {
        let at = |hour: u64| Timestamp::from_seconds(hour * HOUR_SECONDS + 5);
        let counted = |hours: &[u64]| {
            let mut uses = Uses::default();
            hours.iter().for_each(|hour| uses.count(at(*hour)));
            AllUses(BTreeMap::from([("excel".to_owned(), uses)]))
        };
        let mut all = counted(&[100, 101, 101]);
        all.add(&counted(&[101, 110]), at(110), |_| true);
        assert_eq!(all.0["excel"].calls_of_a_day(at(110)), 5);
        assert_eq!(all.0["excel"].last_used_at, Some(at(110)));
        assert_eq!(all.0["excel"].calls_of_a_day(at(124)), 4);
        assert_eq!(all.0["excel"].calls_of_a_day(at(134)), 0);
        all.add(&AllUses::default(), at(134), |id| id != "excel");
        assert!(all.0.is_empty());
    }
}

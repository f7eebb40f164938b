//! When the program may be replaced by a newer version of itself: not while
//! anything would be cut off or lost by its end.

use connection::View;

use crate::connections::Connections;
use crate::updates::HoldsBack;

impl Connections {
    /// What would be cut off or lost if the program ended now. Whoever waits for
    /// it to pass hears of changes from [`Connections::changes`].
    pub fn hold_back_an_update(&self) -> Option<HoldsBack> {
        let held =
            self.all().into_iter().filter_map(|(_, connection)| held_by(&connection.watch().borrow().view));
        held.min().or_else(|| self.hold_what_would_be_lost().then_some(HoldsBack::UnsavedTokens))
    }
}

/// What of one connection would be cut off.
const fn held_by(view: &View) -> Option<HoldsBack> {
    match view {
        View::AwaitingBrowser { .. } | View::Exchanging { .. } | View::OtherSeller { .. } => {
            Some(HoldsBack::Login)
        }
        View::Refreshing { .. } | View::Disconnecting | View::Forgetting => Some(HoldsBack::UnderWay),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use connection::{BrowserProgress, ReturnPath};
    use oauth::Timestamp;

    use super::*;
    use crate::notifications::tests::session;

    #[test]
    fn a_login_and_what_is_under_way_hold_it_back_and_a_connection_at_rest_does_not() {
        let awaiting = View::AwaitingBrowser {
            browser: BrowserProgress::Opened,
            expires_at: Timestamp::from_seconds(600),
            since: Timestamp::from_seconds(0),
            return_path: ReturnPath::Link,
            second_path: false,
        };
        let login = [awaiting, View::Exchanging { can_cancel: true, by_browser: true }];
        assert!(login.iter().all(|view| held_by(view) == Some(HoldsBack::Login)));
        let session = session(600, true);
        let renewal = View::Refreshing { session: session.clone() };
        let under_way = [renewal, View::Disconnecting, View::Forgetting];
        assert!(under_way.iter().all(|view| held_by(view) == Some(HoldsBack::UnderWay)));
        let at_rest = [View::Connected { session }, View::Disconnected, View::Denied];
        assert!(at_rest.iter().all(|view| held_by(view).is_none()));
        assert!(HoldsBack::Login < HoldsBack::UnderWay, "a person can do something about it");
    }
}

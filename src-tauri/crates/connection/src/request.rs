//! What a user can ask of a connection.

use serde::Deserialize;

use crate::CopyTarget;

/// What a user can ask of a connection. It crosses from the window as it is,
/// with the account it is meant for beside it. A request that means nothing in
/// the connection's state changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, strum::IntoStaticStr)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Request {
    /// Connect, or connect again.
    Connect,
    /// Connect as another seller than the one the browser is logged in as.
    ConnectAsAnother,
    /// The answer does not come back: open a second request that comes back on another path.
    OpenSecondPath,
    /// Wait longer for the browser.
    Extend,
    /// Another seller logged in: keep that.
    ReplaceSeller,
    /// Another seller logged in: stay with the one before.
    KeepSeller,
    /// Open the browser once more.
    OpenBrowser,
    /// Copy the authorization link.
    CopyLink,
    /// Take the address from the clipboard as the browser's answer.
    Paste,
    /// Stop waiting, or call off a removal that the keyring stopped.
    Cancel,
    /// Renew now.
    Refresh,
    /// Copy a token.
    Copy {
        /// Which one, in which format.
        target: CopyTarget,
    },
    /// Revoke the tokens and delete them.
    Disconnect,
    /// Revoke the tokens, and delete everything that there is of the account.
    /// Only the program asks for it, which then takes the account out of the settings.
    #[serde(skip)]
    Forget,
    /// Check whether the connection works.
    Check,
    /// Unlock the keyring and go on.
    Unlock,
    /// Go on without a keyring until the program ends.
    KeepInMemory,
    /// The notice was read.
    DismissNotice,
}

impl Request {
    /// Whether it opens an authorization request, for which it needs random
    /// bytes: see [`crate::Event::Requested`].
    pub const fn needs_entropy(self) -> bool {
        matches!(self, Self::Connect | Self::ConnectAsAnother | Self::OpenSecondPath)
    }
}

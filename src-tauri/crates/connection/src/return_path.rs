//! The paths on which the browser's answer can come back.

use oauth::RedirectUri;
use serde::Serialize;

/// How an answer finds its way back from the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantNames, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReturnPath {
    /// The operating system hands a link to the program.
    Link,
    /// The browser ends on a page of this program, on this machine.
    Loopback,
    /// The seller copies the address the browser ended on.
    Paste,
}

impl ReturnPath {
    /// The path that a redirect URI is for.
    pub fn of(redirect_uri: &RedirectUri) -> Self {
        if redirect_uri.is_private_use() {
            Self::Link
        } else if redirect_uri.is_loopback() {
            Self::Loopback
        } else {
            Self::Paste
        }
    }
}

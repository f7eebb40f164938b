//! What one of our programs tells the other when it takes its place.

use connection::{AccountId, Copied, CopyTarget, CredentialField, TokenFormat};
use oauth::Timestamp;

/// Without a window: at login.
pub const BACKGROUND: &str = "--background";
/// Connect an account, whose id follows, once the window is there.
pub const CONNECT: &str = "--connect=";
const COPIED: &str = "--copied=";

/// The account to be connected, among a program's arguments.
pub fn account_to_connect(arguments: impl IntoIterator<Item = String>) -> Option<AccountId> {
    let mut ids =
        arguments.into_iter().filter_map(|argument| argument.strip_prefix(CONNECT).map(str::to_owned));
    AccountId::parse(&ids.next()?).ok()
}

/// What was copied and is still in the clipboard, whose content dies with the
/// program that holds it. It says what to copy again, and carries no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyHandover {
    /// The account it is of.
    pub account: AccountId,
    /// What was copied of it, and when it is to be cleared.
    pub copied: Copied,
}

/// Stands for the refresh token, where else the name of a format stands.
const REFRESH_TOKEN: &str = "refresh-token";

impl CopyHandover {
    /// As an argument: `--copied=`, what, until when in seconds since the epoch, and of which account.
    pub fn argument(&self) -> String {
        let what = match self.copied.what {
            CopyTarget::Bearer(format) => format.into(),
            CopyTarget::Credential(field) => field.into(),
            CopyTarget::RefreshToken => REFRESH_TOKEN,
        };
        format!("{COPIED}{what}:{}:{}", self.copied.clears_at.seconds(), self.account)
    }

    /// Reads it among a program's arguments.
    pub fn among(arguments: impl IntoIterator<Item = String>) -> Option<Self> {
        let text =
            arguments.into_iter().find_map(|argument| argument.strip_prefix(COPIED).map(str::to_owned))?;
        let mut parts = text.splitn(3, ':');
        let what = match parts.next()? {
            REFRESH_TOKEN => CopyTarget::RefreshToken,
            name => name
                .parse::<TokenFormat>()
                .map(CopyTarget::Bearer)
                .or_else(|_| name.parse::<CredentialField>().map(CopyTarget::Credential))
                .ok()?,
        };
        let clears_at = Timestamp::from_seconds(parts.next()?.parse().ok()?);
        Some(Self { account: AccountId::parse(parts.next()?).ok()?, copied: Copied { what, clears_at } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_copied_is_told_to_the_next_program() {
        let account = AccountId::parse("my-shop").unwrap();
        for what in [
            CopyTarget::Bearer(TokenFormat::PowerShell),
            CopyTarget::Credential(CredentialField::Basic),
            CopyTarget::RefreshToken,
        ] {
            let copied = Copied { what, clears_at: Timestamp::from_seconds(1_800) };
            let handover = CopyHandover { account: account.clone(), copied };
            let arguments = ["hotmart-connect".to_owned(), handover.argument()];
            assert_eq!(CopyHandover::among(arguments), Some(handover));
        }
        assert_eq!(account_to_connect([format!("{CONNECT}my-shop")]), Some(account));
        for damaged in ["--copied=", "--copied=token:x:main", "--copied=token:1:../x", "--copied=all:1:main"]
        {
            assert_eq!(CopyHandover::among([damaged.to_owned()]), None);
        }
    }

    /// Arguments that any program of this machine may pass, made of the parts of ours.
    #[test]
    fn whatever_is_passed_is_read_without_a_fault_and_names_an_account_that_can_be() {
        let parts = [
            "--copied=",
            CONNECT,
            BACKGROUND,
            ":",
            "token",
            "refresh-token",
            "main",
            "-1",
            "99999999999999999999",
            "é",
            "\0",
            "=",
            "",
        ];
        let mut number: usize = 1;
        for _ in 0..200_000 {
            // A linear congruential generator: the same arguments at every run.
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let text: String = (0..6).map(|place| parts[(number >> (place * 8)) % parts.len()]).collect();
            if let Some(handover) = CopyHandover::among([text.clone()]) {
                assert!(text.ends_with(handover.account.as_str()), "{text:?}");
            }
            assert!(
                account_to_connect([text.clone()]).is_none_or(|id| text.contains(id.as_str())),
                "{text:?}"
            );
        }
    }
}

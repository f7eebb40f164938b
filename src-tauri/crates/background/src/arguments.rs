//! What one of our programs tells the other when it takes its place.

use connection::{AccountId, Handout, TokenForm};
use oauth::Timestamp;

/// Without a window: at login.
pub const BACKGROUND: &str = "--background";
/// Connect the account that the window shows, once it is there.
pub const CONNECT: &str = "--connect";
const COPIED: &str = "--copied=";

/// What was copied and is still in the clipboard, whose content dies with the
/// program that holds it. It says what to copy again, and carries no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The account it is of.
    pub account: AccountId,
    /// What of it.
    pub what: Handout,
    /// When it is to be cleared.
    pub until: Timestamp,
}

const FORMS: [(&str, Handout); 8] = [
    ("token", Handout::Bearer(TokenForm::Token)),
    ("header", Handout::Bearer(TokenForm::Header)),
    ("curl", Handout::Bearer(TokenForm::Curl)),
    ("env", Handout::Bearer(TokenForm::Env)),
    ("powershell", Handout::Bearer(TokenForm::PowerShell)),
    ("json", Handout::Bearer(TokenForm::Json)),
    ("n8n", Handout::Bearer(TokenForm::N8n)),
    ("refresh-token", Handout::RefreshToken),
];

impl Copied {
    /// As an argument.
    pub fn argument(&self) -> Option<String> {
        let (name, _) = FORMS.into_iter().find(|(_, what)| *what == self.what)?;
        Some(format!("{COPIED}{name}:{}:{}", self.until.seconds(), self.account))
    }

    /// Reads it among a program's arguments.
    pub fn among(arguments: impl IntoIterator<Item = String>) -> Option<Self> {
        let text =
            arguments.into_iter().find_map(|argument| argument.strip_prefix(COPIED).map(str::to_owned))?;
        let mut parts = text.splitn(3, ':');
        let name = parts.next()?;
        let (_, what) = FORMS.into_iter().find(|(known, _)| *known == name)?;
        let until = Timestamp::from_seconds(parts.next()?.parse().ok()?);
        Some(Self { account: AccountId::parse(parts.next()?).ok()?, what, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_copied_is_told_to_the_next_program() {
        let account = AccountId::parse("my-shop").unwrap();
        for (_, what) in FORMS {
            let copied = Copied { account: account.clone(), what, until: Timestamp::from_seconds(1_800) };
            let argument = copied.argument().unwrap();
            assert_eq!(Copied::among(["hotmart-connect".to_owned(), argument]), Some(copied));
        }
        for damaged in ["--copied=", "--copied=token:x:main", "--copied=token:1:../x", "--copied=all:1:main"]
        {
            assert_eq!(Copied::among([damaged.to_owned()]), None);
        }
    }
}

//! Hotmart's two dialects: where they differ.

/// Which of the two a request speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `/security/oauth/*`.
    Classic,
    /// `/oidc/*`, Hotmart Authentication.
    Oidc,
}

impl Dialect {
    /// Scopes that may be asked for.
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Classic => &["all", "read", "write"],
            Self::Oidc => &["openid", "developers", "sales", "club", "subscriptions"],
        }
    }

    /// Scopes that must be asked for.
    pub const fn required_scopes(self) -> &'static [&'static str] {
        match self {
            Self::Classic => &[],
            Self::Oidc => &["openid", "developers"],
        }
    }

    /// Where the consent page sends its answer.
    pub const fn decision_path(self) -> &'static str {
        match self {
            Self::Classic => "/security/oauth/decision",
            Self::Oidc => "/oidc/decision",
        }
    }

    /// What an authorization code starts with.
    pub const fn code_prefix(self) -> &'static str {
        match self {
            Self::Classic => "",
            Self::Oidc => "OC-1-",
        }
    }

    /// The issuer's path.
    pub const fn issuer_path(self) -> &'static str {
        match self {
            Self::Classic => "/security/oauth",
            Self::Oidc => "/oidc",
        }
    }
}

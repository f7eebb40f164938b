//! Hotmart's two dialects: where they differ. And the entry point through which a
//! request came: Practice Hotmart's own, or one of those that have the names
//! of Hotmart's servers and are as strict as these may be.

/// Hotmart's issuer: a name, and no address to which programs send requests.
const HOTMARTS_ISSUER: &str = "https://sso.hotmart.com/oidc";

/// How a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryPoint {
    pub dialect: Dialect,
    /// Whether it is one with the name of Hotmart's own server.
    pub as_hotmart: bool,
}

impl EntryPoint {
    /// What this server calls itself there, below its own address.
    pub fn issuer(self, own_address: &str) -> String {
        match self {
            Self { dialect: Dialect::Oidc, as_hotmart: true } => HOTMARTS_ISSUER.to_owned(),
            Self { dialect, .. } => {
                format!("{}{}", own_address.trim_end_matches('/'), dialect.issuer_path())
            }
        }
    }

    /// Whether answers name the issuer (RFC 9207). No document says that Hotmart's do.
    pub const fn names_itself(self) -> bool {
        !self.as_hotmart
    }
}

/// Which API a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// This server's own: it takes any good token.
    Own,
    /// `developers.hotmart.com`: no sandbox credentials; the id token of Hotmart Authentication.
    Production,
    /// `sandbox.hotmart.com`: sandbox credentials alone.
    Sandbox,
}

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

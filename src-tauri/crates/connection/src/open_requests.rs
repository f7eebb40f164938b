//! The authorization requests of one login that are open at the same time.

use oauth::{
    AuthorizationRequest, AuthorizationResponse, Callback, CallbackRejection, RedirectUri, Secret, Timestamp,
};

use crate::ReturnPath;

/// What a callback is to a login.
pub(crate) enum Judged {
    /// The answer to this request of it.
    Answered(AuthorizationRequest, AuthorizationResponse),
    /// No answer to any, and why; all of them stay open.
    Rejected(OpenRequests, CallbackRejection),
}

/// One request, or two that come back different ways. The first good answer
/// to any of them counts, and closes them all.
#[derive(Debug)]
pub(crate) struct OpenRequests {
    first: AuthorizationRequest,
    second: Option<AuthorizationRequest>,
}

impl OpenRequests {
    /// A login with one request.
    pub fn new(first: AuthorizationRequest) -> Self {
        Self { first, second: None }
    }

    /// Opens a second request beside the first, unless there is one already.
    pub fn open_second(&mut self, second: AuthorizationRequest) {
        self.second.get_or_insert(second);
    }

    /// Gives the second request up. Whether there was one.
    pub fn close_second(&mut self) -> bool {
        self.second.take().is_some()
    }

    /// The request that was opened last: the one the browser is sent to.
    pub fn newest(&self) -> &AuthorizationRequest {
        self.second.as_ref().unwrap_or(&self.first)
    }

    /// The redirect URI of a second request beside the first, if there can be
    /// one: the account's loopback address, unless the first one uses it.
    pub fn second_path<'a>(&self, loopback: Option<&'a RedirectUri>) -> Option<&'a RedirectUri> {
        let is_new =
            self.second.is_none() && ReturnPath::of(self.first.redirect_uri()) != ReturnPath::Loopback;
        loopback.filter(|_| is_new)
    }

    /// The redirect URIs that are waited at.
    pub fn redirect_uris(&self) -> impl Iterator<Item = &RedirectUri> {
        std::iter::once(&self.first).chain(&self.second).map(AuthorizationRequest::redirect_uri)
    }

    /// The newest request, answered at another redirect URI.
    pub fn redirect_newest(self, redirect_uri: RedirectUri) -> Self {
        match self.second {
            Some(second) => Self { first: self.first, second: Some(second.redirected_to(redirect_uri)) },
            None => Self { first: self.first.redirected_to(redirect_uri), second: None },
        }
    }

    /// When the last of them stops taking answers.
    pub fn expires_at(&self) -> Timestamp {
        self.newest().expires_at().max(self.first.expires_at())
    }

    /// Takes answers for a whole lifetime from now on.
    pub fn extend(&mut self, now: Timestamp) {
        self.first.extend(now);
        if let Some(second) = &mut self.second {
            second.extend(now);
        }
    }

    /// Judges an address.
    pub fn judge(self, callback: &Callback, now: Timestamp) -> Judged {
        let by_first = self.first.validate(callback, now);
        let by_second = self.second.as_ref().map(|second| second.validate(callback, now));
        match (by_first, by_second, self) {
            (Ok(answer), _, Self { first, .. }) => Judged::Answered(first, answer),
            (_, Some(Ok(answer)), Self { second: Some(second), .. }) => Judged::Answered(second, answer),
            // The one on whose address it is says more about it.
            (Err(CallbackRejection::OtherAddress), Some(Err(reason)), requests) => {
                Judged::Rejected(requests, reason)
            }
            (Err(reason), _, requests) => Judged::Rejected(requests, reason),
        }
    }

    /// All of them as one secret, for the keyring.
    pub fn to_stored(&self) -> Secret {
        // One JSON object in each line.
        match &self.second {
            None => self.first.to_stored(),
            Some(second) => {
                Secret::new(format!("{}\n{}", self.first.to_stored().expose(), second.to_stored().expose()))
            }
        }
    }

    /// What [`OpenRequests::to_stored`] kept; `None` if nothing in it is whole.
    pub fn from_stored(stored: &Secret) -> Option<Self> {
        let mut whole = stored
            .expose()
            .lines()
            .filter_map(|line| AuthorizationRequest::from_stored(&Secret::new(line.to_owned())));
        Some(Self { first: whole.next()?, second: whole.next() })
    }
}

//! What the actor finds at a terminal in place of a browser, a clipboard and a window.

use std::sync::{Mutex, PoisonError};

use adapters::SystemBrowser;
use connection::ports::{
    Attention, BoxFuture, Browser, BrowserDidNotOpen, BrowserStart, Clipboard, ClipboardProblem,
};
use oauth::Secret;
use url::Url;

use crate::terminal;

/// Prints the link, and opens it where there is a display. It is never logged.
pub struct Link {
    pub before: String,
    pub after: String,
    pub browser: Option<SystemBrowser>,
}

impl Browser for Link {
    fn open(&self, url: Url) -> BoxFuture<'_, Result<BrowserStart, BrowserDidNotOpen>> {
        terminal::say(&format!("{}\n\n{url}\n\n{}", self.before, self.after));
        match &self.browser {
            Some(browser) => browser.open(url),
            None => Box::pin(async { Ok(BrowserStart::Done) }),
        }
    }
}

/// There is no person to log in.
pub struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _: Url) -> BoxFuture<'_, Result<BrowserStart, BrowserDidNotOpen>> {
        Box::pin(async { Err(BrowserDidNotOpen) })
    }
}

/// The line that was pasted last, in the clipboard's place: the command puts it
/// in, a task of the connection takes it out.
#[derive(Default)]
pub struct PastedLine(Mutex<Option<Secret>>);

impl PastedLine {
    /// Takes a line, in place of the one before.
    pub fn put(&self, line: Secret) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(line);
    }
}

impl Clipboard for PastedLine {
    fn copy_secret(&self, _: Secret) -> BoxFuture<'_, Result<(), ClipboardProblem>> {
        Box::pin(async { Err(ClipboardProblem) })
    }

    fn clear_if_ours(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn read(&self) -> BoxFuture<'_, Result<Secret, ClipboardProblem>> {
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async move { line.ok_or(ClipboardProblem) })
    }
}

/// There is none to bring to the front.
pub struct NoWindow;

impl Attention for NoWindow {
    fn bring_to_front(&self) {}
}

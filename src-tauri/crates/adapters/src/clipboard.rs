//! The clipboard, on a thread of its own: on X11 and Wayland its content lives
//! only as long as its owner, and asking for it may block.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use connection::ports::{BoxFuture, Clipboard, ClipboardProblem};
use oauth::Secret;
use tokio::sync::oneshot;

const DEADLINE: Duration = Duration::from_secs(3);
/// A clipboard that another program holds is tried this often, this far apart.
const CLEAR_TRIES: usize = 10;
const CLEAR_AGAIN: Duration = Duration::from_millis(100);

/// How far a copied secret can be looked after on this desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClipboardKind {
    /// It is hidden from histories that heed the hint, and cleared if it is still ours.
    Whole,
    /// A Wayland desktop that shows its clipboard to X11 programs alone: the
    /// same, as far as the desktop passes it on.
    ThroughX11,
}

/// What kind of clipboard this desktop has.
pub fn clipboard_kind() -> ClipboardKind {
    #[cfg(target_os = "linux")]
    if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty())
        && let Err(error) = wl_clipboard_rs::utils::is_primary_selection_supported()
    {
        log::info!("the clipboard goes through X11: {error}");
        return ClipboardKind::ThroughX11;
    }
    ClipboardKind::Whole
}

enum Job {
    IsEmpty(oneshot::Sender<bool>),
    IsOurs(oneshot::Sender<bool>),
    CopyText(String, oneshot::Sender<Result<(), ClipboardProblem>>),
    Copy(u64, Secret, oneshot::Sender<Result<(), ClipboardProblem>>),
    /// What this connection copied, or with `None` what any part of this program copied.
    ClearIfOurs(Option<u64>, oneshot::Sender<()>),
    Read(oneshot::Sender<Result<Secret, ClipboardProblem>>),
}

/// The system's clipboard.
#[derive(Clone, Debug)]
pub struct SystemClipboard {
    jobs: mpsc::Sender<Job>,
    /// Tells what one account copied from what another did.
    who: u64,
}

impl SystemClipboard {
    /// Starts the thread; the clipboard itself is opened when first used.
    pub fn start() -> Self {
        let (jobs, inbox) = mpsc::channel();
        std::thread::spawn(move || Owner::default().serve(&inbox));
        Self { jobs, who: 0 }
    }

    /// The same clipboard for another connection: each clears only what it copied itself.
    #[must_use]
    pub fn for_another(&self) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        Self { jobs: self.jobs.clone(), who: COUNT.fetch_add(1, Ordering::Relaxed) }
    }

    /// Clears whatever this program copied, if it is still there.
    pub async fn clear_whatever_is_ours(&self) {
        self.ask(|answer| Job::ClearIfOurs(None, answer)).await;
    }

    /// Whether there is nothing in the clipboard.
    pub async fn is_empty(&self) -> bool {
        self.ask(Job::IsEmpty).await.unwrap_or(false)
    }

    /// Whether what is in the clipboard is what this program copied.
    pub async fn has_something_of_ours(&self) -> bool {
        self.ask(Job::IsOurs).await.unwrap_or(false)
    }

    /// Copies something that is no secret, and may stay.
    ///
    /// # Errors
    /// The clipboard cannot be used.
    pub async fn copy_text(&self, text: String) -> Result<(), ClipboardProblem> {
        self.ask(|answer| Job::CopyText(text, answer)).await.unwrap_or(Err(ClipboardProblem))
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Option<T> {
        let (answer, wait) = oneshot::channel();
        self.jobs.send(job(answer)).ok()?;
        tokio::time::timeout(DEADLINE, wait).await.ok()?.ok()
    }
}

impl Clipboard for SystemClipboard {
    fn copy_secret(&self, secret: Secret) -> BoxFuture<'_, Result<(), ClipboardProblem>> {
        Box::pin(async move {
            self.ask(|answer| Job::Copy(self.who, secret, answer)).await.unwrap_or(Err(ClipboardProblem))
        })
    }

    fn clear_if_ours(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.ask(|answer| Job::ClearIfOurs(Some(self.who), answer)).await.unwrap_or_default()
        })
    }

    fn read(&self) -> BoxFuture<'_, Result<Secret, ClipboardProblem>> {
        Box::pin(async move { self.ask(Job::Read).await.unwrap_or(Err(ClipboardProblem)) })
    }
}

fn hash_of(text: &Secret) -> [u8; 32] {
    oauth::sha256(&[text.expose().as_bytes()])
}

/// Whether a text is the one with this hash.
fn is(text: &Secret, hash: [u8; 32]) -> bool {
    hash_of(text) == hash
}

#[derive(Default)]
struct Owner {
    clipboard: Option<arboard::Clipboard>,
    /// What we copied last and for whom, as a hash: enough to know it again.
    ours: Option<(u64, [u8; 32])>,
}

impl Owner {
    fn serve(mut self, inbox: &mpsc::Receiver<Job>) {
        while let Ok(job) = inbox.recv() {
            match job {
                // The caller waits no more: what was given up must not happen late.
                Job::Copy(_, _, answer) if answer.is_closed() => {}
                Job::Copy(who, secret, answer) => {
                    let _ = answer.send(self.copy(who, &secret));
                }
                Job::IsEmpty(answer) => {
                    let there = self.opened().map(arboard::Clipboard::get_text);
                    let is_empty = match there {
                        Ok(Ok(text)) => text.is_empty(),
                        Ok(Err(error)) => matches!(error, arboard::Error::ContentNotAvailable),
                        Err(ClipboardProblem) => false,
                    };
                    let _ = answer.send(is_empty);
                }
                Job::IsOurs(answer) => {
                    let there = self.ours.map(|(_, ours)| (self.read(), ours));
                    let is_ours =
                        there.is_some_and(|(there, ours)| there.is_ok_and(|there| is(&there, ours)));
                    let _ = answer.send(is_ours);
                }
                Job::CopyText(text, answer) => {
                    let copied = self
                        .opened()
                        .and_then(|clipboard| clipboard.set_text(text).map_err(|_| ClipboardProblem));
                    let _ = answer.send(copied);
                }
                Job::ClearIfOurs(who, answer) => {
                    let theirs = self.ours.is_some_and(|(owner, _)| who.is_none_or(|who| who == owner));
                    if theirs {
                        self.clear_if_ours();
                    }
                    let _ = answer.send(());
                }
                Job::Read(answer) => {
                    let _ = answer.send(self.read());
                }
            }
        }
    }

    fn opened(&mut self) -> Result<&mut arboard::Clipboard, ClipboardProblem> {
        if self.clipboard.is_none() {
            self.clipboard = Some(arboard::Clipboard::new().map_err(|error| {
                log::warn!("the clipboard cannot be opened: {error}");
                ClipboardProblem
            })?);
        }
        self.clipboard.as_mut().ok_or(ClipboardProblem)
    }

    fn copy(&mut self, who: u64, secret: &Secret) -> Result<(), ClipboardProblem> {
        let set = self.opened()?.set();
        #[cfg(all(unix, not(target_os = "macos")))]
        let set = arboard::SetExtLinux::exclude_from_history(set);
        #[cfg(target_os = "macos")]
        let set = arboard::SetExtApple::exclude_from_history(set);
        #[cfg(windows)]
        let set = arboard::SetExtWindows::exclude_from_monitoring(set);
        set.text(secret.expose()).map_err(|error| {
            log::warn!("nothing was copied: {error}");
            ClipboardProblem
        })?;
        self.ours = Some((who, hash_of(secret)));
        Ok(())
    }

    /// Forgets what is ours only once it is known to be gone.
    fn clear_if_ours(&mut self) {
        let Some((_, ours)) = self.ours else { return };
        for _ in 0..CLEAR_TRIES {
            let there = match self.opened().map(arboard::Clipboard::get_text) {
                Ok(Ok(text)) => Secret::new(text),
                // Empty, or something that is no text: not ours any more.
                Ok(Err(arboard::Error::ContentNotAvailable)) => {
                    self.ours = None;
                    return;
                }
                // Another program holds it just now.
                _ => {
                    std::thread::sleep(CLEAR_AGAIN);
                    continue;
                }
            };
            if !is(&there, ours) || self.opened().is_ok_and(|clipboard| clipboard.clear().is_ok()) {
                self.ours = None;
                return;
            }
        }
        log::warn!("the clipboard could not be looked at; what was copied may still be there");
    }

    fn read(&mut self) -> Result<Secret, ClipboardProblem> {
        self.opened()?.get_text().map(Secret::new).map_err(|_| ClipboardProblem)
    }
}

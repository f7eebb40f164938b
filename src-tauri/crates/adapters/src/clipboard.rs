//! The clipboard, on a thread of its own: on X11 and Wayland its content lives
//! only as long as its owner, and asking for it may block.

use std::sync::mpsc;
use std::time::Duration;

use connection::ports::{Clipboard, ClipboardProblem, Pending};
use oauth::Secret;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

const DEADLINE: Duration = Duration::from_secs(3);
/// A clipboard that another program holds is tried this often, this far apart.
const CLEAR_TRIES: usize = 10;
const CLEAR_AGAIN: Duration = Duration::from_millis(100);

enum Job {
    Copy(Secret, oneshot::Sender<Result<(), ClipboardProblem>>),
    ClearIfOurs(oneshot::Sender<()>),
    Read(oneshot::Sender<Result<Secret, ClipboardProblem>>),
}

/// The system's clipboard.
#[derive(Clone, Debug)]
pub struct SystemClipboard {
    jobs: mpsc::Sender<Job>,
}

impl SystemClipboard {
    /// Starts the thread; the clipboard itself is opened when first used.
    pub fn start() -> Self {
        let (jobs, inbox) = mpsc::channel();
        std::thread::spawn(move || Owner::default().serve(&inbox));
        Self { jobs }
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Option<T> {
        let (answer, wait) = oneshot::channel();
        self.jobs.send(job(answer)).ok()?;
        tokio::time::timeout(DEADLINE, wait).await.ok()?.ok()
    }
}

impl Clipboard for SystemClipboard {
    fn copy_secret(&self, secret: Secret) -> Pending<'_, Result<(), ClipboardProblem>> {
        Box::pin(async move {
            self.ask(|answer| Job::Copy(secret, answer)).await.unwrap_or(Err(ClipboardProblem))
        })
    }

    fn clear_if_ours(&self) -> Pending<'_, ()> {
        Box::pin(async move { self.ask(Job::ClearIfOurs).await.unwrap_or_default() })
    }

    fn read(&self) -> Pending<'_, Result<Secret, ClipboardProblem>> {
        Box::pin(async move { self.ask(Job::Read).await.unwrap_or(Err(ClipboardProblem)) })
    }
}

#[derive(Default)]
struct Owner {
    clipboard: Option<arboard::Clipboard>,
    /// What we copied last, as a hash: enough to know it again.
    ours: Option<[u8; 32]>,
}

impl Owner {
    fn serve(mut self, inbox: &mpsc::Receiver<Job>) {
        while let Ok(job) = inbox.recv() {
            match job {
                // Nobody waits any more: what was given up must not happen late.
                Job::Copy(_, answer) if answer.is_closed() => {}
                Job::Copy(secret, answer) => {
                    let _ = answer.send(self.copy(&secret));
                }
                Job::ClearIfOurs(answer) => {
                    self.clear_if_ours();
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

    fn copy(&mut self, secret: &Secret) -> Result<(), ClipboardProblem> {
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
        self.ours = Some(Sha256::digest(secret.expose()).into());
        Ok(())
    }

    /// Forgets what is ours only once it is known to be gone.
    fn clear_if_ours(&mut self) {
        let Some(ours) = self.ours else { return };
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
            let still_ours = <[u8; 32]>::from(Sha256::digest(there.expose())) == ours;
            if !still_ours || self.opened().is_ok_and(|clipboard| clipboard.clear().is_ok()) {
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

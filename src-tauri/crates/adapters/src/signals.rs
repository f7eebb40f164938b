//! Being told to end.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// As a shell says it: ended by a signal.
const ENDED_BY_SIGNAL: i32 = 128;

/// Holds back what asks a program to end (Ctrl-C, a closing terminal, a time
/// limit) while something is under way that must come to its end.
#[derive(Debug)]
pub struct SignalShield(platform::Heard);

impl SignalShield {
    /// From now on a request to end is only heard.
    ///
    /// Must be called within a Tokio runtime.
    pub fn raise() -> Self {
        Self(platform::listen())
    }

    /// The first request that was heard, as the system numbers it. From now on
    /// one ends the program at once.
    pub async fn lower(mut self) -> Option<u8> {
        // What the system has delivered is handed on by the runtime.
        tokio::task::yield_now().await;
        let heard = platform::poll(&mut self.0, &mut Context::from_waker(Waker::noop()));
        tokio::spawn(async move {
            let signal = wait(self.0).await;
            if LISTENING.load(Ordering::SeqCst) > 0 {
                return;
            }
            std::process::exit(ENDED_BY_SIGNAL + i32::from(signal));
        });
        match heard {
            Poll::Ready(signal) => Some(signal),
            Poll::Pending => None,
        }
    }
}

/// How many [`Endings`] there are: who asks for an end is heard by them alone.
static LISTENING: AtomicUsize = AtomicUsize::new(0);

/// Hears each request to end, for a program that does something about it as
/// long as it lives. None of them ends this program by itself.
#[derive(Debug)]
pub struct Endings(platform::Heard);

impl Endings {
    /// Hears them from now on.
    ///
    /// Must be called within a Tokio runtime.
    pub fn listen() -> Self {
        LISTENING.fetch_add(1, Ordering::SeqCst);
        Self(platform::listen())
    }

    /// The next request; the signal's number.
    pub async fn next(&mut self) -> u8 {
        poll_fn(|context| platform::poll(&mut self.0, context)).await
    }
}

impl Drop for Endings {
    fn drop(&mut self) {
        LISTENING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Waits until the user or another process asks this program to end; the signal's number.
pub async fn told_to_end() -> u8 {
    wait(platform::listen()).await
}

fn wait(mut heard: platform::Heard) -> impl Future<Output = u8> {
    poll_fn(move |context| platform::poll(&mut heard, context))
}

#[cfg(unix)]
mod platform {
    use std::task::{Context, Poll};

    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub type Heard = Vec<(u8, Signal)>;

    pub fn listen() -> Heard {
        [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
            .into_iter()
            .filter_map(|kind| Some((u8::try_from(kind.as_raw_value()).ok()?, signal(kind).ok()?)))
            .collect()
    }

    pub fn poll(heard: &mut Heard, context: &mut Context<'_>) -> Poll<u8> {
        for (number, signal) in heard {
            if signal.poll_recv(context).is_ready() {
                return Poll::Ready(*number);
            }
        }
        Poll::Pending
    }
}

/// Windows tells programs in a console alone, and says that these hear of a
/// log-off or a shutdown as services only. The program with a window hears of the
/// end of a session from its event loop.
#[cfg(not(unix))]
mod platform {
    use std::task::{Context, Poll};

    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
    };

    /// What the same requests are called elsewhere: Ctrl-C, a closed terminal, the end of the system.
    const INTERRUPT: u8 = 2;
    const HANG_UP: u8 = 1;
    const TERMINATE: u8 = 15;

    #[derive(Debug)]
    pub struct Heard {
        interrupt: Option<CtrlC>,
        stop: Option<CtrlBreak>,
        close: Option<CtrlClose>,
        shut_down: Option<CtrlShutdown>,
    }

    /// The system ends a program within seconds of the last two, whatever it
    /// does: it has that long for what is under way. A service would also be
    /// told that somebody logs off, which is no concern of its.
    pub fn listen() -> Heard {
        Heard {
            interrupt: ctrl_c().ok(),
            stop: ctrl_break().ok(),
            close: ctrl_close().ok(),
            shut_down: ctrl_shutdown().ok(),
        }
    }

    /// One at a time: a second request is the next one's answer.
    pub fn poll(heard: &mut Heard, context: &mut Context<'_>) -> Poll<u8> {
        let made = |request: Option<Poll<Option<()>>>| request.is_some_and(|request| request.is_ready());
        if made(heard.interrupt.as_mut().map(|request| request.poll_recv(context)))
            || made(heard.stop.as_mut().map(|request| request.poll_recv(context)))
        {
            Poll::Ready(INTERRUPT)
        } else if made(heard.close.as_mut().map(|request| request.poll_recv(context))) {
            Poll::Ready(HANG_UP)
        } else if made(heard.shut_down.as_mut().map(|request| request.poll_recv(context))) {
            Poll::Ready(TERMINATE)
        } else {
            Poll::Pending
        }
    }
}

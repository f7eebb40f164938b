//! The door itself: takes connections, lets requests in or refuses them, and
//! passes to the program that takes this one's place.

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use adapters::{DoorListeners, Translations};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::http::request::Parts as RequestParts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use oauth::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_io_timeout::TimeoutStream;

use crate::fresh_token::{AccountSource, Tokens};
use crate::guard::{self, LetIn};
use crate::key_file::LocalKey;
use crate::local_keys::LocalKeys;
use crate::passage::{AnswerBody, pass};
use crate::refusal::Refusal;
use crate::strangers::{Number, Strangers};

/// A tool sends the head of its request at once.
const HEADER_DEADLINE: Duration = Duration::from_secs(10);
/// A longer head is no tool's: 16 KiB.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// So many connections that have shown no good key are kept.
const MOST_STRANGERS: usize = 256;
/// So many calls are answered at the same time.
const MOST_CALLS: usize = 512;
/// A tool that reads nothing of its answer for so long has hung.
const STALLED: Duration = Duration::from_secs(30);
/// The longest that a call can take, its answer included: 10 minutes.
const WHOLE_DEADLINE: Duration = Duration::from_secs(600);
/// The rest of a request that is refused is read for so long: a tool that is
/// still sending would not see the answer otherwise.
const DRAINED_WITHIN: Duration = Duration::from_secs(2);
/// Where no more connections can be had, it is tried again after this long.
const PAUSE: Duration = Duration::from_millis(100);
/// What was counted is written down this long after the first call of several.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);
/// Calls that are under way get this long when the program ends.
const FINISH_DEADLINE: Duration = Duration::from_secs(10);
/// Whoever has connected and not shown a key by then is not waited for.
const GREETING_DEADLINE: Duration = Duration::from_secs(5);
/// The same refusal is logged this often at the most.
const LOGGED_EVERY: Duration = Duration::from_secs(10);

/// What a tool is sent.
type Answer = BoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// What a door is made of.
pub struct Parts {
    /// The keys.
    pub keys: Arc<LocalKeys>,
    /// The accounts that they open.
    pub accounts: Arc<dyn AccountSource>,
    /// The sentences in the language of the moment.
    pub words: Arc<dyn Fn() -> Arc<Translations> + Send + Sync>,
    /// The wall clock, in seconds since the epoch.
    pub now: fn() -> u64,
}

/// An open door. It closes when this is dropped.
pub struct Door {
    listeners: DoorListeners,
    tasks: Vec<JoinHandle<()>>,
    room: Arc<Room>,
}

/// What every connection needs.
struct Room {
    parts: Parts,
    port: u16,
    tokens: Tokens,
    strangers: Strangers,
    calls: Arc<Semaphore>,
    connections: AtomicU64,
    /// Each connection holds a receiver, so that the door can wait for the last to go.
    here: watch::Sender<()>,
    /// When each kind of call was refused last, and of which key, if of any: a
    /// flood does not fill the log.
    logged: Mutex<HashMap<(Option<String>, &'static str), Instant>>,
}

impl Door {
    /// Opens the door at this port, or goes on with the sockets that the
    /// program before this one left, if there are any.
    ///
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Another program has the port.
    pub fn open(parts: Parts, port: u16, left: Option<DoorListeners>) -> std::io::Result<Self> {
        let left = left.filter(|left| left.port() == Some(port));
        let listeners = left.map_or_else(|| DoorListeners::open(port), Ok)?;
        let room = Arc::new(Room {
            parts,
            port,
            tokens: Tokens::default(),
            strangers: Strangers::new(MOST_STRANGERS),
            calls: Arc::new(Semaphore::new(MOST_CALLS)),
            connections: AtomicU64::new(0),
            here: watch::Sender::new(()),
            logged: Mutex::default(),
        });
        let tasks = listeners.duplicate()?.into_iter();
        let tasks = tasks.map(|listener| tokio::spawn(accept(listener, Arc::clone(&room)))).collect();
        log::info!("the door for local keys is open at port {port}");
        Ok(Self { listeners, tasks, room })
    }

    /// Closes the door. Calls that are under way get a moment to be answered.
    pub async fn close(self) {
        drop(self.leave().await);
    }

    /// The same, for another program of ours to take its place: gives what that
    /// one goes on with. Calls that come meanwhile wait in line there.
    pub async fn leave(self) -> DoorListeners {
        for task in self.tasks {
            task.abort();
            // Whatever it has accepted is served; what comes from now on waits in line.
            let _ = task.await;
        }
        let room = self.room;
        if tokio::time::timeout(GREETING_DEADLINE, room.here.closed()).await.is_err() {
            room.strangers.send_away();
            if tokio::time::timeout(FINISH_DEADLINE, room.here.closed()).await.is_err() {
                log::warn!("the door closes although calls are under way");
            }
        }
        let _ = tokio::task::spawn_blocking(move || room.parts.keys.write_counts(room.now())).await;
        self.listeners
    }
}

async fn accept(listener: TcpListener, room: Arc<Room>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => serve(stream, &room),
            // Mostly because this process has all the files open that it may.
            Err(error) => {
                log::warn!("no connection could be taken: {error}");
                room.strangers.send_away();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Serves a connection in a task of its own. It is a stranger's until it shows
/// a good key. Each call has a connection of its own: one that is kept would be
/// closed under the tool's hands when another program takes the door over.
fn serve(stream: TcpStream, room: &Arc<Room>) {
    // What is ready is sent at once.
    let _ = stream.set_nodelay(true);
    let number = room.connections.fetch_add(1, Ordering::Relaxed);
    let (guest, here) = (Arc::clone(room), room.here.subscribe());
    let served = Arc::clone(room);
    let connection = async move {
        let service = service_fn(move |request| {
            let room = Arc::clone(&served);
            async move { Ok::<_, Infallible>(room.answer(request, number).await) }
        });
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(STALLED));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_DEADLINE)
            .max_buf_size(MAX_HEAD_BYTES)
            .keep_alive(false)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        // A scanner that hangs up is no news.
        let _ = tokio::time::timeout(WHOLE_DEADLINE, connection).await;
        guest.strangers.is_none(number);
        drop(here);
    };
    if room.strangers.come(number, || tokio::spawn(connection).abort_handle()) {
        room.note(None, "too many connections without a key");
    }
}

impl Room {
    async fn answer(self: Arc<Self>, request: Request<Incoming>, number: Number) -> Response<Answer> {
        let (parts, body) = request.into_parts();
        let key = match self.judge(&parts, body.size_hint().lower()) {
            Ok(key) => key,
            Err(refusal) => {
                drain(body).await;
                return self.refuse(refusal, None).map(BodyExt::boxed);
            }
        };
        self.strangers.is_none(number);
        self.count(&key);
        let place = Arc::clone(&self.calls).try_acquire_owned();
        let answered = match &place {
            Ok(_) => self.pass_on(&key, parts, body).await,
            Err(_) => Err(Refusal::Busy),
        };
        let answer = answered.unwrap_or_else(|refusal| self.refuse(refusal, Some(&key)));
        // Its place is taken until the last of it has been sent.
        answer.map(|body| {
            body.map_frame(move |frame| {
                let _held = &place;
                frame
            })
            .boxed()
        })
    }

    /// The key of a request that may be passed on. Its body has at least so many `bytes`.
    fn judge(&self, request: &RequestParts, bytes: u64) -> Result<LocalKey, Refusal> {
        let LetIn { key, from_container } = guard::let_in(request, self.port)?;
        let found = self.parts.keys.find(key).map_err(|error| {
            log::error!("the local keys cannot be read: {error}");
            Refusal::KeysUnreadable
        })?;
        let key = found.ok_or(Refusal::UnknownKey)?;
        if from_container && !key.from_containers {
            return Err(Refusal::ForeignHost);
        }
        if !key.may_write && !guard::only_reads(&request.method) {
            return Err(Refusal::ReadOnly);
        }
        if usize::try_from(bytes).map_or(true, |bytes| bytes > guard::MAX_REQUEST_BYTES) {
            return Err(Refusal::TooLarge);
        }
        Ok(key)
    }

    async fn pass_on(
        &self,
        key: &LocalKey,
        parts: RequestParts,
        body: Incoming,
    ) -> Result<Response<AnswerBody>, Refusal> {
        let account = self.parts.accounts.account(&key.account).await.ok_or(Refusal::NotConnected)?;
        pass(&self.tokens, &key.account, &account, parts, body).await
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_seconds((self.parts.now)())
    }

    /// Counts a call; the first of several sees to it that they are written down soon.
    fn count(self: &Arc<Self>, key: &LocalKey) {
        if self.parts.keys.count(&key.id, self.now()) {
            let room = Arc::clone(self);
            tokio::spawn(async move {
                let mut are_written = false;
                while !are_written {
                    tokio::time::sleep(WRITTEN_WITHIN).await;
                    let room = Arc::clone(&room);
                    let written =
                        tokio::task::spawn_blocking(move || room.parts.keys.write_counts(room.now()));
                    are_written = written.await.unwrap_or(true);
                }
            });
        }
    }

    fn refuse(&self, refusal: Refusal, key: Option<&LocalKey>) -> Response<AnswerBody> {
        self.note(key, refusal.code());
        let body = refusal.body(&(self.parts.words)());
        let mut response = Response::new(Either::Right(Full::from(body)));
        *response.status_mut() = refusal.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if refusal.status() == hyper::StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = refusal.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        response
    }

    /// Logs a refusal: only its kind, and not each time.
    fn note(&self, key: Option<&LocalKey>, kind: &'static str) {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let id = key.map(|key| key.id.clone());
        if logged.get(&(id.clone(), kind)).is_some_and(|at| at.elapsed() < LOGGED_EVERY) {
            return;
        }
        match key {
            Some(key) => log::warn!("{}: a call of key {} was refused: {kind}", key.account, key.id),
            None => log::warn!("a call at the door was refused: {kind}"),
        }
        logged.insert((id, kind), Instant::now());
    }
}

/// Reads what is left of a request, for a moment, and keeps none of it.
async fn drain(mut body: Incoming) {
    let rest = async { while let Some(Ok(_)) = body.frame().await {} };
    let _ = tokio::time::timeout(DRAINED_WITHIN, rest).await;
}

//! The loopback redirect (RFC 8252 §7.3): a page on this very machine that
//! takes the browser's answer.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use connection::ports::{Arrival, BoxFuture, Listening, Loopback, LoopbackTaken, Outcome};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use oauth::{Callback, RedirectUri};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use url::{Host, Url};

use crate::Translations;

/// The port of addresses that name none.
const HTTP_PORT: u16 = 80;
/// Where no more connections can be had, it is tried again after this long.
const PAUSE: Duration = Duration::from_millis(100);
/// A browser sends its request at once.
const HEADER_DEADLINE: Duration = Duration::from_secs(5);
/// An answer is judged within this time, the exchange included: 60 seconds.
const REPLY_DEADLINE: Duration = Duration::from_secs(60);
/// A port that was just let go is free after this long.
const FREED_WITHIN: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// A page that is on its way gets this long.
const FINISH_DEADLINE: Duration = Duration::from_millis(900);
/// A longer request is no answer of a server's: 16 KiB.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// More at the same time come from no browser.
const MAX_CONNECTIONS: usize = 256;
/// Takes the code out of the address that the browser shows and remembers.
const CLEAN_ADDRESS: &str = "history.replaceState(null, '', '/')";

/// What the browser shows at the end.
struct Page {
    status: StatusCode,
    language: &'static str,
    title: String,
    text: String,
}

impl Page {
    fn of(outcome: Outcome, words: &Translations) -> Self {
        let name = match outcome {
            Outcome::Connected => "connected",
            Outcome::Denied => "denied",
            Outcome::Question => "question",
            Outcome::Failed => "failed",
            Outcome::NotTheAnswer => "not_the_answer",
        };
        let is_the_answer = outcome != Outcome::NotTheAnswer;
        Self {
            status: if is_the_answer { StatusCode::OK } else { StatusCode::BAD_REQUEST },
            language: words.language(),
            title: words.text(&format!("page.{name}.title")),
            text: words.text(&format!("page.{name}.text")),
        }
    }
}

/// Gives the words in the language of the moment.
type Speaker = Arc<dyn Fn() -> Translations + Send + Sync>;

/// Loopback addresses of this machine.
pub struct SystemLoopback {
    words: Speaker,
    /// A place for each connection, of all listeners together.
    room: Arc<Semaphore>,
}

impl SystemLoopback {
    /// Shows its pages in these words.
    pub fn new(words: impl Fn() -> Translations + Send + Sync + 'static) -> Self {
        Self { words: Arc::new(words), room: Arc::new(Semaphore::new(MAX_CONNECTIONS)) }
    }

    /// Before the program ends: gives a page that is being sent a moment to be sent.
    pub async fn finish(&self) {
        // The listeners have gone by now, or go in this very moment.
        let everybody = u32::try_from(MAX_CONNECTIONS).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(FINISH_DEADLINE, self.room.acquire_many(everybody)).await;
    }
}

impl Loopback for SystemLoopback {
    fn listen(&self, redirect_uri: RedirectUri) -> BoxFuture<'_, Result<Listening, LoopbackTaken>> {
        Box::pin(async move {
            let started = Instant::now();
            loop {
                match start(&redirect_uri, Arc::clone(&self.words), Arc::clone(&self.room)).await {
                    Ok(listening) => return Ok(listening),
                    // The login before this one may be just about to let it go.
                    Err(error)
                        if error.kind() == ErrorKind::AddrInUse && started.elapsed() < FREED_WITHIN =>
                    {
                        tokio::time::sleep(LOOK_AGAIN).await;
                    }
                    Err(error) => {
                        log::warn!("nothing can listen at the loopback address: {error}");
                        return Err(LoopbackTaken);
                    }
                }
            }
        })
    }
}

/// Ends the listening when dropped.
struct Listeners(Vec<JoinHandle<()>>);

impl Drop for Listeners {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

/// What every connection needs.
struct RequestGuard {
    redirect_uri: String,
    /// `host:port` as the browser must name it.
    authority: String,
    path: String,
    arrivals: mpsc::Sender<Arrival>,
    words: Speaker,
}

/// Listens at the redirect URI: at its port, or at a free one if it names
/// none (RFC 8252 §7.3). `localhost` is listened at on both families.
///
/// # Errors
/// The port is taken, or the URI is no loopback address.
async fn start(registered: &RedirectUri, words: Speaker, room: Arc<Semaphore>) -> std::io::Result<Listening> {
    let (mut url, addresses) = address_of(registered).ok_or(ErrorKind::InvalidInput)?;
    let mut listeners = Vec::new();
    let registered_port = port_of(registered, &url);
    let mut port = registered_port.unwrap_or(0);
    let mut refused = None;
    for address in addresses {
        match TcpListener::bind((address, port)).await {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                listeners.push(listener);
            }
            // Only one of the two families may be there.
            Err(error) if !matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                refused = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    if listeners.is_empty() {
        return Err(refused.unwrap_or_else(|| ErrorKind::AddrNotAvailable.into()));
    }
    // A registered URI is sent byte for byte; only a port that it lacks is added.
    let redirect_uri = if registered_port == Some(port) {
        registered.clone()
    } else {
        let _ = url.set_port(Some(port));
        RedirectUri::parse(url.as_str()).map_err(std::io::Error::other)?
    };
    let (sender, arrivals) = mpsc::channel(MAX_CONNECTIONS);
    let guard = Arc::new(RequestGuard {
        authority: match port {
            // A browser does not name the port that every address has (RFC 9110 §4.2.3).
            HTTP_PORT => url.host_str().unwrap_or_default().to_owned(),
            port => format!("{}:{port}", url.host_str().unwrap_or_default()),
        },
        path: url.path().to_owned(),
        redirect_uri: redirect_uri.as_str().to_owned(),
        arrivals: sender,
        words,
    });
    let tasks = listeners
        .into_iter()
        .map(|listener| tokio::spawn(accept(listener, Arc::clone(&guard), Arc::clone(&room))))
        .collect();
    Ok(Listening { redirect_uri, arrivals, guard: Box::new(Listeners(tasks)) })
}

/// The port that a redirect URI names. The usual port can be written out too,
/// and a URL is then parsed as if it were not there.
fn port_of(redirect_uri: &RedirectUri, url: &Url) -> Option<u16> {
    let authority = redirect_uri.as_str().split('/').nth(2).unwrap_or_default();
    url.port().or_else(|| authority.ends_with(&format!(":{HTTP_PORT}")).then_some(HTTP_PORT))
}

fn address_of(redirect_uri: &RedirectUri) -> Option<(Url, Vec<IpAddr>)> {
    let url = Url::parse(redirect_uri.as_str()).ok().filter(|url| url.scheme() == "http")?;
    let addresses = match url.host()? {
        Host::Ipv4(address) if address.is_loopback() => vec![address.into()],
        Host::Ipv6(address) if address.is_loopback() => vec![address.into()],
        Host::Domain("localhost") => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        _ => return None,
    };
    Some((url, addresses))
}

async fn accept(listener: TcpListener, guard: Arc<RequestGuard>, room: Arc<Semaphore>) {
    loop {
        // More at the same time wait in line: those that say nothing are hung up on soon.
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Mostly because this process has all the files open that it may.
            Err(error) => {
                log::warn!("no connection could be taken: {error}");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let guard = Arc::clone(&guard);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&guard), request));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_DEADLINE)
                .max_buf_size(MAX_HEAD_BYTES)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            // A scanner that hangs up is no news.
            let _ = tokio::time::timeout(HEADER_DEADLINE + REPLY_DEADLINE, connection).await;
            drop(place);
        });
    }
}

async fn answer(
    guard: Arc<RequestGuard>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if let Err(status) = guard.lets_in(&request) {
        return Ok(empty(status));
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let (reply, outcome) = oneshot::channel();
    let callback = Callback::new(format!("{}{query}", guard.redirect_uri));
    let say = |outcome| show(&Page::of(outcome, &(guard.words)()));
    if guard.arrivals.send(Arrival { callback, reply }).await.is_err() {
        return Ok(say(Outcome::NotTheAnswer));
    }
    Ok(match tokio::time::timeout(REPLY_DEADLINE, outcome).await {
        Ok(Ok(outcome)) => say(outcome),
        // The login ended another way in that very moment.
        Ok(Err(_)) => say(Outcome::NotTheAnswer),
        // What becomes of it is said in the program.
        Err(_) => say(Outcome::Failed),
    })
}

impl RequestGuard {
    /// Lets in what a browser sends when a server redirects it: a plain
    /// navigation to our own name. A page on the web reaches us neither under
    /// a name of its own (DNS rebinding) nor with a script or a picture.
    fn lets_in(&self, request: &Request<Incoming>) -> Result<(), StatusCode> {
        let header = |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let named = |name: &'static str| header(&HeaderName::from_static(name));
        if header(&HOST) != Some(self.authority.as_str()) {
            return Err(StatusCode::MISDIRECTED_REQUEST);
        }
        if request.uri().path() != self.path {
            return Err(StatusCode::NOT_FOUND);
        }
        if *request.method() != Method::GET {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        let navigates = named("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
        let whole_page = named("sec-fetch-dest").is_none_or(|place| place == "document");
        if named("origin").is_some() || !navigates || !whole_page {
            return Err(StatusCode::FORBIDDEN);
        }
        Ok(())
    }
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// A page that needs nothing from anywhere, and leaves nothing behind.
fn show(page: &Page) -> Response<Full<Bytes>> {
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title>\
         <script>{CLEAN_ADDRESS}</script><style>{STYLE}</style></head>\
         <body><main><h1>{}</h1><p>{}</p></main></body></html>",
        page.language,
        escaped(&page.title),
        escaped(&page.title),
        escaped(&page.text),
    );
    let hash = BASE64_STANDARD.encode(oauth::sha256(&[CLEAN_ADDRESS.as_bytes()]));
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = Response::new(Full::from(html));
    *response.status_mut() = page.status;
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, policy.as_str()),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (CONNECTION, "close"),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;\
    place-items:center;background:#f6f4f1;color:#26211c}main{max-width:32rem;padding:2rem}\
    h1{font-size:1.6rem}@media(prefers-color-scheme:dark){body{background:#1d1a17;color:#f1ece6}}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_port_counts_where_it_is_written_out() {
        for (uri, port) in [
            ("http://127.0.0.1:80/cb", Some(80)),
            ("http://[::1]:80/cb", Some(80)),
            ("http://localhost:8080/cb", Some(8080)),
            ("http://127.0.0.1/cb", None),
            ("http://[::1]/cb", None),
        ] {
            let uri = RedirectUri::parse(uri).unwrap();
            let (url, _) = address_of(&uri).unwrap();
            assert_eq!(port_of(&uri, &url), port, "{uri:?}");
        }
    }
}

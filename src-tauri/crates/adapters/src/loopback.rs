//! The loopback redirect (RFC 8252 §7.3): a page on this very machine that
//! takes the browser's answer.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
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
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use url::{Host, Url};

/// A browser sends its request at once.
const HEADER_DEADLINE: Duration = Duration::from_secs(5);
/// An answer is judged within this time, the exchange included: 60 seconds.
const REPLY_DEADLINE: Duration = Duration::from_secs(60);
/// A page that is on its way gets this long.
const CLOSE_DEADLINE: Duration = Duration::from_millis(900);
/// A longer request is no answer of a server's: 16 KiB.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// More at the same time come from no browser.
const MAX_CONNECTIONS: usize = 32;
/// Takes the code out of the address that the browser shows and remembers.
const CLEAN_ADDRESS: &str = "history.replaceState(null, '', '/')";

/// What the browser shows at the end.
#[derive(Clone, Debug)]
pub struct Page {
    /// Whether the answer was the one that is waited for.
    pub is_the_answer: bool,
    /// A language, such as `pt-BR`.
    pub language: String,
    /// One line.
    pub title: String,
    /// What happened, and what to do now.
    pub text: String,
}

/// A request that may be the answer. It is judged elsewhere.
#[derive(Debug)]
pub struct Arrival {
    /// The address the browser ended on.
    pub callback: Callback,
    /// Takes the page to show.
    pub reply: oneshot::Sender<Page>,
}

/// Listens at a loopback redirect URI. It ends when this is dropped.
#[derive(Debug)]
pub struct LoopbackListener {
    redirect_uri: String,
    tasks: Vec<JoinHandle<()>>,
    room: Arc<Semaphore>,
}

/// What every connection needs.
struct Door {
    redirect_uri: String,
    /// `host:port` as the browser must name it.
    authority: String,
    path: String,
    arrivals: mpsc::Sender<Arrival>,
}

impl LoopbackListener {
    /// Whether a redirect URI is one to listen at.
    pub fn can_listen_at(redirect_uri: &RedirectUri) -> bool {
        address_of(redirect_uri).is_some()
    }

    /// Listens at the redirect URI: at its port, or at a free one if it names
    /// none (RFC 8252 §7.3). `localhost` is listened at on both families.
    ///
    /// # Errors
    /// The port is taken, or the URI is no loopback address.
    pub async fn start(redirect_uri: &RedirectUri) -> std::io::Result<(Self, mpsc::Receiver<Arrival>)> {
        let (mut url, addresses) = address_of(redirect_uri).ok_or(ErrorKind::InvalidInput)?;
        let mut listeners = Vec::new();
        let mut port = url.port().unwrap_or(0);
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
        let redirect_uri = if url.port() == Some(port) {
            redirect_uri.as_str().to_owned()
        } else {
            let _ = url.set_port(Some(port));
            url.as_str().to_owned()
        };
        let (arrivals, inbox) = mpsc::channel(MAX_CONNECTIONS);
        let door = Arc::new(Door {
            authority: format!("{}:{port}", url.host_str().unwrap_or_default()),
            path: url.path().to_owned(),
            redirect_uri: redirect_uri.clone(),
            arrivals,
        });
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let tasks = listeners
            .into_iter()
            .map(|listener| tokio::spawn(accept(listener, Arc::clone(&door), Arc::clone(&room))))
            .collect();
        Ok((Self { redirect_uri, tasks, room }, inbox))
    }

    /// Stops listening, and gives what is being sent a moment to be sent.
    pub async fn close(self) {
        for task in &self.tasks {
            task.abort();
        }
        let everybody = u32::try_from(MAX_CONNECTIONS).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(CLOSE_DEADLINE, self.room.acquire_many(everybody)).await;
    }

    /// The redirect URI to send, with the port in it.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }
}

impl Drop for LoopbackListener {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
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

async fn accept(listener: TcpListener, door: Arc<Door>, room: Arc<Semaphore>) {
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else { continue };
        let door = Arc::clone(&door);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&door), request));
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

async fn answer(door: Arc<Door>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if let Err(status) = door.lets_in(&request) {
        return Ok(empty(status));
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let (reply, page) = oneshot::channel();
    let callback = Callback::new(format!("{}{query}", door.redirect_uri));
    if door.arrivals.send(Arrival { callback, reply }).await.is_err() {
        return Ok(empty(StatusCode::GONE));
    }
    Ok(match tokio::time::timeout(REPLY_DEADLINE, page).await {
        Ok(Ok(page)) => show(&page),
        _ => empty(StatusCode::GONE),
    })
}

impl Door {
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
        escaped(&page.language),
        escaped(&page.title),
        escaped(&page.title),
        escaped(&page.text),
    );
    let hash = BASE64_STANDARD.encode(Sha256::digest(CLEAN_ADDRESS));
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = Response::new(Full::from(html));
    *response.status_mut() = if page.is_the_answer { StatusCode::OK } else { StatusCode::BAD_REQUEST };
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

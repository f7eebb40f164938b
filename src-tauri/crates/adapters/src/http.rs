//! Requests to the authorization server.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use connection::HttpProblem;
use connection::ports::{BoxFuture, Fetched, HttpClient};
use oauth::{Endpoint, MAX_RESPONSE_BYTES, Response, Secret, TokenRequest};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};

use crate::ServerClock;
use crate::proxies::{Proxy, proxy_for};

const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
const WHOLE_DEADLINE: Duration = Duration::from_secs(30);
/// A larger answer of the API is not read to its end: 32 MiB.
pub const MAX_API_BYTES: usize = 32 * 1024 * 1024;
/// A server that asks to be left alone for longer is not believed: 1 hour.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3_600);
/// How many calls are left, in Hotmart's headers, the usual one first.
const CALLS_LEFT: [&str; 2] = ["ratelimit-remaining", "x-ratelimit-remaining-minute"];
/// After how many seconds there are calls again; Hotmart says it this way.
const CALLS_AGAIN: &str = "ratelimit-reset";
const USER_AGENT: &str = concat!("HotmartConnect/", env!("CARGO_PKG_VERSION"));

/// Sends requests without following redirects, with deadlines and a size
/// limit; tells the clock what time the server says it is.
#[derive(Clone, Debug, Default)]
pub struct HttpsClient {
    clients: Arc<Clients>,
    clock: Arc<ServerClock>,
}

/// One for each proxy, and one without. Made when they are first needed:
/// reading the system's certificates takes longer than printing a token that
/// needs no renewal. Every clone of an [`HttpsClient`] takes them from here.
#[derive(Debug, Default)]
struct Clients(Mutex<Vec<(Option<Proxy>, reqwest::Client)>>);

impl Clients {
    fn get(&self, proxy: Option<&Proxy>) -> Option<reqwest::Client> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(known, _)| known.as_ref() == proxy) {
            return Some(client.clone());
        }
        let way = match proxy {
            // One that cannot be used is not gone around: it may be the only way that is allowed.
            Some(proxy) => Some(proxy.for_requests()?),
            None => None,
        };
        let client = prepared(reqwest::Client::builder(), way)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(WHOLE_DEADLINE)
            .build()
            .inspect_err(|error| log::error!("the TLS library could not be set up: {error}"))
            .ok()?;
        clients.push((proxy.cloned(), client.clone()));
        Some(client)
    }
}

/// A client as all of ours are, through a proxy or straight.
pub(crate) fn prepared(
    client: reqwest::ClientBuilder,
    proxy: Option<reqwest::Proxy>,
) -> reqwest::ClientBuilder {
    let client = client
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_DEADLINE)
        .referer(false)
        // The one that is shown is the one that is used.
        .no_proxy();
    match proxy {
        Some(proxy) => client.proxy(proxy),
        None => client,
    }
}

impl HttpsClient {
    /// The same client with another clock: each server's time is its own.
    pub fn with_clock(&self, clock: Arc<ServerClock>) -> Self {
        Self { clients: Arc::clone(&self.clients), clock }
    }

    async fn post(&self, request: TokenRequest) -> Result<Response, HttpProblem> {
        let (client, proxy) = self.on_the_way_to(&request.endpoint).await?;
        let mut url = request.endpoint.url().clone();
        if let Some(query) = &request.query {
            let before = url.query().map(|query| format!("{query}&")).unwrap_or_default();
            url.set_query(Some(&format!("{before}{}", query.expose())));
        }
        let mut builder = client
            .post(url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, request.content_type)
            .body(request.body.expose().to_owned());
        if let Some(authorization) = &request.authorization {
            builder = builder.header(AUTHORIZATION, sensitive(authorization)?);
        }
        let answer = sent(builder, &request.endpoint, proxy.as_ref()).await;
        let mut response = self.forget_certificates_if_they_are_why(answer)?;
        if let Some(server_time) = http_date(response.headers(), &DATE) {
            self.clock.hear(server_time);
        }
        read_response(&mut response).await
    }

    async fn fetch(
        &self,
        endpoint: &Endpoint,
        bearer_token: Option<&Secret>,
    ) -> Result<Fetched, HttpProblem> {
        let started = Instant::now();
        let mut response = self.begin_get(endpoint, bearer_token).await?;
        let calls_left = CALLS_LEFT.iter().find_map(|name| number(response.headers(), name));
        let response = read_response(&mut response).await?;
        Ok(Fetched { response, calls_left, took: started.elapsed() })
    }

    /// Sends a GET; the body is not read yet.
    async fn begin_get(
        &self,
        endpoint: &Endpoint,
        bearer_token: Option<&Secret>,
    ) -> Result<reqwest::Response, HttpProblem> {
        let (client, proxy) = self.on_the_way_to(endpoint).await?;
        let mut request = client.get(endpoint.url().clone()).header(ACCEPT, "application/json");
        if let Some(token) = bearer_token {
            request = request.header(AUTHORIZATION, bearer(token)?);
        }
        let answer = sent(request, endpoint, proxy.as_ref()).await;
        self.forget_certificates_if_they_are_why(answer)
    }

    /// A certificate that was installed meanwhile counts from the next request on.
    pub(crate) fn forget_certificates_if_they_are_why<T>(
        &self,
        answer: Result<T, HttpProblem>,
    ) -> Result<T, HttpProblem> {
        if matches!(answer, Err(HttpProblem::UnknownIssuer)) {
            self.clients.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        answer
    }

    /// The client for a server, and the proxy it goes through. No proxy could
    /// reach this very machine.
    pub(crate) async fn on_the_way_to(
        &self,
        endpoint: &Endpoint,
    ) -> Result<(reqwest::Client, Option<Proxy>), HttpProblem> {
        let proxy = if endpoint.is_loopback() { None } else { proxy_for(endpoint.url()).await };
        let unusable = if proxy.is_some() { HttpProblem::ProxyUnreachable } else { HttpProblem::Tls };
        let client = self.clients.get(proxy.as_ref()).ok_or(unusable)?;
        Ok((client, proxy))
    }

    /// Asks a server for anything at all, to learn whether it is reached and what time it has.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn probe(&self, endpoint: &Endpoint) -> Result<Probe, HttpProblem> {
        let started = Instant::now();
        let (client, proxy) = self.on_the_way_to(endpoint).await?;
        let mut origin = endpoint.url().clone();
        origin.set_path("/");
        origin.set_query(None);
        let answer = sent(client.get(origin), endpoint, proxy.as_ref()).await;
        let response = self.forget_certificates_if_they_are_why(answer)?;
        Ok(Probe {
            took: started.elapsed(),
            server_time: http_date(response.headers(), &DATE),
            proxy: proxy.map(|proxy| proxy.name()),
        })
    }
}

/// What a look at a server found.
#[derive(Debug)]
pub struct Probe {
    /// How long it took to answer.
    pub took: Duration,
    /// What time it has, if it says so.
    pub server_time: Option<SystemTime>,
    /// The proxy on the way, as host and port.
    pub proxy: Option<String>,
}

/// Sends a request. Where a proxy is on the way and no connection came about,
/// the proxy itself is asked for the reason.
pub(crate) async fn sent(
    request: reqwest::RequestBuilder,
    endpoint: &Endpoint,
    proxy: Option<&Proxy>,
) -> Result<reqwest::Response, HttpProblem> {
    let error = match request.send().await {
        Ok(response) => return Ok(response),
        Err(error) => error,
    };
    match (problem_of(&error), proxy) {
        (HttpProblem::Unreachable, Some(proxy)) => Err(proxy.problem_on_the_way_to(endpoint.url()).await),
        (problem, _) => Err(problem),
    }
}

/// Status, waiting time and text of an answer.
async fn read_response(response: &mut reqwest::Response) -> Result<Response, HttpProblem> {
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers());
    let body = read_body(response, MAX_RESPONSE_BYTES).await?;
    // JSON is UTF-8; anything else is no answer that is waited for.
    let text = std::str::from_utf8(&body).unwrap_or_default();
    Ok(Response { status, body: Secret::new(text.to_owned()), retry_after })
}

fn number(headers: &HeaderMap, name: &str) -> Option<u32> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// An answer of the API, as it came.
#[derive(Debug)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most [`MAX_API_BYTES`].
    pub body: Vec<u8>,
    /// How long the API wants to be left alone before the next call, if it says so.
    pub wait: Option<Duration>,
}

impl HttpsClient {
    /// Sends one authenticated GET (RFC 6750 §2.1), without following redirects.
    ///
    /// # Errors
    /// There was no answer, or one larger than [`MAX_API_BYTES`].
    pub async fn read_api(&self, endpoint: &Endpoint, token: &Secret) -> Result<ApiAnswer, HttpProblem> {
        let mut response = self.begin_get(endpoint, Some(token)).await?;
        let status = response.status().as_u16();
        let wait = retry_after(response.headers());
        let body = read_body(&mut response, MAX_API_BYTES).await?.to_vec();
        log::debug!("{endpoint:?} answered {status}");
        Ok(ApiAnswer { status, body, wait })
    }
}

pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue, HttpProblem> {
    sensitive(&Secret::new(format!("Bearer {}", token.expose())))
}

fn sensitive(text: &Secret) -> Result<HeaderValue, HttpProblem> {
    let mut value = HeaderValue::from_str(text.expose()).map_err(|_| HttpProblem::Unreadable)?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read_body(
    response: &mut reqwest::Response,
    limit: usize,
) -> Result<zeroize::Zeroizing<Vec<u8>>, HttpProblem> {
    let mut body = zeroize::Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|error| problem_of(&error))? {
        if body.len() + chunk.len() > limit {
            log::warn!("the answer is larger than {limit} bytes; not read");
            return Err(HttpProblem::Unreadable);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl HttpClient for HttpsClient {
    fn send(&self, request: TokenRequest) -> BoxFuture<'_, Result<Response, HttpProblem>> {
        Box::pin(async move {
            let endpoint = request.endpoint.clone();
            let result = self.post(request).await;
            match &result {
                Ok(response) => log::debug!("{endpoint:?} answered {}", response.status),
                Err(problem) => log::warn!("{endpoint:?}: {problem}"),
            }
            result
        })
    }

    fn get(&self, endpoint: Endpoint, bearer: Option<Secret>) -> BoxFuture<'_, Result<Fetched, HttpProblem>> {
        Box::pin(async move {
            let result = self.fetch(&endpoint, bearer.as_ref()).await;
            match &result {
                Ok(fetched) => log::debug!("{endpoint:?} answered {}", fetched.response.status),
                Err(problem) => log::warn!("{endpoint:?}: {problem}"),
            }
            result
        })
    }
}

/// Told apart by type: words change between versions.
fn problem_of(error: &reqwest::Error) -> HttpProblem {
    if error.is_timeout() {
        // Without a connection nothing was sent that could be answered.
        return if error.is_connect() { HttpProblem::Unreachable } else { HttpProblem::TimedOut };
    }
    if error.is_body() || error.is_decode() {
        return HttpProblem::Unreadable;
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            let unknown = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
            return if *error == unknown { HttpProblem::UnknownIssuer } else { HttpProblem::Tls };
        }
        // An `io::Error` hides the error it carries from `source`.
        let carried = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = carried.map(|carried| carried as &(dyn Error + 'static)).or_else(|| error.source());
    }
    if error.is_connect() { HttpProblem::Unreachable } else { HttpProblem::Interrupted }
}

fn http_date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

/// How long the server asks to be left alone, within reason.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    asked_wait(headers).map(|wait| wait.min(LONGEST_RETRY_AFTER))
}

/// Seconds, or a date that is judged against the same answer's own clock (RFC 9110 §10.2.3).
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let Some(text) = headers.get(RETRY_AFTER) else {
        let spent = CALLS_LEFT.iter().any(|name| number(headers, name) == Some(0));
        return number(headers, CALLS_AGAIN).filter(|_| spent).map(|wait| Duration::from_secs(wait.into()));
    };
    let text = text.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = http_date(headers, &DATE).unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

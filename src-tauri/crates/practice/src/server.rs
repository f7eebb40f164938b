//! The server itself: on loopback, for programs on this machine only.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use url::Url;

use crate::answers::json_answer;
use crate::authorize::{authorize, decide};
use crate::dialect::{Api, Dialect, EntryPoint};
use crate::ledger::Ledger;
use crate::options::Options;
use crate::state::{CallLimit, PlannedAnswer, Server};
use crate::{api, token};

/// More at the same time come from no browser and no tool.
const MAX_CONNECTIONS: usize = 64;
/// A client sends its request at once.
const HEADER_DEADLINE: Duration = Duration::from_secs(5);
/// The longest that a connection can last, with an answer that is slow on purpose.
const WHOLE_DEADLINE: Duration = Duration::from_secs(120);
/// Where no more connections can be had, it is tried again after this long.
const PAUSE: Duration = Duration::from_millis(100);

/// A running Practice Hotmart. It stops when this is dropped.
pub struct Practice {
    server: Arc<Server>,
    task: JoinHandle<()>,
}

impl Practice {
    /// Its address, such as `http://127.0.0.1:4799/`.
    pub fn url(&self) -> Url {
        self.server.url()
    }

    /// Ends every session, as if the seller had removed the application on
    /// Hotmart: refresh tokens are refused from now on.
    pub fn end_every_session(&self) {
        self.server.with_ledger(Ledger::end_every_session);
    }

    /// Forgets every access token, as a server does that was restarted: the
    /// API refuses them although their time is not over.
    pub fn forget_access_tokens(&self) {
        self.server.with_ledger(Ledger::forget_access_tokens);
    }

    /// The API takes this many calls, and no more until so many seconds have
    /// passed; then as many again.
    pub fn limit_calls(&self, calls: u32, seconds: u64) {
        let limit = CallLimit { calls, seconds, used: 0, since: self.server.now() };
        self.server.with_misbehaviour(|wrong| wrong.limit = Some(limit));
    }

    /// Makes the API refuse every access token, or no longer so.
    pub fn refuse_every_access_token(&self, refuse: bool) {
        self.server.with_misbehaviour(|wrong| wrong.refusing = refuse);
    }

    /// Makes the token endpoint give this answer, until [`Practice::recover`].
    pub fn break_token_endpoint(
        &self,
        status: u16,
        content_type: &'static str,
        retry_after: Option<u64>,
        body: &str,
    ) {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let planned = PlannedAnswer { status, content_type, retry_after, body: body.to_owned() };
        self.server.with_misbehaviour(|wrong| wrong.planned = Some(planned));
    }

    /// Makes the token endpoint do its work at once and answer only after `delay`.
    pub fn slow_down_token_endpoint(&self, delay: Duration) {
        self.server.with_misbehaviour(|wrong| wrong.delay = delay);
    }

    /// Ends what [`Practice::break_token_endpoint`] began.
    pub fn recover(&self) {
        self.server.with_misbehaviour(|wrong| wrong.planned = None);
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a Practice Hotmart on loopback.
///
/// # Errors
/// No port could be had.
pub async fn serve(options: Options) -> std::io::Result<Practice> {
    let preferred = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await;
    let listener = match preferred {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
    };
    let server = Arc::new(Server::new(options, listener.local_addr()?.port()));
    let router = router(Arc::clone(&server));
    let task = tokio::spawn(accept(listener, router));
    Ok(Practice { server, task })
}

/// Serves so many connections at a time, and hangs up on those that say
/// nothing: any user of the machine can open some, and each is a file that this
/// process has open.
async fn accept(listener: TcpListener, router: Router) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                log::warn!("Practice Hotmart could not take a connection: {error}");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_DEADLINE)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            let _ = tokio::time::timeout(WHOLE_DEADLINE, connection).await;
            drop(place);
        });
    }
}

type Shared = State<Arc<Server>>;

fn router(server: Arc<Server>) -> Router {
    let classic = |as_hotmart| endpoints(EntryPoint { dialect: Dialect::Classic, as_hotmart }, "/token");
    let oidc = |as_hotmart| {
        endpoints(EntryPoint { dialect: Dialect::Oidc, as_hotmart }, "/accessToken")
            .route("/revoke", post(revocation))
    };
    let production = |s: Shared, u: Uri, h: HeaderMap| resource(s, Api::Production, u, h);
    let sandbox = |s: Shared, u: Uri, h: HeaderMap| resource(s, Api::Sandbox, u, h);
    let own = |s: Shared, u: Uri, h: HeaderMap| resource(s, Api::Own, u, h);
    Router::new()
        .nest("/security/oauth", classic(false))
        .nest("/oidc", oidc(false).route("/profile", get(own)))
        .route("/oidc/.well-known/openid-configuration", get(description))
        // The same below the names of Hotmart's servers, as strict as these may be.
        .nest("/api-sec-vlc.hotmart.com/security/oauth", classic(true))
        .nest("/sso-developers.hotmart.com/oidc", oidc(true))
        .nest("/developers.hotmart.com", Router::new().fallback(production))
        .nest("/sandbox.hotmart.com", Router::new().fallback(sandbox))
        .fallback(own)
        .layer(middleware::from_fn_with_state(Arc::clone(&server), only_our_own_host))
        .with_state(server)
}

fn endpoints(entry_point: EntryPoint, token: &str) -> Router<Arc<Server>> {
    let show = move |State(server): Shared, headers: HeaderMap, RawQuery(query): RawQuery| async move {
        authorize(&server, entry_point, &headers, &query.unwrap_or_default())
    };
    let give = move |server: Shared, headers: HeaderMap, query: RawQuery, body: String| {
        give(server, entry_point, headers, query, body)
    };
    Router::new().route("/authorize", get(show)).route("/decision", post(decision)).route(token, post(give))
}

async fn decision(State(server): Shared, headers: HeaderMap, body: String) -> Response {
    decide(&server, &headers, &body)
}

async fn give(
    State(server): Shared,
    entry_point: EntryPoint,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: String,
) -> Response {
    let asked = token::Asked { headers: &headers, query: query.as_deref().unwrap_or_default(), body: &body };
    let answer = token::token(&server, entry_point, &asked);
    let delay = server.with_misbehaviour(|wrong| wrong.delay);
    tokio::time::sleep(delay).await;
    answer
}

async fn revocation(State(server): Shared, headers: HeaderMap, body: String) -> Response {
    token::revoke(&server, &headers, &body)
}

async fn resource(State(server): Shared, api: Api, uri: Uri, headers: HeaderMap) -> Response {
    api::call(&server, api, &uri, &headers)
}

/// What the server says of itself (OpenID Connect Discovery §3).
async fn description(State(server): Shared) -> Response {
    let issuer = EntryPoint { dialect: Dialect::Oidc, as_hotmart: false }.issuer(server.url().as_str());
    let at = |path: &str| format!("{issuer}/{path}");
    let body = json!({
        "issuer": issuer, "authorization_endpoint": at("authorize"), "token_endpoint": at("accessToken"),
        "revocation_endpoint": at("revoke"), "userinfo_endpoint": at("profile"),
        "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
    });
    json_answer(StatusCode::OK, body)
}

/// A page on the web cannot reach us under a name of its own (DNS rebinding).
async fn only_our_own_host(State(server): Shared, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let ours = ["127.0.0.1", "localhost"].iter().any(|name| host == format!("{name}:{}", server.port));
    if ours { next.run(request).await } else { StatusCode::MISDIRECTED_REQUEST.into_response() }
}

//! Judges a request before anything is done for it. Pure.
//!
//! Every user and every page of this machine can reach the port; the key is
//! what they must not have. A page that has none can do nothing, and yet
//! nothing that a page sends is let in: not under a name of its own (DNS
//! rebinding), and not with a script.

use hyper::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};
use oauth::Endpoint;

use crate::local_key::KEY_PREFIX;
use crate::refusal::Refusal;

/// A larger body is not passed on: 8 MiB.
pub const MAX_REQUEST_BYTES: usize = 8 * 1024 * 1024;
/// The names of this machine itself.
const OWN_NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
/// The name under which Docker shows this machine to its containers.
const CONTAINER_NAME: &str = "host.docker.internal";
/// Sent by browsers and by other proxies, never by a tool that means this one.
const FOREIGN: [&str; 5] =
    ["x-forwarded-for", "x-forwarded-host", "forwarded", "via", "access-control-request-method"];
/// Where a browser says that a page of another site asks.
const FETCH_SITE: &str = "sec-fetch-site";

/// The key of a request that may be looked at, and whether it comes from a container.
#[derive(Debug)]
pub struct LetIn<'a> {
    /// The key as it was sent.
    pub key: &'a str,
    /// Whether the request names the machine as containers do.
    pub from_container: bool,
}

/// Judges all but whether the key is a good one.
///
/// # Errors
/// Why the request is not looked at any further.
pub fn let_in(request: &Parts, port: u16) -> Result<LetIn<'_>, Refusal> {
    let Parts { method, uri, headers, .. } = request;
    // A request for a proxy names a whole address (RFC 9112 §3.2.2), or a host alone.
    let is_for_a_proxy = uri.scheme().is_some() || uri.authority().is_some();
    if is_for_a_proxy || [Method::CONNECT, Method::TRACE].contains(method) {
        return Err(Refusal::BadRequest);
    }
    // No tool that reads sends a body without saying how long it is; who wants
    // one request to be read as two does (RFC 9112 §6.3). Two lengths that
    // differ reach nobody: the server itself refuses them.
    if only_reads(method) && headers.contains_key(TRANSFER_ENCODING) {
        return Err(Refusal::BadRequest);
    }
    let name = host(headers).and_then(|host| host.strip_suffix(&format!(":{port}")));
    let from_container = name == Some(CONTAINER_NAME);
    if !from_container && !name.is_some_and(|name| OWN_NAMES.contains(&name)) {
        return Err(Refusal::ForeignHost);
    }
    let site = headers.get(FETCH_SITE).is_some_and(|site| site != "none");
    if headers.contains_key(ORIGIN) || site || FOREIGN.iter().any(|name| headers.contains_key(*name)) {
        return Err(Refusal::FromAPage);
    }
    if uri.path_and_query().is_some_and(|address| address.as_str().contains(KEY_PREFIX)) {
        return Err(Refusal::KeyInAddress);
    }
    Ok(LetIn { key: key(headers).ok_or(Refusal::NoKey)?, from_container })
}

/// The one `Host` there is.
fn host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

/// The bearer token (RFC 6750 §2.1); the scheme's name may be written in any way.
fn key(headers: &HeaderMap) -> Option<&str> {
    let mut found = headers.get_all(AUTHORIZATION).iter();
    let (scheme, key) = found.next()?.to_str().ok()?.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") && found.next().is_none();
    is_bearer.then_some(key.trim()).filter(|key| !key.is_empty())
}

/// Whether a request with this method changes nothing (RFC 9110 §9.2.1).
pub fn only_reads(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}

/// The API's address for a request's path and query. It is below the base,
/// whatever the path says.
///
/// # Errors
/// The path leaves the base.
pub fn address(base: &Endpoint, path: &str, query: Option<&str>) -> Result<Endpoint, Refusal> {
    let is_odd = path.contains("//") || path.contains('\\') || path.contains('%') && is_oddly_written(path);
    let goes_up = path.split('/').any(|segment| matches!(segment, "." | ".."));
    if !path.starts_with('/') || goes_up || is_odd {
        return Err(Refusal::LeavesTheApi);
    }
    let base = base.url();
    let below = base.as_str().trim_end_matches('/');
    let mut address = String::with_capacity(below.len() + path.len() + query.map_or(0, str::len) + 1);
    address.extend([below, path]);
    address.extend(query.into_iter().flat_map(|query| ["?", query]));
    let address = Endpoint::parse(&address).map_err(|_| Refusal::LeavesTheApi)?;
    let rest = address.url().path().strip_prefix(base.path().trim_end_matches('/'));
    let stays = address.url().origin() == base.origin() && rest.is_some_and(|rest| rest.starts_with('/'));
    if stays { Ok(address) } else { Err(Refusal::LeavesTheApi) }
}

/// Whether what servers may read as a part of the path's form is written as if it were none.
fn is_oddly_written(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let dots = |segment: &str| matches!(segment.replace("%2e", ".").as_str(), "." | "..");
    ["%5c", "%2f", "%00"].iter().any(|odd| path.contains(odd)) || path.split('/').any(dots)
}

/// What is meant for the next hop alone (RFC 9110 §7.6.1), what the door puts
/// in itself, and what says who asks, in either direction.
const NOT_PASSED_ON: [HeaderName; 17] = [
    hyper::header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    hyper::header::PROXY_AUTHENTICATE,
    hyper::header::PROXY_AUTHORIZATION,
    hyper::header::TE,
    hyper::header::TRAILER,
    TRANSFER_ENCODING,
    hyper::header::UPGRADE,
    HOST,
    AUTHORIZATION,
    hyper::header::COOKIE,
    hyper::header::SET_COOKIE,
    hyper::header::EXPECT,
    hyper::header::WWW_AUTHENTICATE,
    hyper::header::ALT_SVC,
    hyper::header::STRICT_TRANSPORT_SECURITY,
];

/// Leaves only those headers that are meant for the other end. An answer gets
/// no word that would open it to pages (CORS).
pub fn pass_on(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(hyper::header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&NOT_PASSED_ON) {
        headers.remove(name);
    }
    let cors: Vec<_> =
        headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in &cors {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://developers.hotmart.com";

    #[test]
    fn a_path_stays_below_the_base() {
        let with_path = "http://127.0.0.1:9/developers.hotmart.com";
        for (base, path, query, whole) in [
            (BASE, "/payments/api/v1/sales", Some("a=b&c=%2F..%2F"), "/payments/api/v1/sales?a=b&c=%2F..%2F"),
            (BASE, "/a.b/..c/d..", None, "/a.b/..c/d.."),
            (BASE, "/@evil.example:1/", None, "/@evil.example:1/"),
            (with_path, "/x", None, "/x"),
        ] {
            let found = address(&Endpoint::parse(base).unwrap(), path, query).unwrap();
            assert_eq!(found.url().as_str(), format!("{base}{whole}"));
        }
    }

    #[test]
    fn a_path_that_leaves_the_base_is_none() {
        for path in [
            "",
            "x",
            "@evil.example/",
            ".evil.example/",
            "/..",
            "/a/../../b",
            "/a/%2e%2E/b",
            "/a/.%2e",
            "/./a",
            "//evil.example/",
            "/a//b",
            "/\\evil.example",
            "/a%5C..%5Cb",
            "/a%2f..%2fb",
            "/a%00",
        ] {
            let base = Endpoint::parse(BASE).unwrap();
            assert_eq!(address(&base, path, None).unwrap_err(), Refusal::LeavesTheApi, "{path}");
        }
    }

    #[test]
    fn what_is_for_this_hop_alone_is_not_passed_on() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("accept", "application/json"),
            ("authorization", "Bearer hmc_x"),
            ("connection", "close, X-Private"),
            ("x-private", "1"),
            ("cookie", "a=b"),
            ("access-control-allow-origin", "*"),
            ("transfer-encoding", "chunked"),
            ("ratelimit-remaining", "499"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        pass_on(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "ratelimit-remaining"]);
    }
}

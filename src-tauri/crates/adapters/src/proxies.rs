//! Which proxy stands between this machine and a server: the one that the
//! environment names, or else the one that the system's settings name.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use connection::HttpProblem;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// What the system's settings said is believed this long.
const KNOWN_FOR: Duration = Duration::from_secs(60);
/// A desktop that takes longer to name its proxy has none.
#[cfg(target_os = "linux")]
const DESKTOP_DEADLINE: Duration = Duration::from_secs(1);
/// A proxy that failed is looked at no longer than this.
const LOOK_DEADLINE: Duration = Duration::from_secs(5);

/// The kinds of proxies that the HTTP library can use.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// A proxy. It prints as host and port: no log may show its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    url: Url,
    /// The value of `Proxy-Authorization`, if it has a login.
    authorization: Option<HeaderValue>,
}

impl Proxy {
    fn parse(address: &str) -> Option<Self> {
        let matcher = Matcher::builder().all(address).build();
        Self::of(&matcher, "https://hotmart.com")
    }

    fn of(matcher: &Matcher, server: &str) -> Option<Self> {
        let intercept = matcher.intercept(&server.parse().ok()?)?;
        let mut url = Url::parse(&intercept.uri().to_string()).ok()?;
        if let Some((user, password)) = intercept.raw_auth() {
            url.set_username(user).ok()?;
            url.set_password(Some(password)).ok()?;
        }
        Some(Self { url, authorization: intercept.basic_auth().cloned() })
    }

    /// A proxy that is named in a way that nothing can be made of. It is not
    /// gone around: nothing can be sent at all.
    fn unusable(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok().filter(|url| url.has_host() && !SCHEMES.contains(&url.scheme()));
        Some(Self { url: url.or_else(|| Url::parse("unusable://proxy").ok())?, authorization: None })
    }

    /// Its host and port, to be shown.
    pub fn name(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    fn port(&self) -> Option<u16> {
        let usual = if self.url.scheme().starts_with("socks") { 1080 } else { 80 };
        self.url.port_or_known_default().or(Some(usual))
    }

    /// The same for the HTTP library; `None` if that cannot use it.
    pub fn for_requests(&self) -> Option<reqwest::Proxy> {
        if !SCHEMES.contains(&self.url.scheme()) {
            log::error!("a proxy of the kind {} cannot be used", self.url.scheme());
            return None;
        }
        let proxy = reqwest::Proxy::all(self.url.clone()).ok()?;
        Some(match &self.authorization {
            Some(authorization) => proxy.custom_http_auth(authorization.clone()),
            None => proxy,
        })
    }

    /// Why nothing comes through it: asked once more, and its answer read (RFC 9110 §9.3.6).
    pub async fn problem_on_the_way_to(&self, server: &Url) -> HttpProblem {
        let looked = tokio::time::timeout(LOOK_DEADLINE, self.status_of_a_tunnel_to(server)).await;
        match looked {
            Err(_) | Ok(Err(_)) => HttpProblem::ProxyUnreachable,
            Ok(Ok(Some(407))) => HttpProblem::ProxyLogin,
            // It works now: whatever it was is over.
            Ok(Ok(Some(200..=299))) => HttpProblem::Unreachable,
            Ok(Ok(_)) => HttpProblem::ProxyRefused,
        }
    }

    /// The status it answers with; `None` where it speaks something else than HTTP.
    async fn status_of_a_tunnel_to(&self, server: &Url) -> std::io::Result<Option<u16>> {
        let host = self.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let mut stream = TcpStream::connect((host, self.port().unwrap_or(80))).await?;
        if self.url.scheme() != "http" {
            return Ok(None);
        }
        let port = server.port_or_known_default().unwrap_or(443);
        let target = format!("{}:{port}", server.host_str().unwrap_or_default());
        let login = self.authorization.as_ref().and_then(|value| value.to_str().ok());
        let login = login.map(|value| format!("Proxy-Authorization: {value}\r\n")).unwrap_or_default();
        let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{login}\r\n");
        stream.write_all(request.as_bytes()).await?;
        // "HTTP/1.1 407 …"
        let mut start = [0; 12];
        stream.read_exact(&mut start).await?;
        Ok(std::str::from_utf8(&start[9..]).ok().and_then(|status| status.parse().ok()))
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Proxy({})", self.name())
    }
}

/// What was configured, and when it was read.
static CONFIGURED: Mutex<Option<(Arc<Configured>, Instant)>> = Mutex::new(None);

/// What the desktop said of each server, and when. Requests of all accounts ask.
type Known = HashMap<String, (Option<Proxy>, Instant)>;
static OF_THE_DESKTOP: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// The proxy on the way to a server, if there is one. Waits up to a second
/// for a desktop's settings.
pub async fn proxy_for(server: &Url) -> Option<Proxy> {
    let origin = server.origin().ascii_serialization();
    if let Some(proxy) = environments_proxy_for(&origin) {
        return Some(proxy);
    }
    if let Some(known) = known_proxy_for(server) {
        return known;
    }
    let proxy = desktops_proxy_for(origin.clone()).await;
    lock().insert(origin, (proxy.clone(), Instant::now()));
    proxy
}

/// The same, as far as it is known without waiting for anything.
pub fn proxy_name_for(server: &Url) -> Option<String> {
    let proxy = environments_proxy_for(&server.origin().ascii_serialization());
    proxy.or_else(|| known_proxy_for(server).flatten()).map(|proxy| proxy.name())
}

fn environments_proxy_for(origin: &str) -> Option<Proxy> {
    let configured = Configured::lately();
    configured.proxy_for(origin).or_else(|| odd_proxy_for(origin, |name| std::env::var(name).ok()))
}

/// The proxies of the environment, and of the system on macOS and Windows.
struct Configured {
    all: Matcher,
    #[cfg(windows)]
    by_protocol: Option<(Matcher, SettingByProtocol)>,
}

impl Configured {
    fn lately() -> Arc<Self> {
        let mut known = CONFIGURED.lock().unwrap_or_else(PoisonError::into_inner);
        known.take_if(|(_, since)| since.elapsed() >= KNOWN_FOR);
        let read = || {
            let configured = Self {
                all: Matcher::from_system(),
                #[cfg(windows)]
                by_protocol: windows_setting_by_protocol().map(|setting| (Matcher::from_env(), setting)),
            };
            (Arc::new(configured), Instant::now())
        };
        Arc::clone(&known.get_or_insert_with(read).0)
    }

    fn proxy_for(&self, origin: &str) -> Option<Proxy> {
        #[cfg(windows)]
        if let Some((environment, setting)) = &self.by_protocol {
            return Proxy::of(environment, origin).or_else(|| setting.proxy_for(origin));
        }
        Proxy::of(&self.all, origin)
    }
}

/// What Windows' settings say where each protocol has a proxy of its own, which
/// the library takes for the name of one.
#[cfg_attr(not(windows), allow(dead_code))] // Its test runs here too.
#[derive(Clone, Debug)]
struct SettingByProtocol {
    /// Such as `http=one.example:8080;https=two.example:8080`.
    proxies: String,
    /// Servers that are gone to directly, such as `*.example;<local>`.
    exceptions: String,
}

#[cfg_attr(not(windows), allow(dead_code))]
impl SettingByProtocol {
    fn proxy_for(&self, origin: &str) -> Option<Proxy> {
        let exceptions = self.exceptions.split(';').map(|name| name.trim().trim_start_matches("*."));
        let exceptions = exceptions.collect::<Vec<_>>().join(",");
        let any = Matcher::builder().all("http://127.0.0.1:9").no(exceptions).build();
        Proxy::of(&any, origin)?;
        let of = |protocol: &str| {
            self.proxies.split([';', ' ']).find_map(|entry| entry.strip_prefix(protocol)?.strip_prefix('='))
        };
        let (scheme, _) = origin.split_once(':')?;
        let (named, address) = match (of(scheme), of("socks")) {
            (Some(named), _) => (named, named.to_owned()),
            (None, Some(socks)) => (socks, format!("socks4://{socks}")),
            (None, None) => return None,
        };
        Proxy::parse(&address).or_else(|| Proxy::unusable(named))
    }
}

#[cfg(windows)]
fn windows_setting_by_protocol() -> Option<SettingByProtocol> {
    let key = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";
    let settings = windows_registry::CURRENT_USER.open(key).ok()?;
    let named = |name: &str| settings.get_string(name).ok();
    let is_on = settings.get_u32("ProxyEnable").is_ok_and(|on| on != 0);
    let proxies = named("ProxyServer").filter(|proxies| is_on && proxies.contains('='))?;
    let of_the_environment = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| std::env::var(name).ok());
    let exceptions = [
        of_the_environment.unwrap_or_default().replace(',', ";"),
        named("ProxyOverride").unwrap_or_default(),
    ];
    Some(SettingByProtocol { proxies, exceptions: exceptions.join(";") })
}

/// The proxy that the environment names for a server, if the library can make
/// nothing of its address: it takes it for none, and would go around it.
fn odd_proxy_for(origin: &str, variable: impl Fn(&str) -> Option<String>) -> Option<Proxy> {
    // As the library looks: the first that is set counts, also if nothing is in it.
    let first = |name: &str| variable(&name.to_uppercase()).or_else(|| variable(name)).unwrap_or_default();
    let scheme = origin.split_once(':')?.0;
    let named = [first(&format!("{scheme}_proxy")), first("all_proxy")];
    let named = named.into_iter().find(|named| !named.is_empty())?;
    // A server that is excepted is gone to directly, whatever the proxy is.
    let any = Matcher::builder().all("http://127.0.0.1:9").no(first("no_proxy")).build();
    if Proxy::parse(&named).is_some() || Proxy::of(&any, origin).is_none() {
        return None;
    }
    // As GNOME writes it.
    let socks = named.strip_prefix("socks://").and_then(|rest| Proxy::parse(&format!("socks5://{rest}")));
    socks.or_else(|| Proxy::unusable(&named))
}

fn known_proxy_for(server: &Url) -> Option<Option<Proxy>> {
    let known = lock();
    let (proxy, since) = known.get(&server.origin().ascii_serialization())?;
    (since.elapsed() < KNOWN_FOR).then(|| proxy.clone())
}

fn lock() -> std::sync::MutexGuard<'static, Known> {
    OF_THE_DESKTOP.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks the desktop's portal, which knows GNOME's and KDE's settings, and
/// scripts that choose a proxy.
#[cfg(target_os = "linux")]
async fn desktops_proxy_for(origin: String) -> Option<Proxy> {
    let ask = move || {
        let bus = zbus::blocking::Connection::session().ok()?;
        let answer = bus
            .call_method(
                Some("org.freedesktop.portal.Desktop"),
                "/org/freedesktop/portal/desktop",
                Some("org.freedesktop.portal.ProxyResolver"),
                "Lookup",
                &origin,
            )
            .ok()?;
        let proxies: Vec<String> = answer.body().deserialize().ok()?;
        let wanted: Vec<_> = proxies.into_iter().take_while(|address| address != "direct://").collect();
        let usable = wanted.iter().find_map(|address| Proxy::parse(address));
        usable.or_else(|| Proxy::unusable(wanted.first()?))
    };
    let asked = tokio::time::timeout(DESKTOP_DEADLINE, tokio::task::spawn_blocking(ask)).await;
    asked.ok()?.ok()?
}

/// On other systems it is the system that was asked already.
#[cfg(not(target_os = "linux"))]
async fn desktops_proxy_for(_: String) -> Option<Proxy> {
    None
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        let proxy = Proxy::parse("http://ana:canary-9d1@proxy.shop.example:3128").unwrap();
        assert_eq!(proxy.name(), "proxy.shop.example:3128");
        assert!(!format!("{proxy:?}").contains("canary-9d1"));
        assert!(proxy.authorization.is_some() && proxy.for_requests().is_some());
        assert_eq!(Proxy::parse("socks5://10.0.0.1").unwrap().name(), "10.0.0.1:1080");
    }

    #[test]
    fn a_proxy_of_an_unknown_kind_is_not_gone_around_and_another_login_is_another_proxy() {
        let url = Url::parse("quic://proxy.shop.example:3128").unwrap();
        assert!(Proxy { url, authorization: None }.for_requests().is_none());
        let with = |login: &str| Proxy::parse(&format!("http://{login}@proxy.shop.example:3128")).unwrap();
        assert!(with("ana:1") != with("ana:2"));

        let named = |named: &'static [(&str, &str)], origin: &str| {
            let variable = |name: &str| Some(named.iter().find(|(known, _)| *known == name)?.1.to_owned());
            odd_proxy_for(origin, variable).map(|proxy| (proxy.name(), proxy.for_requests().is_some()))
        };
        let odd: &[_] = &[("HTTPS_PROXY", "quic://proxy.shop.example:3128"), ("no_proxy", "hotmart.example")];
        let unusable = |name: &str| Some((name.to_owned(), false));
        assert_eq!(named(odd, "https://hotmart.com"), unusable("proxy.shop.example:3128"));
        assert_eq!(named(odd, "https://hotmart.example"), None, "an exception is one");
        assert_eq!(named(odd, "http://hotmart.com"), None);
        assert_eq!(named(&[("all_proxy", "::::")], "https://hotmart.com"), unusable("proxy:80"));
        assert_eq!(named(&[("all_proxy", "proxy.shop.example:3128")], "https://hotmart.com"), None);
        let both: &[_] = &[("HTTPS_PROXY", ""), ("https_proxy", "quic://proxy.shop.example:3128")];
        assert_eq!(named(both, "https://hotmart.com"), None, "the library does not look at the second");
        let gnomes: &[_] = &[("ALL_PROXY", "socks://10.0.0.1:1080/")];
        assert_eq!(named(gnomes, "https://hotmart.com"), Some(("10.0.0.1:1080".to_owned(), true)));
    }

    #[test]
    fn windows_may_name_a_proxy_for_each_protocol() {
        let setting = |proxies: &str| SettingByProtocol {
            proxies: proxies.to_owned(),
            exceptions: "*.shop.example;<local>".to_owned(),
        };
        let named = |proxies: &str, origin: &str| {
            setting(proxies).proxy_for(origin).map(|proxy| (proxy.name(), proxy.for_requests().is_some()))
        };
        let some = |name: &str, usable| Some((name.to_owned(), usable));
        let both = "http=one.example:8080;https=two.example:8081";
        assert_eq!(named(both, "https://hotmart.com"), some("two.example:8081", true));
        assert_eq!(named(both, "http://hotmart.com"), some("one.example:8080", true));
        assert_eq!(named(both, "https://api.shop.example"), None, "an exception is one");
        assert_eq!(named("http=one.example:8080", "https://hotmart.com"), None);
        assert_eq!(named("socks=127.0.0.1:1080", "https://hotmart.com"), some("127.0.0.1:1080", true));
        assert!(named("https=:::", "https://hotmart.com").is_some_and(|(_, usable)| !usable));
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_proxy_is_told_apart() {
        let server = Url::parse("https://hotmart.com/token").unwrap();
        for (answer, problem) in [
            ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", HttpProblem::ProxyLogin),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", HttpProblem::ProxyRefused),
            ("HTTP/1.1 200 OK\r\n\r\n", HttpProblem::Unreachable),
            ("", HttpProblem::ProxyUnreachable),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 512];
                let _ = stream.read(&mut request).await;
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
            let proxy = Proxy::parse(&format!("http://{address}")).unwrap();
            assert_eq!(proxy.problem_on_the_way_to(&server).await, problem, "{answer:?}");
        }
        let nobody = Proxy::parse("http://127.0.0.1:9").unwrap();
        assert_eq!(nobody.problem_on_the_way_to(&server).await, HttpProblem::ProxyUnreachable);
    }
}

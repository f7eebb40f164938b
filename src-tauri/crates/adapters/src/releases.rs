//! Where new versions of the program are published, and how they are fetched.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oauth::Endpoint;
use url::Url;

use crate::http::prepared;
use crate::proxies::proxy_for;

/// Put into the program when it is built: the address of its releases, such as
/// `https://github.com/OWNER/NAME/releases`. Without it nobody is ever asked.
const RELEASES: Option<&str> = option_env!("HOTMART_CONNECT_RELEASES");
/// The public key that releases are signed with, as minisign prints it (`RW…`).
const RELEASE_KEY: Option<&str> = option_env!("HOTMART_CONNECT_RELEASE_KEY");
/// What tests say at run time, in builds for development, of a server on this machine.
const RELEASES_VARIABLE: &str = "HOTMART_CONNECT_RELEASES";
const RELEASE_KEY_VARIABLE: &str = "HOTMART_CONNECT_RELEASE_KEY";

/// A server that says nothing for so long, in the middle of a package, is gone.
const SILENCE: Duration = Duration::from_secs(30);

/// The place where new versions are published.
#[derive(Clone, Debug)]
pub struct Releases {
    /// What describes the newest one.
    pub latest: Url,
    /// Where a person reads of it and downloads it.
    pub page: Url,
    /// The public key, as the library that looks at signatures wants it: minisign's file in base64.
    pub key: String,
}

impl Releases {
    fn at(address: &str, key: &str) -> Option<Self> {
        let address = address.trim().trim_end_matches('/');
        let file = format!("untrusted comment: minisign public key\n{}\n", key.trim());
        Some(Self {
            latest: Url::parse(&format!("{address}/latest/download/latest.json")).ok()?,
            page: Url::parse(&format!("{address}/latest")).ok()?,
            key: STANDARD.encode(file),
        })
    }
}

/// Where this build's new versions are published, if it knows.
pub fn releases() -> Option<Releases> {
    let variable = |name: &str| std::env::var(name).ok().filter(|_| cfg!(debug_assertions));
    let is_here = |address: &String| Endpoint::parse(address).is_ok_and(|address| address.is_loopback());
    if let Some(address) = variable(RELEASES_VARIABLE).filter(is_here) {
        return Releases::at(&address, &variable(RELEASE_KEY_VARIABLE)?);
    }
    let given = |text: Option<&'static str>| text.filter(|text| !text.trim().is_empty());
    Releases::at(given(RELEASES)?, given(RELEASE_KEY)?)
}

/// How a package is called that is for this system: its name ends so.
const PACKAGE_OF_THIS_SYSTEM: Option<&str> = if cfg!(all(windows, target_arch = "x86_64")) {
    Some("_windows-x64.exe")
} else if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    Some("_x86_64.AppImage")
} else if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
    Some("_macos-arm64.app.tar.gz")
} else if cfg!(all(target_os = "macos", target_arch = "x86_64")) {
    Some("_macos-x64.app.tar.gz")
} else {
    None
};

/// Whether a signature, as the description of a version has it, was made for a
/// package of this system. It is believed once it was found to be good: whoever
/// describes a version could name a package that is signed for another system.
pub fn is_signed_for_this_system(signature: &str) -> bool {
    let file = STANDARD.decode(signature).ok().and_then(|file| String::from_utf8(file).ok());
    let Some((file, end)) = file.zip(PACKAGE_OF_THIS_SYSTEM) else { return false };
    // The first line is nobody's word.
    let comment = file.lines().nth(2).and_then(|line| line.strip_prefix("trusted comment: "));
    let package = comment.and_then(|comment| comment.split('\t').find_map(|part| part.strip_prefix("file:")));
    package.is_some_and(|package| package.ends_with(end))
}

/// The way to a public file: through the proxy that is set for it, and
/// encrypted to its end, wherever it is redirected to.
#[derive(Clone, Debug)]
pub struct DownloadRoute(Option<reqwest::Proxy>);

impl DownloadRoute {
    /// The way to an address. `None` if its proxy is of a kind that cannot be used.
    pub async fn to(address: &Url) -> Option<Self> {
        let is_here = Endpoint::parse(address.as_str()).is_ok_and(|address| address.is_loopback());
        match proxy_for(address).await.filter(|_| !is_here) {
            Some(proxy) => Some(Self(Some(proxy.for_requests()?))),
            None => Some(Self(None)),
        }
    }

    /// Has a client take it.
    pub fn prepare(&self, client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        // A server on this machine is a test's, in builds for development alone.
        prepared(client, self.0.clone()).read_timeout(SILENCE).https_only(!cfg!(debug_assertions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_releases_has_a_description_and_a_page() {
        let releases = Releases::at("https://git.example/shop/connect/releases/", " RWkey\n").unwrap();
        let address = "https://git.example/shop/connect/releases/latest";
        assert_eq!(releases.latest.as_str(), format!("{address}/download/latest.json"));
        assert_eq!(releases.page.as_str(), address);
        let key = String::from_utf8(STANDARD.decode(releases.key).unwrap()).unwrap();
        assert_eq!(key, "untrusted comment: minisign public key\nRWkey\n");
        assert!(Releases::at("no address", "RWkey").is_none());
    }

    #[test]
    fn a_signature_is_for_the_package_that_it_names() {
        let signed = |comment: &str| {
            STANDARD
                .encode(format!("untrusted comment: x\nRWsignature\ntrusted comment: {comment}\nRWglobal\n"))
        };
        let end = PACKAGE_OF_THIS_SYSTEM.unwrap();
        let ours = format!("timestamp:1\tfile:hotmart-connect_1.0.0{end}\tversion:1.0.0");
        assert!(is_signed_for_this_system(&signed(&ours)));
        let others =
            ["timestamp:1\tfile:hotmart-connect_1.0.0_windows-x64-for-everybody.exe", "version:1.0.0", ""];
        assert!(others.iter().all(|comment| !is_signed_for_this_system(&signed(comment))));
        assert!(!is_signed_for_this_system("no base64"));
        let forged =
            format!("trusted comment: {ours}\nRWsignature\ntrusted comment: {}\nRWglobal\n", others[0]);
        assert!(!is_signed_for_this_system(&STANDARD.encode(forged)), "its first line is not signed");
    }
}

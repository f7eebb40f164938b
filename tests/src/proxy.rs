//! A company's proxy: opens every secure connection with a certificate of its own.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use url::Url;

use crate::desktop::Desktop;

/// The server behind it, as the world knows it.
pub const SERVER: &str = "hotmart.example";

/// The proxy. Whichever server a program asks it for, Practice Hotmart answers.
pub struct Proxy {
    address: String,
    authority: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts it in front of a server.
    pub async fn start(behind: &Url) -> Self {
        let mut issuer = CertificateParams::new(Vec::new()).unwrap();
        issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        issuer.distinguished_name.push(rcgen::DnType::CommonName, "Loja Ltda. Root");
        let issuer = CertifiedIssuer::self_signed(issuer, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![SERVER.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap().to_string(),
            authority: issuer.pem(),
            asked: Arc::default(),
        };
        let (acceptor, asked) = (TlsAcceptor::from(Arc::new(config)), Arc::clone(&proxy.asked));
        let behind = format!("{}:{}", behind.host_str().unwrap(), behind.port().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, asked, behind) = (acceptor.clone(), Arc::clone(&asked), behind.clone());
                tokio::spawn(async move {
                    // A client that does not trust the certificate hangs up.
                    let _ = serve(stream, &acceptor, &asked, &behind).await;
                });
            }
        });
        proxy
    }

    /// Its host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The servers it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The system's store of certificates, with this proxy's authority in it.
    pub fn store_with_its_authority(&self, desktop: &Desktop) -> PathBuf {
        let path = desktop.home().join("ca-certificates.crt");
        let usual = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
        std::fs::write(&path, format!("{usual}\n{}", self.authority)).unwrap();
        path
    }
}

async fn serve(
    mut stream: TcpStream,
    acceptor: &TlsAcceptor,
    asked: &Mutex<Vec<String>>,
    behind: &str,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    asked.lock().unwrap().push(line.split(' ').nth(1).unwrap_or_default().to_owned());
    if !line.starts_with("CONNECT ") {
        return stream.write_all(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n").await;
    }
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    let (mut from_client, mut to_client) = tokio::io::split(acceptor.accept(stream).await?);
    let (mut from_server, mut to_server) = TcpStream::connect(behind).await?.into_split();
    let there = async {
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let count = from_client.read(&mut chunk).await?;
            if count == 0 {
                return to_server.shutdown().await;
            }
            // Practice Hotmart answers to its own name alone.
            let text = String::from_utf8_lossy(&chunk[..count]);
            to_server
                .write_all(text.replace(&format!("host: {SERVER}"), &format!("host: {behind}")).as_bytes())
                .await?;
        }
    };
    let back = async { tokio::io::copy(&mut from_server, &mut to_client).await.map(|_| ()) };
    tokio::try_join!(there, back).map(|_| ())
}

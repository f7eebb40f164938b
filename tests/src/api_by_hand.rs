//! An API that a test answers for by hand.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// An API that a test answers for by hand.
pub struct Api {
    /// Its address, without a slash at its end.
    pub address: String,
    seen: Arc<Mutex<String>>,
}

impl Api {
    /// Starts it; each request is answered by this, which gets what was sent.
    pub fn start(answers: impl Fn(&mut TcpStream, &str) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<String>>::default();
        let (noted, answers) = (Arc::clone(&seen), Arc::new(answers));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let (noted, answers) = (Arc::clone(&noted), Arc::clone(&answers));
                std::thread::spawn(move || {
                    let mut head = String::new();
                    let mut some = [0; 65_536];
                    while !is_whole(&head) {
                        let Ok(count @ 1..) = stream.read(&mut some) else { break };
                        head.push_str(&String::from_utf8_lossy(&some[..count]));
                    }
                    noted.lock().unwrap().clone_from(&head);
                    answers(&mut stream, &head);
                });
            }
        });
        Self { address, seen }
    }

    /// The request that came last, head and body.
    pub fn seen(&self) -> String {
        self.seen.lock().unwrap().clone()
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.to_lowercase();
    if length.contains("transfer-encoding: chunked") {
        return body.ends_with("0\r\n\r\n");
    }
    let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    length.is_none_or(|length: usize| body.len() >= length)
}

/// A whole answer.
pub fn answer(status: &str, headers: &str, body: &str) -> impl Fn(&mut TcpStream) {
    let text = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    move |stream| drop(stream.write_all(text.as_bytes()))
}

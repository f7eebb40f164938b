//! The sockets of the local door, which outlive the program that opened them:
//! the one that takes its place goes on with them, and no call is refused meanwhile.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use tokio::net::TcpSocket;

/// So many connections wait in line at each address while the program that
/// would take them changes.
const WAITING: u32 = 1_024;

/// Sockets that listen at one port of this machine's own addresses, and are seen from no other.
#[derive(Debug)]
pub struct DoorListeners(Vec<TcpListener>);

impl DoorListeners {
    /// Those that the program before this one left, if there was one. To be
    /// asked first of all, once: no program that is started from here is to have them.
    pub fn left() -> Option<Self> {
        let left = platform::left();
        (!left.is_empty()).then_some(Self(left))
    }

    /// New ones. On Linux other programs of this user may listen at the same
    /// port at the same time; each gets some of the calls.
    ///
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Another program has the port, at either address.
    pub fn open(port: u16) -> std::io::Result<Self> {
        let first = listen((Ipv4Addr::LOCALHOST, port).into())?;
        let second = match listen((Ipv6Addr::LOCALHOST, port).into()) {
            // Tools that say `localhost` would show their keys there.
            Err(error) if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                return Err(error);
            }
            // A machine may have no IPv6.
            second => second.inspect_err(|error| log::info!("the door is not open at [::1]: {error}")).ok(),
        };
        Ok(Self([first].into_iter().chain(second).collect()))
    }

    /// Their port.
    pub fn port(&self) -> Option<u16> {
        Some(self.0.first()?.local_addr().ok()?.port())
    }

    /// A second handle on each, for whoever takes the connections.
    ///
    /// # Errors
    /// The system has no more of them.
    pub fn duplicate(&self) -> std::io::Result<Vec<tokio::net::TcpListener>> {
        self.0.iter().map(|listener| tokio::net::TcpListener::from_std(listener.try_clone()?)).collect()
    }

    /// Leaves them to the program that takes this one's place in the next
    /// moment: gives the variables by which that one finds them.
    pub fn leave(self) -> Vec<(String, oauth::Secret)> {
        platform::leave(self.0)
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // The port is free at once after a program that ended.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    #[cfg(target_os = "linux")]
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)?.into_std()
}

#[cfg(unix)]
mod platform {
    use std::net::TcpListener;
    use std::os::fd::{AsFd, AsRawFd, OwnedFd};

    use listenfd::ListenFd;
    use oauth::Secret;
    use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};

    /// The numbers that this many programs in a row may have taken already are tried.
    const TRIES: i32 = 64;
    /// No program has files of its own from here on.
    const FIRST: i32 = 200;

    /// What the program before this one left. The second time there is nothing.
    pub fn left() -> Vec<TcpListener> {
        let mut left = ListenFd::from_env();
        let listeners = (0..left.len()).filter_map(|index| left.take_tcp_listener(index).ok().flatten());
        let listeners: Vec<_> = listeners.collect();
        for listener in &listeners {
            // They are no concern of the programs that this one starts.
            let _ = fcntl_setfd(listener, FdFlags::CLOEXEC);
            let _ = listener.set_nonblocking(true);
        }
        listeners
    }

    /// The convention of `sd_listen_fds(3)`: files with numbers in a row.
    pub fn leave(listeners: Vec<TcpListener>) -> Vec<(String, Secret)> {
        let Some(files) = in_a_row(&listeners) else {
            log::warn!("the door is closed until the next program opens it");
            return Vec::new();
        };
        let first = files.first().map_or(0, AsRawFd::as_raw_fd);
        for file in files.iter().map(AsFd::as_fd) {
            let _ = fcntl_setfd(file, FdFlags::empty());
        }
        let numbers = [
            ("LISTEN_PID", std::process::id().to_string()),
            ("LISTEN_FDS", files.len().to_string()),
            ("LISTEN_FDS_FIRST_FD", first.to_string()),
        ];
        // They live as long as this process, whichever program it runs.
        std::mem::forget(files);
        numbers.into_iter().map(|(name, number)| (name.to_owned(), Secret::new(number))).collect()
    }

    fn in_a_row(listeners: &[TcpListener]) -> Option<Vec<OwnedFd>> {
        (0..TRIES).find_map(|attempt| {
            let mut wanted = FIRST + 2 * attempt;
            let mut files = Vec::new();
            for listener in listeners {
                let file = fcntl_dupfd_cloexec(listener, wanted).ok()?;
                if !files.is_empty() && file.as_raw_fd() != wanted {
                    return None;
                }
                wanted = file.as_raw_fd() + 1;
                files.push(file);
            }
            Some(files)
        })
    }
}

#[cfg(not(unix))]
mod platform {
    use std::net::TcpListener;

    /// Here a program does not take another's place.
    pub const fn left() -> Vec<TcpListener> {
        Vec::new()
    }

    pub fn leave(_: Vec<TcpListener>) -> Vec<(String, oauth::Secret)> {
        Vec::new()
    }
}

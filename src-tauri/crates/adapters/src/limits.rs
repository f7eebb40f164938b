//! How many files this process may have open at a time, and how much memory it may use.

/// A program with fewer could neither reach a server nor the keyring.
#[cfg(unix)]
const LEAST_FILES: u64 = 32;
/// As many as any of our programs needs, with a browser's and other programs' connections.
#[cfg(unix)]
const ENOUGH_FILES: u64 = 4_096;

/// In bytes: 400 MB of addresses. Most of it is never used: the C library sets
/// 64 MB aside for each thread, and a thread that cannot start afterwards ends
/// the program in the middle of what it does.
#[cfg(unix)]
const LEAST_MEMORY: u64 = 400_000_000;

/// Whether this process may use enough memory to do anything at all.
pub fn memory_suffices() -> bool {
    #[cfg(unix)]
    {
        let limit = rustix::process::getrlimit(rustix::process::Resource::As);
        limit.current.is_none_or(|limit| limit >= LEAST_MEMORY)
    }
    #[cfg(not(unix))]
    true
}

/// Whether this process may have enough files open to do anything at all.
pub fn files_suffice() -> bool {
    #[cfg(unix)]
    {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        limit.current.is_none_or(|limit| limit >= LEAST_FILES)
    }
    #[cfg(not(unix))]
    true
}

/// Takes as many files as the system lets this program have: macOS gives 256
/// unasked, and every connection is one.
pub fn allow_enough_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let limit = getrlimit(Resource::Nofile);
        let most = limit.maximum.unwrap_or(ENOUGH_FILES).min(ENOUGH_FILES);
        if limit.current.is_some_and(|current| current < most)
            && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(most), ..limit })
        {
            log::warn!("no more files can be open at a time: {error}");
        }
    }
}

//! What is in this process's memory stays there, and no longer than it is needed.

use std::alloc::System;
#[cfg(unix)]
use std::sync::OnceLock;

use zeroizing_alloc::ZeroAlloc;

/// Wipes all memory as it is given back. A secret of ours wipes itself; this is
/// for the copies that libraries make while they read, parse and send one.
#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);

/// The size of core files that the user allowed: `None` in it is no limit.
#[cfg(unix)]
static ALLOWED: OnceLock<Option<u64>> = OnceLock::new();

/// Has no core file written of this program, and keeps other processes of the
/// same user from reading its memory. Programs that it starts write none
/// either, until [`leave_to_others`].
pub fn keep_memory_private() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        log::warn!("others may read this program's memory: {error}");
    }
    #[cfg(unix)]
    {
        ALLOWED.get_or_init(|| rustix::process::getrlimit(rustix::process::Resource::Core).current);
        limit_core_files(Some(0));
    }
}

/// Another program takes this one's place: it has the limit that the user set.
pub(crate) fn leave_to_others() {
    #[cfg(unix)]
    if let Some(allowed) = ALLOWED.get() {
        limit_core_files(*allowed);
    }
}

#[cfg(unix)]
fn limit_core_files(current: Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let maximum = getrlimit(Resource::Core).maximum;
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current, maximum }) {
        log::warn!("the size of core files is not limited: {error}");
    }
}

//! What is in this process's memory stays there.

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
    limit_core_files(Some(0));
}

/// Another program takes this one's place: it has the limit that the user set.
pub(crate) fn leave_to_others() {
    #[cfg(unix)]
    limit_core_files(None);
}

/// Lowers the limit, or sets it as high as it may be.
#[cfg(unix)]
fn limit_core_files(current: Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let maximum = getrlimit(Resource::Core).maximum;
    let current = if current.is_some() { current } else { maximum };
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current, maximum }) {
        log::warn!("the size of core files is not limited: {error}");
    }
}

//! How much memory a program takes, with everything it started, and what is in it.

use std::collections::HashSet;
use std::time::Duration;

use crate::process::wait_until;

/// In the tray the program takes less than this part of an empty window's memory.
pub const MOST_MEMORY_IN_THE_TRAY: f64 = 0.25;
/// Smaller, a program has not begun yet.
const BEGUN: u64 = 5_000;
/// Two looks agree if they differ by less.
const TOLERANCE: u64 = 2_000;
/// Stacks are smaller, and so are the allocator's own parts (64 MiB). What is larger is a webview's: 128 MiB.
const LARGEST_PART: u64 = 128 << 20;

/// The same once it is as large as it gets: its helpers come one after the other.
pub fn settled_memory_of_tree(root: u32) -> u64 {
    let mut before = 0;
    wait_until("the memory settles", || {
        std::thread::sleep(Duration::from_secs(2));
        let now = memory_of_tree(root);
        let change = now.abs_diff(std::mem::replace(&mut before, now));
        (now > BEGUN && change < TOLERANCE).then_some(now)
    })
}

/// The proportional set size of a process and all its descendants, in KiB.
fn memory_of_tree(root: u32) -> u64 {
    let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|process| Some((process, parent_of(process)?)))
        .collect();
    let mut tree = HashSet::from([root]);
    loop {
        let before = tree.len();
        tree.extend(
            parents
                .iter()
                .filter(|(_, parent)| tree.contains(parent))
                .map(|(process, _)| *process)
                .collect::<Vec<_>>(),
        );
        if tree.len() == before {
            return tree.into_iter().map(proportional_set_size).sum();
        }
    }
}

fn parent_of(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may have spaces.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn proportional_set_size(process: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Everything that a process can write of its memory.
pub fn memory_of(process: u32) -> Vec<u8> {
    use std::os::unix::fs::FileExt;

    let memory = std::fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let part = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (from, to) = range.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        if !rest.starts_with("rw") || to - from > LARGEST_PART {
            return None;
        }
        let mut content = vec![0; usize::try_from(to - from).ok()?];
        // A part can be gone since it was listed.
        memory.read_exact_at(&mut content, from).ok()?;
        Some(content)
    };
    maps.lines().filter_map(part).collect::<Vec<_>>().concat()
}

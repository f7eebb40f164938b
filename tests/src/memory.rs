//! How much memory and how much of a processor a program takes, with everything it started, and what is in its memory.

use std::collections::HashSet;
use std::time::Duration;

use crate::process::wait_until;

/// In the tray the program takes less than this part of an empty window's memory.
pub const MOST_MEMORY_IN_THE_TRAY: f64 = 0.25;
/// Smaller, a program has not begun yet.
const BEGUN: u64 = 5_000;
/// Two looks agree if they differ by less.
const TOLERANCE: u64 = 2_000;
/// So often a second Linux counts, on any machine that a person has.
const TICKS: f64 = 100.0;
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
    tree_of(root).into_iter().map(proportional_set_size).sum()
}

/// The time that a process and all its descendants had a processor, in seconds.
pub fn processor_time_of_tree(root: u32) -> f64 {
    let ticks: u32 = tree_of(root).into_iter().filter_map(processor_ticks).sum();
    f64::from(ticks) / TICKS
}

/// A process and all its descendants.
fn tree_of(root: u32) -> HashSet<u32> {
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
            return tree;
        }
    }
}

fn parent_of(process: u32) -> Option<u32> {
    stat(process)?.get(1)?.parse().ok()
}

/// In user mode and in the system's.
fn processor_ticks(process: u32) -> Option<u32> {
    let stat = stat(process)?;
    Some(stat.get(11)?.parse::<u32>().ok()? + stat.get(12)?.parse::<u32>().ok()?)
}

/// What the system counts of a process, from its state on (proc_pid_stat(5), field 3).
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may have spaces.
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
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

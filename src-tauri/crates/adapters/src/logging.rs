//! The log: a few rolling files of limited size.

use std::path::Path;

use flexi_logger::{Cleanup, Criterion, FileSpec, LogSpecification, Logger, Naming};
use log::LevelFilter;

use crate::SERVICE;
use crate::files::{make_private, make_private_folder};

const LARGEST_FILE_BYTES: u64 = 1024 * 1024;
const OLD_FILES: usize = 3;
const LEVEL_VARIABLE: &str = "HOTMART_CONNECT_LOG";
/// Ours: they never log a secret, at any level, and a test holds that.
const OUR_MODULES: [&str; 7] =
    ["adapters", "background", "command_line", "connection", "hotmart_connect", "oauth", "practice"];

/// The last lines of the newest logs in a folder, oldest first. The window's
/// own messages are left out: they only repeat what it shows.
pub fn last_lines_of_the_log(folder: &Path, count: usize) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        files.filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path()))).collect();
    files.sort();
    let mut lines = Vec::new();
    for (_, file) in files.iter().rev() {
        let text = std::fs::read(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let newest_first = text.lines().rev().filter(|line| !line.contains("to the window:"));
        lines.extend(newest_first.take(count - lines.len()).map(str::to_owned));
        if lines.len() >= count {
            break;
        }
    }
    lines.reverse();
    lines
}

/// Logging lasts as long as this.
pub type LogHandle = flexi_logger::LoggerHandle;

/// Whether the user set a level.
pub fn logging_is_wanted() -> bool {
    std::env::var_os(LEVEL_VARIABLE).is_some()
}

/// Starts logging into `folder`, in files of this program's own. `HOTMART_CONNECT_LOG` sets the level of our
/// own modules (`info` if absent). Other crates only warn: at `trace` they
/// would print the bytes they send.
///
/// Returns `None` where the folder cannot be written: a program without a log
/// is better than no program. Logging lasts as long as the handle.
pub fn start_logging(folder: &Path, program: &str) -> Option<LogHandle> {
    // The library would make a folder that every user can enter.
    make_private_folder(folder).ok()?;
    // And a file that every user could read, but for the folder around it.
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(folder.join(format!("{program}_rCURRENT.log"))).ok()?;
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
    // The folder around it may be one that the user chose, and is theirs then.
    let around = folder.parent().filter(|around| around.ends_with(SERVICE)).map(Path::to_owned);
    for ours in files.chain([folder.to_owned()]).chain(around) {
        make_private(&ours);
    }
    let level = std::env::var(LEVEL_VARIABLE).ok().and_then(|level| level.parse().ok());
    let level = level.unwrap_or(LevelFilter::Info);
    let mut specification = LogSpecification::builder();
    specification.default(LevelFilter::Warn);
    // In debug builds this one prints links that are not ours.
    specification.module("tauri_plugin_deep_link", LevelFilter::Off);
    for module in OUR_MODULES {
        specification.module(module, level);
    }
    let file = FileSpec::default().directory(folder).basename(program).suppress_timestamp();
    Logger::with(specification.build())
        .log_to_file(file)
        .append()
        .rotate(Criterion::Size(LARGEST_FILE_BYTES), Naming::Numbers, Cleanup::KeepLogFiles(OLD_FILES))
        .format(flexi_logger::detailed_format)
        .error_channel(flexi_logger::ErrorChannel::DevNull)
        .start()
        .ok()
}

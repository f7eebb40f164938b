//! The log: a few rolling files of limited size.

use std::path::Path;

use flexi_logger::{Cleanup, Criterion, FileSpec, LogSpecification, Logger, Naming};
use log::LevelFilter;

const LARGEST_FILE_BYTES: u64 = 1024 * 1024;
const OLD_FILES: usize = 3;
const LEVEL_VARIABLE: &str = "HOTMART_CONNECT_LOG";
/// Ours: they never log a secret, at any level, and a test holds that.
const OUR_MODULES: [&str; 6] =
    ["adapters", "command_line", "connection", "hotmart_connect", "oauth", "practice"];

/// Logging lasts as long as this.
pub type LogHandle = flexi_logger::LoggerHandle;

/// Whether somebody set a level.
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
    let level = std::env::var(LEVEL_VARIABLE).ok().and_then(|level| level.parse().ok());
    let level = level.unwrap_or(LevelFilter::Info);
    let mut specification = LogSpecification::builder();
    specification.default(LevelFilter::Warn);
    // In debug builds this one prints links that are not ours.
    specification.module("tauri_plugin_deep_link", LevelFilter::Off);
    for module in OUR_MODULES {
        specification.module(module, level);
    }
    Logger::with(specification.build())
        .log_to_file(FileSpec::default().directory(folder).basename(program).suppress_timestamp())
        .append()
        .rotate(Criterion::Size(LARGEST_FILE_BYTES), Naming::Numbers, Cleanup::KeepLogFiles(OLD_FILES))
        .format(flexi_logger::detailed_format)
        .error_channel(flexi_logger::ErrorChannel::DevNull)
        .start()
        .ok()
}

//! The programs that this build made.

use std::path::{Path, PathBuf};

/// What is installed.
pub const PROGRAMS: [&str; 3] = ["hotmart-connect", "hotmart-connect-tray", "hotmart-token"];

/// Puts the built program into a folder, so that each desktop has one of its own.
pub fn put_program(folder: &Path, distributor: bool) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let there = if distributor { built_programs().join("distributor") } else { built_programs() };
    for name in PROGRAMS {
        let (built, program) = (there.join(name), folder.join(name));
        assert!(built.is_file(), "build the workspace first: {} is missing", built.display());
        if std::fs::hard_link(&built, &program).is_err() {
            std::fs::copy(&built, &program).unwrap();
        }
    }
    folder.join("hotmart-connect")
}

/// The folder of the programs that this build made.
pub fn built_programs() -> PathBuf {
    // target/debug/deps/integration-…, or target/debug/bench.
    let this = std::env::current_exe().unwrap();
    let folder = this.ancestors().find(|folder| folder.join("hotmart-connect").is_file());
    folder.expect("build the workspace first: hotmart-connect is missing").to_owned()
}

//! A test that needs a desktop of its own for its whole process runs itself again on one.

use crate::desktop::Desktop;
use crate::process::run;

const INSIDE: &str = "HOTMART_CONNECT_TEST_INSIDE";

/// Whether this test is running itself again on a desktop.
pub fn inside_a_desktop() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Runs one test of this binary again, with the desktop's environment.
pub fn run_this_test_on(desktop: &Desktop, name: &str) {
    let program = std::env::current_exe().expect("this program has a path");
    run(desktop.command(program).args(["--exact", name]).env(INSIDE, "1"));
}

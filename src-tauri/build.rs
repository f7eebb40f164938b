//! Declares the commands, so that none is open to the window that no capability names.

/// Every command of `commands.rs` and the folder beside it.
#[cfg(feature = "window")]
const COMMANDS: &[&str] = &[
    "watch",
    "request",
    "save_account",
    "add_account",
    "change_account",
    "import_accounts",
    "discover",
    "choose",
    "drawn",
    "read_pasted",
    "computer",
    "dismiss",
    "update",
    "forget_everything",
    "local_key",
];

#[cfg(not(feature = "window"))]
fn main() {}

#[cfg(feature = "window")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    // New files in the window's folder are not noticed otherwise.
    println!("cargo:rerun-if-changed=../ui");
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    Ok(tauri_build::try_build(attributes)?)
}

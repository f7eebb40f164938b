//! Declares the commands, so that none is open to the window that no capability names.

/// Every command of `commands.rs` and the folder beside it.
#[cfg(feature = "window")]
const COMMANDS: &[&str] = &[
    "watch",
    "save_account",
    "use_practice",
    "use_built_in",
    "use_own_account",
    "show_account",
    "rename_account",
    "move_account",
    "make_default",
    "remove_account",
    "dismiss_removed",
    "import_accounts",
    "discover",
    "choose",
    "drawn",
    "check_computer",
    "fix",
    "save_report",
    "copy_report",
    "close_checkup",
    "open_logs",
    "connect",
    "connect_as_another",
    "other_way",
    "extend",
    "replace_seller",
    "keep_seller",
    "open_browser",
    "copy_link",
    "paste_address",
    "cancel",
    "refresh",
    "copy_token",
    "copy_refresh_token",
    "check",
    "disconnect",
    "unlock_keyring",
    "keep_in_memory",
    "dismiss_notice",
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

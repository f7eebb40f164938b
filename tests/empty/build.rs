//! As every Tauri program needs.

fn main() {
    tauri_build::build();
}

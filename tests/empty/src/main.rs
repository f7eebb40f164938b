//! A window with a button, and nothing behind it.
#![allow(clippy::print_stdout, clippy::expect_used)] // It is there to be measured.

use tauri::{WebviewUrl, WebviewWindowBuilder};

/// The button is there, and does something when it is clicked.
#[tauri::command]
fn drawn() {
    println!("the window can be used");
}

fn main() {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![drawn])
        .setup(|app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                .inner_size(440.0, 740.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
        .expect("the window opens");
}

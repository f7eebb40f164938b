//! Hotmart Connect, the desktop program: wiring, and nothing else.
#![cfg(feature = "window")]

mod ipc;
mod window;
mod menu;
mod deep_link;
mod commands;
#[cfg(not(target_os = "linux"))]
mod tray;
mod frontend;
#[cfg_attr(not(feature = "updater"), path = "no_updates.rs")]
mod updates;

use std::process::ExitCode;
use std::sync::Arc;

use background::Accounts;
use tauri::{Manager, RunEvent, WindowEvent};

/// A system that shuts down, or a person with a terminal, ends the program as
/// closing the window does: what is under way comes to its end.
fn end_politely(app: &tauri::AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let _signal = adapters::told_to_end().await;
        app.exit(0);
    });
}

/// Runs the program until its window is closed, or its end is chosen in the tray.
#[allow(clippy::print_stderr)] // Without a display or a home there is no window to say it in.
pub fn run() -> ExitCode {
    adapters::keep_memory_private();
    adapters::allow_enough_files();
    let Some(directories) = adapters::directories_or_say_why() else { return ExitCode::FAILURE };
    if !adapters::there_is_a_display() {
        eprintln!(
            "Hotmart Connect: there is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are empty)."
        );
        return ExitCode::FAILURE;
    }
    if adapters::handed_over_to_a_running_program() {
        return ExitCode::SUCCESS;
    }
    frontend::go_on_without_a_window_if_wanted();
    let _logging = adapters::start_logging(&directories.logs(), "hotmart-connect");
    log::info!("Hotmart Connect {} starts", env!("CARGO_PKG_VERSION"));
    let _running = adapters::RunningLock::take(&directories);

    let mut builder = updates::prepare(tauri::Builder::default());
    // First, so that a second start ends before it touches anything.
    if adapters::second_starts_stay_with_this_user() {
        builder = builder.plugin(tauri_plugin_single_instance::init(deep_link::second_start));
    }
    // Started with the session, nobody's keyboard is taken away from them.
    #[cfg(target_os = "macos")]
    {
        builder = builder.activate_ignoring_other_apps(!adapters::has_argument(background::BACKGROUND));
    }
    let app = builder
        .plugin(tauri_plugin_deep_link::init())
        .invoke_handler(commands::handler())
        .on_menu_event(|app, event| frontend::chosen(app, event.id().as_ref()))
        .setup(move |app| {
            let runtime = tauri::async_runtime::handle().inner().clone();
            let (accounts, answered) = Accounts::open(&directories, runtime);
            app.manage(Arc::clone(&accounts));
            // First of all: the page's own process takes the longest to be there.
            if !adapters::has_argument(background::BACKGROUND) {
                window::open(app.handle())
                    .inspect_err(|error| log::error!("the window did not open: {error}"))?;
            }
            tauri::async_runtime::block_on(accounts.start());
            deep_link::listen(app.handle(), &directories);
            menu::set(app.handle(), &accounts.words())?;
            frontend::follow(app.handle(), &accounts, answered);
            end_politely(app.handle());
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match app {
        Ok(app) => app,
        Err(error) => {
            log::error!("the program could not start: {error}");
            adapters::relaunch();
            eprintln!("Hotmart Connect could not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    app.run(|app, event| match event {
        RunEvent::WindowEvent { event: WindowEvent::Focused(true), .. }
            if adapters::focus_is_a_reason_to_look() =>
        {
            let accounts = Arc::clone(&app.state::<Arc<Accounts>>());
            tauri::async_runtime::spawn(async move { accounts.resume().await });
        }
        // The user clicked on the program in the Dock.
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { has_visible_windows: false, .. } => window::bring_to_front(app),
        // The last window was closed, and the program's end was not asked for.
        RunEvent::ExitRequested { code: None, api, .. } => frontend::last_window_closed(app, &api),
        RunEvent::WindowEvent { event: WindowEvent::Destroyed, .. } => commands::stop_watching(),
        RunEvent::Exit => {
            updates::stop(app);
            // From now on another start opens a window of its own.
            tauri_plugin_single_instance::destroy(app);
            let accounts = Arc::clone(&app.state::<Arc<Accounts>>());
            frontend::leave(app, &accounts);
            log::info!("Hotmart Connect ends");
            let newer = updates::wait_until_replaced(app);
            frontend::forget_everything_if_wanted(app);
            if let Some(newer) = newer {
                updates::start(newer);
            }
        }
        _ => {}
    });
    ExitCode::SUCCESS
}

//! Newer versions of the program: looked for when the window opens, and put in
//! this one's place once the user said so and nothing would be lost by it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use adapters::{DownloadRoute, Releases};
use background::{Accounts, UpdateProblem, UpdateStatus};
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Builder, Manager, Wry};
use tauri_plugin_updater::{Error, Update, UpdaterExt};

use crate::frontend;

/// A window that is opened again within this time does not look again, in seconds.
const A_DAY: u64 = 24 * 3_600;
/// The description of the newest version is small.
const LOOK_DEADLINE: Duration = Duration::from_secs(30);
/// Tells our own installer to start the program once it is done.
const START_AGAIN: &str = "/START";

/// What is known of a newer version, besides what the window shows. Set by
/// commands of the window and by the task that looks or installs; read on the
/// main thread at the end.
#[derive(Default)]
struct Updates(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// When it was looked for last, in seconds since the epoch.
    looked_at: Option<u64>,
    /// What looks or installs.
    task: Option<JoinHandle<()>>,
    /// What is to be started once this program has ended.
    installed: Option<PathBuf>,
}

fn known(app: &AppHandle) -> MutexGuard<'_, Known> {
    app.state::<Updates>().inner().0.lock().unwrap_or_else(PoisonError::into_inner)
}

fn show(app: &AppHandle, update: UpdateStatus) {
    log::info!("newer versions: {update:?}");
    app.state::<Arc<Accounts>>().state.send_modify(|state| state.update = update);
}

/// Has the program know of newer versions.
pub fn prepare(builder: Builder<Wry>) -> Builder<Wry> {
    builder.manage(Updates::default()).plugin(tauri_plugin_updater::Builder::new().build())
}

/// Looks whether there is a newer version, unless that was done today.
pub fn look_once_a_day(app: &AppHandle) {
    let is_known =
        known(app).looked_at.is_some_and(|looked| adapters::system_seconds().saturating_sub(looked) < A_DAY);
    if !is_known {
        look(app);
    }
}

/// Looks whether there is a newer version. One that is being fetched goes on.
pub fn look(app: &AppHandle) {
    let Some(releases) = adapters::releases() else { return };
    let is_busy = known(app).task.as_ref().is_some_and(|task| !task.inner().is_finished());
    if is_busy {
        return;
    }
    show(app, UpdateStatus::Looking);
    begin(app, async move |app| {
        let status = match newest(&app, &releases).await {
            Ok(newest) => newest.status(),
            Err(error) => {
                log::warn!("no newer version could be looked for: {error}");
                UpdateStatus::LookFailed
            }
        };
        known(&app).looked_at = Some(adapters::system_seconds());
        show(&app, status);
    });
}

/// Has something go on by itself, in the place of what went on before.
fn begin<F: Future<Output = ()> + Send + 'static>(app: &AppHandle, work: impl FnOnce(AppHandle) -> F) {
    let task = tauri::async_runtime::spawn(work(app.clone()));
    if let Some(before) = known(app).task.replace(task) {
        before.abort();
    }
}

/// The newest version that was published.
enum Newest {
    /// This one.
    This,
    /// One that can be put in this one's place.
    Installable(Box<Update>),
    /// One that the user gets in the way in which they got this one.
    Elsewhere(String),
}

impl Newest {
    fn status(self) -> UpdateStatus {
        match self {
            Self::This => UpdateStatus::Newest,
            Self::Installable(update) => available(update.version, true),
            Self::Elsewhere(version) => available(version, false),
        }
    }
}

const fn available(version: String, installs: bool) -> UpdateStatus {
    UpdateStatus::Available { version, installs, read: false }
}

async fn newest(app: &AppHandle, releases: &Releases) -> Result<Newest, Error> {
    let route = DownloadRoute::to(&releases.latest).await;
    let route = route.ok_or_else(|| Error::Network("the proxy cannot be used".to_owned()))?;
    // The description may have nothing for this system, and still says which version is the newest.
    let newer = Arc::new(OnceLock::new());
    let hears = Arc::clone(&newer);
    let leaving = app.clone();
    let updater = app
        .updater_builder()
        .pubkey(&releases.key)
        .endpoints(vec![releases.latest.clone()])?
        .timeout(LOOK_DEADLINE)
        .configure_client(move |client| route.prepare(client))
        .version_comparator(move |current, release| {
            release.version > current && hears.set(release.version.to_string()).is_ok()
        })
        // Never with this program's arguments, among which may be a link.
        .restart_after_install(false)
        .installer_arg(START_AGAIN)
        .on_before_exit(move || leave(&leaving))
        .build()?;
    match updater.check().await {
        Ok(Some(update)) if adapters::replaceable_program().is_some() => {
            Ok(Newest::Installable(Box::new(update)))
        }
        Ok(Some(update)) => Ok(Newest::Elsewhere(update.version)),
        Ok(None) => Ok(Newest::This),
        Err(error) => match newer.get() {
            Some(version) => Ok(Newest::Elsewhere(version.clone())),
            None => Err(error),
        },
    }
}

/// What is done elsewhere when the program ends: on Windows the installer's
/// start is its end.
fn leave(app: &AppHandle) {
    tauri_plugin_single_instance::destroy(app);
    frontend::leave(app, &app.state::<Arc<Accounts>>());
    app.cleanup_before_exit();
}

/// The user wants the newer version that is shown: it is fetched, and put in
/// this one's place as soon as nothing would be cut off or lost.
pub fn install(app: &AppHandle) {
    let Some((releases, version)) = adapters::releases().zip(shown_version(app)) else { return };
    show(app, UpdateStatus::Downloading { version: version.clone(), percent: None });
    begin(app, async move |app| {
        // What was found may be a day old.
        let replaced = match newest(&app, &releases).await {
            Ok(Newest::Installable(update)) => fetch_and_replace(&app, *update).await,
            Ok(other) => return show(&app, other.status()),
            Err(error) => Err(error),
        };
        match replaced {
            Ok(()) => app.exit(0),
            Err(error) => {
                log::error!("version {version} was not installed: {error}");
                show(&app, UpdateStatus::Failed { version, problem: problem_of(&error) });
            }
        }
    });
}

/// The user does not want it now after all.
pub fn cancel(app: &AppHandle) {
    let Some(version) = shown_version(app) else { return };
    if let Some(task) = known(app).task.take() {
        task.abort();
    }
    show(app, UpdateStatus::Available { version, installs: true, read: true });
}

/// The newer version that the window speaks of.
fn shown_version(app: &AppHandle) -> Option<String> {
    app.state::<Arc<Accounts>>().state.borrow().update.version().map(str::to_owned)
}

async fn fetch_and_replace(app: &AppHandle, update: Update) -> Result<(), Error> {
    let package = fetch(app, &update).await?;
    let version = &update.version;
    let accounts = Arc::clone(&app.state::<Arc<Accounts>>());
    let mut changes = accounts.connections.changes();
    while let Some(reason) = accounts.connections.hold_back_an_update() {
        show(app, UpdateStatus::Waiting { version: version.clone(), reason });
        if changes.changed().await.is_err() {
            break;
        }
    }
    show(app, UpdateStatus::Installing { version: version.clone() });
    // Asked for before it is replaced: afterwards this program's own file is another.
    let program = adapters::replaceable_program();
    let replace = tauri::async_runtime::spawn_blocking(move || update.install(package));
    replace.await??;
    known(app).installed = program;
    Ok(())
}

/// Fetches the package, whose signature and version are looked at before it is given.
async fn fetch(app: &AppHandle, update: &Update) -> Result<Vec<u8>, Error> {
    let mut here = 0;
    let mut shown = None;
    let tell = |length: usize, whole: Option<u64>| {
        here += length as u64;
        let percent = whole.filter(|whole| *whole > 0).map(|whole| here.saturating_mul(100) / whole);
        let percent = percent.and_then(|percent| u8::try_from(percent.min(100)).ok());
        if percent != shown {
            shown = percent;
            let downloading = UpdateStatus::Downloading { version: update.version.clone(), percent };
            app.state::<Arc<Accounts>>().state.send_modify(|state| state.update = downloading);
        }
    };
    update.download(tell, || ()).await
}

fn problem_of(error: &Error) -> UpdateProblem {
    match error {
        Error::Minisign(_)
        | Error::Base64(_)
        | Error::SignatureUtf8(_)
        | Error::SignedVersionMismatch { .. }
        | Error::MissingSignedVersion
        | Error::InvalidUpdaterFormat => UpdateProblem::Untrusted,
        Error::Io(_)
        | Error::TempDirNotFound
        | Error::TempDirNotOnSameMountPoint
        | Error::PreviousAppNotRestored(_)
        | Error::Tauri(_) => UpdateProblem::NotInstalled,
        _ => UpdateProblem::Interrupted,
    }
}

/// Becomes the newer version, if one took this one's place.
pub fn start_the_new_version_if_there_is_one(app: &AppHandle) {
    if let Some(program) = known(app).installed.take() {
        let error = adapters::start_what_replaced_this(program);
        log::error!("the new version was not started: {error}");
    }
}

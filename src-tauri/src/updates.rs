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
/// Putting a package in place takes no longer, in seconds; how often that is looked at.
const REPLACING_DEADLINE: u64 = 30;
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Tells our own installer to start the program once it is done.
const START_AGAIN: &str = "/START";

/// What is known of newer versions, besides what the window shows. Asked and
/// changed by commands of the window and by the work that looks or installs.
#[derive(Default)]
struct Updates {
    known: Mutex<Known>,
    /// Held while a version takes this one's place, on a thread of its own: the
    /// main thread waits for it, and keeps it, before the program ends. What is to
    /// be started then.
    installed: Mutex<Option<PathBuf>>,
}

#[derive(Default)]
struct Known {
    /// When it was looked for last, in seconds since the epoch.
    looked_at: Option<u64>,
    /// What looks or installs, and its number: what was called off says nothing any more.
    work: Option<JoinHandle<()>>,
    number: u64,
    /// From now on nothing is called off.
    is_replacing: bool,
    /// The program ends: nothing is begun any more.
    is_ending: bool,
    /// The connections were ended for it.
    has_left: bool,
}

fn known(app: &AppHandle) -> MutexGuard<'_, Known> {
    app.state::<Updates>().inner().known.lock().unwrap_or_else(PoisonError::into_inner)
}

fn installed(app: &AppHandle) -> MutexGuard<'_, Option<PathBuf>> {
    app.state::<Updates>().inner().installed.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shown(app: &AppHandle) -> UpdateStatus {
    app.state::<Arc<Accounts>>().state.borrow().update.clone()
}

fn show(app: &AppHandle, update: UpdateStatus) {
    app.state::<Arc<Accounts>>().state.send_modify(|state| state.update = update);
}

/// Looking for a newer version, or installing it.
struct Work {
    app: AppHandle,
    number: u64,
}

impl Work {
    /// Begins it, in the place of what went on before. What the user wants goes before a look.
    fn begin<F: Future<Output = ()> + Send + 'static>(
        app: &AppHandle,
        status: UpdateStatus,
        work: impl FnOnce(Self) -> F,
    ) {
        let mut known = known(app);
        if known.is_ending || shown(app).is_under_way() {
            return;
        }
        if let Some(before) = known.work.take() {
            before.abort();
        }
        known.number += 1;
        show(app, status);
        let this = Self { app: app.clone(), number: known.number };
        known.work = Some(tauri::async_runtime::spawn(work(this)));
    }

    /// Tells how it stands, unless it was called off.
    fn show(&self, update: UpdateStatus) {
        let known = known(&self.app);
        if known.number == self.number {
            show(&self.app, update);
        }
    }

    /// From now on it cannot be called off. Whether it was not yet.
    fn may_replace(&self, version: &str) -> bool {
        let mut known = known(&self.app);
        let is_wanted = known.number == self.number;
        known.is_replacing |= is_wanted;
        if is_wanted {
            show(&self.app, UpdateStatus::Installing { version: version.to_owned() });
        }
        is_wanted
    }
}

/// Has the program know of newer versions.
pub fn prepare(builder: Builder<Wry>) -> Builder<Wry> {
    builder.manage(Updates::default()).plugin(tauri_plugin_updater::Builder::new().build())
}

/// Looks whether there is a newer version, unless that was done today.
pub fn look_once_a_day(app: &AppHandle) {
    let now = adapters::system_seconds();
    let is_known = known(app).looked_at.is_some_and(|looked| now.saturating_sub(looked) < A_DAY);
    if !is_known {
        look(app);
    }
}

/// Looks whether there is a newer version. One that is being fetched goes on.
pub fn look(app: &AppHandle) {
    let Some(releases) = adapters::releases() else { return };
    Work::begin(app, UpdateStatus::Looking, async move |work| {
        adapters::delete_fetched_packages();
        let status = match newest(&work.app, &releases).await {
            Ok(newest) => newest.status(),
            Err(error) => {
                log::warn!("no newer version could be looked for: {error}");
                UpdateStatus::LookFailed
            }
        };
        log::info!("newer versions: {status:?}");
        known(&work.app).looked_at = Some(adapters::system_seconds());
        work.show(status);
    });
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
            Self::Installable(update) => available(update.version, true, false),
            Self::Elsewhere(version) => available(version, false, false),
        }
    }
}

const fn available(version: String, installs: bool, read: bool) -> UpdateStatus {
    UpdateStatus::Available { version, installs, read }
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
    known(app).has_left = true;
    tauri_plugin_single_instance::destroy(app);
    frontend::leave(app, &app.state::<Arc<Accounts>>());
    app.cleanup_before_exit();
}

/// The user wants the newer version that is shown: it is fetched, and put in
/// this one's place as soon as nothing would be cut off or lost.
pub fn install(app: &AppHandle) {
    let version = shown(app).version().map(str::to_owned);
    let Some((releases, version)) = adapters::releases().zip(version) else { return };
    let begun = UpdateStatus::Downloading { version: version.clone(), percent: None };
    Work::begin(app, begun, async move |work| {
        // What was found may be a day old.
        let replaced = match newest(&work.app, &releases).await {
            Ok(Newest::Installable(update)) => fetch_and_replace(&work, *update).await,
            Ok(other) => return work.show(other.status()),
            Err(error) => Err(error),
        };
        if let Err(error) = replaced {
            log::error!("version {version} was not installed: {error}");
            let has_left = {
                let mut known = known(&work.app);
                known.is_replacing = false;
                known.has_left
            };
            if has_left {
                // There is nothing to go back to in this process.
                *installed(&work.app) = adapters::replaceable_program();
                work.app.exit(0);
            }
            work.show(UpdateStatus::Failed { version, problem: problem_of(&error) });
        }
    });
}

/// The user does not want it now after all.
pub fn cancel(app: &AppHandle) {
    let mut known = known(app);
    let Some(version) = shown(app).version().map(str::to_owned).filter(|_| !known.is_replacing) else {
        return;
    };
    if let Some(work) = known.work.take() {
        work.abort();
    }
    known.number += 1;
    show(app, available(version, true, true));
}

/// The program ends: what does not take its place already is called off, or the
/// end of what holds it back would let it go on.
pub fn stop(app: &AppHandle) {
    let mut known = known(app);
    known.is_ending = true;
    if !known.is_replacing {
        known.number += 1;
        if let Some(work) = known.work.take() {
            work.abort();
        }
    }
}

/// Ends the program once the newer version is in its place.
async fn fetch_and_replace(work: &Work, update: Update) -> Result<(), Error> {
    let package = fetch(work, &update).await?;
    if !adapters::is_signed_for_this_system(&update.signature) {
        log::error!("{} is signed, but not for this system", update.download_url);
        return Err(Error::InvalidUpdaterFormat);
    }
    let version = update.version.clone();
    let connections = &Arc::clone(&work.app.state::<Arc<Accounts>>()).connections;
    let mut changes = connections.changes();
    while let Some(reason) = connections.hold_back_an_update() {
        work.show(UpdateStatus::Waiting { version: version.clone(), reason });
        if changes.changed().await.is_err() {
            break;
        }
    }
    if !work.may_replace(&version) {
        return Ok(());
    }
    let app = work.app.clone();
    let replace = move || {
        let mut installed = installed(&app);
        // Asked for before it is replaced: afterwards this program's own file is another.
        let program = adapters::replaceable_program();
        update.install(package)?;
        *installed = program;
        Ok::<_, Error>(())
    };
    tauri::async_runtime::spawn_blocking(replace).await??;
    work.app.exit(0);
    Ok(())
}

/// Fetches the package, whose signature and version are looked at before it is given.
async fn fetch(work: &Work, update: &Update) -> Result<Vec<u8>, Error> {
    let mut here = 0;
    let mut told = None;
    let tell = |length: usize, whole: Option<u64>| {
        here += length as u64;
        let percent = whole.filter(|whole| *whole > 0).map(|whole| here.saturating_mul(100) / whole);
        let percent = percent.and_then(|percent| u8::try_from(percent.min(100)).ok());
        if percent != told {
            told = percent;
            work.show(UpdateStatus::Downloading { version: update.version.clone(), percent });
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

/// Waits for a version that just takes this one's place, and gives what is to
/// be started then. None does any more afterwards.
pub fn wait_until_replaced(app: &AppHandle) -> Option<PathBuf> {
    let began = adapters::system_seconds();
    let updates = app.state::<Updates>();
    loop {
        match updates.installed.try_lock() {
            Ok(mut installed) => {
                let program = installed.take();
                // Kept for as long as this process lives.
                std::mem::forget(installed);
                return program;
            }
            // On a Mac it may wait for this very thread, and has moved nothing then.
            Err(_) if adapters::system_seconds().saturating_sub(began) > REPLACING_DEADLINE => return None,
            Err(_) => std::thread::sleep(LOOK_AGAIN),
        }
    }
}

/// Becomes the version that took this one's place.
pub fn start(program: PathBuf) {
    if let Err(error) = adapters::start_what_replaced_this(program) {
        log::error!("the new version was not started: {error}");
    }
}

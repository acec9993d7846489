//! The web configuration in force. It is read again when one of its files changes, and a bad one leaves the good one in
//! force. Files that hang, as on a share whose server is gone, hold up nothing but this.

use crate::config::ConfigError;
use crate::config::web_file::{Stamps, WebFile};
use crate::state::{Reload, State, WebConfigState};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tracing::{error, info, warn};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(3);

/// How long files that change are left alone: a key mostly follows its certificate.
const SETTLING: Duration = Duration::from_secs(1);

/// How long looking at them, or reading them, may take before they count as hanging.
const LIMIT: Duration = Duration::from_secs(10);

/// A web configuration that was read, or why it is refused, and how its files looked by then.
pub type Loaded = (Result<WebFile, ConfigError>, Stamps);

/// The web configuration in force.
#[derive(Debug)]
pub struct InForce {
    current: watch::Sender<Arc<WebFile>>,
    read: Mutex<Read>,
    state: Arc<State>,
}

/// What was read last, whether or not it was accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Read {
    file: Option<PathBuf>,
    stamps: Stamps,
    is_in_force: bool,
}

impl InForce {
    /// Takes what was read from `file`; without one, everything a web configuration is about is off.
    pub fn new(state: Arc<State>, file: Option<PathBuf>, web_file: WebFile, stamps: Stamps) -> Self {
        let new = Self { current: watch::Sender::default(), read: Mutex::default(), state };
        new.replace(file, web_file, stamps);
        new
    }

    /// The configuration in force.
    pub fn get(&self) -> Arc<WebFile> {
        Arc::clone(&self.current.borrow())
    }

    /// Waits until this one is in force no more.
    pub(super) async fn superseded(&self, web_file: &Arc<WebFile>) {
        // The sender lives as long as this.
        let _ = self.current.subscribe().wait_for(|current| !Arc::ptr_eq(current, web_file)).await;
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what was read from `file` in place of what was in force. Where nothing changed, the same stays: what is new
    /// ends connections.
    pub fn replace(&self, file: Option<PathBuf>, web_file: WebFile, stamps: Stamps) {
        for warning in &web_file.warnings {
            warn!("{warning}");
        }
        let state = file.is_some().then(|| WebConfigState {
            reload: Reload { successful: true, succeeded_at: SystemTime::now() },
            certificate_ends: web_file.tls.as_ref().map(|tls| tls.ends),
            is_readable: true,
        });
        let read = Read { file, stamps, is_in_force: true };
        if std::mem::replace(&mut *self.read(), read.clone()) != read {
            self.current.send_replace(Arc::new(web_file));
        }
        self.state.update(|known| known.web_config = state);
    }

    /// Keeps what is in force in place of what was read from `file` and is refused.
    pub fn keep(&self, file: Option<&Path>, stamps: Stamps) {
        // Where another file is named, the one in force is still watched.
        let mut read = self.read();
        if read.file.as_deref() == file {
            read.stamps = stamps;
            read.is_in_force = false;
        }
        drop(read);
        self.state.update(|known| {
            if let Some(web) = &mut known.web_config {
                web.reload.successful = false;
            }
        });
    }

    /// Reads the files again whenever one changes.
    pub async fn watch(&self) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let read = self.read().clone();
            let Some(file) = read.file else { continue };
            if !self.aside(&file, move || read.stamps.are_stale()).await.unwrap_or(false) {
                continue;
            }
            sleep(SETTLING).await;
            self.read_again(&file).await;
        }
    }

    async fn read_again(&self, file: &Path) {
        let owned = file.to_owned();
        let Some((loaded, stamps)) = self.aside(file, move || WebFile::load(&owned)).await else { return };
        if !self.is_named(file) {
            return;
        }
        match loaded {
            Ok(web_file) => {
                info!(file = %file.display(), "the web configuration is reloaded");
                self.replace(Some(file.to_owned()), web_file, stamps);
            }
            Err(refused) => {
                error!("the web configuration is refused, the running one stays: {refused}");
                self.keep(Some(file), stamps);
            }
        }
    }

    /// Does work on files where no other task waits for it. While it hangs no other is begun: what it comes to is waited
    /// for, unless another file is named meanwhile. `None` where nothing comes of it; what is in force stays then.
    async fn aside<T: Send + 'static>(&self, file: &Path, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let mut working = spawn_blocking(work);
        // Where it panics, that is a fault of this program.
        if let Ok(done) = timeout(LIMIT, &mut working).await {
            return done.ok();
        }
        warn!(
            file = %file.display(),
            "the files of the web configuration hang, and changes in them go unnoticed; check the share they are on"
        );
        self.set_readable(false);
        let done = loop {
            match timeout(LOOK, &mut working).await {
                Ok(done) => break done.ok(),
                Err(_) if !self.is_named(file) => return None,
                Err(_) => {}
            }
        };
        info!(file = %file.display(), "the files of the web configuration can be read again");
        self.set_readable(true);
        done
    }

    fn is_named(&self, file: &Path) -> bool {
        self.read().file.as_deref() == Some(file)
    }

    fn set_readable(&self, is_readable: bool) {
        self.state.update(|known| {
            if let Some(web) = &mut known.web_config {
                web.is_readable = is_readable;
            }
        });
    }
}

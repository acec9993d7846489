//! Reloads of the configuration: how often there is one, and reading it where nothing waits for that. Its files may be
//! on a share whose server is gone.

use super::Source;
use crate::catalogue::{Message, message};
use crate::config::Config;
use crate::config::web_file::{Stamps, WebFile};
use crate::web::ReloadRequest;
use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until, timeout_at};

/// The least time from the end of one reload to the next, and how many may wait for one.
const PAUSE: Duration = Duration::from_secs(1);
const MAX_WAITING: usize = 256;

/// How long reading the files may take before they count as hanging.
const LIMIT: Duration = Duration::from_secs(10);

/// Reloads that are asked for. There is one a second at the most: those that come meanwhile are one, which begins after
/// the last of them came, and whose outcome answers all of them.
#[derive(Default)]
pub(super) struct PendingReload {
    /// When the next one begins; `None` while nobody asks.
    due: Option<Instant>,
    last: Option<Instant>,
    waiting: Vec<ReloadRequest>,
    /// Those that wait for the outcome of the one under way.
    begun: Vec<ReloadRequest>,
}

impl PendingReload {
    pub(super) fn ask(&mut self, reply: Option<ReloadRequest>) {
        let now = Instant::now();
        self.waiting.extend(reply);
        self.due.get_or_insert(self.last.map_or(now, |last| now.max(last + PAUSE)));
    }

    /// True while so few wait that one more may. The others wait where they ask.
    pub(super) const fn takes_more(&self) -> bool {
        self.waiting.len() < MAX_WAITING
    }

    pub(super) async fn is_due(&self) {
        match self.due {
            Some(due) => sleep_until(due).await,
            None => pending().await,
        }
    }

    /// Begins the one that is due. Whoever asks from here on asks for another.
    pub(super) fn begin(&mut self) {
        self.due = None;
        self.begun.append(&mut self.waiting);
    }

    pub(super) fn done(&mut self, outcome: &Result<(), Message>) {
        let now = Instant::now();
        self.last = Some(now);
        self.due = self.due.map(|due| due.max(now + PAUSE));
        for reply in self.begun.drain(..) {
            // Whoever asked may be gone.
            let _ = reply.send(outcome.clone());
        }
    }
}

/// A configuration that was read whole.
pub(super) type Read = (Config, WebFile, Stamps);

/// Why none was.
pub(super) struct Refused {
    pub(super) reason: Message,
    /// The web configuration that is refused, where that is the reason.
    pub(super) web: Option<(Option<PathBuf>, Stamps)>,
}

impl From<Message> for Refused {
    fn from(reason: Message) -> Self {
        Self { reason, web: None }
    }
}

/// Reads configurations, one at a time.
#[derive(Default)]
pub(super) struct Reader {
    working: Option<JoinHandle<Result<Read, Refused>>>,
    limit: Option<Instant>,
    /// True where what is asked for cannot begin, for files hang.
    hangs: bool,
}

impl Reader {
    /// Begins to read, as one that may take the place of the running configuration. Where files hang that were read
    /// before, nothing is begun: one thread is enough to find out when they return.
    pub(super) fn begin(&mut self, source: Source, running: Arc<Config>) {
        self.limit = Some(Instant::now() + LIMIT);
        self.hangs = self.working.is_some();
        if !self.hangs {
            self.working = Some(spawn_blocking(move || read(&source, &running)));
        }
    }

    /// True while something is read that is waited for.
    pub(super) const fn is_reading(&self) -> bool {
        self.limit.is_some()
    }

    /// What was read, or that it takes too long. Waits without end where nothing is read that is waited for.
    pub(super) async fn done(&mut self) -> Result<Read, Refused> {
        if std::mem::take(&mut self.hangs) {
            self.limit = None;
            return Err(hangs());
        }
        let Some(working) = &mut self.working else { pending().await };
        let Some(limit) = self.limit else {
            // What it comes to was given up, and may be superseded.
            let _ = working.await;
            self.working = None;
            pending().await
        };
        let done = timeout_at(limit, working).await;
        self.limit = None;
        match done {
            Ok(done) => {
                self.working = None;
                done.unwrap_or_else(|panicked| {
                    Err(Refused::from(message!("reload-failed", why = panicked.to_string())))
                })
            }
            Err(_) => Err(hangs()),
        }
    }
}

/// Why nothing was read where files hang.
fn hangs() -> Refused {
    Refused::from(message!("reload-hangs", seconds = LIMIT.as_secs()))
}

fn read(source: &Source, running: &Config) -> Result<Read, Refused> {
    let config = source.load().map_err(|error| error.message())?;
    let (listens, wanted) = (running.listen, config.listen);
    if listens != wanted {
        let (running, wanted) = (listens.to_string(), wanted.to_string());
        return Err(Refused::from(message!("reload-listen", running = running, wanted = wanted)));
    }
    let store = |config: &Config| config.status.as_ref().map(|status| status.store.clone());
    if store(running) != store(&config) {
        return Err(Refused::from(message!("reload-store")));
    }
    let (web_file, stamps) = source.load_web(&config);
    match web_file {
        Ok(web_file) => Ok((config, web_file, stamps)),
        Err(refused) => Err(Refused { reason: refused.message(), web: Some((config.web.config_file, stamps)) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn files_that_hang_are_given_up_and_read_again_once_they_return() {
        let mut reader = Reader::default();
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        reader.working = Some(spawn_blocking(move || {
            let _ = wait.recv();
            Err(Refused::from(message!("reload-stopping")))
        }));
        reader.limit = Some(Instant::now());
        let refused = reader.done().await.err().map(|refused| refused.reason);
        assert_eq!(refused, Some(hangs().reason));
        assert!(!reader.is_reading());
        let source = Source { file: None, listen: None, web_config_file: None };
        let running = Arc::new(source.load().unwrap());
        reader.begin(source.clone(), Arc::clone(&running));
        assert!(reader.is_reading() && reader.done().await.is_err() && !reader.is_reading());
        go_on.send(()).unwrap();
        while reader.working.is_some() {
            let waited = tokio::time::timeout(Duration::from_millis(10), reader.done()).await;
            assert!(waited.is_err(), "what was given up is not waited for");
        }
        reader.begin(source, running);
        assert!(reader.is_reading() && reader.done().await.is_ok() && !reader.is_reading());
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_while_one_is_under_way_asks_for_the_next() {
        let mut reload = PendingReload::default();
        let (first, mut first_answer) = oneshot::channel();
        let (second, mut second_answer) = oneshot::channel();
        reload.ask(Some(first));
        reload.is_due().await;
        reload.begin();
        reload.ask(Some(second));
        reload.done(&Ok(()));
        assert!(first_answer.try_recv().is_ok() && second_answer.try_recv().is_err());
        let begun = Instant::now();
        reload.is_due().await;
        assert_eq!(begun.elapsed(), PAUSE);
        reload.begin();
        reload.done(&Err(message!("reload-store")));
        assert_eq!(second_answer.try_recv().unwrap(), Err(message!("reload-store")));
    }
}

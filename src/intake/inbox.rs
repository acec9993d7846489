//! A folder whose files are imported: each is taken once it is complete, and then moved to `done` or, with the reason
//! beside it, to `failed`, where it is kept for a while.
//!
//! The folder may be a share, and its server gone: all work on files is done aside.

mod archive;
mod aside;
mod folder;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use super::importer::Importer;
use super::input;
use super::settle::Origin;
use super::writer::WriteError;
use crate::config;
use crate::state::State;
use archive::{Filed, Verdict, Watched, shown};
use aside::{Aside, LIMIT, Progress};
use folder::{Content, Stamp, Unread};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;
use tracing::{error, info, warn};

/// From one look at the folder to the next.
pub const LOOK: Duration = Duration::from_secs(1);

/// How long a file must have stood still to be taken for complete.
const STANDS_STILL: Duration = Duration::from_secs(5);

/// How long a file that ends in the middle is waited for, from when it last changed.
const CUT_OFF: Duration = Duration::from_hours(1);

/// How long after a file could not be read or moved that is tried again: longer from time to time.
const RETRY: Duration = Duration::from_secs(10);
const LONGEST_RETRY: Duration = Duration::from_mins(10);

/// How many files are imported at one look, so that a full folder does not keep a reload waiting.
const AT_ONCE: usize = 100;

/// How often it is looked whether files changed after they were moved.
const WATCH: Duration = Duration::from_secs(10);

/// How often old files are looked for. They are deleted the time after, where they are old then too: a clock that is wrong
/// for a while deletes nothing.
const SWEEP: Duration = Duration::from_hours(1);

/// The inbox, and the files in it that are not imported yet.
#[derive(Debug)]
pub struct Inbox {
    place: Arc<config::Inbox>,
    state: Arc<State>,
    /// Where work on files is done; none before the first, or where the system gives no thread.
    aside: Option<Aside>,
    waiting: BTreeMap<OsString, Waiting>,
    /// Until when nothing is imported, since the store took nothing.
    paused_until: Option<Instant>,
    watched: Watched,
    watched_at: Option<Instant>,
    /// What was found to be old the last time, and what is to be deleted.
    old: BTreeSet<PathBuf>,
    doomed: BTreeSet<PathBuf>,
    swept_at: Option<Instant>,
    /// False where the folder could not be read, or files in it not be moved, when it was last looked at.
    is_healthy: bool,
}

/// A file that is not imported yet.
#[derive(Debug)]
struct Waiting {
    stamp: Stamp,
    /// Since when it stands still.
    since: Instant,
    /// When it is imported, or tried again.
    due: Instant,
    /// What became of it, where it could not be moved after that.
    verdict: Option<Verdict>,
    /// What keeps it from being imported or moved, and how often it did.
    trouble: Option<String>,
    attempts: u32,
}

impl Waiting {
    fn new(stamp: Stamp, now: Instant) -> Self {
        Self { stamp, since: now, due: now + STANDS_STILL, verdict: None, trouble: None, attempts: 0 }
    }

    /// Tries it again later, each time after a longer while.
    fn put_off(&mut self, now: Instant, trouble: String) {
        self.due = now + RETRY.saturating_mul(1 << self.attempts.min(10)).min(LONGEST_RETRY);
        self.trouble = Some(trouble);
        self.attempts += 1;
    }

    /// For how long it has not changed, by what was seen or by the word of its file system.
    fn age(&self, now: Instant) -> Duration {
        let told = self.stamp.modified().and_then(|modified| SystemTime::now().duration_since(modified).ok());
        now.duration_since(self.since).max(told.unwrap_or_default())
    }
}

/// What comes of one attempt to import a file.
enum Attempt {
    Done(Verdict),
    /// It is another by now: it is taken once it stands still again.
    Changed,
    Unreadable(io::Error),
    /// The store does not take what is in it.
    Store(WriteError),
}

impl Inbox {
    /// The inbox at this place, whose state is published to `state`.
    pub fn new(place: Arc<config::Inbox>, state: Arc<State>) -> Self {
        Self {
            place,
            state,
            aside: None,
            waiting: BTreeMap::new(),
            paused_until: None,
            watched: Watched::default(),
            watched_at: None,
            old: BTreeSet::new(),
            doomed: BTreeSet::new(),
            swept_at: None,
            is_healthy: true,
        }
    }

    /// Follows what is configured. Another folder begins anew.
    pub fn configure(&mut self, place: &Arc<config::Inbox>) {
        if place.folder != self.place.folder {
            // No second thread.
            *self = Self { aside: self.aside.take(), ..Self::new(Arc::clone(place), Arc::clone(&self.state)) };
        }
        self.place = Arc::clone(place);
    }

    /// Imports the files that are complete, and publishes whether the folder can be processed, which is logged once.
    pub async fn look(&mut self, importer: &Importer) {
        let looked = self.process(importer).await;
        match &looked {
            Err(error) if self.is_healthy => {
                error!(inbox = %self.place.folder.display(), "the inbox cannot be processed: {error}");
            }
            Ok(()) if !self.is_healthy => {
                info!(inbox = %self.place.folder.display(), "the inbox can be processed again");
            }
            _ => {}
        }
        self.is_healthy = looked.is_ok();
        let (is_healthy, waiting) = (self.is_healthy, self.waiting.len());
        self.state.update(|known| {
            known.inbox_is_healthy = Some(is_healthy);
            known.inbox_waiting = waiting;
        });
    }

    async fn process(&mut self, importer: &Importer) -> Result<(), String> {
        self.start_aside()?;
        let place = Arc::clone(&self.place);
        let listed = self.aside("list its files", move |progress| folder::list(&place, progress)).await??;
        let now = Instant::now();
        let mut known = std::mem::take(&mut self.waiting);
        self.waiting = listed
            .into_iter()
            .map(|(name, stamp)| {
                let before = known.remove(&name).filter(|before| before.stamp == stamp);
                (name, before.unwrap_or_else(|| Waiting::new(stamp, now)))
            })
            .collect();
        self.take_back(now).await?;
        self.sweep(now).await?;
        if self.paused_until.is_some_and(|until| now < until) {
            return Err("the store took nothing the last time".to_owned());
        }
        self.paused_until = None;
        let due = self.waiting.iter().filter(|(_, waiting)| waiting.due <= now).map(|(name, _)| name.clone());
        for name in due.take(AT_ONCE).collect::<Vec<_>>() {
            self.import(&name, importer).await?;
        }
        self.waiting.values().find_map(|waiting| waiting.trouble.clone()).map_or(Ok(()), Err)
    }

    /// Imports and moves one file. An error is one of the whole inbox.
    async fn import(&mut self, name: &OsStr, importer: &Importer) -> Result<(), String> {
        let Some(waiting) = self.waiting.get(name) else { return Ok(()) };
        let (stamp, verdict) = (waiting.stamp.clone(), waiting.verdict.clone());
        let attempt = match verdict {
            Some(verdict) => Attempt::Done(verdict),
            None => self.attempt(name, stamp.clone(), importer).await?,
        };
        let now = Instant::now();
        let Some(waiting) = self.waiting.get_mut(name) else { return Ok(()) };
        let shown = shown(name);
        let verdict = match attempt {
            Attempt::Changed => return Ok(()),
            Attempt::Store(error) => {
                self.paused_until = Some(now + RETRY);
                return Err(error.to_string());
            }
            Attempt::Unreadable(error) => {
                waiting.put_off(now, format!("{shown} cannot be read: {error}"));
                return Ok(());
            }
            // A whole product key is left nowhere for an hour.
            Attempt::Done(verdict) if verdict.is_cut_off && !verdict.has_keys && waiting.age(now) < CUT_OFF => {
                let left = CUT_OFF.saturating_sub(waiting.age(now));
                waiting.due = now + left;
                info!(
                    file = shown,
                    "it ends in the middle; it stays for {} min, should more come",
                    left.as_secs().div_ceil(60)
                );
                return Ok(());
            }
            Attempt::Done(verdict) => verdict,
        };
        let (folder, name, known) = (self.place.folder.clone(), name.to_owned(), verdict.clone());
        let filing = move |progress: &Progress| {
            let filed = archive::file(&folder, &name, &stamp, &known, Timestamp::now(), progress);
            (name, stamp, filed)
        };
        let (name, stamp, filed) = self.aside("move a file", filing).await?;
        match filed {
            Err(error) => {
                if let Some(waiting) = self.waiting.get_mut(&name) {
                    waiting.verdict = Some(verdict);
                    waiting.put_off(now, format!("{shown} cannot be moved: {error}"));
                }
                return Ok(());
            }
            Ok((Filed::Changed, _)) => return Ok(()),
            Ok((Filed::Copied, unwritten)) => Self::tell_unwritten(&shown, unwritten),
            Ok((Filed::Moved(kept), unwritten)) => {
                Self::tell_unwritten(&shown, unwritten);
                self.watched.add(kept, stamp, now);
            }
        }
        self.waiting.remove(&name);
        importer.counters().count_inbox_file(verdict.fault.is_none());
        Ok(())
    }

    /// The reason is in the log as well, so that the file need not wait for it.
    fn tell_unwritten(shown: &str, unwritten: Option<io::Error>) {
        if let Some(error) = unwritten {
            warn!(file = shown, "the reason cannot be written beside the file: {error}");
        }
    }

    /// Reads a file and imports what is in it.
    async fn attempt(&self, name: &OsStr, stamp: Stamp, importer: &Importer) -> Result<Attempt, String> {
        let file = self.place.folder.join(name);
        let read = self.aside("read a file", move |progress| folder::read(&file, &stamp, progress)).await?;
        let shown = shown(name);
        let refused = |fault: String, is_cut_off| Verdict { fault: Some(fault), has_keys: false, is_cut_off };
        let Content { bytes, modified, has_keys } = match read {
            Ok(content) => content,
            Err(Unread::Changed) => return Ok(Attempt::Changed),
            Err(Unread::Empty) => return Ok(Attempt::Done(refused("it is empty".to_owned(), true))),
            Err(Unread::Unreadable(error)) => return Ok(Attempt::Unreadable(error)),
            Err(Unread::Refused(reason)) => {
                warn!(file = shown, "the file is refused: {reason}");
                return Ok(Attempt::Done(refused(reason, false)));
            }
        };
        let origin = Origin {
            machine: input::machine_by_name(Path::new(name)),
            reported_at: modified,
            received_at: Timestamp::now(),
            grant: None,
        };
        let outcome = match importer.import(bytes, origin).await {
            Ok(outcome) => outcome,
            Err(error) => return Ok(Attempt::Store(error)),
        };
        let fault = outcome.fault();
        match &fault {
            None => info!(file = shown, "imported: {outcome}"),
            Some(fault) => warn!(file = shown, "imported in part or not at all: {outcome}: {fault}"),
        }
        if let Some(quote) = &outcome.reading.skipped.first {
            warn!(file = shown, count = outcome.reading.skipped.count, "not understood, the first of these: {quote}");
        }
        let is_cut_off = outcome.reading.error.is_some_and(|error| error.is_cut_off());
        Ok(Attempt::Done(Verdict { fault, has_keys, is_cut_off }))
    }

    /// Takes files back that changed after they were moved: whoever wrote them was not done.
    async fn take_back(&mut self, now: Instant) -> Result<(), String> {
        if self.watched_at.is_some_and(|last| now < last + WATCH) {
            return Ok(());
        }
        self.watched_at = Some(now);
        let watched = self.watched.current(now);
        if watched.is_empty() {
            return Ok(());
        }
        let folder = self.place.folder.clone();
        let taking = move |progress: &Progress| archive::take_back(&folder, watched, Timestamp::now(), progress);
        let (gone, back) = self.aside("look at files that were moved", taking).await?;
        self.watched.forget(&gone);
        for name in back {
            info!(file = name, "it changed after it was imported, and is imported again");
        }
        Ok(())
    }

    /// Deletes what is old in the folders where files are kept.
    async fn sweep(&mut self, now: Instant) -> Result<(), String> {
        let folder = self.place.folder.clone();
        // Ten years at the most.
        let keep = SignedDuration::try_from(self.place.keep).unwrap_or(SignedDuration::MAX);
        if self.swept_at.is_none_or(|last| now >= last + SWEEP) {
            self.swept_at = Some(now);
            let finding = move |progress: &Progress| archive::find_old(&folder, keep, Timestamp::now(), progress);
            let old = self.aside("look for old files", finding).await?;
            self.doomed = self.old.intersection(&old).cloned().collect();
            self.old = old;
        }
        if !self.doomed.is_empty() {
            let doomed = std::mem::take(&mut self.doomed);
            let (deleted, left) = self.aside("delete old files", |progress| archive::delete(doomed, progress)).await?;
            self.doomed = left;
            if deleted > 0 {
                let keep = humantime::format_duration(self.place.keep);
                info!(inbox = %self.place.folder.display(), "{deleted} files that were kept for {keep} are deleted");
            }
        }
        Ok(())
    }

    /// Starts the thread where there is none, or where it panicked.
    fn start_aside(&mut self) -> Result<(), String> {
        if self.aside.as_ref().is_none_or(Aside::is_over) {
            let started = Aside::start();
            self.aside = Some(started.map_err(|error| format!("the system gives no thread for its files: {error}"))?);
        }
        Ok(())
    }

    /// Does work on files aside. Where that hangs, as a share does whose server is gone, the inbox is not healthy until it
    /// returns, which is logged.
    async fn aside<T: Send + 'static>(
        &self,
        what: &str,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
    ) -> Result<T, String> {
        let aside = self.aside.as_ref().ok_or("there is no thread")?;
        let (begun, mut hung) = (Instant::now(), false);
        let inbox = self.place.folder.display();
        let done = aside.run(work, || {
            hung = true;
            let limit = LIMIT.as_secs();
            error!(%inbox, "the inbox hangs: to {what} takes more than {limit} s; nothing else waits for it");
            self.state.update(|known| known.inbox_is_healthy = Some(false));
        });
        let done = done.await;
        if hung {
            info!(%inbox, "the inbox hung for {} s: to {what} has returned", begun.elapsed().as_secs());
        }
        done.ok_or_else(|| "the thread that works on its files has ended".to_owned())
    }
}

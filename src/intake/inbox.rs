//! A folder whose files are imported: each is taken once it is complete, and then moved to `done` or, with the reason
//! beside it, to `failed`, where it is kept for a while.
//!
//! The folder may be a share, and its server gone: all work on files is done aside.

mod archive;
pub(super) mod aside;
mod folder;
mod held;
#[cfg(test)]
#[cfg(unix)]
mod tests;
mod waiting;
mod watched;

use super::importer::Importer;
use super::input;
use super::settle::Origin;
use super::writer::WriteError;
use crate::config;
use crate::state::State;
use archive::{Filed, Verdict, shown};
use aside::{Aside, LIMIT, Progress};
use folder::{Content, Stamp, Unread};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tracing::{error, info, warn};
use waiting::{RETRY, Waiting};
use watched::Watched;

/// From one look at the folder to the next.
pub const LOOK: Duration = Duration::from_secs(1);

/// How many files may be put off: they wait for more, or for when they can be read. Those beyond are failed.
const MAX_PUT_OFF: usize = 10_000;

/// For how long files are imported at one look, so that a full folder does not keep a reload waiting.
const AT_ONCE: Duration = Duration::from_secs(1);

/// From how many bytes on a file is large. One of these is imported at a look, after the others: who drops many of them
/// keeps no small one waiting, and who drops many small ones no large one.
const LARGE: u64 = 8 * 1024 * 1024;

/// How often old files are looked for. They are deleted the time after, where they are old then too: a clock that is
/// wrong for a while deletes nothing.
const SWEEP: Duration = Duration::from_hours(1);

/// The inbox, and the files in it that are not imported yet.
#[derive(Debug)]
pub struct Inbox {
    place: Arc<config::Inbox>,
    state: Arc<State>,
    /// Where work on files is done; none before the first, or where the system gives no thread.
    aside: Option<Aside>,
    waiting: BTreeMap<OsString, Waiting>,
    /// How many of them are put off.
    put_off: usize,
    /// True from when there were too many of these until they are half as many, as is logged once.
    is_crowded: bool,
    /// How many files there are beside those that wait here.
    unlisted: usize,
    /// Until when nothing is imported, since the store took nothing.
    paused_until: Option<Instant>,
    watched: Watched,
    watched_at: Option<Instant>,
    /// True once there were too many of these, which is logged once.
    is_unwatched: bool,
    /// What was found to be old the last time, and what is to be deleted.
    old: BTreeSet<PathBuf>,
    doomed: BTreeSet<PathBuf>,
    swept_at: Option<Instant>,
    /// False where the folder could not be read, or files in it not be moved, when it was last looked at.
    is_healthy: bool,
}

/// What comes of one attempt to import a file.
enum Attempt {
    Done(Verdict),
    /// It has changed by now: it is taken once it stops changing.
    Changed,
    /// Another program keeps others from it.
    InUse(io::Error),
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
            put_off: 0,
            is_crowded: false,
            unlisted: 0,
            paused_until: None,
            watched: Watched::default(),
            watched_at: None,
            is_unwatched: false,
            old: BTreeSet::new(),
            doomed: BTreeSet::new(),
            swept_at: None,
            is_healthy: true,
        }
    }

    /// Follows what is configured. Another folder starts over.
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
        let (is_healthy, waiting) = (self.is_healthy, self.waiting.len() + self.unlisted);
        self.state.update(|known| {
            known.inbox_is_healthy = Some(is_healthy);
            known.inbox_waiting = waiting;
        });
    }

    async fn process(&mut self, importer: &Importer) -> Result<(), String> {
        self.start_aside()?;
        let place = Arc::clone(&self.place);
        let put_off = self.waiting.iter().filter(|(_, waiting)| waiting.is_put_off());
        let put_off: HashSet<OsString> = put_off.map(|(name, _)| name.clone()).collect();
        let listing = move |progress: &Progress| folder::list(&place, &put_off, progress);
        let (listed, unlisted) = self.aside("list its files", listing).await??;
        let now = Instant::now();
        let mut known = std::mem::take(&mut self.waiting);
        self.waiting = listed
            .into_iter()
            .map(|(name, stamp)| {
                let before = known.remove(&name).filter(|before| before.stamp == stamp);
                (name, before.unwrap_or_else(|| Waiting::new(stamp, now)))
            })
            .collect();
        self.unlisted = unlisted;
        self.put_off = self.waiting.values().filter(|waiting| waiting.is_put_off()).count();
        self.is_crowded &= self.put_off > MAX_PUT_OFF / 2;
        self.take_back(now).await?;
        self.sweep(now).await?;
        if self.paused_until.is_some_and(|until| now < until) {
            return Err("the store took nothing the last time".to_owned());
        }
        self.paused_until = None;
        let (small, large) = self.due(now);
        let begun = Instant::now();
        for name in small {
            self.import(&name, importer).await?;
            if begun.elapsed() > AT_ONCE {
                break;
            }
        }
        if let Some(name) = large {
            self.import(&name, importer).await?;
        }
        self.waiting.values().find_map(|waiting| waiting.trouble.clone()).map_or(Ok(()), Err)
    }

    /// The files that are to be imported now, in the order in which they came: whoever is new does not push in. Of the
    /// large ones, the first.
    fn due(&self, now: Instant) -> (Vec<OsString>, Option<OsString>) {
        let mut due: Vec<_> = self.waiting.iter().filter(|(_, waiting)| waiting.due <= now).collect();
        due.sort_unstable_by_key(|(name, waiting)| (waiting.due, *name));
        let (small, large): (Vec<_>, Vec<_>) = due.into_iter().partition(|(_, waiting)| waiting.stamp.length() < LARGE);
        let name = |(name, _): &(&OsString, &Waiting)| (*name).clone();
        (small.iter().map(name).collect(), large.first().map(name))
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
        let is_new = !waiting.is_put_off();
        let has_room = !is_new || self.put_off < MAX_PUT_OFF;
        let verdict = match attempt {
            Attempt::Changed => return Ok(()),
            Attempt::Store(error) => {
                self.paused_until = Some(now + RETRY);
                return Err(error.to_string());
            }
            Attempt::InUse(_) if has_room && waiting.leave_to_others(now) => {
                if is_new {
                    info!(file = shown, "another program uses the file, so it is not imported yet");
                    self.put_off += 1;
                }
                return Ok(());
            }
            Attempt::InUse(error) | Attempt::Unreadable(error) if has_room => {
                waiting.put_off(now, format!("{shown} cannot be read: {error}"));
                self.put_off += usize::from(is_new);
                return Ok(());
            }
            Attempt::InUse(error) | Attempt::Unreadable(error) => {
                self.crowded_out(&format!("it cannot be read: {error}"))
            }
            Attempt::Done(verdict) => match waiting.patience(&verdict, now) {
                Some(left) if has_room => {
                    waiting.due = now + left;
                    self.put_off += usize::from(is_new);
                    let minutes = left.as_secs().div_ceil(60);
                    info!(file = shown, "it ends in the middle; it stays for {minutes} min, should more come");
                    return Ok(());
                }
                Some(_) => self.crowded_out(verdict.fault.as_deref().unwrap_or_default()),
                None => verdict,
            },
        };
        let (folder, name, known) = (self.place.folder.clone(), name.to_owned(), verdict.clone());
        let filing = move |progress: &Progress| {
            let filed = archive::file(&folder, &name, &stamp, &known, Timestamp::now(), progress);
            (name, stamp, filed)
        };
        let (name, stamp, filed) = self.aside("move a file", filing).await?;
        match filed {
            Err(error) => {
                let trouble = format!("{shown} cannot be moved: {error}");
                if let Some(waiting) = self.waiting.get_mut(&name) {
                    waiting.verdict = Some(verdict);
                    if !folder::is_in_use(&error) || !waiting.leave_to_others(now) {
                        waiting.put_off(now, trouble.clone());
                    }
                    self.put_off += usize::from(is_new);
                }
                // Nothing makes room for more.
                return if self.put_off > MAX_PUT_OFF { Err(trouble) } else { Ok(()) };
            }
            Ok((Filed::Changed, _)) => return Ok(()),
            Ok((Filed::Copied, unwritten)) => Self::log_unwritten(&shown, unwritten),
            Ok((Filed::Moved(kept), unwritten)) => {
                Self::log_unwritten(&shown, unwritten);
                if !self.watched.add(kept, stamp, now) {
                    importer.counters().count_unwatched_inbox_file();
                    if !std::mem::replace(&mut self.is_unwatched, true) {
                        warn!("too many files were moved within an hour: additions to the oldest go unnoticed");
                    }
                }
            }
        }
        self.waiting.remove(&name);
        importer.counters().count_inbox_file(verdict.fault.is_none());
        Ok(())
    }

    /// What becomes of a file that would be put off, where too many are. It is still watched, and taken back should it
    /// change.
    fn crowded_out(&mut self, fault: &str) -> Verdict {
        if !std::mem::replace(&mut self.is_crowded, true) {
            let inbox = self.place.folder.display();
            warn!(
                %inbox,
                "{MAX_PUT_OFF} files end in the middle or cannot be read, and wait: others of that kind go to `{}` at once",
                folder::FAILED
            );
        }
        let fault = Some(format!("{fault}; it is not waited for, since {MAX_PUT_OFF} files wait already"));
        Verdict { fault, has_keys: false, is_cut_off: false }
    }

    /// The reason is in the log as well, so that the file need not wait for it.
    fn log_unwritten(shown: &str, unwritten: Option<io::Error>) {
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
            Err(Unread::InUse(error)) => return Ok(Attempt::InUse(error)),
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
            None => {
                let counts = outcome.reading.counts;
                info!(file = shown, understood = counts.understood, noise = counts.noise, "imported: {outcome}");
            }
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
        if self.watched_at.is_some_and(|last| now < last + watched::FIRST) {
            return Ok(());
        }
        self.watched_at = Some(now);
        let watched = self.watched.due(now);
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
        // Ten years at the most.
        let keep = SignedDuration::try_from(self.place.keep).unwrap_or(SignedDuration::MAX);
        if self.swept_at.is_none_or(|last| now >= last + SWEEP) {
            self.swept_at = Some(now);
            let folder = self.place.folder.clone();
            let finding = move |progress: &Progress| archive::find_old(&folder, keep, Timestamp::now(), progress);
            let old = self.aside("look for old files", finding).await?;
            self.doomed = self.old.intersection(&old).cloned().collect();
            self.old = old;
        }
        if !self.doomed.is_empty() {
            let (folder, doomed) = (self.place.folder.clone(), std::mem::take(&mut self.doomed));
            let deleting = move |progress: &Progress| archive::delete(&folder, doomed, progress);
            let (deleted, left) = self.aside("delete old files", deleting).await?;
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
            let started = Aside::start("inbox");
            self.aside = Some(started.map_err(|error| format!("the system gives no thread for its files: {error}"))?);
        }
        Ok(())
    }

    /// Does work on files aside. Where that hangs, as a share does whose server is gone, the inbox is not healthy until
    /// it returns, which is logged.
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

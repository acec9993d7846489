//! A store that is not what it was: its file was deleted, replaced or damaged while it was in use, or its tables were
//! emptied or put back to what they were. What was acknowledged is in memory. The store is reopened, what is damaged
//! is set aside, and what is missing is written again.

use super::super::health::Use;
use super::{Keeper, TOGETHER, absorb};
use crate::fleet::Fleet;
use crate::fleet::changes::{Changes, MachineChange};
use crate::license::MachineName;
use crate::store::{Counts, Pulse, Seen, Store, StoreError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tracing::{info, warn};

/// The last revision that a store can have, with room for all that will ever be written. One beyond was not counted.
const LAST: i64 = i64::MAX / 2;

/// Why the store has to be reopened.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    known: Mutex<Option<Known>>,
    found: Notify,
}

#[derive(Debug)]
struct Known {
    why: StoreError,
    /// Why it still is not, which answers every request meanwhile.
    latest: StoreError,
}

impl Trouble {
    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        // A writer cannot leave half a change behind.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Insists that there is none, or none but that nothing can be written.
    pub(super) fn assert_readable(&self) -> Result<(), StoreError> {
        match &*self.known() {
            Some(Known { why, latest }) if !matches!(why, StoreError::ReadOnly { .. }) => Err(latest.clone()),
            _ => Ok(()),
        }
    }

    /// Notes an error, where it is such a one. Says what fails for it: where nothing that is written reaches anyone, to
    /// write fails, though nothing may say so.
    pub(super) fn note(&self, used: Use, error: &StoreError) -> Use {
        let mut known = self.known();
        let used = match error {
            StoreError::Replaced { .. } | StoreError::Damaged { .. } => Use::Writing,
            StoreError::ReadOnly { .. } if known.is_none() => used,
            _ => return used,
        };
        if known.replace(Known { why: error.clone(), latest: error.clone() }).is_none() {
            self.found.notify_one();
        }
        used
    }
}

impl Keeper {
    /// True where the store has to be reopened.
    pub fn is_in_trouble(&self) -> bool {
        self.inner.trouble.known().is_some()
    }

    /// Returns once the store has to be reopened, and had not before.
    pub async fn trouble(&self) {
        self.inner.trouble.found.notified().await;
    }

    /// Reopens the store where that is needed. Every machine is written to it that it lacks, or has an older report
    /// of: nothing that was ever acknowledged is lost. The history of a file that is gone is.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be opened or written; the next time tries again.
    pub async fn keep_in_place(&self) -> Result<(), StoreError> {
        let mut seen = self.inner.seen.lock().await;
        let Some(trouble) = self.inner.trouble.known().as_ref().map(|known| known.why.clone()) else { return Ok(()) };
        let opened = match &trouble {
            // What is open was opened to be read alone.
            StoreError::ReadOnly { .. } => self.open_to_write(&mut seen).await,
            _ => self.restore(&trouble, &mut seen).await,
        };
        let opened = self.note(Use::Writing, opened);
        let mut known = self.inner.trouble.known();
        match &opened {
            Ok(()) => *known = None,
            Err(error) => *known = known.take().map(|Known { why, .. }| Known { why, latest: error.clone() }),
        }
        drop(known);
        opened
    }

    /// Reads what others wrote, and looks whether what this program wrote is still there. True where there was
    /// something.
    pub(super) async fn follow(&self, seen: &mut i64) -> Result<bool, StoreError> {
        let store = &self.inner.store;
        let looking = async { Ok::<_, StoreError>((self.look_at_place().await?, store.pulse().await?)) };
        let (looked, mut pulse) = self.inner.health.promptly(Box::pin(looking)).await?;
        let (before, mut rows) = (*seen, Vec::new());
        if pulse.revision > before {
            (rows, pulse) = store.changes(before).await?;
        }
        self.catch_up(rows, pulse, seen).await?;
        // A file changes when what is in its log is moved there, and a log with each revision.
        let is_suspicious = looked.file_is_changed || (looked.log_is_changed && *seen == before);
        if is_suspicious {
            self.verify(*seen).await?;
        } else {
            store.trust(looked);
            store.shorten_log(looked).await?;
        }
        Ok(*seen != before)
    }

    /// Insists that the store has all that is known, and that it will have it at the next start.
    pub(super) async fn verify(&self, seen: i64) -> Result<(), StoreError> {
        if self.is_as_known(seen).await? {
            // What can be read now may be lost then, where it is in the log.
            self.inner.store.checkpoint().await?;
        }
        Ok(())
    }

    /// Looks through the store for all that is known. False where others write meanwhile, so that this cannot be said.
    async fn is_as_known(&self, seen: i64) -> Result<bool, StoreError> {
        let store = &self.inner.store;
        store.check().await?;
        let mut stored = Fleet::default();
        if store.load(|row| absorb(&mut stored, row)).await? != seen {
            return Ok(false);
        }
        let missing = missing(&*self.inner.fleet.read().await, &stored).len();
        if missing == 0 { Ok(true) } else { Err(store.damaged(&format!("it lacks {missing} machines"))) }
    }

    /// Looks whether the files are those that are open. Nothing else is done with what is in trouble.
    pub(super) async fn look_at_place(&self) -> Result<Seen, StoreError> {
        self.inner.trouble.assert_readable()?;
        self.inner.store.look_at_place().await
    }

    /// A revision that was never counted is put right.
    pub(super) async fn doubt_revision(&self) {
        let mut seen = self.inner.seen.lock().await;
        if !(0..=LAST).contains(&*seen) {
            let error = self.inner.store.damaged(&format!("its revision is {seen}"));
            *seen = 0;
            let _ = self.note::<()>(Use::Writing, Err(error));
        }
    }

    async fn open_to_write(&self, seen: &mut i64) -> Result<(), StoreError> {
        self.inner.store.reopen().await?;
        let mut writing = self.begin(seen).await?;
        writing.touch().await?;
        writing.commit().await.map(|_| ())
    }

    async fn restore(&self, trouble: &StoreError, seen: &mut i64) -> Result<(), StoreError> {
        let count = match self.refill(seen).await {
            // What somebody else put there is left alone.
            Err(error) if error.is_damage() && trouble.is_damage() => {
                if let Some(aside) = self.inner.store.set_aside().await? {
                    warn!("the store is damaged and is recreated; what was there is kept {aside}: {error}");
                }
                self.refill(seen).await?
            }
            result => result?,
        };
        info!("the store is open again: {count} known machines are written to it");
        Ok(())
    }

    async fn refill(&self, seen: &mut i64) -> Result<usize, StoreError> {
        let store = &self.inner.store;
        store.reopen().await?;
        store.check().await?;
        // Nobody else writes from here on.
        let mut writing = store.begin().await?;
        let mut stored = Fleet::default();
        let Pulse { revision, .. } = writing.load(|row| absorb(&mut stored, row)).await?;
        let missing = missing(&*self.inner.fleet.read().await, &stored);
        // To whoever else has read it, it does not go back.
        writing.set_revision(if revision > LAST { *seen } else { revision.max(*seen) }).await?;
        for names in missing.chunks(TOGETHER) {
            let changes = {
                let fleet = self.inner.fleet.read().await;
                let machines = names.iter().map(|name| MachineChange::anew(name.clone(), fleet.known(name)));
                Changes { machines: machines.collect(), ..Changes::default() }
            };
            for change in &changes.machines {
                // What it lists of an older report is not among what is known.
                writing.forget(&change.name).await?;
            }
            writing.write(&changes, self.inner.time.now()).await?;
        }
        let mut fleet = Fleet::default();
        let Pulse { revision, .. } = writing.load(|row| absorb(&mut fleet, row)).await?;
        fleet.tidy();
        writing.commit().await?;
        *self.inner.fleet.write().await = fleet;
        *seen = revision;
        self.inner.changed.send_replace(());
        Ok(missing.len())
    }
}

/// Insists that a store has been written on since a revision, and not put back.
pub(super) fn assert_follows(store: &Store, pulse: Pulse, seen: i64) -> Result<(), StoreError> {
    let revision = pulse.revision;
    if revision < seen {
        return Err(store.damaged(&format!("its revision went back from {seen} to {revision}")));
    }
    if revision > LAST {
        return Err(store.damaged(&format!("its revision is {revision}")));
    }
    Ok(())
}

/// Insists that a store has machines and licenses where there are some.
pub(super) fn assert_is_not_emptied(store: &Store, pulse: Pulse, fleet: &Fleet) -> Result<(), StoreError> {
    if !pulse.has_machines && !fleet.is_empty() {
        return Err(store.damaged("its machines are gone"));
    }
    let has_license = |name: &MachineName| !fleet.known(name).licenses.is_empty();
    if !pulse.has_licenses && fleet.names().any(has_license) {
        return Err(store.damaged("its licenses are gone"));
    }
    Ok(())
}

/// Insists that a store has as many machines and licenses as are known, where nobody wrote since they were counted.
pub(super) fn assert_counts(store: &Store, counts: Counts, seen: i64, fleet: &Fleet) -> Result<(), StoreError> {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let known = Counts { revision: seen, machines: count(fleet.len()), licenses: count(fleet.licenses()) };
    if counts.revision != seen || counts == known {
        return Ok(());
    }
    Err(store.damaged(&format!(
        "it has {} machines and {} licenses in place of {} and {}",
        counts.machines, counts.licenses, known.machines, known.licenses
    )))
}

/// The machines that another fleet does not know, or knows an older report or fewer licenses of.
fn missing(fleet: &Fleet, other: &Fleet) -> Vec<MachineName> {
    let is_missing = |name: &MachineName| {
        let progress = |fleet: &Fleet| {
            let known = fleet.known(name);
            (known.machine.map(|machine| machine.received_at), known.licenses.len())
        };
        progress(other) < progress(fleet)
    };
    fleet.names().filter(|name| is_missing(name)).cloned().collect()
}

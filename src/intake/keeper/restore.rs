//! A file that was deleted or replaced while it was in use: it is opened anew, and filled from memory.

use super::super::health::Use;
use super::{Keeper, TOGETHER, read_all};
use crate::fleet::Fleet;
use crate::fleet::changes::{Changes, MachineChange};
use crate::license::MachineName;
use crate::store::StoreError;
use std::sync::atomic::Ordering;
use tracing::info;

impl Keeper {
    /// Looks whether the file of the store is still there. Where it was deleted or replaced the store is opened anew, and
    /// every machine is written to it that it does not know, or that it knows an older report of: nothing that was ever
    /// acknowledged is lost. The history of a deleted file is.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be opened or written; the next time tries again.
    pub async fn keep_in_place(&self) -> Result<(), StoreError> {
        let Err(replaced) = self.look_at_place() else { return Ok(()) };
        let mut seen = self.inner.seen.lock().await;
        if !self.inner.is_unrestored.swap(true, Ordering::Relaxed) {
            // Nothing refuses anything, and nothing that was written reaches anyone.
            let _ = self.note::<()>(Use::Writing, Err(replaced));
        }
        let restored = self.restore(&mut seen).await;
        let count = self.note(Use::Writing, restored)?;
        self.inner.is_unrestored.store(false, Ordering::Relaxed);
        info!("the store is opened anew, and {count} machines are written to it that were known");
        Ok(())
    }

    /// Looks whether the file is still there, and is what it should be.
    pub(super) fn look_at_place(&self) -> Result<(), StoreError> {
        if self.inner.is_unrestored.load(Ordering::Relaxed) {
            return Err(StoreError::Replaced { store: self.inner.store.url().to_string() });
        }
        self.inner.store.look_at_place()
    }

    async fn restore(&self, seen: &mut i64) -> Result<usize, StoreError> {
        let store = &self.inner.store;
        store.reopen().await?;
        let (stored, _) = read_all(store).await?;
        let (missing, skus) = {
            let fleet = self.inner.fleet.read().await;
            (missing(&fleet, &stored), fleet.sku_names().clone())
        };
        let mut writing = store.begin().await?;
        for names in missing.chunks(TOGETHER) {
            let changes = {
                let fleet = self.inner.fleet.read().await;
                let machines = names.iter().map(|name| MachineChange::anew(name.clone(), fleet.known(name)));
                let skus = skus.iter().map(|(sku, name)| (sku, name.clone())).collect();
                Changes { machines: machines.collect(), skus, ..Changes::default() }
            };
            for change in &changes.machines {
                // What it lists of an older report is not among what is known.
                writing.forget(&change.name).await?;
            }
            writing.write(&changes, &skus, self.inner.time.now()).await?;
        }
        writing.commit().await?;
        let (fleet, revision) = read_all(store).await?;
        *self.inner.fleet.write().await = fleet;
        *seen = revision;
        self.inner.changed.send_replace(());
        Ok(missing.len())
    }
}

/// The machines that another fleet does not know, or knows an older report of.
fn missing(fleet: &Fleet, other: &Fleet) -> Vec<MachineName> {
    let is_missing = |name: &MachineName| {
        let received = |fleet: &Fleet| fleet.known(name).machine.map(|machine| machine.received_at);
        received(other) < received(fleet)
    };
    fleet.names().filter(|name| is_missing(name)).cloned().collect()
}

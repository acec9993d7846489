//! What a batch of reports changes in the fleet: decided in memory, written to the store, and then taken over. Pure.

use super::Fleet;
use super::known::{Known, KnownLicense, KnownMachine};
use super::merge::StatusChange;
use crate::license::{HostKey, MachineName};
use std::collections::BTreeMap;

/// What changes in the fleet.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Machines known by their short name so far, and the name they have from now on.
    pub renamed: BTreeMap<MachineName, MachineName>,
    /// Machines of which something is known that was not.
    pub machines: Vec<MachineChange>,
    /// Machines that are forgotten.
    pub gone: Vec<MachineName>,
    /// How many changes of status are not among those of the machines, since there are too many.
    pub history_dropped: u64,
}

/// A machine before and after.
#[derive(Debug, Clone)]
pub struct MachineChange {
    /// Its name from now on.
    pub name: MachineName,
    /// What was known; nothing where all of it is to be written again.
    pub before: Known,
    pub after: Known,
    /// True for a machine that was not known before.
    pub(crate) is_new: bool,
    /// The licenses whose status changed, in order.
    pub(crate) history: Vec<StatusChange>,
}

impl Changes {
    /// True where nothing changes.
    pub fn is_empty(&self) -> bool {
        let Self { renamed, machines, gone, history_dropped: _ } = self;
        renamed.is_empty() && machines.is_empty() && gone.is_empty()
    }
}

impl MachineChange {
    /// A machine of which all is written again, as it is.
    pub fn anew(name: MachineName, known: Known) -> Self {
        Self { name, before: Known::default(), after: known, is_new: false, history: Vec::new() }
    }

    /// The machine, where something is known of it as a KMS host that was not.
    pub(crate) fn kms_host_changed(&self) -> Option<&KnownMachine> {
        let facts = |known: &Known| known.machine.as_ref().map(|it| (it.kms_host.clone(), it.counted_at.clone()));
        self.after.machine.as_ref().filter(|_| facts(&self.before) != facts(&self.after))
    }

    /// The domains in which it published itself and is not known to any more: the name of the machine, and each.
    pub(crate) fn publications_gone(&self) -> impl Iterator<Item = (&MachineName, &str)> {
        let hosts = [&self.before, &self.after].map(|known| known.machine.as_ref().and_then(|it| it.kms_host.as_ref()));
        let [before, after] = hosts.map(|host| host.map(|host| &host.publications));
        let is_gone = move |domain: &&String| after.is_none_or(|after| !after.contains_key(*domain));
        let gone = before.into_iter().flat_map(BTreeMap::keys).filter(is_gone);
        gone.map(|domain| (&self.name, domain.as_str()))
    }

    /// The keys by which it counted as a KMS host and is not known to any more: the name of the machine, and each.
    pub(crate) fn counts_gone(&self) -> impl Iterator<Item = (&MachineName, HostKey)> {
        let hosts = [&self.before, &self.after].map(|known| known.machine.as_ref().and_then(|it| it.kms_host.as_ref()));
        let [before, after] = hosts.map(|host| host.map(|host| &host.counts));
        let is_gone = move |key: &&HostKey| after.is_none_or(|after| !after.contains_key(*key));
        before.into_iter().flat_map(BTreeMap::keys).filter(is_gone).map(|key| (&self.name, *key))
    }

    /// The licenses that are gone: the name of the machine, and what identifies each.
    pub(crate) fn licenses_gone(&self) -> impl Iterator<Item = (&MachineName, &str)> {
        let gone = self.before.licenses.keys().filter(|id| !self.after.licenses.contains_key(*id));
        gone.map(|id| (&self.name, id.as_str()))
    }

    /// The licenses of which something is known that was not.
    pub(crate) fn licenses_changed(&self) -> impl Iterator<Item = (&MachineName, &str, &KnownLicense)> {
        let changed = self.after.licenses.iter().filter(|(id, known)| self.before.licenses.get(*id) != Some(known));
        changed.map(|(id, known)| (&self.name, id.as_str(), known))
    }
}

impl Fleet {
    /// Takes over what was written as a revision of the store.
    pub fn apply(&mut self, changes: Changes, revision: i64) {
        for name in changes.renamed.keys().chain(&changes.gone) {
            self.remove(name);
        }
        for change in changes.machines {
            self.insert(change.after, revision);
        }
    }
}

//! All machines that report, in memory.

use super::identity::{Called, MAX_NAMESAKES};
use super::known::{Known, KnownLicense, KnownMachine};
use super::record::{Record, SharedParts, moment};
use super::sku::{SkuName, SkuNames};
use super::terms::{Reported, Terms};
use super::{MAX_LICENSES, Usage};
use crate::license::MachineName;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;
use uuid::Uuid;

/// How many bytes there are for what licenses have in common, for each that there may be. Most share it with many.
const TERMS_BYTES: usize = 256;

/// All machines that report. Every question about them is answered by a pure function over this: their totals by
/// [`Fleet::aggregate`], which there are by [`Fleet::page`].
#[derive(Debug)]
pub struct Fleet {
    pub(super) machines: BTreeMap<MachineName, Record>,
    /// How many licenses they have, and how many they may have.
    licenses: usize,
    most_licenses: usize,
    parts: SharedParts,
    names: SkuNames,
}

impl Default for Fleet {
    fn default() -> Self {
        Self {
            machines: BTreeMap::new(),
            licenses: 0,
            most_licenses: MAX_LICENSES,
            parts: SharedParts::default(),
            names: SkuNames::default(),
        }
    }
}

impl Fleet {
    /// Sets how many licenses all machines may have together.
    pub const fn set_most_licenses(&mut self, most: usize) {
        self.most_licenses = most;
    }

    /// How much there is, and how much there may be.
    pub const fn usage(&self) -> Usage {
        Usage {
            licenses: self.licenses,
            licenses_limit: self.most_licenses,
            terms_bytes: self.parts.terms.bytes(),
            terms_limit_bytes: self.most_licenses.saturating_mul(TERMS_BYTES),
        }
    }

    /// How much more memory it takes to know what these licenses have in common with others, or alone: nothing where
    /// others have the same.
    pub(crate) fn terms_bytes_of<'a>(&self, licenses: impl Iterator<Item = (&'a str, &'a KnownLicense)>) -> usize {
        let terms = licenses.map(|(id, known)| Reported::of(id.to_owned(), known.license.clone()));
        terms.map(|reported| self.parts.terms.bytes_of(&reported)).sum()
    }

    /// How many machines there are.
    pub fn len(&self) -> usize {
        self.machines.len()
    }

    pub fn licenses(&self) -> usize {
        self.machines.values().map(|record| record.licenses.len()).sum()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.machines.is_empty()
    }

    /// What is known of a machine; nothing where there is none of this name.
    pub fn known(&self, name: &MachineName) -> Known {
        self.machines.get(name).map(|record| record.known(name)).unwrap_or_default()
    }

    /// The revision of the store in which a machine was last written; `None` where there is none of this name.
    pub fn revision(&self, name: &MachineName) -> Option<i64> {
        self.machines.get(name).map(|record| record.revision)
    }

    /// What SKUs are called.
    pub const fn sku_names(&self) -> &SkuNames {
        &self.names
    }

    /// The KMS hosts that machines use, in lower case. One may come more than once.
    pub(super) fn kms_hosts(&self) -> impl Iterator<Item = &str> {
        self.terms().filter_map(|terms| terms.kms_host.as_deref())
    }

    /// The terms of all licenses.
    pub(super) fn terms(&self) -> impl Iterator<Item = &Arc<Terms>> {
        self.parts.terms.iter()
    }

    /// A machine as it is called; `None` where there is none of this name.
    pub(crate) fn called(&self, name: &MachineName) -> Option<Called<'_>> {
        self.machines.get_key_value(name).map(|(name, record)| called(name, record))
    }

    /// The machines that this short name may stand for, with their domain or without: as many as show which a report is
    /// about.
    pub(crate) fn namesakes(&self, short: &str) -> impl Iterator<Item = Called<'_>> {
        // The character after the dot is the slash. What is between the two alone, as a hyphen, is another name.
        let (first, end) = (format!("{short}."), format!("{short}/"));
        let qualified = (Bound::Included(first.as_str()), Bound::Excluded(end.as_str()));
        let qualified = self.machines.range::<str, _>(qualified);
        let all = self.machines.get_key_value(short).into_iter().chain(qualified);
        let all = all.filter(|(name, record)| record.has_short_name || !name.is_qualified());
        all.take(MAX_NAMESAKES + 1).map(|(name, record)| called(name, record))
    }

    /// Keeps what is known of a machine, in place of what was known of it, as of a revision of the store.
    pub fn insert(&mut self, known: Known, revision: i64) {
        if let Some(machine) = known.machine {
            self.put(&machine, known.licenses, revision);
        }
    }

    /// The same of a machine and its licenses, by what identifies them on it.
    pub fn put(
        &mut self,
        machine: &KnownMachine,
        licenses: impl IntoIterator<Item = (String, KnownLicense)>,
        revision: i64,
    ) {
        let record = Record::new(machine, licenses, revision, &mut self.parts, &self.names);
        self.licenses += record.licenses.len();
        let before = self.machines.insert(machine.name.clone(), record);
        self.licenses -= before.map_or(0, |before| before.licenses.len());
    }

    /// Forgets a machine.
    pub fn remove(&mut self, name: &MachineName) {
        let removed = self.machines.remove(name);
        self.licenses -= removed.map_or(0, |removed| removed.licenses.len());
    }

    /// Learns what SKUs are called, and calls the licenses so that do not say it themselves.
    pub fn learn<'a>(&mut self, names: impl IntoIterator<Item = (Uuid, &'a SkuName)>) {
        let news = names.into_iter().filter(|(sku, name)| self.names.learn(*sku, name)).map(|(sku, _)| sku);
        let news: HashSet<_> = news.collect();
        let concerned = self.called_by(&news);
        self.parts.terms.forget_called_by(&news);
        for name in concerned {
            if let Some(revision) = self.revision(&name) {
                self.insert(self.known(&name), revision);
            }
        }
    }

    /// The machines with a license that is called by one of these SKUs, since it does not say itself what it is.
    pub fn called_by(&self, skus: &HashSet<Uuid>) -> Vec<MachineName> {
        // Of few terms there is something to know, and of most batches nothing.
        if skus.is_empty() || !self.parts.terms.any_called_by(skus) {
            return Vec::new();
        }
        let concerns = |record: &Record| record.licenses.iter().any(|license| license.terms.is_called_by(skus));
        self.machines.iter().filter(|(_, record)| concerns(record)).map(|(name, _)| name.clone()).collect()
    }

    pub fn names(&self) -> impl Iterator<Item = &MachineName> {
        self.machines.keys()
    }

    /// When the last report that brought something new came in.
    pub fn latest_received(&self) -> Option<Timestamp> {
        self.machines.values().map(Record::received_at).max().map(moment)
    }

    /// The machines that have not reported since a moment.
    pub fn silent_since(&self, moment: Timestamp) -> Vec<MachineName> {
        let silent = self.machines.iter().filter(|(_, record)| record.received_at() < moment.as_second());
        silent.map(|(name, _)| name.clone()).collect()
    }

    /// The machines that were last written in a revision up to this one.
    pub fn written_until(&self, revision: i64) -> Vec<MachineName> {
        let old = self.machines.iter().filter(|(_, record)| record.revision <= revision);
        old.map(|(name, _)| name.clone()).collect()
    }

    /// Lets go of what no machine has any more, and of the room that is left between machines.
    pub fn tidy(&mut self) {
        self.parts.tidy();
        self.machines = std::mem::take(&mut self.machines).into_iter().collect();
    }
}

fn called<'a>(name: &'a MachineName, record: &Record) -> Called<'a> {
    Called { name, id: record.client_machine_id, has_short_name: record.has_short_name }
}

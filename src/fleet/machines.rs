//! All machines that report, in memory.

use super::identity::{Called, MAX_NAMESAKES};
use super::known::{Known, KnownLicense, KnownMachine};
use super::naming::Reports;
use super::record::{Record, SharedParts, moment};
use super::sku::SkuName;
use super::terms::{Reported, Terms};
use super::views::{SeenBy, Views};
use super::{MAX_LICENSES, Usage};
use crate::license::{License, MachineName};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

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
    pub(super) views: Views,
    /// True where licenses may be called otherwise than they are, since something else is reported.
    is_to_be_named: bool,
}

impl Default for Fleet {
    fn default() -> Self {
        Self {
            machines: BTreeMap::new(),
            licenses: 0,
            most_licenses: MAX_LICENSES,
            parts: SharedParts::default(),
            views: Views::default(),
            is_to_be_named: false,
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

    /// How many of the machines are of these names, how many licenses they have, and how much memory what these have in
    /// common takes.
    pub(crate) fn share(&self, is_asked_for: impl Fn(&MachineName) -> bool) -> (usize, usize, usize) {
        let (mut machines, mut licenses, mut terms) = (0, 0, HashMap::new());
        for (_, record) in self.machines.iter().filter(|(name, _)| is_asked_for(name)) {
            machines += 1;
            licenses += record.licenses.len();
            terms.extend(record.licenses.iter().map(|license| (Arc::as_ptr(&license.terms), license.terms.bytes())));
        }
        (machines, licenses, terms.into_values().sum())
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
        let record = Record::new(machine, licenses, revision, &mut self.parts);
        self.is_to_be_named = true;
        self.licenses += record.licenses.len();
        let before = self.machines.insert(machine.name.clone(), record);
        self.licenses -= before.map_or(0, |before| before.licenses.len());
    }

    /// Forgets a machine.
    pub fn remove(&mut self, name: &MachineName) {
        let removed = self.machines.remove(name);
        self.views.remove(name);
        self.is_to_be_named = true;
        self.licenses -= removed.map_or(0, |removed| removed.licenses.len());
    }

    /// Notes what agents report beside licenses, of machines that are known. Says whether any sees its path otherwise than
    /// before, and of which it is known only now that two agents report by its name.
    pub fn note_seen(&mut self, seen: impl IntoIterator<Item = SeenBy>) -> (bool, Vec<MachineName>) {
        let (mut is_changed, mut shared) = (false, Vec::new());
        for seen in seen.into_iter().filter(|seen| self.machines.contains_key(&seen.machine)).collect::<Vec<_>>() {
            let machine = seen.machine.clone();
            let noted = self.views.note(seen);
            is_changed |= noted.changed;
            shared.extend(Some(machine).filter(|_| noted.shared));
        }
        (is_changed, shared)
    }

    /// True where two agents report by the name of a machine in turn.
    pub fn is_name_shared(&self, machine: &MachineName) -> bool {
        self.views.is_shared(machine)
    }

    /// True where licenses may be called otherwise than they are by what is reported now.
    pub const fn is_to_be_named(&self) -> bool {
        self.is_to_be_named
    }

    /// Calls licenses that do not say it themselves by what most machines of their domain report of their SKU.
    ///
    /// All machines are looked at, which whoever adds them up does anyway, and a report has not to wait for.
    pub fn name_skus(&mut self) {
        self.is_to_be_named = false;
        let skus: HashSet<_> = self.terms().filter_map(|terms| terms.called_by()).collect();
        if skus.is_empty() {
            return;
        }
        let mut reports = Reports::of(skus);
        for (name, record) in &self.machines {
            record.licenses.iter().for_each(|license| reports.count(name, &license.terms));
        }
        let names = reports.names();
        // By where the terms and the names are, both of which are kept meanwhile.
        let mut done: HashMap<(*const Terms, *const SkuName), Arc<Terms>> = HashMap::new();
        for (machine, record) in &mut self.machines {
            for license in &mut record.licenses {
                let Some(sku) = license.terms.called_by() else { continue };
                let name = names.get(machine, sku);
                if license.terms.name() == name {
                    continue;
                }
                license.terms = match name {
                    None => Terms::plain(&license.terms),
                    Some(name) => {
                        let plain = Terms::plain(&license.terms);
                        let all = &mut self.parts.terms;
                        let like = done.entry((Arc::as_ptr(&plain), Arc::as_ptr(name)));
                        Arc::clone(like.or_insert_with(|| all.named(&plain, Arc::clone(name))))
                    }
                };
            }
        }
        drop(done);
        self.parts.terms.tidy();
    }

    /// Licenses of machines, each with what machines of its domain report of its SKU where it does not say so itself. All
    /// machines of these domains are looked at once, where any machine says something of one of these SKUs.
    pub fn complete(&self, licenses: &[(&MachineName, License)]) -> Vec<License> {
        let asked: HashSet<_> = licenses.iter().filter_map(|(_, license)| license.sku).collect();
        let known = self.terms().filter_map(|terms| terms.reported.license.sku);
        let skus: HashSet<_> = known.filter(|sku| asked.contains(sku)).collect();
        let mut reports = Reports::of(skus.clone());
        if !skus.is_empty() {
            let domains: HashSet<_> = licenses.iter().map(|(machine, _)| machine.domain()).collect();
            for (name, record) in self.machines.iter().filter(|(name, _)| domains.contains(name.domain())) {
                record.licenses.iter().for_each(|license| reports.count(name, &license.terms));
            }
        }
        let names = reports.names();
        let complete = |(machine, license): &(&MachineName, License)| {
            let name = license.sku.and_then(|sku| names.get(machine, sku));
            name.map_or_else(|| license.clone(), |name| name.complete(license))
        };
        licenses.iter().map(complete).collect()
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

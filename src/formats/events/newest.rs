//! The newest of what events report of each license, whatever their order: a host has a record for each renewal of each
//! client, week after week, and only the last of them counts.

use super::event::Kind;
use super::host_events::HostEvent;
use super::meaning::{Counted, Fact, count_report, host_report};
use crate::formats::Reading;
use crate::license::{KmsHost, MachineName};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use uuid::Uuid;

/// How many licenses are kept. With more, those so far are handed over, and the newest of each is found among the rest.
const MAX_LICENSES: usize = 20_000;

/// How many KMS hosts are kept, in the same manner.
const MAX_HOSTS: usize = 10_000;

/// One license, and the kind of event that reports it: each reports other things.
type Key = (Option<MachineName>, Uuid, Kind);

/// The newest fact of each license and of each KMS host, until they are handed over.
#[derive(Debug, Default)]
pub(super) struct Newest {
    facts: BTreeMap<Key, (Option<Timestamp>, Fact)>,
    counts: BTreeMap<(MachineName, Counted), (Timestamp, u32)>,
    /// What hosts say of themselves, with when they last did.
    hosts: BTreeMap<Option<MachineName>, (Option<Timestamp>, KmsHost)>,
}

impl Newest {
    /// Keeps a fact about a machine, unless it is known to be old.
    pub(super) fn fact(
        &mut self,
        machine: Option<MachineName>,
        time: Option<Timestamp>,
        fact: Fact,
        reading: &mut Reading<'_>,
    ) {
        let key = (machine, fact.sku(), fact.kind());
        keep(&mut self.facts, key, (time, fact));
        if self.facts.len() >= MAX_LICENSES {
            self.hand_over_facts(reading);
        }
    }

    /// Keeps when a host was asked.
    pub(super) fn asked(&mut self, host: MachineName, time: Option<Timestamp>, reading: &mut Reading<'_>) {
        self.host(Some(host), time, reading, |known| known.last_request_at = known.last_request_at.max(time));
    }

    /// Keeps what a host says of itself.
    pub(super) fn host_event(
        &mut self,
        host: Option<MachineName>,
        time: Timestamp,
        event: HostEvent,
        reading: &mut Reading<'_>,
    ) {
        self.host(host, Some(time), reading, |known| event.add_to(known, time));
    }

    fn host(
        &mut self,
        host: Option<MachineName>,
        time: Option<Timestamp>,
        reading: &mut Reading<'_>,
        add: impl FnOnce(&mut KmsHost),
    ) {
        let (newest, known) = self.hosts.entry(host).or_default();
        *newest = (*newest).max(time);
        add(known);
        if self.hosts.len() >= MAX_HOSTS {
            self.hand_over_hosts(reading);
        }
    }

    /// Keeps how many clients a host counts.
    pub(super) fn count(
        &mut self,
        host: MachineName,
        counted: Counted,
        time: Timestamp,
        count: u32,
        reading: &mut Reading<'_>,
    ) {
        keep(&mut self.counts, (host, counted), (time, count));
        if self.counts.len() >= MAX_HOSTS {
            self.hand_over_hosts(reading);
        }
    }

    /// Hands everything over.
    pub(super) fn finish(mut self, reading: &mut Reading<'_>) {
        self.hand_over_facts(reading);
        self.hand_over_hosts(reading);
    }

    /// In the order of time, so that what is newest of a machine comes last.
    fn hand_over_facts(&mut self, reading: &mut Reading<'_>) {
        let mut facts: Vec<_> = std::mem::take(&mut self.facts).into_iter().collect();
        facts.sort_by_key(|(_, (time, _))| *time);
        for ((machine, ..), (time, fact)) in facts {
            reading.report(fact.report(machine, time));
        }
    }

    fn hand_over_hosts(&mut self, reading: &mut Reading<'_>) {
        for (host, (time, known)) in std::mem::take(&mut self.hosts) {
            reading.report(host_report(host, time, known));
        }
        for ((host, counted), (time, count)) in std::mem::take(&mut self.counts) {
            reading.report(count_report(host, counted, time, count));
        }
    }
}

/// Puts a value there unless a greater one is there already.
fn keep<K: Ord, V: Ord>(map: &mut BTreeMap<K, V>, key: K, value: V) {
    match map.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(value);
        }
        Entry::Occupied(mut entry) if *entry.get() < value => {
            entry.insert(value);
        }
        Entry::Occupied(_) => {}
    }
}

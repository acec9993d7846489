//! What is known of a machine, and one more report on it: what is known then. Pure.
//!
//! Reports come in any order. What a newer one says replaces what was known, field by field; an older one fills in
//! what was not known, and nothing else.

mod license;

use super::known::{Known, KnownMachine, Received};
use crate::codes::Code;
use crate::license::{HostKey, KmsCounts, KmsHost, LicenseStatus, MAX_HOST_KEYS, MAX_PUBLICATIONS, MachineName};
use jiff::Timestamp;

/// How many licenses are kept of one machine. No machine has so many in use.
pub(crate) const MAX_LICENSES: usize = 200;

/// A license whose status changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusChange {
    pub(crate) at: Timestamp,
    pub(crate) license_id: String,
    pub(crate) product: Option<String>,
    pub(crate) from: LicenseStatus,
    pub(crate) to: LicenseStatus,
    pub(crate) reason_code: Option<Code>,
}

/// What a report came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Something of it is known only now; `changed` where a status changed, or a license came or went.
    Stored { changed: bool },
    /// It says what is known already.
    Unchanged,
    /// All that it says is known better by now.
    Outdated,
    /// Licenses in it were left out: there are too many on the machine.
    TooMany,
}

/// What is known after a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) known: Known,
    pub(crate) changes: Vec<StatusChange>,
    pub(crate) outcome: Outcome,
}

/// Adds a report to what is known of the machine with this name, which may have so many licenses.
pub(crate) fn merge(known: &Known, name: &MachineName, received: &Received, most: usize) -> Merged {
    let known = &*known.until(received);
    let mut merged = known.clone();
    let is_newer = known.machine.as_ref().is_none_or(|machine| received.reported_at >= machine.reported_at);
    let complete_at = known.machine.as_ref().and_then(|machine| machine.complete_at);
    let machine = merged.machine.get_or_insert_with(|| KnownMachine::new(name, received));
    merge_machine(machine, received, is_newer);
    let (changes, is_whole) = license::merge_all(&mut merged.licenses, received, complete_at, most);
    if !is_whole {
        return Merged { known: merged, changes, outcome: Outcome::TooMany };
    }
    if merged == *known {
        let outcome = if is_newer { Outcome::Unchanged } else { Outcome::Outdated };
        return Merged { known: merged, changes, outcome };
    }
    if let Some(machine) = &mut merged.machine {
        machine.received_at = machine.received_at.max(received.received_at);
    }
    let is_same_set = known.machine.is_some() && known.licenses.keys().eq(merged.licenses.keys());
    let outcome = Outcome::Stored { changed: !is_same_set || !changes.is_empty() };
    Merged { known: merged, changes, outcome }
}

fn merge_machine(machine: &mut KnownMachine, received: &Received, is_newer: bool) {
    let report = &received.report;
    if is_newer {
        machine.reported_at = received.reported_at;
        machine.source = report.source;
    }
    if report.is_complete {
        machine.complete_at = machine.complete_at.max(Some(received.reported_at));
    }
    take(&mut machine.client_machine_id, report.client_machine_id.as_ref(), is_newer);
    take(&mut machine.remaining_windows_rearms, report.remaining_windows_rearms.as_ref(), is_newer);
    take(&mut machine.service_version, report.service_version.as_ref(), is_newer);
    if let Some(reported) = &report.kms_host {
        merge_kms_host(machine, reported, received.reported_at);
    }
}

/// Adds what is reported of a machine as a KMS host. What it counts by one key says nothing of another.
fn merge_kms_host(machine: &mut KnownMachine, reported: &KmsHost, at: Timestamp) {
    let is_newer = machine.kms_host_reported_at.is_none_or(|known| at >= known);
    let known = machine.kms_host.get_or_insert_default();
    take(&mut known.listening_port, reported.listening_port.as_ref(), is_newer);
    take(&mut known.publishes_dns, reported.publishes_dns.as_ref(), is_newer);
    known.last_request_at = known.last_request_at.max(reported.last_request_at);
    known.failed_start = known.failed_start.max(reported.failed_start);
    for (domain, publication) in &reported.publications {
        let known_before = known.publications.entry(domain.clone()).or_insert(*publication);
        *known_before = (*known_before).max(*publication);
    }
    while known.publications.len() > MAX_PUBLICATIONS {
        let oldest = known.publications.iter().min_by_key(|(_, publication)| publication.at);
        let Some(oldest) = oldest.map(|(domain, _)| domain.clone()) else { break };
        known.publications.remove(&oldest);
    }
    for (key, counts) in &reported.counts {
        merge_counts(machine, *key, counts, at);
    }
    while machine.counted_at.len() > MAX_HOST_KEYS {
        let oldest = machine.counted_at.iter().min_by_key(|(_, at)| **at);
        let Some(oldest) = oldest.map(|(key, _)| *key) else { break };
        machine.counted_at.remove(&oldest);
        machine.kms_host.get_or_insert_default().counts.remove(&oldest);
    }
    if !reported.is_of_events() {
        machine.kms_host_reported_at = machine.kms_host_reported_at.max(Some(at));
    }
}

fn merge_counts(machine: &mut KnownMachine, key: HostKey, reported: &KmsCounts, at: Timestamp) {
    let key = same_key(machine, key);
    let is_newer = machine.counted_at.get(&key).is_none_or(|known| at >= *known);
    note_requests(machine, key, reported.requests, at, is_newer);
    let known = machine.kms_host.get_or_insert_default().counts.entry(key).or_default();
    take(&mut known.current, reported.current.as_ref(), is_newer);
    take(&mut known.required, reported.required.as_ref(), is_newer);
    take(&mut known.requests, reported.requests.as_ref(), is_newer);
    take(&mut known.failed_requests, reported.failed_requests.as_ref(), is_newer);
    for (known, reported) in known.requests_by_status.iter_mut().zip(&reported.requests_by_status) {
        take(known, reported.as_ref(), is_newer);
    }
    let counted_at = machine.counted_at.entry(key).or_insert(at);
    *counted_at = (*counted_at).max(at);
}

/// The key that a report means. One that does not say which means the only one that the host has for the application;
/// and what was known without a key becomes that of the first that is named, so that nothing is kept twice.
fn same_key(machine: &mut KnownMachine, key: HostKey) -> HostKey {
    let host = machine.kms_host.get_or_insert_default();
    let mut named = host.counts.keys().filter(|known| known.application == key.application && known.sku.is_some());
    let (first, is_only_one) = (named.next().copied(), named.next().is_none());
    match (key.sku, first) {
        (None, Some(only)) if is_only_one => only,
        (Some(_), None) => {
            let unnamed = HostKey { sku: None, ..key };
            if let Some(counts) = host.counts.remove(&unnamed) {
                host.counts.insert(key, counts);
            }
            if let Some(at) = machine.counted_at.remove(&unnamed) {
                machine.counted_at.insert(key, at);
            }
            key
        }
        _ => key,
    }
}

/// Notes when the number of requests was first reported, and when it was reported to be another than before. A number
/// that is smaller counts as well: the counter started over, and nobody knows how far it had come.
fn note_requests(machine: &mut KnownMachine, key: HostKey, reported: Option<u32>, at: Timestamp, is_newer: bool) {
    let Some(reported) = reported else { return };
    let known = machine.kms_host.as_ref().and_then(|host| host.count_of(key).requests);
    let is_another = known.is_some_and(|known| known != reported);
    if is_newer && is_another {
        machine.requests_grew_at = machine.requests_grew_at.max(Some(at));
    }
    let Some(first) = machine.requests_known_at.replace(at) else { return };
    if first <= at {
        machine.requests_known_at = Some(first);
    } else if is_another && machine.requests_grew_at.is_none() {
        // This report comes late: what seemed to be the first number was another than the one before.
        machine.requests_grew_at = Some(first);
    }
}

/// Takes what is reported, where it is newer than what is known, or nothing is known.
fn take<T: Clone>(known: &mut Option<T>, reported: Option<&T>, is_newer: bool) {
    if let Some(reported) = reported
        && (is_newer || known.is_none())
    {
        *known = Some(reported.clone());
    }
}

#[cfg(test)]
mod tests;

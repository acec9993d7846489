//! What the machines on a path report that no probe can see, one machine after the other.

use super::super::moment::Moment;
use super::super::record::LicenseRecord;
use super::super::{Affected, Symptoms};
use crate::codes::Code;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;
use uuid::Uuid;

/// Machines of which something is true, and the first of them by name.
#[derive(Debug, Clone, Copy, Default)]
struct Machines<'a> {
    count: u64,
    first: Option<&'a str>,
}

/// What was reported so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered<'a> {
    failing: HashMap<Option<Code>, Machines<'a>>,
    not_volume: Machines<'a>,
    wrong_keys: Machines<'a>,
    wrong_key: Option<&'a super::super::WrongKey>,
    /// Those whose evaluation ends, the first to end, and when.
    evaluations: u64,
    first_evaluation: Option<(Option<i64>, &'a str)>,
    /// The machines with each ID that others have as well.
    sharing: HashMap<Uuid, Machines<'a>>,
}

impl<'a> Gathered<'a> {
    /// Notes a machine where one of those of its licenses fails that depend on the path.
    pub(super) fn note_failure(
        &mut self,
        machine: &'a str,
        concerned: impl Iterator<Item = &'a LicenseRecord>,
        moment: Moment,
        recovered_at: Option<i64>,
    ) {
        // With the key of another edition it fails for that.
        let fails = |license: &&LicenseRecord| license.terms.wrong_key.is_none() && license.fails(moment, recovered_at);
        let mut failing = concerned.filter(fails).peekable();
        if failing.peek().is_some() {
            let code = failing.find_map(|license| license.failure_code(moment, recovered_at));
            self.failing.entry(code).or_default().add(machine);
        }
    }

    /// Notes what no path can help about the licenses of a machine that belongs to the path.
    pub(super) fn note_licenses(
        &mut self,
        machine: &'a str,
        licenses: &'a [LicenseRecord],
        moment: Moment,
        has_other_path: bool,
    ) {
        let own = || licenses.iter().filter(|license| !license.terms.is_addon);
        if !has_other_path && own().any(LicenseRecord::needs_microsoft) {
            self.not_volume.add(machine);
        }
        let evaluations = || own().filter(|license| license.is_evaluation_ending(moment));
        if evaluations().next().is_some() {
            self.evaluations += 1;
            let end = evaluations().filter_map(|license| license.validity.expires_at).min();
            // What has ended by its status comes before those with an end.
            if self.first_evaluation.is_none_or(|(first, _)| end < first) {
                self.first_evaluation = Some((end, machine));
            }
        }
        if let Some(wrong_key) = own().find_map(|license| license.terms.wrong_key.as_ref()) {
            self.wrong_keys.add(machine);
            if self.wrong_keys.first == Some(machine) {
                self.wrong_key = Some(wrong_key);
            }
        }
    }

    /// Notes a machine whose ID another has as well, on this path or elsewhere.
    pub(super) fn note_shared_id(&mut self, machine: &'a str, id: Uuid) {
        self.sharing.entry(id).or_default().add(machine);
    }

    /// All of it.
    pub(super) fn finish(self) -> Symptoms {
        let mut failing: Vec<_> = self.failing.into_iter().map(|(code, machines)| (code, machines.finish())).collect();
        failing.sort_by_key(|(code, affected)| (Reverse(affected.machines), *code));
        let first_end = self.first_evaluation.and_then(|(end, _)| end);
        let example = self.first_evaluation.map(|(_, machine)| machine.to_owned());
        let mut symptoms = Symptoms {
            failing,
            not_volume: self.not_volume.finish(),
            wrong_keys: self.wrong_keys.finish(),
            wrong_key: self.wrong_key.cloned(),
            evaluations: Affected { machines: self.evaluations, example },
            first_evaluation_end: first_end.and_then(|end| Timestamp::from_second(end).ok()),
            ..Symptoms::default()
        };
        // Those on other paths are counted by other hosts.
        for sharing in self.sharing.into_values().filter(|sharing| sharing.count > 1) {
            symptoms.duplicate_ids += 1;
            symptoms.duplicates.join(sharing.finish());
        }
        symptoms
    }
}

impl<'a> Machines<'a> {
    fn add(&mut self, machine: &'a str) {
        self.count += 1;
        if self.first.is_none_or(|first| machine < first) {
            self.first = Some(machine);
        }
    }

    fn finish(self) -> Affected {
        Affected { machines: self.count, example: self.first.map(str::to_owned) }
    }
}

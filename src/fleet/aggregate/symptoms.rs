//! What the machines on a path report that no probe can see, one machine after the other.

use super::super::moment::Moment;
use super::super::outage::Excuses;
use super::super::record::LicenseRecord;
use super::super::symptoms::{LOST, MAX_NAMED, MAX_NETWORKS};
use super::super::worst;
use super::super::{Affected, FailingMachines, Symptoms, Urgency};
use crate::codes::Code;
use crate::license::Network;
use crate::observation::Stage;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Machines of which something is true, and the worst of them.
#[derive(Debug, Clone, Default)]
struct Machines<'a> {
    count: u64,
    worst: Vec<Machine<'a>>,
}

/// Machines that fail in the same way, and the networks in which they do by their own view.
#[derive(Debug, Clone, Default)]
struct Failing<'a> {
    machines: Machines<'a>,
    networks: BTreeSet<Network>,
}

/// Where a machine is cut off from the KMS hosts of a path, by its own view.
#[derive(Debug, Clone, Copy)]
pub(super) struct CutOff {
    pub(super) stage: Stage,
    pub(super) network: Option<Network>,
}

/// When a machine loses activation, and its name.
pub(super) type Machine<'a> = (i64, &'a str);

/// What was reported so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered<'a> {
    failing: HashMap<(Urgency, Option<Code>, Option<Stage>), Failing<'a>>,
    not_volume: Machines<'a>,
    wrong_keys: Machines<'a>,
    wrong_key: Option<&'a super::super::WrongKey>,
    /// Those whose evaluation ends.
    evaluations: Machines<'a>,
    /// The machines with each ID that others have as well.
    sharing: HashMap<Uuid, Machines<'a>>,
}

impl<'a> Gathered<'a> {
    /// Notes a machine where one of those of its licenses fails that depend on the path, or where it is cut off.
    pub(super) fn note_failure(
        &mut self,
        machine: Machine<'a>,
        concerned: impl Iterator<Item = &'a LicenseRecord>,
        (moment, excuses): (Moment, Excuses<'_>),
        cut_off: Option<CutOff>,
    ) {
        // With the key of another edition it fails for that.
        let fails = |license: &&LicenseRecord| license.terms.wrong_key.is_none() && license.fails(moment, excuses);
        let mut failing = concerned.filter(fails).peekable();
        if failing.peek().is_some() || cut_off.is_some() {
            let code = failing.find_map(|license| license.failure_code(moment, excuses));
            let urgency = match machine.0 {
                LOST => Urgency::Lost,
                end if end <= moment.days_ahead(7) => Urgency::WithinWeek,
                _ => Urgency::Later,
            };
            let failing = self.failing.entry((urgency, code, cut_off.map(|known| known.stage))).or_default();
            failing.machines.add(machine);
            if failing.networks.len() < MAX_NETWORKS {
                failing.networks.extend(cut_off.and_then(|known| known.network));
            }
        }
    }

    /// Notes what no path can help about the licenses of a machine that belongs to the path.
    pub(super) fn note_licenses(
        &mut self,
        machine: Machine<'a>,
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
            // What has ended by its status comes before those with an end.
            let end = evaluations().filter_map(|license| license.validity.expires_at).min();
            self.evaluations.add((end.unwrap_or(LOST), machine.1));
        }
        if let Some(wrong_key) = own().find_map(|license| license.terms.wrong_key.as_ref()) {
            self.wrong_keys.add(machine);
            if self.wrong_keys.worst.first() == Some(&machine) {
                self.wrong_key = Some(wrong_key);
            }
        }
    }

    /// Notes a machine whose ID another has as well, on this path or elsewhere.
    pub(super) fn note_shared_id(&mut self, machine: Machine<'a>, id: Uuid) {
        self.sharing.entry(id).or_default().add(machine);
    }

    pub(super) fn finish(self) -> Symptoms {
        let failing = self.failing.into_iter();
        let failing = failing.map(|((urgency, code, cut_off), failing)| FailingMachines {
            urgency,
            code,
            cut_off,
            networks: failing.networks,
            affected: failing.machines.finish(),
        });
        let mut failing: Vec<_> = failing.collect();
        failing.sort_by_key(|group| (group.urgency, Reverse(group.affected.machines), group.code, group.cut_off));
        let first_end = self.evaluations.worst.first().map(|(end, _)| *end).filter(|end| *end != LOST);
        let mut symptoms = Symptoms {
            failing,
            not_volume: self.not_volume.finish(),
            wrong_keys: self.wrong_keys.finish(),
            wrong_key: self.wrong_key.cloned(),
            evaluations: self.evaluations.finish(),
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
    fn add(&mut self, machine: Machine<'a>) {
        self.count += 1;
        worst::add(&mut self.worst, machine, MAX_NAMED);
    }

    fn finish(self) -> Affected {
        let worst = self.worst.into_iter().map(|(end, name)| (end, name.to_owned()));
        Affected { machines: self.count, worst: worst.collect() }
    }
}

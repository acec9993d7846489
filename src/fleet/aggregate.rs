//! The totals of the fleet: each machine is counted in all the sets it belongs to. Pure.

mod failing;
mod kinds;
mod kms_hosts;
mod next;
mod risk;
mod symptoms;

use super::dependencies::{Dependencies, Dependent, Reaching, distinct};
use super::moment::Moment;
use super::outlook::Outlook;
use super::record::{LicenseRecord, Record};
use super::views::Views;
use super::worst::organisation;
use super::{Aggregate, Fleet, Inventory, Runway, SOONEST, WITHIN};
use crate::license::{LicenseStatus, MachineName};
use jiff::Timestamp;
use kinds::{Kind, chosen, largest, largest_counts};
use kms_hosts::Clients;
use next::NextChange;
use risk::Risks;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use symptoms::{CutOff, Gathered};
use uuid::Uuid;

/// The most licenses at risk that are listed.
const MAX_AT_RISK: usize = 10_000;

/// What to aggregate.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The moment for which to aggregate.
    pub moment: Moment,
    /// How many licenses at risk to list, up to ten thousand.
    pub at_risk: usize,
    /// Each path, and which machines depend on it.
    pub dependencies: &'a Dependencies,
    /// The machines that are expected, where that is known.
    pub inventory: Option<&'a Inventory>,
}

impl Fleet {
    /// Aggregates the fleet.
    pub fn aggregate(&self, question: &Question<'_>) -> Aggregate {
        let shared_ids = self.shared_ids(question.moment);
        let believed = self.believed(question.moment);
        let reaching = question.dependencies.reaching(self.kms_hosts());
        let mut totals = Aggregation::new(*question, reaching, &shared_ids, &self.views);
        for (name, record) in &self.machines {
            totals.add(name, believed.get(name).unwrap_or(record));
        }
        totals.finish(self)
    }

    /// The machines with licenses that count from moments that are still to come, as they are believed to be.
    pub(super) fn believed(&self, moment: Moment) -> HashMap<&MachineName, Record> {
        self.machines.iter().filter_map(|(name, record)| Some((name, record.believed(moment)?))).collect()
    }

    /// The IDs by which KMS hosts count machines, where more than one has the same. A machine that is stale may be one
    /// that was renamed, and is none of them.
    fn shared_ids(&self, moment: Moment) -> HashSet<Uuid> {
        let current = self.machines.values().filter(|record| !moment.is_stale(record.reported_at));
        let (mut seen, mut shared) = (HashSet::new(), HashSet::new());
        for id in current.filter_map(|record| record.client_machine_id) {
            if !seen.insert(id) {
                shared.insert(id);
            }
        }
        shared
    }
}

/// The totals so far.
struct Aggregation<'a> {
    question: Question<'a>,
    reaching: Reaching<'a>,
    shared_ids: &'a HashSet<Uuid>,
    views: &'a Views,
    totals: Set<'a>,
    /// Of the machines on the paths that lead to the same.
    sets: Vec<(Set<'a>, Gathered<'a>)>,
    products: HashMap<&'a str, Set<'a>>,
    channels: HashMap<&'a str, Set<'a>>,
    /// The licenses of each kind, of the machines of each organisation.
    counts: HashMap<(Kind<'a>, &'a str), u64>,
    at_risk: Risks<'a>,
    /// What clients report of their KMS hosts, by the names they know them by.
    clients: HashMap<&'a str, Clients<'a>>,
    next: NextChange,
}

/// What is counted of the machines in a set.
#[derive(Debug, Clone, Default)]
struct Set<'a> {
    runway: Runway,
    /// Of those that are not lost, the next to be.
    soonest: [Option<(i64, &'a str)>; SOONEST],
}

impl<'a> Aggregation<'a> {
    fn new(question: Question<'a>, reaching: Reaching<'a>, shared_ids: &'a HashSet<Uuid>, views: &'a Views) -> Self {
        let mut next = NextChange::new(question.moment);
        next.note_recoveries(
            question.dependencies.sets().flat_map(|reach| &reach.outages).map(|outage| outage.ended_at),
        );
        Self {
            question,
            reaching,
            shared_ids,
            views,
            totals: Set::default(),
            sets: question.dependencies.sets().map(|_| <(Set<'_>, Gathered<'_>)>::default()).collect(),
            products: HashMap::new(),
            channels: HashMap::new(),
            counts: HashMap::new(),
            at_risk: Risks::new(question.at_risk.min(MAX_AT_RISK)),
            clients: HashMap::new(),
            next,
        }
    }

    /// Counts a machine.
    fn add(&mut self, name: &'a MachineName, record: &'a Record) {
        self.next.note_machine(record);
        // A KMS host of which no license is known is there for what its clients say of it, and is none of the machines
        // that may lose activation.
        if record.licenses.is_empty() && record.is_kms_host() {
            return;
        }
        let moment = self.question.moment;
        let is_stale = moment.is_stale(record.reported_at);
        let own = || record.licenses.iter().filter(|license| !license.terms.is_addon);
        let outlook = |belongs: &dyn Fn(&LicenseRecord) -> bool| {
            Outlook::of(own().filter(|license| belongs(license)).map(|license| &license.validity), moment)
        };
        let (machine, name) = (name, name.as_str());
        self.totals.add(name, is_stale, outlook(&|_| true), moment);
        self.add_to_paths(machine, record, is_stale);
        for (number, license) in own().enumerate() {
            let terms = &license.terms;
            let mut before = own().take(number);
            if !before.clone().any(|other| other.terms.product == terms.product) {
                let set = self.products.entry(&terms.product).or_default();
                set.add(name, is_stale, outlook(&|other| other.terms.product == terms.product), moment);
            }
            if !before.any(|other| other.terms.channel == terms.channel) {
                let set = self.channels.entry(&terms.channel).or_default();
                set.add(name, is_stale, outlook(&|other| other.terms.channel == terms.channel), moment);
            }
            let kind = (&*terms.product, &*terms.channel, license.status().map(LicenseStatus::number));
            *self.counts.entry((kind, organisation(name))).or_default() += 1;
            self.at_risk.note(name, license, moment);
        }
        for license in &record.licenses {
            let Some(host) = license.terms.kms_host.as_deref() else { continue };
            self.clients.entry(host).or_default().note(machine, license, is_stale);
        }
    }

    fn add_to_paths(&mut self, machine: &'a MachineName, record: &'a Record, is_stale: bool) {
        let (moment, dependencies) = (self.question.moment, self.question.dependencies);
        let view = self.views.current(machine, moment);
        if let Some((at, _)) = view {
            self.next.note_view(at);
        }
        let name = machine.as_str();
        let dependents = record.licenses.iter().map(dependent_of);
        let depends_on = distinct(self.reaching.depends_on(name, dependents.clone()).collect());
        for number in depends_on.iter().copied() {
            let Some((set, gathered)) = self.sets.get_mut(number) else { continue };
            let concerned = || record.licenses.iter().filter(|it| self.reaching.concerns(number, &dependent_of(it)));
            // What else is on the machine is activated in another way.
            let own = concerned().filter(|license| !license.terms.is_addon).map(|license| &license.validity);
            let outlook = Outlook::of(own, moment);
            set.add(name, is_stale, outlook, moment);
            if is_stale {
                continue;
            }
            let machine = (outlook.loses_at(), name);
            let excuses = dependencies.excuses(number);
            let view = view.filter(|(at, _)| !excuses.explain_view(*at));
            let cut_off = view.and_then(|(_, view)| {
                let stage = dependencies.fails_at(number, view)?;
                Some(CutOff { stage, network: view.network })
            });
            gathered.note_failure(machine, concerned(), (moment, excuses), cut_off);
            if let Some(id) = record.client_machine_id.filter(|id| self.shared_ids.contains(id)) {
                gathered.note_shared_id(machine, id);
            }
        }
        if is_stale {
            return;
        }
        let outlook = Outlook::of(record.licenses.iter().map(|license| &license.validity), moment);
        let machine = (outlook.loses_at(), name);
        if !record.is_beyond_help(moment, !dependencies.is_kms_only()) {
            return;
        }
        for number in self.reaching.on(name, dependents, true) {
            let Some((set, gathered)) = self.sets.get_mut(number) else { continue };
            // What is a problem of a path is on it. When it loses activation is not up to the path.
            if !depends_on.contains(&number) {
                set.add(name, is_stale, Outlook::default(), moment);
            }
            gathered.note_licenses(machine, &record.licenses, moment, !dependencies.is_kms_only());
        }
    }

    /// All that was counted.
    fn finish(self, fleet: &Fleet) -> Aggregate {
        let moment = self.question.moment;
        let sets: Vec<_> = self.sets.into_iter().map(|(set, gathered)| (set.finish(), gathered.finish())).collect();
        let (mut paths, mut symptoms) = (BTreeMap::new(), BTreeMap::new());
        for (path, number) in self.question.dependencies.paths() {
            let Some((runway, gathered)) = sets.get(number) else { continue };
            paths.insert(Arc::clone(path), runway.clone());
            symptoms.insert(Arc::clone(path), gathered.clone());
        }
        let products = chosen(&self.counts, |(product, ..)| product);
        let channels = chosen(&self.counts, |(_, channel, _)| channel);
        let (kms_hosts, kms_hosts_left_out) = kms_hosts::of(fleet, moment, &self.clients, self.question.dependencies);
        Aggregate {
            as_of: moment.now,
            added_up_at: moment.now,
            changes_at: self.next.finish(),
            totals: self.totals.finish(),
            paths,
            symptoms,
            products: largest(self.products, &products),
            channels: largest(self.channels, &channels),
            counts: largest_counts(&self.counts),
            at_risk: self.at_risk.finish(moment.now),
            kms_hosts,
            kms_hosts_left_out,
            usage: fleet.usage(),
            expectations: self.question.inventory.map(|inventory| fleet.expectations(inventory, moment)),
        }
    }
}

/// What a license says of the paths its machine depends on.
pub(super) fn dependent_of(license: &LicenseRecord) -> Dependent<'_> {
    Dependent {
        kms_host: license.terms.kms_host.as_deref(),
        kind: license.terms.kind,
        status: license.status(),
        ends: license.validity.expires_at.is_some(),
        is_addon: license.terms.is_addon,
        is_by_domain: license.terms.is_by_domain,
    }
}

impl<'a> Set<'a> {
    fn add(&mut self, machine: &'a str, is_stale: bool, outlook: Outlook, moment: Moment) {
        let runway = &mut self.runway;
        runway.machines += 1;
        runway.stale += u64::from(is_stale);
        runway.lost += u64::from(outlook.is_lost);
        runway.renewal_overdue += u64::from(outlook.overdue_since.is_some());
        let Some(end) = outlook.first_end else { return };
        for (count, (_, days)) in runway.expiring.iter_mut().zip(WITHIN) {
            *count += u64::from(!outlook.is_lost && outlook.ends_within(days, moment));
        }
        let mut next = (end, machine);
        for place in self.soonest.iter_mut().filter(|_| !outlook.is_lost) {
            match place {
                Some(known) if *known <= next => {}
                Some(known) => std::mem::swap(known, &mut next),
                None => {
                    *place = Some(next);
                    break;
                }
            }
        }
    }

    fn finish(self) -> Runway {
        let moment = |(end, machine): (i64, &str)| Some((Timestamp::from_second(end).ok()?, machine.to_owned()));
        let soonest: Vec<_> = self.soonest.into_iter().flatten().filter_map(moment).collect();
        let (first_expiry, first_machine) = soonest.first().cloned().unzip();
        Runway { first_expiry, first_machine, soonest, ..self.runway }
    }
}

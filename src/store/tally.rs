//! Machines counted, one after the other. Pure.

mod line;
mod risk;
mod symptoms;

pub(super) use line::LINE;

use super::rows::LICENSES;
use super::standing::Moment;
use super::sums::{FleetQuestion, MAX_AT_RISK};
use crate::fleet::dependents::Needs;
use crate::fleet::{AtRisk, Count, Runway, Symptoms, WITHIN};
use jiff::Timestamp;
use line::Line;
use risk::Risks;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use symptoms::Gathered;

/// How many products, channels and kinds of licenses are told apart.
const MAX_KINDS: usize = 100;

/// What the rest is called.
const OTHER: &str = "other";

/// Counts machines, in all and by what their licenses are of.
pub(super) struct Tally<'a> {
    moment: Moment,
    question: &'a FleetQuestion,
    /// The IDs by which KMS hosts count machines that more than one has.
    shared_ids: &'a HashSet<String>,
    whole: Set,
    on_paths: Vec<(Set, Gathered)>,
    products: HashMap<String, Set>,
    channels: HashMap<String, Set>,
    counts: HashMap<(String, String, Option<u8>), u64>,
    at_risk: Risks,
    /// What clients tell of their KMS hosts, by the names they know them by.
    clients: HashMap<String, Clients>,
}

/// What the clients of a KMS host tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Clients {
    /// The fewest and the most clients that any of them wants it to count, of those that are not stale.
    pub(super) required: Option<(u32, u32)>,
    /// When it last renewed any of them, which it was asked for.
    pub(super) last_renewed_at: Option<i64>,
}

impl Clients {
    /// What these and others tell together.
    pub(super) fn and(self, other: Self) -> Self {
        let required = match (self.required, other.required) {
            (Some((least, most)), Some((other_least, other_most))) => {
                Some((least.min(other_least), most.max(other_most)))
            }
            (one, two) => one.or(two),
        };
        Self { required, last_renewed_at: self.last_renewed_at.max(other.last_renewed_at) }
    }
}

/// What is counted of the machines in a set.
#[derive(Debug, Clone, Default)]
struct Set {
    runway: Runway,
    first: Option<i64>,
}

/// How some licenses of a machine stand together.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    is_stale: bool,
    is_lost: bool,
    first_end: Option<i64>,
    is_overdue: bool,
}

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) whole: Runway,
    pub(super) paths: BTreeMap<Arc<str>, Runway>,
    pub(super) symptoms: BTreeMap<Arc<str>, Symptoms>,
    pub(super) products: Vec<(String, Runway)>,
    pub(super) channels: Vec<(String, Runway)>,
    pub(super) counts: Vec<Count>,
    pub(super) at_risk: Vec<AtRisk>,
    pub(super) clients: HashMap<String, Clients>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(question: &'a FleetQuestion, shared_ids: &'a HashSet<String>) -> Self {
        Self {
            moment: question.moment(),
            question,
            shared_ids,
            whole: Set::default(),
            on_paths: question.paths.iter().map(|_| <(Set, Gathered)>::default()).collect(),
            products: HashMap::new(),
            channels: HashMap::new(),
            counts: HashMap::new(),
            at_risk: Risks::new(question.at_risk.min(MAX_AT_RISK)),
            clients: HashMap::new(),
        }
    }

    /// Counts a machine: when it reported, the ID by which KMS hosts count it, and its licenses in one text.
    pub(super) fn add(&mut self, machine: &str, reported_at: i64, id: Option<&str>, licenses: &str) {
        let lines: Vec<_> = licenses.split(LICENSES).filter_map(Line::read).collect();
        let is_stale = reported_at < self.moment.stale_before();
        let moment = self.moment;
        let stands = |belongs: &dyn Fn(&Line<'_>) -> bool| {
            let own = lines.iter().filter(|line| !line.is_addon && belongs(line));
            own.fold(Standing { is_stale, ..Standing::default() }, |standing, line| standing.with(line, moment))
        };
        let whole = stands(&|_| true);
        self.whole.add(machine, whole, moment);
        let needs = Needs::new(machine, lines.iter().map(Line::need));
        let own: Vec<_> = lines.iter().filter(|line| !line.is_addon).collect();
        for ((set, gathered), (path, claim)) in self.on_paths.iter_mut().zip(self.question.paths.iter()) {
            let depends = claim.covers(&needs);
            if depends {
                // What else is on the machine ends by another way.
                set.add(machine, stands(&|line| claim.concerns(&line.need())), moment);
            }
            if is_stale {
                continue;
            }
            if depends {
                let mended_at = self.question.mended_at.get(path).map(|moment| moment.as_second());
                let depending: Vec<_> = lines.iter().filter(|line| claim.concerns(&line.need())).collect();
                gathered.note_failure(machine, &depending, moment, mended_at);
                if let Some(id) = id.filter(|id| self.shared_ids.contains(*id)) {
                    gathered.note_shared_id(machine, id);
                }
            }
            if depends || self.question.paths.is_home(claim, &needs) {
                gathered.note_licenses(machine, &own, moment, !self.question.paths.is_kms_only());
            }
        }
        for (number, line) in own.iter().enumerate() {
            let mut before = own.iter().take(number);
            if !before.clone().any(|other| other.product == line.product) {
                let standing = stands(&|other| other.product == line.product);
                add_to(&mut self.products, line.product, machine, standing, moment);
            }
            if !before.any(|other| other.channel == line.channel) {
                let standing = stands(&|other| other.channel == line.channel);
                add_to(&mut self.channels, line.channel, machine, standing, moment);
            }
            let kind = (line.product.to_owned(), line.channel.to_owned(), line.status);
            *self.counts.entry(kind).or_default() += 1;
            self.at_risk.note(machine, line, moment);
        }
        for line in &lines {
            let Some(host) = line.kms_host else { continue };
            let required = line.required_count.filter(|_| !is_stale).map(|count| (count, count));
            let told = Clients { required, last_renewed_at: line.renewed_at };
            match self.clients.get_mut(host) {
                Some(known) => *known = known.and(told),
                None => drop(self.clients.insert(host.to_owned(), told)),
            }
        }
    }

    /// All that was counted.
    pub(super) fn finish(self) -> Counted {
        let mut paths = BTreeMap::new();
        let mut symptoms = BTreeMap::new();
        for ((path, _), (set, gathered)) in self.question.paths.iter().zip(self.on_paths) {
            paths.insert(Arc::clone(path), set.finish());
            symptoms.insert(Arc::clone(path), gathered.finish());
        }
        let counts = self.counts.into_iter().map(|((product, channel, license_status), licenses)| Count {
            product,
            channel,
            license_status,
            licenses,
        });
        Counted {
            whole: self.whole.finish(),
            paths,
            symptoms,
            products: largest(self.products),
            channels: largest(self.channels),
            counts: largest_counts(counts.collect()),
            at_risk: self.at_risk.tell(self.moment),
            clients: self.clients,
        }
    }
}

impl Standing {
    /// Takes one more license into account.
    fn with(mut self, line: &Line<'_>, moment: Moment) -> Self {
        if line.is_lost(moment) {
            self.is_lost = true;
            return self;
        }
        self.first_end = match (self.first_end, line.end) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.is_overdue |= line.is_overdue(moment);
        self
    }
}

impl Set {
    fn add(&mut self, machine: &str, standing: Standing, moment: Moment) {
        let runway = &mut self.runway;
        runway.machines += 1;
        runway.stale += u64::from(standing.is_stale);
        runway.lost += u64::from(standing.is_lost);
        runway.renewal_overdue += u64::from(standing.is_overdue);
        let Some(end) = standing.first_end else { return };
        for (count, (_, days)) in runway.expiring.iter_mut().zip(WITHIN) {
            *count += u64::from(!standing.is_lost && end <= moment.days_ahead(days));
        }
        let is_first = match (self.first, &runway.first_machine) {
            (Some(first), Some(name)) => (end, machine) < (first, name.as_str()),
            _ => true,
        };
        if is_first {
            self.first = Some(end);
            runway.first_machine = Some(machine.to_owned());
        }
    }

    fn finish(self) -> Runway {
        let first_expiry = self.first.and_then(|end| Timestamp::from_second(end).ok());
        Runway { first_expiry, ..self.runway }
    }
}

/// Counts a machine in the set of this name. A name is copied only where it is new.
fn add_to(sets: &mut HashMap<String, Set>, name: &str, machine: &str, standing: Standing, moment: Moment) {
    if let Some(set) = sets.get_mut(name) {
        set.add(machine, standing, moment);
    } else {
        let mut set = Set::default();
        set.add(machine, standing, moment);
        sets.insert(name.to_owned(), set);
    }
}

/// The sets with the most machines, and the others as one.
fn largest(sets: HashMap<String, Set>) -> Vec<(String, Runway)> {
    let mut sets: Vec<_> = sets.into_iter().map(|(name, set)| (name, set.finish())).collect();
    sets.sort_by(|(one, mine), (two, theirs)| theirs.machines.cmp(&mine.machines).then_with(|| one.cmp(two)));
    let rest = sets.split_off(sets.len().min(MAX_KINDS));
    if !rest.is_empty() {
        let mut other = Runway::default();
        for (_, runway) in &rest {
            other.add(runway);
        }
        sets.push((OTHER.to_owned(), other));
    }
    sets
}

/// The kinds with the most licenses, and the others by their status alone.
fn largest_counts(mut counts: Vec<Count>) -> Vec<Count> {
    counts.sort_by(|one, two| {
        let kind = |count: &Count| (count.product.clone(), count.channel.clone(), count.license_status);
        two.licenses.cmp(&one.licenses).then_with(|| kind(one).cmp(&kind(two)))
    });
    let rest = counts.split_off(counts.len().min(MAX_KINDS));
    let mut by_status: BTreeMap<_, u64> = BTreeMap::new();
    for count in rest {
        *by_status.entry(count.license_status).or_default() += count.licenses;
    }
    counts.extend(by_status.into_iter().map(|(license_status, licenses)| Count {
        product: OTHER.to_owned(),
        channel: OTHER.to_owned(),
        license_status,
        licenses,
    }));
    counts
}

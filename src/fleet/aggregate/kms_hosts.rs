//! The KMS hosts, with their own licenses and what their clients report of them.

mod keys;

use super::super::dependencies::Dependencies;
use super::super::moment::{Moment, PUBLICATION_VALID};
use super::super::record::{LicenseRecord, Record, moment as moment_of};
use super::super::worst;
use super::super::{ApplicationStatus, Fleet, KmsHostStatus};
use crate::codes::Code;
use crate::license::{Application, ChannelKind, KmsHost, LicenseStatus, MachineName, Published};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The most KMS hosts that are listed.
const MAX_KMS_HOSTS: usize = 1000;

/// What the clients of a KMS host report of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Clients<'a> {
    /// Those of each application that are not stale.
    applications: BTreeMap<Application, Needs<'a>>,
    /// When it last renewed any of them, which it was asked for, in seconds since 1970, by their domains.
    renewed_at: HashMap<&'a str, i64>,
}

/// The clients of one application, and the fewest and the most clients that any of them wants the host to count.
#[derive(Debug, Clone, Default)]
struct Needs<'a> {
    machines: u64,
    /// The last of these: it may have several licenses.
    last: Option<&'a str>,
    /// By the domains of the machines.
    required: HashMap<&'a str, (u32, u32)>,
}

impl<'a> Needs<'a> {
    fn note(&mut self, domain: &'a str, required: (u32, u32)) {
        let known = self.required.entry(domain).or_insert(required);
        *known = widest(*known, required);
    }

    /// What a host of this name must count. Machines of other domains may be anyone's: they have a say where there is
    /// none of the host's own.
    fn required_of(&self, host: &MachineName) -> Option<(u32, u32)> {
        let of = |is_wanted: bool| {
            let wanted = self.required.iter().filter(|(domain, _)| is_own(domain, host) == is_wanted);
            wanted.map(|(_, required)| *required).reduce(widest)
        };
        of(true).or_else(|| of(false))
    }
}

impl<'a> Clients<'a> {
    /// Notes what one license of a machine reports of its host. One for whose key no KMS host is asked says nothing,
    /// whatever host is set.
    pub(super) fn note(&mut self, machine: &'a MachineName, license: &LicenseRecord, is_stale: bool) {
        if let Some(at) = license.validity.last_renewed_at {
            let known = self.renewed_at.entry(machine.domain()).or_insert(at);
            *known = at.max(*known);
        }
        let (name, terms) = (machine.as_str(), &license.terms);
        let is_client = !terms.is_addon && terms.kind.is_none_or(|kind| kind == ChannelKind::KmsClient);
        let Some((application, required)) = terms.counted_as.filter(|_| is_client && !is_stale) else { return };
        let needs = self.applications.entry(application).or_default();
        needs.machines += u64::from(needs.last != Some(name));
        needs.last = Some(name);
        if let Some(required) = required {
            needs.note(machine.domain(), (required, required));
        }
    }

    /// Adds what others report of it.
    fn add(&mut self, others: &Self) {
        for (application, theirs) in &others.applications {
            let mine = self.applications.entry(*application).or_default();
            mine.machines += theirs.machines;
            for (domain, required) in &theirs.required {
                mine.note(domain, *required);
            }
        }
    }

    /// When a host of this name last renewed any of them. A machine in the domain of others cannot know: whoever
    /// reports it could hide that nobody asks the host. One that does not say its domain may be in that of the host.
    fn last_renewed_at(&self, host: &MachineName) -> Option<i64> {
        let may_know = |domain: &str| domain.is_empty() || !host.is_qualified() || is_within(domain, host.domain());
        self.renewed_at.iter().filter(|(domain, _)| may_know(domain)).map(|(_, at)| *at).max()
    }
}

/// True for a domain in another, or that one.
fn is_within(domain: &str, other: &str) -> bool {
    domain.strip_suffix(other).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// What clients report of one host.
#[derive(Debug, Default)]
struct Asked<'a> {
    /// Those of each application.
    applications: BTreeMap<Application, Needs<'a>>,
    last_renewed_at: Option<i64>,
}

fn widest((least, most): (u32, u32), (other_least, other_most): (u32, u32)) -> (u32, u32) {
    (least.min(other_least), most.max(other_most))
}

/// True for a domain of machines that is that of a KMS host, or above or below it, and where one of the two has none.
/// The host goes by the name it reports under: its short name, as clients may know it, is one of many hosts.
fn is_own(domain: &str, host: &MachineName) -> bool {
    // Half the world may be below a domain of one label.
    let is_above = || domain.contains('.') && is_within(host.domain(), domain);
    domain.is_empty() || !host.is_qualified() || is_within(domain, host.domain()) || is_above()
}

/// The KMS hosts, given what clients report of the hosts they use: those that paths lead to, then those that were asked
/// last, then by name. Of those that no path leads to, each organisation has as many of the first places, so that whoever
/// reports many that are none keeps none of the real ones out of these, nor out of the metrics, which have fewer. Says
/// how many are left out.
pub(super) fn of(
    fleet: &Fleet,
    moment: Moment,
    clients: &HashMap<&str, Clients<'_>>,
    dependencies: &Dependencies,
) -> (Vec<KmsHostStatus>, u64) {
    let hosts = fleet.machines.iter().filter(|(_, record)| record.is_kms_host());
    let mut called: HashMap<&str, usize> = HashMap::new();
    for (name, _) in hosts.clone() {
        *called.entry(name.short()).or_default() += 1;
    }
    let mut hosts: Vec<_> = hosts
        .map(|(name, record)| {
            let is_only_one = called.get(name.short()) == Some(&1);
            let clients = of_clients(name, clients, dependencies, is_only_one);
            let own = record.machine(name).last_asked_at().map(Timestamp::as_second);
            let asked_at = own.max(clients.last_renewed_at).filter(|at| !moment.is_to_come(*at));
            let is_led_to = dependencies.targets(name.as_str()).next().is_some();
            ((Reverse(is_led_to), Reverse(asked_at), name), (record, clients))
        })
        .collect();
    hosts.sort_unstable_by_key(|(place, _)| *place);
    let hosts = worst::in_turn(hosts, |((led_to, _, name), _)| (*led_to, worst::organisation(name.as_str())));
    let left_out = hosts.len().saturating_sub(MAX_KMS_HOSTS) as u64;
    let listed = hosts.into_iter().take(MAX_KMS_HOSTS);
    let targets = |name: &MachineName| dependencies.targets(name.as_str()).map(str::to_owned).collect();
    let listed = listed.map(|((.., name), (record, clients))| KmsHostStatus {
        targets: targets(name),
        ..status(name, record, moment, &clients)
    });
    (listed.collect(), left_out)
}

/// What clients report of a host, by whichever of its names they know it. They may know it by its short name: where paths
/// lead to hosts of that name this has to be one of those, and where none does, `is_only_one` of all that report.
fn of_clients<'a>(
    name: &MachineName,
    clients: &HashMap<&str, Clients<'a>>,
    dependencies: &Dependencies,
    is_only_one: bool,
) -> Asked<'a> {
    let (whole, short) = (name.as_str(), name.short());
    let is_short_name = if dependencies.knows_short_name(short) {
        dependencies.targets(short).any(|target| target == whole || dependencies.targets(whole).any(|it| it == target))
    } else {
        is_only_one
    };
    // Each once: it is mostly a target by its whole name.
    let targets = dependencies.targets(whole);
    let names: BTreeSet<&str> = targets.chain([whole]).chain(Some(short).filter(|_| is_short_name)).collect();
    let mut all = Clients::default();
    let mut last_renewed_at = None;
    for clients in names.into_iter().filter_map(|name| clients.get(name)) {
        all.add(clients);
        last_renewed_at = last_renewed_at.max(clients.last_renewed_at(name));
    }
    Asked { applications: all.applications, last_renewed_at }
}

fn status(name: &MachineName, record: &Record, moment: Moment, clients: &Asked<'_>) -> KmsHostStatus {
    let machine = record.machine(name);
    let reported_at = machine.kms_host_reported_at.unwrap_or(machine.reported_at);
    let stale = moment.is_stale(reported_at.as_second());
    let renewed_at = clients.last_renewed_at.map(moment_of);
    let idle_since = machine.idle_since().filter(|_| !stale);
    let facts = machine.kms_host.unwrap_or_default();
    let is_current = |at: Timestamp| !moment.is_stale(at.as_second());
    let applications = Application::ALL.into_iter().filter_map(|application| {
        let counted_at = keys::of(application, &machine.counted_at).map(|(_, at)| *at).max();
        let status = of_application(application, (name, record), moment, clients);
        let counts = keys::together(application, &facts, &machine.counted_at);
        let stale = counted_at.is_some_and(|at| !is_current(at));
        let status = ApplicationStatus { counts, counted_at, stale, ..status };
        (status != ApplicationStatus::default()).then_some((application, status))
    });
    KmsHostStatus {
        idle_since: idle_since.map(|since| since.max(renewed_at.unwrap_or(since))),
        applications: applications.collect(),
        keys: keys::all(record, &facts, &machine.counted_at, moment),
        failed_start: facts.last_failed_start().filter(|failed| is_current(failed.at)),
        unpublished: unpublished(&facts, moment),
        facts,
        reported_at,
        stale,
        machine: machine.name,
        targets: Vec::new(),
    }
}

/// The license of a host for one application, and what its clients want. It may have several keys for one: where any is
/// in force it activates, if not those clients for which it has the other.
fn of_application(
    application: Application,
    (name, record): (&MachineName, &Record),
    moment: Moment,
    clients: &Asked<'_>,
) -> ApplicationStatus {
    let own = record.licenses.iter().filter(|license| {
        keys::of_license(license).is_some_and(|key| key.application == application)
            && !moment.is_stale(license.reported_at)
    });
    let is_licensed = |license: &LicenseRecord| license.status() == Some(LicenseStatus::Licensed);
    let all = own.clone();
    let own = own.max_by_key(|license| (is_licensed(license), license.reported_at));
    let sku = |license: &LicenseRecord| license.terms.reported.license.sku;
    // Windows has one key at a time: another is the one before.
    let best = own.filter(|own| application != Application::Windows && is_licensed(own)).and_then(sku);
    let others = all.filter(|license| best.is_some_and(|best| sku(license).is_some_and(|sku| sku != best)));
    let lapsed = others.filter(|license| !is_licensed(license) && license.status().is_some());
    let lapsed = lapsed.max_by_key(|license| license.reported_at);
    let needs = clients.applications.get(&application);
    ApplicationStatus {
        own_license: own.and_then(LicenseRecord::status),
        own_reason: own.and_then(|own| own.reason_code),
        lapsed: lapsed.and_then(keys::of_license),
        required_by_clients: needs.and_then(|needs| needs.required_of(name)),
        clients: needs.map_or(0, |needs| needs.machines),
        ..ApplicationStatus::default()
    }
}

/// The domains in which a host could not publish itself the last time that it tried, where that is not too long ago.
fn unpublished(facts: &KmsHost, moment: Moment) -> BTreeMap<String, (Timestamp, Option<Code>)> {
    let failed = facts.publications.iter().filter_map(|(domain, last)| match last.outcome {
        Published::Failed(code) => Some((domain.clone(), (last.at, code))),
        Published::Succeeded => None,
    });
    let is_current = |at: Timestamp| {
        let second = at.as_second();
        second >= moment.now.as_second().saturating_sub(PUBLICATION_VALID.as_secs()) && !moment.is_to_come(second)
    };
    failed.filter(|(_, (at, _))| is_current(*at)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Needs, is_own};
    use crate::license::MachineName;

    fn host(name: &str) -> MachineName {
        name.parse().unwrap()
    }

    #[test]
    fn a_machine_is_of_the_host_in_whose_domain_it_is() {
        for name in ["kms01.corp.example", "kms01"] {
            for domain in ["corp.example", "emea.corp.example", ""] {
                assert!(is_own(domain, &host(name)), "{domain} of {name}");
            }
        }
        assert!(is_own("corp.example", &host("kms.emea.corp.example")), "the host is below the domain of the machine");
        for domain in ["evil.example", "example", "rp.example", "xcorp.example", "x.evilcorp.example"] {
            assert!(!is_own(domain, &host("kms01.corp.example")), "{domain}");
        }
    }

    #[test]
    fn a_stranger_has_a_say_only_where_no_machine_is_of_the_domain_of_the_host() {
        let mut needs = Needs::default();
        needs.note("evil.example", (5, 5));
        assert_eq!(needs.required_of(&host("kms01.corp.example")), Some((5, 5)));
        needs.note("corp.example", (25, 25));
        assert_eq!(needs.required_of(&host("kms01.corp.example")), Some((25, 25)));
        assert_eq!(needs.required_of(&host("kms01")), Some((5, 25)), "it may be in either domain");
    }
}

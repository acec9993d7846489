//! The KMS hosts, with their own licenses and what their clients report of them.

use super::super::dependencies::Dependencies;
use super::super::moment::Moment;
use super::super::record::{LicenseRecord, Record, moment as moment_of};
use super::super::worst;
use super::super::{Fleet, KmsHostStatus};
use crate::license::{LicenseStatus, MachineName};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;

/// How many clients a KMS host must count before it activates any: servers and Office, and Windows clients. No other
/// number is true, whoever reports it: one machine could otherwise make a host that serves all look short of clients.
const THRESHOLDS: [u32; 2] = [5, 25];

/// The most KMS hosts that are listed.
const MAX_KMS_HOSTS: usize = 1000;

/// What the clients of a KMS host report of it.
#[derive(Debug, Default)]
pub(super) struct Clients<'a> {
    /// The fewest and the most clients that any of them wants it to count, of those that are not stale.
    required: Option<(u32, u32)>,
    /// When it last renewed any of them, which it was asked for, in seconds since 1970, by their domains.
    renewed_at: HashMap<&'a str, i64>,
}

impl<'a> Clients<'a> {
    /// Adds what one license of a machine reports of its host.
    pub(super) fn add(&mut self, machine: &'a MachineName, license: &LicenseRecord, is_stale: bool) {
        let required = license.terms.reported.license.required_count;
        let required = required.filter(|count| !is_stale && THRESHOLDS.contains(count));
        self.require(required.map(|count| (count, count)));
        if let Some(at) = license.validity.last_renewed_at {
            let known = self.renewed_at.entry(machine.domain()).or_insert(at);
            *known = at.max(*known);
        }
    }

    /// Adds the fewest and the most clients that others want it to count.
    fn require(&mut self, others: Option<(u32, u32)>) {
        self.required = match (self.required, others) {
            (Some((least, most)), Some((other_least, other_most))) => {
                Some((least.min(other_least), most.max(other_most)))
            }
            (one, two) => one.or(two),
        };
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
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    /// The fewest and the most clients that any of them wants it to count.
    required: Option<(u32, u32)>,
    last_renewed_at: Option<i64>,
}

/// The KMS hosts, given what clients report of the hosts they use: those that paths lead to, then those that were asked
/// last, then by name. Of those that no path leads to, each organisation has as many of the first places, so that whoever
/// reports many that are none keeps none of the real ones out of these, nor out of the metrics, which have fewer. Says how many are left out.
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
        ..status(name, record, moment, clients)
    });
    (listed.collect(), left_out)
}

/// What clients report of a host, by whichever of its names they know it. They may know it by its short name: where paths
/// lead to hosts of that name this has to be one of those, and where none does, `is_only_one` of all that report.
fn of_clients(
    name: &MachineName,
    clients: &HashMap<&str, Clients<'_>>,
    dependencies: &Dependencies,
    is_only_one: bool,
) -> Asked {
    let (whole, short) = (name.as_str(), name.short());
    let is_short_name = if dependencies.knows_short_name(short) {
        dependencies.targets(short).any(|target| target == whole || dependencies.targets(whole).any(|it| it == target))
    } else {
        is_only_one
    };
    let names = dependencies.targets(whole).chain([whole]).chain(Some(short).filter(|_| is_short_name));
    let mut all = Clients::default();
    let mut last_renewed_at = None;
    for clients in names.filter_map(|name| clients.get(name)) {
        all.require(clients.required);
        last_renewed_at = last_renewed_at.max(clients.last_renewed_at(name));
    }
    Asked { required: all.required, last_renewed_at }
}

fn status(name: &MachineName, record: &Record, moment: Moment, clients: Asked) -> KmsHostStatus {
    let machine = record.machine(name);
    // A host may have one key for Windows and one for Office. Where either is in force it activates.
    let own =
        record.licenses.iter().filter(|license| license.is_of_kms_host() && !moment.is_stale(license.reported_at));
    let own = own.max_by_key(|license| (license.status() == Some(LicenseStatus::Licensed), license.reported_at));
    let reported_at = machine.kms_host_reported_at.unwrap_or(machine.reported_at);
    let stale = moment.is_stale(reported_at.as_second());
    let renewed_at = clients.last_renewed_at.map(moment_of);
    KmsHostStatus {
        idle_since: machine.idle_since().filter(|_| !stale).map(|since| since.max(renewed_at.unwrap_or(since))),
        facts: machine.kms_host.unwrap_or_default(),
        reported_at,
        stale,
        own_license: own.and_then(LicenseRecord::status),
        own_reason: own.and_then(|own| own.reason_code),
        required_by_clients: clients.required,
        machine: machine.name,
        targets: Vec::new(),
    }
}

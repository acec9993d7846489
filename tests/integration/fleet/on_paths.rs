//! Which machines depend on which path: what is aggregated, what is listed, and what each machine says of itself agree.

use super::{Asked, aggregate, day, moment, question, report, take};
use gracewatch::config::{Config, System};
use gracewatch::fleet::dependencies::ReachKind;
use gracewatch::fleet::known::Received;
use gracewatch::fleet::{Dependencies, Fleet, Machine, MachineQuery};
use gracewatch::host::HostPort;
use gracewatch::intake::reach::{self, Reached};
use gracewatch::license::{Channel, License, LicenseStatus, Remaining};

use std::collections::BTreeMap;
use uuid::Uuid;

/// What distinguishes licenses as far as it matters here. The channel `sku` is one that is known of the SKU alone.
const CHANNELS: [Option<&str>; 13] = [
    None,
    Some("sku"),
    Some("unknown"),
    Some("VOLUME_KMSCLIENT"),
    Some("volume_KmsClient_x"),
    Some("VOLUMEXKMSCLIENT"),
    Some("VOLUME_KMS_WS22"),
    Some("VOLUME_MAK"),
    Some("TIMEBASED_EVAL"),
    Some("VIRTUAL_MACHINE_ACTIVATION"),
    Some("TIMEBASED_SUB"),
    Some("OEM_DM"),
    Some("RETAIL(Grace)"),
];
const STATUSES: [Option<LicenseStatus>; 4] =
    [None, Some(LicenseStatus::Licensed), Some(LicenseStatus::OobGrace), Some(LicenseStatus::Notification)];
const REMAINING: [Option<Remaining>; 3] = [None, Some(Remaining::Permanent), Some(Remaining::Minutes(50_000))];
const HOSTS: [Option<&str>; 4] =
    [None, Some("kms9.corp.example"), Some("KMS1.corp.example"), Some("kms.nowhere.example")];
const ADDON: [Option<bool>; 2] = [None, Some(true)];
/// So many that each sort of license comes with each.
const DOMAINS: [&str; 7] = [
    "",
    ".corp.example",
    ".lab.corp.example",
    ".x.lab.corp.example",
    ".xcorp.example",
    ".dmz.example",
    ".corp.example.net",
];

/// The license with this number.
fn license(number: usize, name: &str) -> License {
    let mut rest = number;
    let mut next = |count: usize| {
        let place = rest % count;
        rest /= count;
        place
    };
    let channel = CHANNELS[next(CHANNELS.len())];
    let known_sku = (channel == Some("sku")).then(|| Uuid::from_u128(77));
    License {
        sku: known_sku,
        product: known_sku.is_none().then(|| name.to_owned()),
        channel: channel.filter(|word| *word != "sku").and_then(Channel::new),
        status: STATUSES[next(STATUSES.len())],
        remaining: REMAINING[next(REMAINING.len())],
        discovered_host: HOSTS[next(HOSTS.len())].and_then(|host| HostPort::parse(host, 1688).ok()),
        is_addon: ADDON[next(ADDON.len())],
        ..License::default()
    }
}

/// Machines with one license of every sort, and as many with two.
fn machines() -> Vec<Received> {
    let sorts = CHANNELS.len() * STATUSES.len() * REMAINING.len() * HOSTS.len() * ADDON.len();
    let named = License {
        sku: Some(Uuid::from_u128(77)),
        product: Some("Retail".to_owned()),
        channel: Channel::new("RETAIL"),
        ..License::default()
    };
    let of_sorts = (0..2 * sorts).map(|number| {
        let mut licenses = vec![license(number % sorts, "Office 16")];
        if number >= sorts {
            // A prime, so that every sort comes beside many others.
            licenses.push(license(number * 7919 % sorts, "Project 16"));
        }
        report(&format!("m{number}{}", DOMAINS[number % DOMAINS.len()]), 0, licenses)
    });
    let of_domains = DOMAINS.iter().map(|domain| report(&format!("named{domain}"), 0, vec![named.clone()]));
    of_sorts.chain(of_domains).collect()
}

/// What these paths lead to, as they are configured.
fn reached(paths: &str) -> Vec<Reached> {
    let system = System::default();
    let config = Config::parse(format!("paths: {paths}").as_bytes(), "test", &system, &|_| None).unwrap();
    reach::of_paths(&config.paths, &[])
}

/// The names of the machines on each path as they are listed, which is how many are counted. Each machine says the
/// first of its paths itself; one to KMS hosts comes first.
fn on_paths(fleet: &Fleet, paths: &[Reached]) -> BTreeMap<String, Vec<String>> {
    let dependencies = Dependencies::new(paths.iter().cloned(), true);
    let listed = |path: Option<&str>| {
        let mut machines = Vec::new();
        loop {
            let (path, offset) = (path.map(str::to_owned), machines.len() as u64);
            let query = MachineQuery { path, offset, limit: 1000, ..MachineQuery::new(moment(day(0))) };
            let page = fleet.page(&query, &dependencies);
            machines.extend(page.machines);
            if machines.len() as u64 >= page.total {
                return machines;
            }
        }
    };
    let name = |machine: &Machine| machine.machine.name.to_string();
    let totals = aggregate(fleet, &Asked { paths: paths.to_vec(), ..question(0) });
    let mut found = BTreeMap::new();
    for (path, _) in paths {
        let names: Vec<_> = listed(Some(path)).iter().map(name).collect();
        assert_eq!(totals.paths[path].machines, names.len() as u64, "{path}");
        found.insert(path.to_string(), names);
    }
    let (kms, online): (Vec<_>, Vec<_>) = paths.iter().partition(|(_, reach)| reach.kind != ReachKind::Online);
    for machine in listed(None) {
        let has = |path: &&&Reached| found[&*path.0].contains(&name(&machine));
        let first = kms.iter().chain(&online).find(has).map(|(path, _)| path);
        assert_eq!(machine.path.as_ref(), first, "{machine:?}");
    }
    found
}

#[test]
fn what_is_counted_is_what_is_listed() {
    let mut fleet = Fleet::default();
    take(&mut fleet, machines());
    let paths = "[{name: corp, kms: {domain: corp.example}}, {name: lab, kms: {domain: lab.corp.example}}, \
                 {name: named, kms: {hosts: [kms9.corp.example]}}, {name: online, online: {endpoints: microsoft}}, \
                 {name: other, online: {endpoints: [\"https://a.example/\"]}}]";
    let reported = on_paths(&fleet, &reached(paths));
    for (path, machines) in &reported {
        assert!(machines.len() > 4, "{path}: {machines:?}");
    }
    assert_eq!(reported["online"], reported["other"]);
    let is_in = |path: &str, domain: &str| reported[path].iter().any(|name| name.ends_with(domain));
    assert!(is_in("lab", ".x.lab.corp.example") && is_in("corp", ".corp.example"));
}

#[test]
fn the_only_path_has_all_who_seek_a_host() {
    let mut fleet = Fleet::default();
    take(&mut fleet, machines());
    let only = "[{name: corp, kms: {domain: corp.example}}, {name: online, online: {endpoints: microsoft}}]";
    let reported = on_paths(&fleet, &reached(only));
    for domain in DOMAINS.iter().skip(1) {
        assert!(reported["corp"].iter().any(|name| name.ends_with(domain)), "{domain}");
    }
    assert!(reported["corp"].iter().any(|name| !name.contains('.')));
}

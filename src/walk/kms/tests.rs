//! Findings in, walks out.

use super::*;
use crate::clock::Offset;
use crate::clock::comparison::Clocks;
use crate::clock_report::{ClockReport, ClockSource, HostTime, Reference};
use crate::config::Damping;
use crate::findings::Replaced;
use crate::observation::{Failure, Stage};
use crate::path::{Allowed, Resolution};
use crate::probe::address::AddressAnswer;
use crate::probe::srv::SrvAnswer;
use crate::probe::{HostAddress, Job, SrvLookup};
use crate::walk::Change;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

const WARN: Duration = Duration::from_hours(1);

fn seen(stage: Stage, reason: Option<Reason>) -> Observation {
    let outcome = reason.map_or(Ok(String::new()), |reason| Err(Failure::new(reason, "")));
    Observation::new(stage, outcome, Duration::ZERO)
}

fn name(text: &str) -> DnsName {
    text.parse().unwrap()
}

fn kms(expected_hosts: &[&str]) -> Kms {
    Kms {
        discovery: Discovery::Domains {
            domains: vec![name("corp.example")],
            search: false,
            expected_hosts: expected_hosts.iter().map(|host| name(host)).collect(),
        },
        reads_clocks: true,
        allowed: Allowed::usual(&Resolution::default()),
    }
}

/// What a nameserver said: the hosts, or why it named none.
fn answer(findings: &mut PathFindings, nameserver: &str, said: Result<&[&str], Reason>) -> Replaced {
    let lookup = SrvLookup { domain: name("corp.example"), nameserver: nameserver.parse().unwrap() };
    let hosts = said.unwrap_or_default();
    let records =
        hosts.iter().map(|host| SrvRecord { priority: 0, weight: 0, host: host.parse().unwrap(), port: 1688 });
    let answer = SrvAnswer {
        observation: seen(Stage::Srv, said.err()),
        records: records.collect(),
        left_out: 0,
        unusable: BTreeSet::new(),
        ttl: Duration::from_mins(1),
    };
    Replaced::Srv(findings.srv.insert(lookup, answer))
}

fn address(findings: &mut PathFindings, host: &str, said: Result<&[IpAddr], Reason>) {
    let answer = AddressAnswer {
        observation: seen(Stage::Address, said.err()),
        addresses: said.unwrap_or_default().iter().map(|ip| (*ip).into()).collect(),
        left_out: 0,
        ttl: Duration::ZERO,
    };
    findings.addresses.insert(HostPort::parse(host, 1688).unwrap(), answer);
}

fn connection(findings: &mut PathFindings, host: &str, address: IpAddr, rpc: Option<Reason>) {
    let at = HostAddress { host: HostPort::parse(host, 1688).unwrap(), address: (address, 1688).into() };
    findings.connections.insert(at, vec![seen(Stage::Tcp, None), seen(Stage::Rpc, rpc)]);
}

/// Clocks of which true time alone is known: so far ahead of ours.
fn true_time(seconds: f64) -> ClockReport {
    let offset = Offset { seconds, bound: 0.1 };
    let comparison = Comparison::new(Clocks::OursAndTrueTime, offset.reversed(), WARN);
    let observation = seen(Stage::Clock, None);
    let truechimers = vec!["ntp1:123".into()];
    let reference = Reference { offset, comparison, truechimers, answered: 1, supporter: None, observation };
    ClockReport { reference: Some(reference), ..ClockReport::default() }
}

/// The same, and the clock of the host at `address`: so far ahead of true time.
fn host_time(clocks: ClockReport, address: IpAddr, seconds: f64) -> ClockReport {
    let comparison = Comparison::new(Clocks::HostAndTrueTime, Offset { seconds, bound: 0.1 }, WARN);
    let clock = ClockSource {
        source: "kms01:445".into(),
        address: Some(address),
        kind: Some("smb2"),
        observation: seen(Stage::Clock, None),
        offset: Some(comparison.offset),
    };
    let hosts = [(address.into(), HostTime { clock, comparison: Some(comparison) })].into();
    ClockReport { hosts, ..clocks }
}

/// The walk along findings.
fn laid_out(kms: &Kms, findings: &PathFindings, clocks: &ClockReport) -> Walk {
    let (damping, reports) = (Damping::NONE, HostReports::default());
    let layout = Layout::new(KmsSources { kms, findings, clocks, damping, reports: &reports });
    layout.walk().clone()
}

/// Target, address and the stages probed, a failing one with its reason.
fn shown(walk: &Walk) -> Vec<String> {
    let line_of = |seen: &Observation| match seen.reason {
        Some(reason) => format!("{}:{reason}", seen.stage),
        None => seen.stage.to_string(),
    };
    let line = |target: &Arc<Target>| {
        let address = match &**target {
            Target::Lookup(lookup) => Some(lookup.nameserver.ip()),
            Target::Host(host) => host.ip(),
        };
        let address = address.map_or_else(|| "-".to_owned(), |address| address.to_string());
        let walked = target.walked();
        let stages: Vec<_> = walked.stages.iter().map(line_of).collect();
        format!("{} {address} {}", walked.target, stages.join(" "))
    };
    walk.targets.iter().map(line).collect()
}

#[test]
fn every_address_of_every_host_is_probed() {
    let [ipv4, ipv6]: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
    let mut findings = PathFindings::default();
    answer(&mut findings, "192.0.2.53:53", Ok(&["kms01", "kms02", "kms03"]));
    address(&mut findings, "kms01", Ok(&[ipv4, ipv6]));
    address(&mut findings, "kms02", Err(Reason::Nxdomain));
    connection(&mut findings, "kms01", ipv4, None);
    connection(&mut findings, "kms01", ipv6, Some(Reason::NotKms));
    let walk = laid_out(&kms(&[]), &findings, &true_time(0.0));
    assert_eq!(
        shown(&walk),
        [
            "_vlmcs._tcp.corp.example 192.0.2.53 srv",
            "kms01:1688 192.0.2.1 address tcp rpc",
            "kms01:1688 2001:db8::1 address tcp rpc:not_kms",
            "kms02:1688 - address:nxdomain",
        ],
        "kms03 was not looked up yet, so there is nothing to tell of it"
    );
}

#[test]
fn an_address_given_as_such_is_not_looked_up() {
    let host = HostPort::parse("192.0.2.1", 1688).unwrap();
    let discovery = Discovery::Hosts(vec![host]);
    let mut findings = PathFindings::default();
    connection(&mut findings, "192.0.2.1", "192.0.2.1".parse().unwrap(), None);
    let walk = laid_out(&Kms { discovery, ..kms(&[]) }, &findings, &true_time(14_700.0));
    assert_eq!(shown(&walk), ["192.0.2.1:1688 192.0.2.1 tcp rpc clock:skewed"]);
    assert_eq!(walk.discovered, None);
}

#[test]
fn a_clock_that_a_time_server_calls_right_does_not_stand_in_for_those_of_clients() {
    let one: IpAddr = "192.0.2.1".parse().unwrap();
    let discovery = Discovery::Hosts(vec![HostPort::parse("192.0.2.1", 1688).unwrap()]);
    let kms = Kms { discovery, ..kms(&[]) };
    let mut findings = PathFindings::default();
    connection(&mut findings, "192.0.2.1", one, None);
    let mut clocks = true_time(14_700.0);
    clocks.reference.as_mut().unwrap().supporter = Some("ntp3:123".into());
    assert_eq!(shown(&laid_out(&kms, &findings, &clocks)), ["192.0.2.1:1688 192.0.2.1 tcp rpc"]);
    let skewed = host_time(clocks, one, 14_700.0);
    let walked = shown(&laid_out(&kms, &findings, &skewed));
    assert_eq!(walked, ["192.0.2.1:1688 192.0.2.1 tcp rpc clock:skewed"], "by the host's own clock");
}

#[test]
fn a_host_is_judged_by_its_own_clock_where_that_is_known() {
    let [one, other]: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap()];
    let mut findings = PathFindings::default();
    connection(&mut findings, "192.0.2.1", one, None);
    connection(&mut findings, "192.0.2.2", other, None);
    let hosts = ["192.0.2.1", "192.0.2.2"].map(|host| HostPort::parse(host, 1688).unwrap());
    let kms = Kms { discovery: Discovery::Hosts(hosts.into()), ..kms(&[]) };
    let walked = |clocks| shown(&laid_out(&kms, &findings, &clocks));
    assert_eq!(
        walked(host_time(true_time(0.0), one, 14_700.0)),
        ["192.0.2.1:1688 192.0.2.1 tcp rpc clock:skewed", "192.0.2.2:1688 192.0.2.2 tcp rpc"],
        "nobody read the clock of the other, so it is none that is right"
    );
    assert_eq!(
        walked(host_time(true_time(14_700.0), one, 0.0)),
        ["192.0.2.1:1688 192.0.2.1 tcp rpc clock", "192.0.2.2:1688 192.0.2.2 tcp rpc"],
        "one is right and we are wrong, so of the other, which cannot be read, nothing is known"
    );
    connection(&mut findings, "192.0.2.1", one, Some(Reason::NotKms));
    let walked = |clocks| shown(&laid_out(&kms, &findings, &clocks));
    assert_eq!(
        walked(host_time(true_time(14_700.0), one, 0.0)),
        ["192.0.2.1:1688 192.0.2.1 tcp rpc:not_kms", "192.0.2.2:1688 192.0.2.2 tcp rpc clock:skewed"],
        "a host that does not serve is no witness"
    );
    connection(&mut findings, "192.0.2.1", one, None);
    let walked = |clocks| shown(&laid_out(&kms, &findings, &clocks));
    assert_eq!(
        walked(ClockReport::default()),
        ["192.0.2.1:1688 192.0.2.1 tcp rpc", "192.0.2.2:1688 192.0.2.2 tcp rpc"]
    );
}

#[test]
fn nameservers_that_answer_differently_disagree() {
    let mut findings = PathFindings::default();
    answer(&mut findings, "192.0.2.1:53", Ok(&["kms01"]));
    answer(&mut findings, "192.0.2.2:53", Err(Reason::TimedOut));
    answer(&mut findings, "192.0.2.3:53", Ok(&["kms01"]));
    let discovered = Discovered::new(&kms(&[]), &findings, &HostReports::default()).unwrap();
    assert_eq!(discovered.disagreements, [], "one that does not answer says nothing");
    assert_eq!(discovered.counts.values().collect::<Vec<_>>(), [&1, &1]);

    answer(&mut findings, "192.0.2.3:53", Err(Reason::Nxdomain));
    answer(&mut findings, "192.0.2.4:53", Ok(&["kms02"]));
    let discovered = Discovered::new(&kms(&[]), &findings, &HostReports::default()).unwrap();
    let [pair] = discovered.disagreements.as_slice() else { panic!("{:?}", discovered.disagreements) };
    assert_eq!((pair.one.to_string(), pair.other.to_string()), ("192.0.2.1:53".into(), "192.0.2.3:53".into()));
    assert_eq!(discovered.counts.values().collect::<Vec<_>>(), [&1, &0, &1]);
}

/// What an answer changes about what DNS says of all hosts, where it names none that others had not named.
#[test]
fn nameservers_that_agree_again_do_not_disagree() {
    fn sources<'a>(
        kms: &'a Kms,
        findings: &'a PathFindings,
        clocks: &'a ClockReport,
        reports: &'a HostReports,
    ) -> KmsSources<'a> {
        KmsSources { kms, findings, clocks, damping: Damping::NONE, reports }
    }
    let (kms, clocks, reports) = (kms(&[]), ClockReport::default(), HostReports::default());
    let second = Job::Srv(SrvLookup { domain: name("corp.example"), nameserver: "192.0.2.2:53".parse().unwrap() });
    let mut findings = PathFindings::default();
    answer(&mut findings, "192.0.2.1:53", Ok(&["kms01"]));
    answer(&mut findings, "192.0.2.2:53", Err(Reason::Nxdomain));
    let mut layout = Layout::new(sources(&kms, &findings, &clocks, &reports));
    assert_eq!(layout.walk().discovered.as_ref().map(|discovered| discovered.disagreements.len()), Some(1));
    let replaced = answer(&mut findings, "192.0.2.2:53", Ok(&["kms01"]));
    let change = layout.update(&second, &replaced, sources(&kms, &findings, &clocks, &reports));
    assert_eq!(change, None, "all is laid out anew");
    let mut layout = Layout::new(sources(&kms, &findings, &clocks, &reports));
    let replaced = answer(&mut findings, "192.0.2.2:53", Ok(&["kms01"]));
    let change = layout.update(&second, &replaced, sources(&kms, &findings, &clocks, &reports));
    assert_eq!(change, Some(Change::default()), "it said the same again");
}

#[test]
fn expected_and_unexpected_hosts_are_distinguished() {
    let mut findings = PathFindings::default();
    answer(&mut findings, "192.0.2.1:53", Ok(&["kms01", "kms66"]));
    let discovered = Discovered::new(&kms(&["kms01", "kms02"]), &findings, &HostReports::default()).unwrap();
    assert_eq!(
        (discovered.unexpected.as_slice(), discovered.missing.as_slice()),
        (["kms66".parse().unwrap()].as_slice(), [name("kms02")].as_slice())
    );
    let is_expected = |host: &str| discovered.is_expected(&host.parse().unwrap());
    assert!(is_expected("kms01") && !is_expected("kms66"));

    let anything = Discovered::new(&kms(&[]), &findings, &HostReports::default()).unwrap();
    assert_eq!((anything.unexpected, anything.missing), (vec![], vec![]));

    answer(&mut findings, "192.0.2.1:53", Err(Reason::TimedOut));
    let silent = Discovered::new(&kms(&["kms01"]), &findings, &HostReports::default()).unwrap();
    assert_eq!(silent.missing, [], "what nobody answers is not missing");
}

//! Findings in, reports out.

use super::*;
use crate::clock::Measurement;
use crate::clock::host_clock::{HostClock, Protocol};
use crate::observation::{Failure, Stage};
use crate::path::Resolution;
use crate::probe::{Finding, Job};
use std::net::SocketAddr;

/// What was found, and the names of the hosts.
#[derive(Default)]
struct Found {
    clocks: ClockFindings,
    names: HashMap<Address, Host>,
}

fn reported(found: &Found, config: &Clock, now: Moment) -> ClockReport {
    ClockReport::new(&found.clocks, &found.names, config, None, now)
}

/// A configuration that names a time server.
fn config() -> Clock {
    Clock {
        ntp: vec![HostPort::parse("a", 123).unwrap()],
        host_clocks: Clock::AUTO.into(),
        warn: Clock::WARN,
        resolution: Resolution::default(),
    }
}

fn observation(reason: Option<Reason>) -> Observation {
    let outcome = reason.map_or(Ok("stratum 2".to_owned()), |reason| Err(Failure::new(reason, reason.as_str())));
    Observation::new(Stage::Clock, outcome, Duration::ZERO)
}

fn measured(seconds: f64, at: Moment) -> Measurement {
    Measurement { offset: Offset { seconds, bound: 0.1 }, taken: at }
}

/// What a time server says on each of its addresses: so far ahead of us, or why nothing.
fn observe(findings: &mut Found, name: &str, said: &[Result<f64, Reason>], at: Moment) {
    // Each name has addresses of its own.
    let third = name.bytes().next().unwrap_or_default();
    let server = |(number, said): (u8, &Result<f64, Reason>)| Server {
        address: SocketAddr::from(([192, 0, third, number], 123)),
        observation: observation(said.err()),
        measurement: said.ok().map(|seconds| measured(seconds, at)),
    };
    let servers: Vec<_> = (1..).zip(said).map(server).collect();
    let first = servers.iter().find(|server| server.measurement.is_some()).or(servers.first());
    let answer = NtpAnswer {
        observation: first.map_or(observation(Some(Reason::Nxdomain)), |server| server.observation.clone()),
        servers,
        denied: BTreeSet::new(),
        rate_kisses: 0,
    };
    findings.clocks.time_servers.insert(HostPort::parse(name, 123).unwrap(), answer);
}

/// A KMS host whose clock is so far ahead of ours, or cannot be read.
fn read(findings: &mut Found, name: &str, address: &str, said: Result<f64, Reason>, at: Moment) {
    let address: Address = address.parse().unwrap();
    findings.names.insert(address, name.parse().unwrap());
    let answer = HostClockAnswer {
        observation: observation(said.err()),
        source: said.is_ok().then_some(HostClock::usual(Protocol::Smb2)),
        measurement: said.ok().map(|seconds| measured(seconds, at)),
    };
    findings.clocks.record(&Job::HostClock { address, ways: [].into() }, Finding::HostClock(answer));
}

/// Each source, where it is, and what is wrong with it.
fn shown(report: &ClockReport) -> Vec<String> {
    let line = |clock: &ClockSource| {
        let address = clock.address.map(|address| format!(" {address}")).unwrap_or_default();
        let kind = clock.kind.unwrap_or("unknown");
        format!("{kind} {}{address} {}", clock.source, clock.observation.result())
    };
    report.all().map(line).collect()
}

fn assert_about(offset: Offset, seconds: f64) {
    assert!((offset.seconds - seconds).abs() < 0.01 && offset.bound < 0.25, "{offset:?} is not {seconds}");
}

#[test]
fn two_servers_outvote_a_third_and_name_it() {
    let (now, mut findings) = (Moment::now(), Found::default());
    observe(&mut findings, "a", &[Ok(14_700.0)], now);
    observe(&mut findings, "b", &[Ok(0.0)], now);
    observe(&mut findings, "c", &[Ok(0.0)], now);
    let report = reported(&findings, &config(), now);
    let reference = report.reference.clone().unwrap();
    assert_about(reference.offset, 0.0);
    assert_eq!(
        (reference.truechimers.as_slice(), reference.answered),
        (["b:123".to_owned(), "c:123".into()].as_slice(), 3)
    );
    assert_eq!(
        shown(&report),
        ["ntp a:123 192.0.97.1 falseticker", "ntp b:123 192.0.98.1 ok", "ntp c:123 192.0.99.1 ok"]
    );
}

#[test]
fn a_server_that_agrees_with_our_clock_against_the_others_leaves_true_time_open() {
    let report = |said: [f64; 3]| {
        let (now, mut findings) = (Moment::now(), Found::default());
        for (name, said) in ["a", "b", "c"].into_iter().zip(said) {
            observe(&mut findings, name, &[Ok(said)], now);
        }
        let report = reported(&findings, &config(), now);
        let supporter = report.reference.clone().unwrap().supporter;
        (supporter, report.true_time(now).is_some())
    };
    let (supporter, is_known) = report([14_700.0, 14_700.0, 60.0]);
    assert_eq!((supporter.as_deref(), is_known), (Some("c:123"), false));
    // By the word of none of them is ours right; or by that of most.
    for said in [[14_700.0, 14_700.0, -14_700.0], [0.0, 0.0, 14_700.0], [7_200.0, 7_200.0, 14_700.0]] {
        let (supporter, is_known) = report(said);
        assert_eq!((supporter, is_known), (None, true), "{said:?}");
    }
}

#[test]
fn a_server_has_one_voice_however_many_addresses_it_has() {
    let (now, mut findings) = (Moment::now(), Found::default());
    observe(&mut findings, "a", &[Ok(14_700.0), Ok(14_700.0), Ok(14_700.0)], now);
    observe(&mut findings, "b", &[Ok(0.0)], now);
    observe(&mut findings, "c", &[Ok(0.0), Err(Reason::Refused)], now);
    let report = reported(&findings, &config(), now);
    assert_about(report.reference.clone().unwrap().offset, 0.0);
    let lying = shown(&report).iter().filter(|line| line.ends_with("falseticker")).count();
    assert_eq!((lying, shown(&report).len()), (3, 6), "{:?}", shown(&report));
}

#[test]
fn the_addresses_of_one_name_must_agree_among_themselves() {
    let (now, mut findings) = (Moment::now(), Found::default());
    observe(&mut findings, "pool", &[Ok(0.0), Ok(14_700.0), Ok(0.0)], now);
    let report = reported(&findings, &config(), now);
    assert_about(report.reference.clone().unwrap().offset, 0.0);
    assert_eq!(shown(&report)[1], "ntp pool:123 192.0.112.2 falseticker");
    observe(&mut findings, "pool", &[Ok(0.0), Ok(14_700.0)], now);
    let report = reported(&findings, &config(), now);
    assert_eq!(report.reference, None);
    assert_eq!(report.ignorance(), Ignorance::NotAgreed);
}

#[test]
fn servers_that_are_too_sure_of_themselves_do_not_call_one_another_liars() {
    let (now, mut findings) = (Moment::now(), Found::default());
    for (name, seconds) in [("a", 0.004_8), ("b", 0.0)] {
        observe(&mut findings, name, &[Ok(seconds)], now);
        let servers = &mut findings.clocks.time_servers.get_mut(&HostPort::parse(name, 123).unwrap()).unwrap().servers;
        servers[0].measurement = Some(Measurement { offset: Offset { seconds, bound: 1e-6 }, taken: now });
    }
    let report = reported(&findings, &config(), now);
    assert_eq!(shown(&report), ["ntp a:123 192.0.97.1 ok", "ntp b:123 192.0.98.1 ok"]);
    assert_eq!(report.reference.unwrap().truechimers.len(), 2);
}

#[test]
fn one_server_alone_is_said_to_be_alone() {
    let (now, mut findings) = (Moment::now(), Found::default());
    observe(&mut findings, "a", &[Ok(14_700.0)], now);
    observe(&mut findings, "b", &[Err(Reason::TimedOut)], now);
    let report = reported(&findings, &config(), now);
    assert_eq!(report.reference.as_ref().and_then(Reference::alone), Some("a:123"));
}

#[test]
fn where_true_time_is_unknown_it_is_said_why() {
    let (now, mut findings) = (Moment::now(), Found::default());
    let why = |findings: &Found| reported(findings, &config(), now).ignorance();
    assert_eq!(why(&findings), Ignorance::NotAsked);
    let none = reported(&findings, &Clock { ntp: Vec::new(), ..config() }, now);
    assert_eq!(none.ignorance(), Ignorance::NotConfigured);
    observe(&mut findings, "a", &[], now);
    assert_eq!(shown(&reported(&findings, &config(), now)), ["ntp a:123 nxdomain"]);
    assert_eq!(why(&findings), Ignorance::Unanswered);
}

#[test]
fn hosts_are_compared_with_true_time_or_else_with_us() {
    let (now, mut findings) = (Moment::now(), Found::default());
    read(&mut findings, "kms01", "192.0.2.9", Ok(14_700.0), now);
    read(&mut findings, "192.0.2.8", "192.0.2.8", Err(Reason::Refused), now);
    let described = |findings: &Found| {
        let report = reported(findings, &config(), now);
        let details = report.hosts.values().map(|host| host.clock.observation.detail.clone());
        (shown(&report), details.collect::<Vec<_>>())
    };
    let (lines, details) = described(&findings);
    assert_eq!(lines, ["unknown 192.0.2.8 192.0.2.8 refused", "smb2 kms01:445 192.0.2.9 ok"]);
    assert_eq!(details, ["refused", "kms01 is 4 h 5 min ahead of this machine's clock"]);
    observe(&mut findings, "a", &[Ok(14_700.0)], now);
    let (_, details) = described(&findings);
    assert_eq!(details[1], "kms01 is at most 200 ms off true time");
}

/// It began without a battery.
#[test]
fn no_host_is_held_against_a_clock_of_ours_that_cannot_be_right() {
    let dead = Moment { system: SystemTime::UNIX_EPOCH + Duration::from_hours(1), ..Moment::now() };
    let mut findings = Found::default();
    read(&mut findings, "kms01", "192.0.2.9", Ok(1_800_000_000.0), dead);
    let address: Address = "192.0.2.9".parse().unwrap();
    assert_eq!(reported(&findings, &config(), dead).comparison(address), None);
    observe(&mut findings, "a", &[Ok(1_800_000_000.0)], dead);
    let report = reported(&findings, &config(), dead);
    assert_eq!(report.comparison(address).unwrap().0.state, ClockState::Right);
    assert_eq!(report.reference.unwrap().comparison.state, ClockState::Skewed);
}

/// The machine slept four hours, and only the liar was asked again since.
#[test]
fn who_became_unsure_does_not_vote() {
    let (now, mut findings) = (Moment::now(), Found::default());
    let slept = Duration::from_hours(4);
    let then = Moment { system: now.system + slept, ..now };
    observe(&mut findings, "a", &[Ok(13_000.0)], then);
    observe(&mut findings, "b", &[Ok(0.0)], now);
    observe(&mut findings, "c", &[Ok(0.0)], now);
    let report = reported(&findings, &config(), then);
    assert_eq!(report.reference.as_ref().and_then(Reference::alone), Some("a:123"));
    observe(&mut findings, "b", &[Ok(0.0)], then);
    assert_eq!(reported(&findings, &config(), then).reference, None);
    findings.clocks.time_servers.retain(|source, _| source.to_string() == "c:123");
    assert_eq!(reported(&findings, &config(), then).ignorance(), Ignorance::NotCertain);
}

#[test]
fn a_name_that_has_no_voice_takes_none_away() {
    let (now, mut findings) = (Moment::now(), Found::default());
    observe(&mut findings, "b", &[Ok(0.0)], now);
    let name = |name| HostPort::parse(name, 123).unwrap();
    let mut both = findings.clocks.time_servers[&name("b")].clone();
    let mut other = both.servers[0].clone();
    other.address = "192.0.2.200:123".parse().unwrap();
    other.measurement = Some(measured(14_700.0, now));
    both.servers.push(other);
    findings.clocks.time_servers.insert(name("a"), both);
    let reference = reported(&findings, &config(), now).reference.unwrap();
    assert_eq!((reference.alone(), reference.answered), (Some("b:123"), 1));
}

#[test]
fn a_server_that_goes_by_two_names_counts_once() {
    let (now, mut findings) = (Moment::now(), Found::default());
    observe(&mut findings, "a1", &[Ok(13_000.0)], now);
    observe(&mut findings, "a2", &[Ok(13_000.0)], now);
    observe(&mut findings, "b", &[Ok(0.0)], now);
    assert_eq!(reported(&findings, &config(), now).reference, None);
}

#[test]
fn an_address_without_a_route_is_no_fault_of_a_server_that_answers() {
    let (now, mut findings) = (Moment::now(), Found::default());
    observe(&mut findings, "a", &[Ok(0.0), Err(Reason::NoRoute)], now);
    let name = HostPort::parse("a", 123).unwrap();
    let servers = &mut findings.clocks.time_servers.get_mut(&name).unwrap().servers;
    servers[1].address = "[2001:db8::1]:123".parse().unwrap();
    assert_eq!(shown(&reported(&findings, &config(), now)), ["ntp a:123 192.0.97.1 ok"]);
    findings.clocks.time_servers.get_mut(&name).unwrap().servers.remove(0);
    assert_eq!(shown(&reported(&findings, &config(), now)), ["ntp a:123 2001:db8::1 no_route"]);
}

#[test]
fn what_was_measured_long_ago_is_less_certain() {
    let (now, mut findings) = (Moment::now(), Found::default());
    observe(&mut findings, "a", &[Ok(0.0)], now);
    let later = Duration::from_secs(1000);
    let then = Moment { system: now.system + later, running: now.running + later };
    let offset = reported(&findings, &config(), then).reference.unwrap().offset;
    assert!((offset.bound - 0.6).abs() < 1e-3, "{offset:?}");
}

//! Time servers: right, wrong, unsure, silent, not there, and of several addresses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{
    BUSY, DRIFTED, OK, SKEWED, assert_no_reference, assert_read, assert_reference, assert_unread, clock_detail,
    clock_summary, source, source_at, sources,
};
use crate::servers::chrony::{Chrony, Clock};
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::ntpsec::Ntpsec;
use crate::servers::place::Place;
use crate::servers::port;
use crate::servers::rpc::{Interface, RpcServer};
use crate::servers::scripted_udp::ScriptedUdp;
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::listener;

/// Checks a KMS host that works against one time server. The host's own clock is left alone.
fn check(server: SocketAddr) -> Report {
    let host = listener::accepting_binds();
    check::configured(&(config::hosts(&[host.address()]) + &config::ntp(&[server])))
}

/// A KMS host in a network of its own, and a name server there for `corp.example` with these records.
fn named_servers(records: &str) -> (Namespace, RpcServer, Knot) {
    let namespace = Namespace::new();
    let at = |port| Place::within(&namespace, SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let host = RpcServer::start_at(&at(1688), Interface::Kms);
    let dns = Knot::start_at(&at(53), &[Zone::new("corp.example", records)]);
    namespace.resolve_through(dns.address().ip());
    (namespace, host, dns)
}

/// The clock of a server and this machine's are the same here, whatever it shows.
#[test]
#[ignore = "needs chrony, libfaketime"]
fn an_offset_lies_within_its_bound_and_is_judged() {
    for (shift, truth, outcome, words) in [
        (None, 0.0, OK, ""),
        (Some("+14700s"), 14_700.0, SKEWED, "this machine's clock is 4 h 5 min behind true time"),
        (Some("-14700s"), -14_700.0, SKEWED, "this machine's clock is 4 h 5 min ahead of true time"),
        (Some("+7200s"), 7_200.0, DRIFTED, "this machine's clock is 2 h behind true time"),
        (Some("-10800s"), -10_800.0, DRIFTED, "this machine's clock is 3 h ahead of true time"),
    ] {
        let time = shift.map_or_else(Chrony::right, Chrony::faked);
        let report = check(time.address());
        assert_eq!(report.outcome(), outcome, "{shift:?}");
        assert_read(source(&report, Some("ntp")), truth, BUSY);
        assert_reference(&report, truth);
        // Ours stands in for the host's where it is wrong. Where it is right, nothing was seen of the host's.
        let detail = clock_detail(&report);
        assert_eq!(detail.is_some(), shift.is_some(), "{shift:?}: {detail:?}");
        assert!(detail.is_none_or(|detail| detail.ends_with(words)), "{shift:?}: {detail:?}");
        assert!(report.summary().contains(words), "{shift:?}: {}", report.summary());
    }
}

#[test]
#[ignore = "needs chrony, python3-impacket"]
fn a_right_clock_of_ours_is_no_stage_of_a_host_whose_own_is_not_read() {
    let (host, time) = (RpcServer::start(0), Chrony::right());
    let report = check::configured(&(config::hosts(&[host.address()]) + &config::ntp(&[time.address()])));
    assert_eq!(report.outcome(), OK);
    assert_eq!(report.walk().last(), Some(&format!("{} @127.0.0.1 rpc ok", host.address())));
    assert_eq!(source(&report, Some("ntp"))["detail"], "stratum 8");
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn a_server_is_asked_over_ipv6() {
    let place = Place::at("[::1]:0".parse().expect("an address"));
    let time = Chrony::start_at(&place, Clock::Faked("+14700s"));
    let report = check(time.address());
    assert_eq!(report.outcome(), SKEWED);
    assert_eq!(source_at(&report, time.address())["address"], "::1");
    assert_read(source_at(&report, time.address()), 14_700.0, BUSY);
}

#[test]
#[ignore = "needs chrony"]
fn a_server_that_does_not_know_the_time_itself_is_not_believed() {
    let time = Chrony::unsynchronised();
    let report = check(time.address());
    assert_eq!(report.outcome(), OK);
    assert_unread(source(&report, Some("ntp")), "unsynchronized");
    assert_no_reference(&report);
    assert_eq!(clock_detail(&report), None);
    assert_eq!(clock_summary(&report), "True time is unknown: no time server gives it.");
}

#[test]
#[ignore = "needs ntpsec unpacked by tests/run, iproute2, python3-impacket"]
fn another_server_that_is_right_and_one_that_does_not_know_the_time() {
    for (server, knows) in [(Ntpsec::right(), true), (Ntpsec::unsynchronised(), false)] {
        let host = SocketAddr::from((Ipv4Addr::LOCALHOST, 1688));
        let host = RpcServer::start_at(&Place::within(server.namespace(), host), Interface::Kms);
        let configuration = config::hosts(&[host.address()]) + &config::ntp(&[server.address()]);
        let report = check::configured_in(server.namespace(), &configuration);
        assert_eq!(report.outcome(), OK);
        if knows {
            // It says of itself that it may be off by some milliseconds.
            assert_read(source(&report, Some("ntp")), 0.0, 2.0);
        } else {
            assert_unread(source(&report, Some("ntp")), "unsynchronized");
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_no_fault_of_the_path() {
    let report = check(port::refusing());
    assert_eq!(report.outcome(), OK);
    assert_unread(source(&report, Some("ntp")), "refused");
}

#[test]
fn a_silent_server_is_given_up_at_the_time_limit() {
    let (host, silent) = (listener::accepting_binds(), ScriptedUdp::silent());
    let settings = config::ntp(&[silent.address()]) + "probe: {timeout: 500ms}\n";
    let report = check::configured(&(config::hosts(&[host.address()]) + &settings));
    assert_eq!(report.outcome(), OK);
    assert_unread(source(&report, Some("ntp")), "timed_out");
    assert!(report.elapsed < Duration::from_secs(2), "it took {:?}", report.elapsed);
}

#[test]
#[ignore = "needs iproute2, knot, chrony, python3-impacket"]
fn every_address_of_a_name_is_asked_and_they_have_one_voice() {
    let (namespace, host, _dns) = named_servers("ntp1 A 127.0.0.1\nntp1 AAAA ::1");
    let addresses = ["127.0.0.1", "::1"].map(|ip| ip.parse::<IpAddr>().expect("an address"));
    let _servers =
        addresses.map(|ip| Chrony::start_at(&Place::within(&namespace, SocketAddr::new(ip, 123)), Clock::Right));
    let configuration = config::hosts(&[host.address()]) + &config::ntp(&["ntp1.corp.example"]);
    let report = check::configured_in(&namespace, &configuration);
    assert_eq!(report.outcome(), OK);
    let [one, other] = sources(&report) else { panic!("not two clocks: {:#}", report.json["clock"]) };
    for (clock, address) in [(one, "127.0.0.1"), (other, "::1")] {
        assert_eq!((&clock["source"], &clock["address"]), (&"ntp1.corp.example:123".into(), &address.into()));
        assert_read(clock, 0.0, BUSY);
    }
    let summary = clock_summary(&report);
    assert!(summary.ends_with(", according to ntp1.corp.example:123 alone."), "{summary}");
}

/// Two against two by addresses, and two against one by names.
#[test]
#[ignore = "needs iproute2, knot, chrony, libfaketime, python3-impacket"]
fn a_server_of_two_addresses_is_outvoted_by_two_servers() {
    let (namespace, host, _dns) = named_servers("ntp1 A 127.0.0.2\nntp1 A 127.0.0.3");
    let at = |last| SocketAddr::from(([127, 0, 0, last], 123));
    let _lying = [2, 3].map(|last| Chrony::start_at(&Place::within(&namespace, at(last)), Clock::Faked("+14700s")));
    let _right = [4, 5].map(|last| Chrony::start_at(&Place::within(&namespace, at(last)), Clock::Right));
    let servers = ["ntp1.corp.example", "127.0.0.4", "127.0.0.5"];
    let report = check::configured_in(&namespace, &(config::hosts(&[host.address()]) + &config::ntp(&servers)));
    assert_eq!(report.outcome(), OK);
    assert_reference(&report, 0.0);
    // Its addresses may be found not to agree between themselves, and then it has no voice at all.
    assert!(clock_summary(&report).contains(" true time: 2 of "), "{:#}", report.json["clock"]);
    for source in sources(&report) {
        let lies = source["source"] == "ntp1.corp.example:123";
        assert_eq!(source["reason"].as_str(), lies.then_some("falseticker"), "{source}");
    }
    assert_eq!(sources(&report).len(), 4);
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn a_server_whose_name_does_not_exist_is_no_fault_of_the_path() {
    let (namespace, host, _dns) = named_servers("ntp2 A 127.0.0.1");
    let configuration = config::hosts(&[host.address()]) + &config::ntp(&["ntp1.corp.example"]);
    let report = check::configured_in(&namespace, &configuration);
    assert_eq!(report.outcome(), OK);
    let source = source(&report, Some("ntp"));
    assert_unread(source, "nxdomain");
    assert!(source["address"].is_null(), "{source}");
}

//! Networks with faults: silence, reset, prohibition, and no way at all.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::{Namespace, Pair};
use crate::servers::place::Place;
use crate::servers::process::wait_until;
use crate::servers::rpc::{Interface, RpcServer};
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::daemon::Daemon;

const KMS_PORT: u16 = 1688;

/// More than the second after which Linux sends another SYN: some refusals over IPv6 are noticed only then.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How long a check may take beyond its time limit: starting, reporting, and a machine that is busy.
const SLACK: Duration = Duration::from_millis(1500);

/// Checks the server's end of the cable over IPv4 and over IPv6, and returns both verdicts.
fn check_both(pair: &Pair) -> (Report, [String; 2]) {
    let targets = [Pair::SERVER_IPV4, Pair::SERVER_IPV6].map(|ip| SocketAddr::new(ip, KMS_PORT).to_string());
    let report = check::targets_in(&pair.client, &[&targets[0], &targets[1], "--timeout", "2s"]);
    let [ipv4, ipv6] = report.paths() else { panic!("not two paths: {:#}", report.json) };
    let verdicts = [check::verdict(ipv4), check::verdict(ipv6)];
    (report, verdicts)
}

/// A pair with a KMS host on both addresses of the server's end: what fails after that is the fault's doing.
fn with_working_server() -> (Pair, [RpcServer; 2]) {
    let pair = Namespace::pair();
    let servers = [Pair::SERVER_IPV4, Pair::SERVER_IPV6]
        .map(|ip| RpcServer::start_at(&Place::within(&pair.server, SocketAddr::new(ip, KMS_PORT)), Interface::Kms));
    let (report, verdicts) = check_both(&pair);
    assert_eq!(verdicts, ["ok - - - -"; 2]);
    assert_eq!(report.exit_code, Some(0));
    (pair, servers)
}

#[test]
#[ignore = "needs iproute2, nftables, python3-impacket"]
fn dropped_packets_are_a_timeout_within_the_time_limit() {
    let (pair, _servers) = with_working_server();
    pair.server.drop_tcp(KMS_PORT);
    let (report, verdicts) = check_both(&pair);
    assert_eq!(verdicts, ["blocked tcp timed_out 0xC004F074 0x800706BA"; 2]);
    assert_eq!(report.exit_code, Some(2));
    assert!(report.elapsed >= TIMEOUT, "it was given {TIMEOUT:?} and {:?} were waited", report.elapsed);
    assert!(report.elapsed < TIMEOUT + SLACK, "it took {:?}", report.elapsed);

    pair.server.clear_rules();
    assert_eq!(check_both(&pair).1, ["ok - - - -"; 2]);
}

#[test]
#[ignore = "needs iproute2, nftables, python3-impacket"]
fn a_reset_is_a_refusal() {
    let (pair, _servers) = with_working_server();
    pair.server.reset_tcp(KMS_PORT);
    let (report, verdicts) = check_both(&pair);
    assert_eq!(verdicts, ["blocked tcp refused 0xC004F074 0x800706BA"; 2]);
    assert!(report.elapsed < TIMEOUT, "nobody had to be waited for, it took {:?}", report.elapsed);
}

#[test]
#[ignore = "needs iproute2, nftables, python3-impacket"]
fn what_is_prohibited_on_the_way_is_unreachable() {
    let (pair, _servers) = with_working_server();
    pair.server.prohibit_tcp(KMS_PORT);
    assert_eq!(check_both(&pair).1, ["blocked tcp unreachable 0xC004F074 0x800706BA"; 2]);
}

#[test]
#[ignore = "needs iproute2, nftables, python3-impacket"]
fn a_host_that_is_off_is_unreachable() {
    let (pair, _servers) = with_working_server();
    pair.server.make_host_unreachable(KMS_PORT);
    assert_eq!(check_both(&pair).1, ["blocked tcp unreachable 0xC004F074 0x800706BA"; 2]);
}

#[test]
#[ignore = "needs iproute2, nftables, python3-impacket"]
fn a_network_that_a_router_cannot_reach_is_unreachable() {
    let (pair, _servers) = with_working_server();
    pair.server.make_network_unreachable(KMS_PORT);
    // This machine has a route; it is not its fault.
    assert_eq!(check_both(&pair).1, ["blocked tcp unreachable 0xC004F074 0x800706BA"; 2]);
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn an_address_without_a_route_is_no_fault_beside_one_that_works() {
    let namespace = Namespace::new();
    let loopback = IpAddr::from([127, 0, 0, 1]);
    let host = Place::within(&namespace, SocketAddr::new(loopback, KMS_PORT));
    let _server = RpcServer::start_at(&host, Interface::Kms);
    // The namespace has loopback alone.
    let records = "_vlmcs._tcp SRV 0 0 1688 kms1\nkms1 A 127.0.0.1\nkms1 AAAA 2001:db8::1";
    let place = Place::within(&namespace, SocketAddr::new(loopback, 53));
    let dns = Knot::start_at(&place, &[Zone::new("corp.example", records)]);

    let report = check::configured_in(&namespace, &config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
    let walk = report.walk();
    assert!(walk.contains(&"kms1.corp.example:1688 @127.0.0.1 rpc ok".to_owned()), "{walk:?}");
    assert!(walk.contains(&"kms1.corp.example:1688 @2001:db8::1 tcp no_route".to_owned()), "{walk:?}");
}

#[test]
#[ignore = "needs iproute2"]
fn a_path_whose_only_address_has_no_route_is_unknown() {
    let namespace = Namespace::new();
    let report = check::configured_in(&namespace, &config::hosts(&["192.0.2.1"]));
    assert_eq!(report.outcome(), "3 unknown tcp no_route - -");
    assert!(report.json.to_string().contains("no route to 192.0.2.1 from this machine"), "{:#}", report.json);
}

/// What each path is where this machine's own network is gone, in one way after the other: to a neighbour, to a host
/// behind it, and by the records of a nameserver there.
#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn a_network_of_this_machine_that_is_gone_is_blamed_on_nobody() {
    let pair = Namespace::pair();
    let behind = IpAddr::from([10, 16, 89, 1]);
    pair.server.add_address(behind);
    let at = |ip, port| SocketAddr::new(ip, port);
    let _servers = [Pair::SERVER_IPV4, behind]
        .map(|ip| RpcServer::start_at(&Place::within(&pair.server, at(ip, KMS_PORT)), Interface::Kms));
    let records = format!("_vlmcs._tcp SRV 0 0 1688 kms1\nkms1 A {}", Pair::SERVER_IPV4);
    let nameserver = at(Pair::SERVER_IPV4, 53);
    let _dns = Knot::start_at(&Place::within(&pair.server, nameserver), &[Zone::new("corp.example", &records)]);
    let settings = format!(
        "probe: {{timeout: 2s}}\nclock: {{host_clocks: off}}\npaths:\n\
         - {{name: neighbour, kms: {{hosts: [\"{}\"]}}}}\n- {{name: behind, kms: {{hosts: [\"{behind}\"]}}}}\n\
         - {{name: domain, kms: {{domain: corp.example, nameservers: [\"{nameserver}\"]}}}}\n",
        Pair::SERVER_IPV4
    );
    let verdicts = || {
        let report = check::configured_in(&pair.client, &settings);
        report.paths().iter().map(check::verdict).collect::<Vec<_>>()
    };
    let works = "ok - - - -";
    let unrouted = ["unknown tcp no_route - -", "unknown tcp no_route - -", "unknown srv no_route - -"];
    let cut_off = ["unknown tcp local_error - -", "unknown tcp local_error - -", "unknown srv local_error - -"];
    let client = &pair.client;
    client.route_through(Pair::SERVER_IPV4);
    assert_eq!(verdicts(), [works; 3]);

    client.set_cable(false);
    assert_eq!(verdicts(), unrouted, "the interface is down");
    client.set_cable(true);
    client.wait_for_carrier(true);
    assert_eq!(verdicts(), [works, unrouted[1], works], "the default route went with it");
    client.route_through(Pair::SERVER_IPV4);
    assert_eq!(verdicts(), [works; 3]);

    pair.server.set_cable(false);
    client.wait_for_carrier(false);
    assert_eq!(verdicts(), cut_off, "the cable is pulled: the routes stay");
    pair.server.set_cable(true);
    client.wait_for_carrier(true);
    // The kernel remembers for a moment that its neighbour did not answer.
    wait_until("the paths do not work again", || verdicts() == [works; 3]);

    client.take_address(Pair::CLIENT_IPV4);
    assert_eq!(verdicts(), unrouted, "the address is gone");
}

/// A nameserver, a router or a host that is gone for everybody is none of this machine's faults.
#[test]
#[ignore = "needs iproute2"]
fn a_neighbour_that_is_gone_is_not_taken_for_a_fault_of_this_machine() {
    let pair = Namespace::pair();
    let gone = IpAddr::from([10, 16, 88, 9]);
    pair.client.route_through(gone);
    for target in [gone, IpAddr::from([10, 16, 89, 1])] {
        let report = check::targets_in(&pair.client, &[&target.to_string(), "--timeout", "5s"]);
        assert_eq!(report.outcome(), "2 blocked tcp unreachable 0xC004F074 0x800706BA", "{target}");
    }
}

#[test]
#[ignore = "needs iproute2, nftables, knot, python3-impacket"]
fn a_family_of_addresses_that_could_not_be_looked_up_is_asked_for_again() {
    let namespace = Namespace::new();
    let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
    let _servers = loopback
        .map(|ip| RpcServer::start_at(&Place::within(&namespace, SocketAddr::new(ip, KMS_PORT)), Interface::Kms));
    let records = "_vlmcs._tcp SRV 0 0 1688 kms1\nkms1 3600 A 127.0.0.1\nkms1 3600 AAAA ::1";
    let place = Place::within(&namespace, SocketAddr::new(loopback[0], 53));
    let dns = Knot::start_at(&place, &[Zone::new("corp.example", records)]);

    // The type asked for is behind the UDP header, the DNS header and the 19 bytes of kms1.corp.example; 28 is
    // AAAA.
    namespace.nft(
        "table inet faults {\n chain arriving {\n type filter hook input priority 0\n \
         udp dport 53 @th,312,16 28 drop\n }\n }\n",
    );
    let settings = config::discovered(&[dns.address()]) + config::EACH_SECOND;
    let daemon = Daemon::start_in(&namespace, &settings);
    daemon.wait_until_ready();
    let report = daemon.report();
    assert_eq!(check::verdict(&report["paths"][0]), "ok - - - -", "what could be looked up works");
    assert!(report.to_string().contains("1 address, and maybe more: no answer from nameserver"), "{report:#}");

    namespace.clear_rules();
    daemon.scrape_until("the IPv6 address stays away for an hour", |scrape| {
        scrape.value("gracewatch_stage_up", &[("address", "::1"), ("stage", "rpc")]) == Some(1.0)
    });
}

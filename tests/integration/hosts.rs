//! Two KMS hosts in DNS, of which one, both or none answer.

use std::net::SocketAddr;

use crate::servers::knot::Knot;
use crate::servers::place::Place;
use crate::servers::port;
use crate::servers::rpc::{Interface, RpcServer};
use crate::support::check;
use crate::support::config;

/// DNS with two hosts, the first of which clients prefer.
fn two_hosts(first: SocketAddr, second: SocketAddr) -> Knot {
    let records = format!(
        "_vlmcs._tcp SRV 0 0 {} kms1\n\
         _vlmcs._tcp SRV 10 0 {} kms2\n\
         kms1 A {}\n\
         kms2 A {}",
        first.port(),
        second.port(),
        first.ip(),
        second.ip()
    );
    Knot::start("corp.example", &records)
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn a_path_is_ok_while_every_host_answers() {
    let (first, second) = (RpcServer::start(0), RpcServer::start(0));
    let dns = two_hosts(first.address(), second.address());

    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
    let (one, two) = (first.address().port(), second.address().port());
    assert_eq!(
        report.walk(),
        [
            format!("_vlmcs._tcp.corp.example @{} srv ok", dns.address()),
            format!("kms1.corp.example:{one} @127.0.0.1 address ok"),
            format!("kms1.corp.example:{one} @127.0.0.1 tcp ok"),
            format!("kms1.corp.example:{one} @127.0.0.1 rpc ok"),
            format!("kms2.corp.example:{two} @127.0.0.1 address ok"),
            format!("kms2.corp.example:{two} @127.0.0.1 tcp ok"),
            format!("kms2.corp.example:{two} @127.0.0.1 rpc ok"),
        ]
    );
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn a_path_is_degraded_while_one_of_two_hosts_is_down() {
    let up = RpcServer::start(0);
    let down = port::refusing();
    let dns = two_hosts(up.address(), down);

    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "1 degraded tcp refused - -");
    assert!(report.summary().contains(&format!("kms2.corp.example:{}", down.port())), "{}", report.summary());
    assert!(!report.summary().contains("kms1.corp.example"), "{}", report.summary());
    let steps = report.path()["next_steps"].as_array().expect("there is a list of steps");
    assert!(steps.iter().any(|step| step.as_str().is_some_and(|step| step.contains("kms2.corp.example"))), "{steps:?}");
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn the_host_that_clients_prefer_being_down_degrades_as_well() {
    let up = RpcServer::start(0);
    let dns = two_hosts(port::refusing(), up.address());

    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "1 degraded tcp refused - -");
    assert!(report.summary().contains("kms1.corp.example"), "{}", report.summary());
}

#[test]
#[ignore = "needs knot"]
fn a_path_is_blocked_while_both_hosts_are_down() {
    let dns = two_hosts(port::refusing(), port::refusing());

    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "2 blocked tcp refused 0xC004F074 0x800706BA");
    assert!(report.summary().contains("kms1.corp.example"), "the host clients try first: {}", report.summary());
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn every_address_of_a_host_is_probed() {
    let server = RpcServer::start(0);
    let port = server.address().port();
    // Nothing listens on the second address.
    let records = format!("_vlmcs._tcp SRV 0 0 {port} kms1\nkms1 A 127.0.0.1\nkms1 A 127.0.0.2");
    let dns = Knot::start("corp.example", &records);

    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "1 degraded tcp refused - -");
    assert!(report.summary().contains("127.0.0.2"), "{}", report.summary());
    let walk = report.walk();
    assert!(walk.contains(&format!("kms1.corp.example:{port} @127.0.0.1 rpc ok")), "{walk:?}");
    assert!(walk.contains(&format!("kms1.corp.example:{port} @127.0.0.2 tcp refused")), "{walk:?}");
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn a_host_with_ipv6_alone_is_reached_over_ipv6() {
    let server = RpcServer::start_at(&Place::at("[::1]:0".parse().expect("an address")), Interface::Kms);
    let port = server.address().port();
    let dns = Knot::start("corp.example", &format!("_vlmcs._tcp SRV 0 0 {port} kms1\nkms1 AAAA ::1"));

    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert!(report.walk().contains(&format!("kms1.corp.example:{port} @::1 rpc ok")), "{:?}", report.walk());

    let by_address = check::targets(&[&format!("[::1]:{port}")]);
    assert_eq!(by_address.outcome(), "0 ok - - - -");
    assert_eq!(by_address.walk(), [format!("[::1]:{port} @::1 tcp ok"), format!("[::1]:{port} @::1 rpc ok")]);
}

#[test]
#[ignore = "needs python3-impacket"]
fn hosts_given_by_address_need_no_dns() {
    let server = RpcServer::start(0);
    let address = server.address();
    // Whoever is asked has nothing to say.
    let dead = port::refusing();
    let configuration =
        format!("paths: [{{name: corp, kms: {{hosts: [\"{address}\"], nameservers: [\"{dead}\"]}}}}]\n");

    let report = check::configured(&configuration);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(report.walk(), [format!("{address} @127.0.0.1 tcp ok"), format!("{address} @127.0.0.1 rpc ok")]);
}

//! The resolvers that are between most machines and the zones.

use std::net::UdpSocket;
use std::time::Duration;

use crate::servers::dnsmasq::Dnsmasq;
use crate::servers::knot::{Knot, Zone};
use crate::servers::place::Place;
use crate::servers::unbound::Unbound;
use crate::support::check;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;

#[test]
#[ignore = "needs dnsmasq-base"]
fn dnsmasq_gives_hosts_without_a_lifetime() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let dns = Dnsmasq::start(&[
        "local=/corp.example/",
        &format!("srv-host=_vlmcs._tcp.corp.example,kms1.corp.example,{port}"),
        "host-record=kms1.corp.example,127.0.0.1",
    ]);
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");

    // A lifetime of 0 means asking anew in every round.
    let daemon = Daemon::start_ready(&(config::discovered(&[dns.address()]) + EACH_SECOND));
    daemon.wait_for_rounds("srv", 2);
    let asked = daemon.scrape().sum("gracewatch_probes_total", &[("stage", "srv"), ("result", "ok")]);
    assert!(asked >= 3.0, "asked {asked} times");
}

#[test]
#[ignore = "needs dnsmasq-base"]
fn dnsmasq_says_nxdomain_without_a_soa() {
    let dns = Dnsmasq::start(&["local=/corp.example/"]);
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "2 blocked srv nxdomain 0x8007232B -");
}

#[test]
#[ignore = "needs unbound, knot"]
fn unbound_passes_on_what_the_zone_says() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let zone = Knot::start("corp.example", &format!("_vlmcs._tcp SRV 0 0 {port} kms1\nkms1 A 127.0.0.1"));
    let resolver = Unbound::forwarding_to(zone.address());
    let report = check::configured(&config::discovered(&[resolver.address(), zone.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
}

#[test]
#[ignore = "needs unbound, knot"]
fn unbound_passes_on_an_alias_with_all_it_leads_to() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let zones = [
        Zone::new("corp.example", "_vlmcs._tcp CNAME _vlmcs._tcp.lab.example."),
        Zone::new("lab.example", &format!("_vlmcs._tcp SRV 0 0 {port} kms1\nkms1 A 127.0.0.1")),
    ];
    let zone = Knot::start_at(&Place::loopback(), &zones);
    let resolver = Unbound::forwarding_to(zone.address());
    let report = check::configured(&config::discovered(&[resolver.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
}

#[test]
#[ignore = "needs unbound"]
fn unbound_with_a_dead_upstream_is_given_up_at_the_time_limit() {
    let upstream = UdpSocket::bind("127.0.0.1:0").expect("127.0.0.1 has a free port");
    let resolver = Unbound::forwarding_to(upstream.local_addr().expect("a socket has an address"));
    let configuration = config::discovered(&[resolver.address()]) + "probe: {timeout: 1s}\n";
    let report = check::configured(&configuration);
    assert_eq!(report.outcome(), "2 blocked srv timed_out 0x800705B4 -");
    assert!(report.elapsed >= Duration::from_secs(1), "it was given up after {:?}", report.elapsed);
    assert!(report.elapsed < Duration::from_millis(2500), "it took {:?}", report.elapsed);
}

#[test]
#[ignore = "needs knot"]
fn an_answer_is_kept_as_long_as_it_says() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let dns = Knot::start("corp.example", &format!("_vlmcs._tcp 60 SRV 0 0 {port} kms1\nkms1 60 A 127.0.0.1"));
    let daemon = Daemon::start_ready(&(config::discovered(&[dns.address()]) + EACH_SECOND));
    daemon.wait_for_rounds("rpc", 2);
    let scrape = daemon.scrape();
    for stage in ["srv", "address"] {
        assert_eq!(scrape.value("gracewatch_probes_total", &[("stage", stage)]), Some(1.0), "{}", scrape.text);
    }
}

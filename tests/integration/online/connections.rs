//! The way to an endpoint before anything is said: its port, and the network in between.

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::{
    ACTIVATED, OK, ROOT, SHORT, SHORT_AND_SLACK, Site, assert_says, check_path, complaint, http, https, socks5,
};
use crate::servers::certificates::{Authority, Validity};
use crate::servers::knot::Knot;
use crate::servers::microsocks::Microsocks;
use crate::servers::netns::{Namespace, Pair};
use crate::servers::nginx::{Nginx, Tls};
use crate::servers::place::Place;
use crate::servers::port;
use crate::servers::squid::Squid;
use crate::support::check;
use crate::support::config;

#[test]
fn a_closed_port_refuses() {
    let closed = port::refusing();
    let report = check_path(&config::online(&[https(closed)]));
    assert_eq!(report.outcome(), "2 blocked tcp refused 0x80072EFD -");
    assert_eq!(report.walk(), [format!("https://{closed} @{closed} tcp refused")]);
    assert!(report.elapsed < Duration::from_secs(3), "it took {:?}", report.elapsed);
}

/// Nobody has to serve there: a firewall that drops is all there is to see from here.
#[test]
#[ignore = "needs iproute2, nftables"]
fn what_a_firewall_drops_is_a_timeout_within_the_time_limit() {
    let pair = Namespace::pair();
    pair.server.drop_tcp(443);
    let [ipv4, ipv6] = [Pair::SERVER_IPV4, Pair::SERVER_IPV6].map(|ip| SocketAddr::new(ip, 443));
    for address in [ipv4, ipv6] {
        let settings = config::online(&[https(address)]).text() + SHORT;
        let report = check::configured_in(&pair.client, &settings);
        assert_eq!(report.outcome(), "2 blocked tcp timed_out 0x80072EFD -", "{address}");
        let limits = Duration::from_secs(1)..SHORT_AND_SLACK;
        assert!(limits.contains(&report.elapsed), "it took {:?}", report.elapsed);
    }
}

#[test]
#[ignore = "needs iproute2, nftables"]
fn what_a_router_prohibits_is_unreachable() {
    let pair = Namespace::pair();
    pair.server.prohibit_tcp(443);
    let endpoint = https(SocketAddr::new(Pair::SERVER_IPV4, 443));
    let report = check::configured_in(&pair.client, &config::online(&[endpoint]).text());
    assert_eq!(report.outcome(), "2 blocked tcp unreachable 0x80072EFD -");
}

#[test]
#[ignore = "needs iproute2"]
fn a_network_this_machine_has_no_route_to_is_not_blamed() {
    let namespace = Namespace::new();
    let report = check::configured_in(&namespace, &config::online(&["https://192.0.2.1"]).text());
    assert_eq!(report.outcome(), "3 unknown tcp no_route - -");
    assert_says(&report, "this machine could not connect (no route to 192.0.2.1 from this machine)");
    assert!(!complaint(&report).is_empty());
}

/// A proxy nobody answers for, on a network that drops what is sent to it.
#[test]
#[ignore = "needs iproute2, nftables"]
fn a_proxy_behind_a_firewall_that_drops_is_a_timeout_at_tcp() {
    let pair = Namespace::pair();
    pair.server.drop_tcp(3128);
    let proxy = format!("http://{}:3128", Pair::SERVER_IPV4);
    let settings = config::online(&["https://192.0.2.1"]).via(&[proxy]).text() + SHORT;
    let report = check::configured_in(&pair.client, &settings);
    assert_eq!(report.outcome(), "2 blocked tcp timed_out 0x80072EFD -");
    assert_says(&report, &format!("no connection to proxy http://{}:3128 is answered", Pair::SERVER_IPV4));
}

#[test]
#[ignore = "needs squid, microsocks, nginx, openssl, libfaketime"]
fn an_endpoint_is_reached_over_ipv6_on_every_way() {
    let authority = Authority::new(ROOT);
    let certificate = authority.issue(&["::1"], Validity::Good);
    let place = Place::at(SocketAddr::from((Ipv6Addr::LOCALHOST, 0)));
    let server = Nginx::tls_at(&place, Tls { certificate: &certificate, protocols: "TLSv1.3" }, ACTIVATED);
    let (squid, microsocks) = (Squid::open(), Microsocks::open());
    let via = ["direct".to_owned(), http(squid.address()), socks5(microsocks.address())];
    let report = check_path(&config::online(&[https(server.address())]).via(&via).trusting(authority.root()));
    assert_eq!(report.outcome(), OK, "{:#}", report.json);
    let url = format!("https://[::1]:{}", server.address().port());
    assert_says(&report, &format!("{url} answers over direct, "));
    assert!(report.walk().contains(&format!("{url} @{} http ok", server.address())), "{:?}", report.walk());
}

/// What is there is asked on the second of two addresses where the first is closed.
#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot"]
fn an_endpoint_with_an_address_that_refuses_is_reached_on_another() {
    let site = Site::start();
    let dns = Knot::start("example", "activation A 127.0.0.2\nactivation A 127.0.0.1\nactivation A 127.0.0.3");
    let path = config::online(&[site.named()]).trusting(site.authority.root()).asking(dns.address());
    let report = check_path(&path);
    assert_eq!(report.outcome(), OK);
    let shown = format!("{} @{} tcp ok", site.named(), site.server.address());
    assert!(report.walk().contains(&shown), "{:?}", report.walk());
}

//! The names of endpoints and proxies, and the nameservers that are asked for them.

use super::{OK, Site, assert_says, check_path, check_shortly, complaint, http};
use crate::servers::knot::{Knot, Zone};
use crate::servers::place::Place;
use crate::servers::scripted_udp::ScriptedUdp;
use crate::servers::squid::Squid;
use crate::support::config;

#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot"]
fn a_name_is_looked_up_where_it_is_said() {
    let site = Site::start();
    let dns = Knot::start("example", "activation A 127.0.0.1");
    let report = check_path(&config::online(&[site.named()]).trusting(site.authority.root()).asking(dns.address()));
    assert_eq!(report.outcome(), OK);
    let stages: Vec<_> = report.walk().iter().filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect();
    let at = site.server.address();
    let expected = ["address", "tcp", "tls", "http"].map(|stage| format!("{} @{at} {stage}", site.named()));
    assert_eq!(stages, expected);
}

#[test]
#[ignore = "needs knot"]
fn a_name_that_does_not_exist_is_reported_as_such() {
    let dns = Knot::start("example", "other A 127.0.0.1");
    let report = check_path(&config::online(&["https://activation.example"]).asking(dns.address()));
    assert_eq!(report.outcome(), "2 blocked address nxdomain 0x80072EE7 -");
    assert_eq!(report.walk(), ["https://activation.example @- address nxdomain"]);
    assert_says(&report, "the host name in https://activation.example does not exist");
}

#[test]
#[ignore = "needs knot"]
fn a_name_without_addresses_has_no_records() {
    let dns = Knot::start("example", "activation TXT nothing");
    let report = check_path(&config::online(&["https://activation.example"]).asking(dns.address()));
    assert_eq!(report.outcome(), "2 blocked address no_records 0x80072EE7 -");
}

#[test]
#[ignore = "needs knot"]
fn a_nameserver_that_fails_is_reported_as_such() {
    let dns = Knot::start_at(&Place::loopback(), &[Zone::broken("example")]);
    let report = check_path(&config::online(&["https://activation.example"]).asking(dns.address()));
    assert_eq!(report.outcome(), "2 blocked address server_failure 0x80072EE7 -");
}

#[test]
fn a_nameserver_that_is_silent_is_not_waited_for_without_end() {
    let dns = ScriptedUdp::start(|_| Vec::new());
    let report = check_shortly(&config::online(&["https://activation.example"]).asking(dns.address()));
    assert_eq!(report.outcome(), "2 blocked address timed_out 0x80072EE7 -");
}

#[test]
#[ignore = "needs knot"]
fn a_proxy_whose_name_does_not_exist_fails_at_its_address() {
    let dns = Knot::start("example", "activation A 127.0.0.1");
    let path = config::online(&["https://activation.example"]).via(&["http://proxy.example:3128"]);
    let report = check_path(&path.asking(dns.address()));
    assert_eq!(report.outcome(), "2 blocked address nxdomain 0x80072EE7 -");
    assert!(complaint(&report).starts_with("proxy.example"), "{}", complaint(&report));
    assert_says(&report, "the host name in proxy http://proxy.example:3128 does not exist");
}

/// Windows leaves the name of an endpoint to the proxy, which may be the only one to know it.
#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot, squid"]
fn an_http_proxy_looks_the_endpoint_up_and_we_look_up_the_proxy() {
    let site = Site::start();
    let proxy = Squid::with_hosts(&[(super::NAME, "127.0.0.1")]);
    let dns = Knot::start("corp", "proxy A 127.0.0.1");
    let named = format!("http://proxy.corp:{}", proxy.address().port());
    let path = config::online(&[site.named()]).via(&[&named]).trusting(site.authority.root());
    let report = check_path(&path.asking(dns.address()));
    assert_eq!(report.outcome(), OK);
    let target = format!("{} via {named} @{}", site.named(), proxy.address());
    let stages = ["address", "tcp", "proxy", "tls", "http"].map(|stage| format!("{target} {stage} ok"));
    assert_eq!(report.walk(), stages);
    assert!(!report.json.to_string().contains(&http(site.server.address())), "{:#}", report.json);
}

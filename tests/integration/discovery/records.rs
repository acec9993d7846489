//! What the SRV records of a domain can say, from an authoritative server.

use std::fmt::Write as _;
use std::time::Duration;

use crate::servers::knot::{Knot, Zone};
use crate::servers::place::Place;
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::listener;

/// Checks a domain that has these records.
fn check(records: &str) -> Report {
    let dns = Knot::start("corp.example", records);
    check::configured(&config::discovered(&[dns.address()]))
}

#[test]
#[ignore = "needs knot"]
fn a_name_that_does_not_exist() {
    let report = check("kms1 A 127.0.0.1");
    assert_eq!(report.outcome(), "2 blocked srv nxdomain 0x8007232B -");
    let step = &report.path()["next_steps"][0];
    assert!(step.as_str().is_some_and(|step| step.contains("_vlmcs._tcp.corp.example")), "{step}");
}

#[test]
#[ignore = "needs knot"]
fn a_name_without_srv_records() {
    assert_eq!(check("_vlmcs._tcp TXT nothing").outcome(), "2 blocked srv no_records 0x8007251D -");
    // A name that only has names below it exists as well (RFC 8020).
    assert_eq!(check("below._vlmcs._tcp TXT nothing").outcome(), "2 blocked srv no_records 0x8007251D -");
}

#[test]
#[ignore = "needs knot"]
fn a_service_that_is_declared_absent() {
    assert_eq!(check("_vlmcs._tcp SRV 0 0 0 .").outcome(), "2 blocked srv no_service - -");
}

#[test]
#[ignore = "needs knot"]
fn a_record_no_client_can_connect_to() {
    assert_eq!(check("_vlmcs._tcp SRV 0 0 0 kms1\nkms1 A 127.0.0.1").outcome(), "2 blocked srv invalid_answer - -");
}

#[test]
#[ignore = "needs knot"]
fn a_zone_that_cannot_be_loaded() {
    let dns = Knot::start_at(&Place::loopback(), &[Zone::broken("corp.example")]);
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "2 blocked srv server_failure 0x8007232A -");
    assert!(report.json.to_string().contains("SERVFAIL"), "{:#}", report.json);
}

#[test]
#[ignore = "needs knot"]
fn a_zone_that_is_not_served() {
    let dns = Knot::start("lab.example", "kms1 A 127.0.0.1");
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "2 blocked srv server_failure 0x8007232A -");
    assert!(report.json.to_string().contains("REFUSED"), "{:#}", report.json);
}

#[test]
#[ignore = "needs knot"]
fn an_alias_comes_with_the_records_it_leads_to() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let report = check(&format!(
        "_vlmcs._tcp CNAME kms\nkms SRV 0 0 {port} kms1\nkms SRV 10 0 {port} kms2\nkms1 A 127.0.0.1\nkms2 A 127.0.0.1"
    ));
    assert_eq!(report.outcome(), "0 ok - - - -");
    let bound = report.walk().iter().filter(|line| line.ends_with("rpc ok")).count();
    assert_eq!(bound, 2, "{:?}", report.walk());
}

#[test]
#[ignore = "needs knot"]
fn an_alias_into_another_zone_is_followed() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let zones = [
        Zone::new("corp.example", "_vlmcs._tcp CNAME _vlmcs._tcp.lab.example."),
        Zone::new("lab.example", &format!("_vlmcs._tcp SRV 0 0 {port} kms1\nkms1 A 127.0.0.1")),
    ];
    let dns = Knot::start_at(&Place::loopback(), &zones);
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
    let last = format!("kms1.lab.example:{port} @127.0.0.1 rpc ok");
    assert_eq!(report.walk().last(), Some(&last));
}

#[test]
#[ignore = "needs knot"]
fn an_alias_that_leads_nowhere() {
    assert_eq!(check("_vlmcs._tcp CNAME gone").outcome(), "2 blocked srv nxdomain 0x8007232B -");
    assert_eq!(check("_vlmcs._tcp CNAME kms\nkms TXT nothing").outcome(), "2 blocked srv no_records 0x8007251D -");
}

#[test]
#[ignore = "needs knot"]
fn aliases_that_lead_in_a_circle_are_given_up() {
    let report = check("_vlmcs._tcp CNAME kms\nkms CNAME _vlmcs._tcp");
    assert_eq!((report.exit_code, &report.path()["stage"]), (Some(2), &"srv".into()));
    assert!(report.elapsed < Duration::from_secs(7), "it took {:?}", report.elapsed);
}

#[test]
#[ignore = "needs knot"]
fn an_answer_too_large_for_udp_comes_over_tcp() {
    let host = listener::accepting_binds();
    let mut records = String::new();
    for number in 1..=60 {
        let port = host.address().port();
        writeln!(records, "_vlmcs._tcp SRV 0 0 {port} kms{number:02}\nkms{number:02} A 127.0.0.1")
            .expect("text can be written to a string");
    }
    let dns = Knot::start("corp.example", &records);

    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
    let bound = report.walk().iter().filter(|line| line.ends_with("rpc ok")).count();
    assert_eq!(bound, 60);

    let daemon = Daemon::start_ready(&config::discovered(&[dns.address()]));
    let scrape = daemon.scrape();
    assert_eq!(scrape.value("gracewatch_srv_records", &[("path", "corp")]), Some(60.0));
    assert_eq!(scrape.series("gracewatch_srv_target_info").count(), 60);
}

#[test]
#[ignore = "needs knot"]
fn the_same_host_in_several_records_is_one_target() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let report = check(&format!(
        "_vlmcs._tcp SRV 0 0 {port} kms1\n\
         _vlmcs._tcp SRV 10 5 {port} kms1\n\
         _vlmcs._tcp SRV 20 0 {port} KMS1\n\
         kms1 A 127.0.0.1"
    ));
    assert_eq!(report.outcome(), "0 ok - - - -");
    let bound: Vec<_> = report.walk().into_iter().filter(|line| line.contains(" rpc ")).collect();
    assert_eq!(bound, [format!("kms1.corp.example:{port} @127.0.0.1 rpc ok")]);
}

#[test]
#[ignore = "needs knot"]
fn hosts_are_probed_as_clients_prefer_them() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let report = check(&format!(
        "_vlmcs._tcp SRV 20 0 {port} first-by-name\n\
         _vlmcs._tcp SRV 0 0 {port} second-by-name\n\
         _vlmcs._tcp SRV 10 0 {port} third-by-name\n\
         first-by-name A 127.0.0.1\nsecond-by-name A 127.0.0.1\nthird-by-name A 127.0.0.1"
    ));
    let bound: Vec<_> = report.walk().into_iter().filter(|line| line.ends_with("rpc ok")).collect();
    let expected =
        ["second", "third", "first"].map(|name| format!("{name}-by-name.corp.example:{port} @127.0.0.1 rpc ok"));
    assert_eq!(bound, expected);
}

#[test]
#[ignore = "needs knot"]
fn several_domains_are_one_path() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let zones = [
        Zone::new("corp.example", &format!("_vlmcs._tcp SRV 0 0 {port} kms1\nkms1 A 127.0.0.1")),
        Zone::new("lab.example", "kms1 A 127.0.0.1"),
    ];
    let dns = Knot::start_at(&Place::loopback(), &zones);
    let configuration = format!(
        "paths: [{{name: corp, kms: {{domain: [corp.example, lab.example], nameservers: [\"{}\"]}}}}]\n",
        dns.address()
    );
    let report = check::configured(&configuration);
    assert_eq!(report.outcome(), "1 degraded srv nxdomain - -");
    assert!(report.summary().contains("_vlmcs._tcp.lab.example"), "{}", report.summary());
}

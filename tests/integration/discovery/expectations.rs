//! Hosts in DNS that are expected, that are not, and that are missed.

use crate::servers::knot::Knot;
use crate::servers::scripted::Scripted;
use crate::support::check;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::listener;

/// DNS that lists `kms1` and `kms2`, both at the same host.
fn two_hosts(host: &Scripted) -> Knot {
    let port = host.address().port();
    let records = format!(
        "_vlmcs._tcp SRV 0 0 {port} kms1\n_vlmcs._tcp SRV 10 7 {port} kms2\nkms1 A 127.0.0.1\nkms2 A 127.0.0.1"
    );
    Knot::start("corp.example", &records)
}

#[test]
#[ignore = "needs knot"]
fn the_expected_hosts_are_no_news() {
    let host = listener::accepting_binds();
    let dns = two_hosts(&host);
    let expected = ["kms1.corp.example", "KMS2.corp.example."];
    let report = check::configured(&config::expecting(&expected, &[dns.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
}

#[test]
#[ignore = "needs knot"]
fn an_unexpected_host_degrades_and_is_named() {
    let host = listener::accepting_binds();
    let dns = two_hosts(&host);
    let configuration = config::expecting(&["kms1.corp.example"], &[dns.address()]);
    let report = check::configured(&configuration);
    assert_eq!(report.outcome(), "1 degraded srv unexpected_host - -");
    assert!(report.summary().contains("kms2.corp.example"), "{}", report.summary());

    let scrape = Daemon::start_ready(&configuration).scrape();
    let port = host.address().port().to_string();
    for (name, priority, weight, expected) in [("kms1", "0", "0", "true"), ("kms2", "10", "7", "false")] {
        let name = format!("{name}.corp.example");
        let labels = [
            ("path", "corp"),
            ("host", &name),
            ("port", &port),
            ("priority", priority),
            ("weight", weight),
            ("expected", expected),
        ];
        assert_eq!(scrape.value("gracewatch_srv_target_info", &labels), Some(1.0), "{labels:?}:\n{}", scrape.text);
    }
}

#[test]
#[ignore = "needs knot"]
fn a_missing_host_degrades_and_is_named() {
    let host = listener::accepting_binds();
    let dns = two_hosts(&host);
    let expected = ["kms1.corp.example", "kms2.corp.example", "kms3.corp.example"];
    let report = check::configured(&config::expecting(&expected, &[dns.address()]));
    assert_eq!(report.outcome(), "1 degraded srv missing_host - -");
    assert!(report.summary().contains("kms3.corp.example"), "{}", report.summary());
}

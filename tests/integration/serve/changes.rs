//! What changes while the daemon runs, and how soon it shows.

use std::time::{Duration, Instant};

use crate::servers::knot::Knot;
use crate::servers::process::wait_until;
use crate::servers::rpc::RpcServer;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;
use crate::support::scrape::Scrape;

/// The interval of [`EACH_SECOND`], and its time limit.
const INTERVAL: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(1);

/// What a machine that is busy may add.
const SLACK: Duration = Duration::from_secs(1);

fn is_up(scrape: &Scrape) -> bool {
    scrape.value("gracewatch_path_up", &[("path", "corp")]) == Some(1.0)
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn a_host_that_stops_shows_within_an_interval_and_so_does_its_return() {
    let server = RpcServer::start(0);
    let port = server.address().port();
    let dns = Knot::start("corp.example", &format!("_vlmcs._tcp SRV 0 0 {port} kms1\nkms1 A 127.0.0.1"));
    let daemon = Daemon::start_ready(&(config::discovered(&[dns.address()]) + EACH_SECOND));
    let scrape = daemon.scrape_until("the path never works", is_up);
    assert_eq!(scrape.series("gracewatch_path_blocked_info").count(), 0);

    drop(server);
    let stopped = Instant::now();
    let scrape = daemon.scrape_until("the path still works", |scrape| !is_up(scrape));
    let noticed = stopped.elapsed();
    assert!(noticed < INTERVAL + TIMEOUT + SLACK, "it took {noticed:?}");
    let blamed = [("path", "corp"), ("stage", "tcp"), ("reason", "refused"), ("code", "0xC004F074")];
    assert_eq!(scrape.value("gracewatch_path_blocked_info", &blamed), Some(1.0), "{}", scrape.text);

    let _server = RpcServer::start(port);
    let started = Instant::now();
    let scrape = daemon.scrape_until("the path stays blocked", is_up);
    let noticed = started.elapsed();
    assert!(noticed < INTERVAL + TIMEOUT + SLACK, "it took {noticed:?}");
    assert_eq!(scrape.series("gracewatch_path_blocked_info").count(), 0, "{}", scrape.text);
}

#[test]
#[ignore = "needs knot"]
fn a_host_removed_from_dns_leaves_no_series_behind() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let both = format!(
        "_vlmcs._tcp 1 SRV 0 0 {port} kms1\n_vlmcs._tcp 1 SRV 0 0 {port} kms2\nkms1 A 127.0.0.1\nkms2 A 127.0.0.1"
    );
    let mut dns = Knot::start("corp.example", &both);
    let daemon = Daemon::start_ready(&(config::discovered(&[dns.address()]) + EACH_SECOND));
    let scrape = daemon.scrape();
    assert!(scrape.text.contains("kms1.corp.example") && scrape.text.contains("kms2.corp.example"), "{}", scrape.text);

    dns.replace_zone("corp.example", &format!("_vlmcs._tcp 1 SRV 0 0 {port} kms1\nkms1 A 127.0.0.1"));
    let removed = Instant::now();
    let scrape = daemon.scrape_until("kms2 stays", |scrape| !scrape.text.contains("kms2.corp.example"));
    // The record is kept for its second, and the round after that asks again.
    let noticed = removed.elapsed();
    assert!(noticed < Duration::from_secs(1) + INTERVAL + SLACK, "it took {noticed:?}");
    assert!(scrape.text.contains("kms1.corp.example"), "{}", scrape.text);
    assert_eq!(scrape.series("gracewatch_srv_target_info").count(), 1);
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
    // The clock of the address that both had is shown by the name that is left.
    wait_until("kms2 stays in the report", || !daemon.report().to_string().contains("kms2.corp.example"));

    // And it comes back.
    dns.replace_zone("corp.example", &both);
    daemon.scrape_until("kms2 does not return", |scrape| scrape.text.contains("kms2.corp.example"));
}

#[test]
#[ignore = "needs knot"]
fn a_domain_that_loses_all_its_records_is_blocked_and_leaves_no_series_behind() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let mut dns = Knot::start("corp.example", &format!("_vlmcs._tcp 1 SRV 0 0 {port} kms1\nkms1 A 127.0.0.1"));
    let daemon = Daemon::start_ready(&(config::discovered(&[dns.address()]) + EACH_SECOND));
    assert!(is_up(&daemon.scrape()));

    dns.replace_zone("corp.example", "kms1 A 127.0.0.1");
    let scrape = daemon.scrape_until("the path still works", |scrape| !is_up(scrape));
    assert!(!scrape.text.contains("kms1.corp.example"), "{}", scrape.text);
    let blamed = [("path", "corp"), ("stage", "srv"), ("reason", "nxdomain"), ("code", "0x8007232B")];
    assert_eq!(scrape.value("gracewatch_path_blocked_info", &blamed), Some(1.0), "{}", scrape.text);
}

#[test]
#[ignore = "needs knot"]
fn an_address_that_changes_is_followed() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let zone = |address: &str| format!("_vlmcs._tcp 60 SRV 0 0 {port} kms1\nkms1 1 A {address}");
    let mut dns = Knot::start("corp.example", &zone("127.0.0.1"));
    let daemon = Daemon::start_ready(&(config::discovered(&[dns.address()]) + EACH_SECOND));
    assert!(is_up(&daemon.scrape()));

    // Nothing listens there.
    dns.replace_zone("corp.example", &zone("127.0.0.9"));
    let scrape = daemon.scrape_until("the path still works", |scrape| !is_up(scrape));
    assert!(!scrape.text.contains("address=\"127.0.0.1\""), "{}", scrape.text);
    assert!(scrape.text.contains("address=\"127.0.0.9\""), "{}", scrape.text);
}

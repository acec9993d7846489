//! Hosts whose names lead nowhere, and hosts that are named in the configuration.

use crate::servers::knot::Knot;
use crate::servers::port;
use crate::support::check;
use crate::support::config;
use crate::support::listener;

#[test]
#[ignore = "needs knot"]
fn a_record_that_names_a_host_that_does_not_exist() {
    let dns = Knot::start("corp.example", "_vlmcs._tcp SRV 0 0 1688 gone");
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "2 blocked address nxdomain 0xC004F074 0x80072AF9");
    assert!(report.summary().contains("gone.corp.example"), "{}", report.summary());
    let address = format!("_vlmcs._tcp.corp.example @{} srv ok", dns.address());
    assert_eq!(report.walk(), [address.as_str(), "gone.corp.example:1688 @- address nxdomain"]);
}

#[test]
#[ignore = "needs knot"]
fn a_record_that_names_a_host_without_address() {
    let dns = Knot::start("corp.example", "_vlmcs._tcp SRV 0 0 1688 kms1\nkms1 TXT nothing");
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "2 blocked address no_records 0xC004F074 0x80072AF9");
}

#[test]
#[ignore = "needs knot"]
fn a_host_that_does_not_exist_beside_one_that_works() {
    let host = listener::accepting_binds();
    let records = format!(
        "_vlmcs._tcp SRV 0 0 {port} kms1\n_vlmcs._tcp SRV 10 0 1688 gone\nkms1 A 127.0.0.1",
        port = host.address().port()
    );
    let dns = Knot::start("corp.example", &records);
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "1 degraded address nxdomain - -");
}

#[test]
#[ignore = "needs knot"]
fn the_host_that_got_furthest_is_the_one_to_blame() {
    let down = port::refusing();
    let records = format!("_vlmcs._tcp SRV 0 0 1688 gone\n_vlmcs._tcp SRV 10 0 {} kms1\nkms1 A 127.0.0.1", down.port());
    let dns = Knot::start("corp.example", &records);
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "2 blocked tcp refused 0xC004F074 0x800706BA");
}

#[test]
#[ignore = "needs knot"]
fn a_host_given_by_name_is_looked_up_without_srv() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let dns = Knot::start("corp.example", "kms1 CNAME host1\nhost1 A 127.0.0.1");
    let configuration = format!(
        "paths: [{{name: corp, kms: {{hosts: [\"kms1.corp.example:{port}\"], nameservers: [\"{}\"]}}}}]\n",
        dns.address()
    );
    let report = check::configured(&configuration);
    assert_eq!(report.outcome(), "0 ok - - - -");
    let walked = ["address", "tcp", "rpc"].map(|stage| format!("kms1.corp.example:{port} @127.0.0.1 {stage} ok"));
    assert_eq!(report.walk(), walked);
}

#[test]
#[ignore = "needs knot"]
fn the_second_nameserver_gives_addresses_where_the_first_is_dead() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let dns = Knot::start("corp.example", "kms1 A 127.0.0.1");
    let configuration = format!(
        "paths: [{{name: corp, kms: {{hosts: [\"kms1.corp.example:{port}\"], nameservers: [\"{}\", \"{}\"]}}}}]\n",
        port::refusing(),
        dns.address()
    );
    assert_eq!(check::configured(&configuration).outcome(), "0 ok - - - -");
}

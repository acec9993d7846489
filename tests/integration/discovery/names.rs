//! Names as DNS takes them, which is any bytes, and records that name no host as they should.

use std::net::SocketAddr;

use serde_json::Value;

use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::place::Place;
use crate::servers::rpc::{Interface, RpcServer};
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::listener;

/// A path to the hosts of a domain, in single quotes so that backslashes are what they are.
fn discovered(domain: &str, nameserver: SocketAddr) -> String {
    format!("paths: [{{name: corp, kms: {{domain: '{domain}', nameservers: [\"{nameserver}\"]}}}}]\n")
}

/// Checks a domain of the zone `example` with one record, which leads to a host that works.
fn check_named(domain: &str, in_zone: &str, host: &str) -> Report {
    let server = listener::accepting_binds();
    let port = server.address().port();
    let dns = Knot::start("example", &format!("_vlmcs._tcp.{in_zone} SRV 0 0 {port} {host}\n{host} A 127.0.0.1"));
    check::configured(&discovered(domain, dns.address()))
}

#[test]
#[ignore = "needs knot"]
fn hosts_and_domains_have_any_bytes_in_their_names() {
    for (domain, in_zone, host, shown) in [
        ("Corp_1.Example", "corp_1", "kms_01_.corp_1", "kms_01_.corp_1.example"),
        ("-corp-.example", "-corp-", "-kms", "-kms.example"),
        ("r&d.example", r"r\&d", r"o\'brien\~1", "o'brien~1.example"),
        (r"corp\0321.example", r"corp\0321", r"kms\0321", r"kms\0321.example"),
        (r"corp\.1.example", r"corp\.1", r"kms\.1", r"kms\0461.example"),
        (r"corp\252.example", r"corp\252", r"kms\252\000", r"kms\252\000.example"),
        ("b\u{fc}cher.example", r"b\195\188cher", r"k\195\188che", "k\u{fc}che.example"),
        ("\u{6771}\u{4eac}.example", r"\230\157\177\228\186\172", "kms", "kms.example"),
        // As the Internet has it.
        ("b\u{fc}cher.example", "xn--bcher-kva", "kms", "kms.example"),
        ("corp.2024.example", "corp.2024", "1", "1.example"),
    ] {
        let report = check_named(domain, in_zone, host);
        assert_eq!(report.outcome(), "0 ok - - - -", "{domain}: {:#}", report.json);
        assert!(report.walk().iter().any(|line| line.starts_with(&format!("{shown}:"))), "{:?}", report.walk());
    }
}

#[test]
#[ignore = "needs knot"]
fn domains_below_invalid_and_onion_are_asked_for() {
    let server = listener::accepting_binds();
    for domain in ["corp.invalid", "corp.onion", "corp.test", "corp.local"] {
        let records = format!("_vlmcs._tcp SRV 0 0 {} kms1\nkms1 A 127.0.0.1", server.address().port());
        let dns = Knot::start(domain, &records);
        let report = check::configured(&discovered(domain, dns.address()));
        assert_eq!(report.outcome(), "0 ok - - - -", "{domain}");
    }
}

#[test]
#[ignore = "needs knot"]
fn aliases_lead_to_any_name() {
    let server = listener::accepting_binds();
    let port = server.address().port();
    let records = format!(
        "_vlmcs._tcp CNAME kms_.b\\195\\188ro\nkms_.b\\195\\188ro SRV 0 0 {port} kms1\n\
         kms1 CNAME host\\032_1\nhost\\032_1 A 127.0.0.1"
    );
    let dns = Knot::start("corp.example", &records);
    assert_eq!(check::configured(&config::discovered(&[dns.address()])).outcome(), "0 ok - - - -");

    let dns = Knot::start("corp.example", &format!("_vlmcs._tcp SRV 0 0 {port} kms1\nkms1 CNAME gone_\\032\\195\\188"));
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert!(report.summary().contains("is an alias of gone_\\032\u{fc}.corp.example"), "{}", report.summary());
}

#[test]
#[ignore = "needs knot"]
fn urls_have_any_name() {
    let dns = Knot::start("example", "my_host A 127.0.0.1\nmy_proxy A 127.0.0.1");
    for (endpoint, proxy, reason) in [
        ("https://my_host.example:1", "direct", "refused"),
        ("https://a.example", "http://my_proxy.example:1", "proxy_refused"),
    ] {
        let path = config::online(&[endpoint]).via(&[proxy]).asking(dns.address());
        let report = check::configured(&path.text());
        assert_eq!((&report.path()["stage"], &report.path()["reason"]), (&"tcp".into(), &reason.into()), "{endpoint}");
    }
}

/// Checks a domain with these records, in which `PORT` is that of a host that works.
fn check_records(records: &str) -> Report {
    let server = listener::accepting_binds();
    let records = records.replace("PORT", &server.address().port().to_string());
    let dns = Knot::start("corp.example", &(records + "\nkms1 A 127.0.0.1\nkms2 A 127.0.0.1"));
    check::configured(&config::discovered(&[dns.address()]))
}

/// The records that a report says are wrong.
fn flaws(report: &Report) -> Vec<(String, String)> {
    let problems = report.path()["problems"].as_array().expect("there are problems");
    let subject = problems.iter().find_map(|problem| problem["subject"]["records"].as_array());
    let word = |flaw: &Value, key: &str| flaw[key].as_str().expect("text").to_owned();
    subject.into_iter().flatten().map(|flaw| (word(flaw, "fault"), word(flaw, "target"))).collect()
}

#[test]
#[ignore = "needs knot"]
fn records_that_lead_nowhere_are_reported_beside_good_ones() {
    let report = check_records(
        "_vlmcs._tcp SRV 0 0 PORT kms1\n_vlmcs._tcp SRV 0 0 0 kms2\n_vlmcs._tcp SRV 0 0 0 .\n_vlmcs._tcp SRV 0 0 1 .",
    );
    assert_eq!(report.outcome(), "1 degraded srv invalid_answer - -");
    let expected = [("no_port", "kms2.corp.example"), ("no_service", "."), ("no_service", ".")];
    assert_eq!(flaws(&report), expected.map(|(fault, target)| (fault.to_owned(), target.to_owned())));
    let says = "an SRV record at _vlmcs._tcp.corp.example leads to port 0 of kms2.corp.example and 2 more";
    assert!(report.summary().to_lowercase().contains(&says.to_lowercase()), "{}", report.summary());
    assert!(report.steps().starts_with("Correct the SRV record of kms2.corp.example"), "{}", report.steps());
    assert!(report.walk().iter().any(|line| line.ends_with("rpc ok")));
}

#[test]
#[ignore = "needs knot"]
fn a_target_that_is_an_address_is_connected_to_and_reported() {
    for (target, shown) in [("127.0.0.1.", "127.0.0.1"), (r"\058\058ffff\058127.0.0.1.", "127.0.0.1")] {
        let report = check_records(&format!("_vlmcs._tcp SRV 0 0 PORT {target}"));
        assert_eq!(report.outcome(), "1 degraded srv invalid_answer - -", "{target}");
        assert!(report.summary().contains("names the address 127.0.0.1"), "{}", report.summary());
        assert!(report.steps().starts_with("Correct the SRV record at _vlmcs._tcp.corp.example"), "{}", report.steps());
        let walk = report.walk();
        assert!(walk.iter().any(|line| line.starts_with(shown) && line.ends_with("@127.0.0.1 rpc ok")), "{walk:?}");
        assert!(walk.iter().all(|line| !line.contains(" address ")), "{walk:?}");
    }
    let report = check_records("_vlmcs._tcp SRV 0 0 1 127.0.0.1.");
    assert_eq!(report.path()["verdict"], "unknown", "records lead to no such port: {:#}", report.json);
}

#[test]
#[ignore = "needs knot"]
fn a_target_without_its_domain_is_completed_and_reported() {
    let report = check_records("_vlmcs._tcp SRV 0 0 PORT kms1.");
    assert_eq!(report.outcome(), "1 degraded srv invalid_answer - -");
    assert!(report.summary().contains("names kms1, which lacks its domain"), "{}", report.summary());
    assert!(report.steps().contains("it has to name the host with its domain"), "{}", report.steps());
    assert!(report.json.to_string().contains("1 address of kms1.corp.example"), "{:#}", report.json);

    let report = check_records("_vlmcs._tcp SRV 0 0 PORT gone.");
    assert_eq!(report.outcome(), "2 blocked address nxdomain 0xC004F074 0x80072AF9");
    assert!(report.summary().contains("without its domain"), "{}", report.summary());
    assert!(!report.steps().contains("address record"), "{}", report.steps());
    assert_eq!(flaws(&report), []);
}

#[test]
#[ignore = "needs knot"]
fn a_host_without_its_domain_is_the_one_that_is_expected() {
    let server = listener::accepting_binds();
    let records = format!("_vlmcs._tcp SRV 0 0 {} kms1.\nkms1 A 127.0.0.1", server.address().port());
    let dns = Knot::start("corp.example", &records);
    let report = check::configured(&config::expecting(&["kms1.corp.example"], &[dns.address()]));
    assert_eq!(report.outcome(), "1 degraded srv invalid_answer - -");
    assert_eq!(report.path()["problems"].as_array().map(Vec::len), Some(1), "{:#}", report.json);
}

/// A network with a nameserver of `corp.example`, and a KMS host on its own port that is there by name.
fn network(dns: &str, records: &str) -> (Namespace, [Box<dyn Send>; 2]) {
    let namespace = Namespace::new();
    let within = |address: &str| Place::within(&namespace, address.parse().expect("an address"));
    let server = RpcServer::start_at(&within("[::]:1688"), Interface::Kms);
    let zones = [Zone::new("corp.example", records), Zone::broken("broken.example")];
    let dns = Knot::start_at(&within(dns), &zones);
    (namespace, [Box::new(server), Box::new(dns)])
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn short_names_are_looked_for_in_the_domains_that_are_searched() {
    let (namespace, _servers) = network("127.0.0.1:53", "kms1 A 127.0.0.1");
    namespace.resolve_and_search([127, 0, 0, 1].into(), "broken.example corp.example");
    for hosts in [vec!["kms1"], vec!["KMS1:1688"]] {
        let report = check::configured_in(&namespace, &config::hosts(&hosts));
        assert_eq!(report.outcome(), "0 ok - - - -", "{:#}", report.json);
        assert_eq!(report.walk()[0], "kms1:1688 @127.0.0.1 address ok");
    }
    for target in ["kms1", "kms1:1688"] {
        assert_eq!(check::targets_in(&namespace, &[target]).outcome(), "0 ok - - - -", "{target}");
    }
    let gone = check::configured_in(&namespace, &config::hosts(&["gone"]));
    assert_eq!(gone.outcome(), "2 blocked address server_failure 0xC004F074 -", "the broken domain may have it");
    namespace.write_hosts(b"127.0.0.1 kms7\n127.0.0.1 kms8.corp.example\n");
    let report = check::configured_in(&namespace, &config::hosts(&["kms7", "kms8"]));
    assert_eq!(report.outcome(), "0 ok - - - -", "{:#}", report.json);
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn addresses_of_a_link_are_reached_over_its_interface() {
    let (namespace, _servers) = network("[::]:53", "_vlmcs._tcp SRV 0 0 1688 kms1\nkms1 A 127.0.0.1");
    namespace.add_address("fe80::53".parse().expect("an address"));
    namespace.write_resolv_conf(b"nameserver fe80::53%lo\n");
    let discovered = "paths: [{name: corp, kms: {domain: corp.example, allowed_networks: [127.0.0.0/8]}}]\n";
    assert_eq!(check::configured_in(&namespace, discovered).outcome(), "0 ok - - - -");
    let named = discovered.replace("domain:", "nameservers: [\"fe80::53%lo\", \"[fe80::53%1]:53\"], domain:");
    assert_eq!(check::configured_in(&namespace, &named).outcome(), "0 ok - - - -");
    for host in ["fe80::53%lo", "[fe80::53%lo]:1688", "fe80::53%1"] {
        let report = check::configured_in(&namespace, &config::hosts(&[host]));
        assert_eq!(report.outcome(), "0 ok - - - -", "{host}");
        assert_eq!(report.walk().last().map(String::as_str), Some("[fe80::53%1]:1688 @fe80::53 rpc ok"));
    }
    assert_eq!(check::targets_in(&namespace, &["[fe80::53%lo]:1688"]).outcome(), "0 ok - - - -");
}

//! Where records in DNS may lead: nobody is knocked at for what DNS says alone.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::Value;

use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::place::Place;
use crate::servers::rpc::{Interface, RpcServer};
use crate::support::check::{self, Report};
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;

/// Where the nameserver is, the KMS host, and another machine.
const DNS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 53);
const HOST: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);

/// A network in which connections are counted, with a nameserver of the zone, and a KMS host.
struct World {
    // Dropped in this order: the servers before the network that they hold.
    _dns: Knot,
    _host: RpcServer,
    network: Namespace,
}

const SSH: u16 = 22;
const KMS: u16 = 1688;

impl World {
    fn with(records: &str) -> Self {
        let network = Namespace::new();
        for address in [DNS, HOST, OTHER] {
            network.add_address(address.into());
        }
        network.count_connections(&[SSH, KMS]);
        let place = |address: Ipv4Addr, port| Place::within(&network, SocketAddr::from((address, port)));
        let dns = Knot::start_at(&place(DNS, 53), &[Zone::new("corp.example", records)]);
        let host = RpcServer::start_at(&place(HOST, KMS), Interface::Kms);
        Self { _dns: dns, _host: host, network }
    }

    /// A path to what is in DNS, with more keys.
    fn path(keys: &str) -> String {
        let path = config::discovered(&[SocketAddr::from((DNS, 53))]);
        path.replace("kms: {", &format!("kms: {{{keys}"))
    }

    /// Checks the path. Returns how often that connects to either port, too.
    fn checked(&self, keys: &str) -> (Report, [u32; 2]) {
        let connections = || [SSH, KMS].map(|port| self.network.connections(port)[0]);
        let before = connections();
        let report = check::configured_in(&self.network, &Self::path(keys));
        let after = connections();
        (report, [after[0] - before[0], after[1] - before[1]])
    }
}

fn steps(report: &Report) -> String {
    report.path()["next_steps"].to_string().replace("\\\"", "\"")
}

#[test]
#[ignore = "needs iproute2, knot, nftables, python3-impacket"]
fn a_port_of_another_service_is_left_out_and_reported() {
    let world = World::with(&format!(
        "_vlmcs._tcp SRV 0 0 22 ssh\n_vlmcs._tcp SRV 1 0 1688 kms1\nssh A {OTHER}\nkms1 A {HOST}"
    ));
    let (report, connections) = world.checked("");
    assert_eq!(report.outcome(), "1 degraded srv left_out - -");
    assert_eq!(connections, [0, 1]);
    assert!(report.summary().contains("DNS leads to ssh.corp.example:22"), "{}", report.summary());
    assert!(steps(&report).contains("`allowed_ports: [22, 1024-65535]`"), "{}", steps(&report));
    let subject = &report.path()["problems"][0]["subject"]["left_out"];
    assert_eq!(subject["hosts"][0]["host"], Value::from("ssh.corp.example:22"), "{subject:#}");

    // The line is as it says.
    let (report, connections) = world.checked("allowed_ports: [22, 1024-65535], ");
    assert_eq!(report.outcome(), "1 degraded tcp refused - -");
    assert_eq!(connections[0], 1);
}

#[test]
#[ignore = "needs iproute2, knot, nftables, python3-impacket"]
fn where_all_is_left_out_nothing_is_known_and_nobody_is_blamed() {
    let world = World::with(&format!("_vlmcs._tcp SRV 0 0 22 ssh\nssh A {OTHER}"));
    let (report, connections) = world.checked("");
    assert_eq!(report.outcome(), "3 unknown srv left_out - -");
    assert_eq!(connections, [0, 0]);
    assert!(report.summary().contains("DNS leads to ssh.corp.example:22"), "{}", report.summary());
    assert!(steps(&report).contains("`allowed_ports: [22, 1024-65535]`"), "{}", steps(&report));
    // Who configures it means it.
    let named = format!("paths: [{{name: corp, kms: {{hosts: [\"{OTHER}:22\"]}}}}]\n");
    assert_eq!(check::configured_in(&world.network, &named).outcome(), "2 blocked tcp refused 0xC004F074 0x800706BA");
}

#[test]
#[ignore = "needs iproute2, knot, nftables, python3-impacket"]
fn an_address_of_this_machine_its_link_or_a_group_is_left_out_where_the_nameserver_is_elsewhere() {
    for address in ["127.0.0.1", "169.254.169.254", "224.0.0.1", "0.0.0.0", "255.255.255.255"] {
        let world = World::with(&format!("_vlmcs._tcp SRV 0 0 1688 kms1\nkms1 A {address}"));
        let (report, connections) = world.checked("");
        assert_eq!(report.outcome(), "3 unknown address left_out - -", "{address}");
        assert_eq!(connections, [0, 0], "{address}");
        let line = format!("`allowed_networks: [{address}/32, 0.0.0.0/0, \"::/0\"]`");
        assert!(steps(&report).contains(&line), "{}", steps(&report));
    }
}

#[test]
#[ignore = "needs iproute2, knot, nftables, python3-impacket"]
fn networks_are_allowed_and_denied_as_configured() {
    let world = World::with(&format!("_vlmcs._tcp SRV 0 0 1688 kms1\nkms1 A {HOST}\nkms1 A {OTHER}\nkms1 A 127.0.0.1"));
    let outcome = |keys: &str| {
        let (report, [_, connections]) = world.checked(keys);
        (report.outcome(), connections)
    };
    let only = |networks: &str| format!("allowed_networks: {networks}, ");
    assert_eq!(outcome(""), ("1 degraded tcp refused - -".to_owned(), 2));
    assert_eq!(outcome(&only("[192.0.2.1]")), ("1 degraded address left_out - -".to_owned(), 1));
    assert_eq!(outcome("denied_networks: [192.0.2.2/32], "), ("1 degraded address left_out - -".to_owned(), 1));
    assert_eq!(outcome(&only("[0.0.0.0/0, 127.0.0.0/8]")), ("1 degraded tcp refused - -".to_owned(), 3));
    assert_eq!(outcome(&only("[10.0.0.0/8]")), ("3 unknown address left_out - -".to_owned(), 0));
}

#[test]
#[ignore = "needs iproute2, knot, nftables, python3-impacket"]
fn of_very_many_hosts_and_addresses_a_bounded_number_is_probed_and_the_rest_counted() {
    let mut records = String::new();
    for number in 0..300 {
        // Few enough for an answer, which is 64 KiB at the most.
        writeln!(records, "_vlmcs._tcp SRV {number} 0 1688 h{number}\nh{number} A {HOST}").expect("a string takes it");
    }
    for last in 100..116 {
        writeln!(records, "h0 A 192.0.2.{last}").expect("a string takes it");
    }
    let world = World::with(&records);
    (100..116).for_each(|last| world.network.add_address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))));
    let (report, [_, connections]) = world.checked("");
    assert_eq!(report.walk().iter().filter(|line| line.contains(" tcp ")).count(), 63 + 8);
    // One may be begun twice, where a queue is full.
    assert!((63 + 8..=2 * 64).contains(&connections), "{connections} connections");
    assert_eq!((report.exit_code, &report.path()["verdict"]), (Some(1), &"degraded".into()));
    let problems = report.path()["problems"].as_array().expect("there are problems");
    let left_out = |stage: &str| {
        let found = problems.iter().find(|problem| problem["stage"] == stage && problem["reason"] == "left_out");
        found.unwrap_or_else(|| panic!("none at {stage}: {problems:#?}"))["summary"].to_string()
    };
    assert!(left_out("srv").contains("lists 236 more hosts"), "{}", left_out("srv"));
    assert!(left_out("address").contains("has 9 more addresses"), "{}", left_out("address"));

    let daemon = Daemon::start_in(&world.network, &(World::path("") + EACH_SECOND));
    daemon.wait_until_ready();
    let scrape = daemon.scrape();
    let counted = |stage| scrape.value("gracewatch_left_out_targets", &[("path", "corp"), ("stage", stage)]);
    assert_eq!([counted("srv"), counted("address")], [Some(236.0), Some(9.0)]);
}

#[test]
#[ignore = "needs iproute2, knot, nftables, python3-impacket"]
fn what_is_left_out_follows_dns() {
    let network = Namespace::new();
    for address in [DNS, HOST] {
        network.add_address(address.into());
    }
    let place = |address: Ipv4Addr, port| Place::within(&network, SocketAddr::from((address, port)));
    let zone = |more: &str| format!("_vlmcs._tcp 1 SRV 0 0 1688 kms1\nkms1 1 A {HOST}\n{more}");
    let mut dns = Knot::start_at(&place(DNS, 53), &[Zone::new("corp.example", &zone(""))]);
    let _host = RpcServer::start_at(&place(HOST, KMS), Interface::Kms);
    let daemon = Daemon::start_in(&network, &(World::path("") + EACH_SECOND));
    daemon.wait_until_ready();
    let wait = |stage: &str, count: f64| {
        let labels = [("path", "corp"), ("stage", stage)];
        daemon.scrape_until(&format!("never {count} at {stage}"), |scrape| {
            scrape.value("gracewatch_left_out_targets", &labels) == Some(count)
        });
    };
    wait("srv", 0.0);
    dns.replace_zone("corp.example", &zone("_vlmcs._tcp 1 SRV 5 0 22 kms1"));
    wait("srv", 1.0);
    assert_eq!(daemon.report()["paths"][0]["reason"], "left_out");
    dns.replace_zone("corp.example", &zone("kms1 1 A 127.0.0.1"));
    wait("srv", 0.0);
    wait("address", 1.0);
    dns.replace_zone("corp.example", &zone(""));
    wait("address", 0.0);
    assert_eq!(daemon.report()["paths"][0]["verdict"], "ok");
}

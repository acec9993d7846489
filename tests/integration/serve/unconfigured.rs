//! The daemon without any configuration: it watches the machine's own domains, and says so where there are none.

use std::net::SocketAddr;
use std::process::Command;

use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::place::Place;
use crate::servers::rpc::{Interface, RpcServer};
use crate::support::check;
use crate::support::daemon::Daemon;
use crate::support::program::run;
use crate::support::request;

/// What a test needs of a machine: a name, and the rest of it. The name is seen by this program alone.
fn on_a_machine_called(name: &str, namespace: &Namespace, arguments: &[&str]) -> Command {
    let mut command = namespace.command("unshare");
    command.args(["--uts", "sh", "-c", "echo \"$0\" > /proc/sys/kernel/hostname && exec \"$@\"", name]);
    command.arg(env!("CARGO_BIN_EXE_gracewatch")).args(arguments);
    command.env_remove("GRACEWATCH_CONFIG");
    command
}

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// A KMS host on the usual port, and DNS of `corp.example` that lists it.
fn a_domain_with_a_host(namespace: &Namespace) -> (RpcServer, Knot) {
    let within = |port| Place::within(namespace, SocketAddr::from(([127, 0, 0, 1], port)));
    let server = RpcServer::start_at(&within(1688), Interface::Kms);
    let zone = Zone::new("corp.example", "_vlmcs._tcp SRV 0 0 1688 kms1\nkms1 A 127.0.0.1");
    (server, Knot::start_at(&within(53), &[zone]))
}

#[test]
#[ignore = "needs iproute2, python3"]
fn a_machine_without_a_domain_learns_how_to_name_one() {
    let namespace = Namespace::new();
    namespace.resolve_through([127, 0, 0, 1].into());
    let daemon = Daemon::start_unconfigured(&namespace, on_a_machine_called("ws1", &namespace, &["serve"]));
    assert_eq!(daemon.address().to_string(), "[::]:10688");
    daemon.wait_until_ready();
    for address in ["127.0.0.1:10688", "[::1]:10688"] {
        let address = address.parse().expect("an address");
        assert_eq!(request::send(Some(&namespace), "GET", address, "/-/healthy").status, 200, "{address}");
    }
    let lines = daemon.log_lines("paths: [{name: corp, kms: {domain: corp.example}}]");
    assert_eq!(lines.len(), 1, "{}", daemon.log());
    assert_eq!(daemon.report()["paths"], serde_json::json!([]));
    assert_eq!(daemon.scrape().value("gracewatch_config_last_reload_successful", &[]), Some(1.0));

    let printed = run(on_a_machine_called("ws1", &namespace, &["check"]));
    assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(3), ""));
    assert!(printed.stderr.contains("gracewatch check corp.example"), "{}", printed.stderr);
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn a_search_domain_is_watched_at_once() {
    let namespace = Namespace::new();
    let _servers = a_domain_with_a_host(&namespace);
    namespace.resolve_and_search([127, 0, 0, 1].into(), "corp.example");
    let daemon = Daemon::start_unconfigured(&namespace, on_a_machine_called("ws1", &namespace, &SERVE));
    daemon.wait_until_ready();
    let path = &daemon.report()["paths"][0];
    assert_eq!(check::verdict(path), "ok - - - -");
    let last = check::walk(path).pop();
    assert_eq!(last.as_deref(), Some("kms1.corp.example:1688 @127.0.0.1 rpc ok"));
    assert_eq!(daemon.log_lines("watching _vlmcs._tcp.corp.example").len(), 1, "{}", daemon.log());
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn a_search_domain_without_hosts_is_passed_over() {
    let namespace = Namespace::new();
    let _servers = a_domain_with_a_host(&namespace);
    namespace.resolve_and_search([127, 0, 0, 1].into(), "branch.corp.example corp.example");
    let printed = run(on_a_machine_called("ws1", &namespace, &["check", "--output", "nagios"]));
    assert_eq!(printed.exit_code, Some(0), "{}", printed.stdout);
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn the_domain_in_the_machines_own_name_is_watched_too() {
    let namespace = Namespace::new();
    let _servers = a_domain_with_a_host(&namespace);
    namespace.resolve_through([127, 0, 0, 1].into());
    let printed = run(on_a_machine_called("ws1.corp.example", &namespace, &["check", "--output", "nagios"]));
    assert_eq!(printed.exit_code, Some(0), "{}{}", printed.stdout, printed.stderr);
}

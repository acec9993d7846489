//! The resolver settings of this machine: what cannot be used of them, and what changes.

use std::fs;
use std::net::SocketAddr;

use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::place::Place;
use crate::servers::process;
use crate::servers::rpc::{Interface, RpcServer};
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::program::{gracewatch_in, run};

const DOMAIN: &str = "paths: [{name: corp, kms: {domain: corp.example}}]\n";

/// A KMS host, and DNS of `corp.example` that lists it, at an address of its own.
fn site(namespace: &Namespace, dns: [u8; 4]) -> (RpcServer, Knot) {
    let within = |address: [u8; 4], port| Place::within(namespace, SocketAddr::from((address, port)));
    let server = RpcServer::start_at(&within(dns, 1688), Interface::Kms);
    let host = SocketAddr::from((dns, 1688)).ip();
    // Whoever looks once in an hour sees no change before.
    let records = format!("_vlmcs._tcp 3600 SRV 0 0 1688 kms1\nkms1 3600 A {host}");
    (server, Knot::start_at(&within(dns, 53), &[Zone::new("corp.example", &records)]))
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn one_bad_setting_is_skipped_with_a_warning() {
    let namespace = Namespace::new();
    let _site = site(&namespace, [127, 0, 0, 1]);
    let bad = "nameserver ns.corp.example\r\nnameserver 127.0.0.1\r\nnameserver 127.0.0.1.\r\n\
               search a..b corp.example\r\noption rotate\r\n";
    namespace.write_resolv_conf(format!("\u{feff}{bad}").as_bytes());
    let directory = crate::servers::directory::TemporaryDirectory::new("settings");
    let file = directory.write("gracewatch.yaml", DOMAIN);
    for arguments in [vec!["check", "corp.example"], vec!["check", "--config", file.to_str().expect("text")]] {
        let mut command = gracewatch_in(&namespace);
        command.args(&arguments).args(["--output", "nagios"]);
        let printed = run(command);
        assert_eq!(printed.exit_code, Some(0), "{}{}", printed.stdout, printed.stderr);
        let warned: Vec<_> = printed.stderr.lines().collect();
        assert_eq!(warned.len(), 4, "{warned:#?}");
        let place = |line: &str| line.split(" is skipped: ").next().unwrap_or_default().to_owned();
        let places = [
            "gracewatch: /etc/resolv.conf:1: `ns.corp.example`",
            "gracewatch: /etc/resolv.conf:3: `127.0.0.1.`",
            "gracewatch: /etc/resolv.conf:5: `option`",
            "gracewatch: /etc/resolv.conf:4: `a..b`",
        ];
        assert_eq!(warned.iter().map(|line| place(line)).collect::<Vec<_>>(), places);
    }
    let daemon = Daemon::start_in(&namespace, DOMAIN);
    daemon.wait_until_ready();
    assert_eq!(daemon.report()["paths"][0]["verdict"], "ok");
    assert_eq!(daemon.log_lines("`a..b` is skipped: a label of the name is empty").len(), 1, "{}", daemon.log());
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn settings_that_change_are_used_at_the_next_round() {
    let namespace = Namespace::new();
    let _sites = [site(&namespace, [127, 0, 0, 1]), site(&namespace, [127, 0, 0, 2])];
    namespace.write_hosts(b"127.0.0.1 localhost\n");
    let file = namespace.write_resolv_conf(b"nameserver 127.0.0.1\nsearch corp.example\n");
    let daemon = Daemon::start_in(&namespace, &(DOMAIN.to_owned() + EACH_SECOND));
    daemon.wait_until_ready();
    let address = || daemon.report()["paths"][0]["targets"][1]["address"].clone();
    assert_eq!(address(), "127.0.0.1");
    // In place: whoever has a file mounted sees that one alone.
    fs::write(file, "nameserver 127.0.0.2\nsearch corp.example\n").expect("a file");
    process::wait_until("the nameserver is not changed", || address() == "127.0.0.2");
    assert_eq!(daemon.report()["paths"][0]["verdict"], "ok");
    assert_eq!(daemon.log_lines("resolver settings of this machine have changed").len(), 1, "{}", daemon.log());
    assert_eq!(daemon.log_lines("the configuration is reloaded").len(), 0, "{}", daemon.log());

    // What DNS says would be kept for an hour.
    namespace.write_hosts(b"127.0.0.1 localhost\n127.0.0.1 kms1.corp.example\n");
    process::wait_until("the hosts file is not read", || address() == "127.0.0.1");
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn domains_that_come_are_watched_where_nothing_is_configured() {
    let namespace = Namespace::new();
    let _site = site(&namespace, [127, 0, 0, 1]);
    let file = namespace.write_resolv_conf(b"nameserver 127.0.0.1\n");
    let daemon = Daemon::start_in(&namespace, EACH_SECOND);
    daemon.wait_until_ready();
    fs::write(file, "nameserver 127.0.0.1\nsearch corp.example\n").expect("a file");
    process::wait_until("the domain is not watched", || {
        let paths = daemon.report();
        let watched = paths["paths"].as_array().into_iter().flatten();
        watched.into_iter().any(|path| path["verdict"] == "ok" && path.to_string().contains("kms1.corp.example"))
    });
}

#[test]
#[ignore = "needs iproute2"]
fn the_good_lines_of_a_hosts_file_are_used_in_any_encoding() {
    let text = "# \u{30db}\u{30b9}\u{30c8}\r\n127.0.0.7 kms01.corp.example\r\n";
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let zeros = b"\0\0\0\0\n\0\x00127.0.0.7 \x83\x5c kms01.corp.example\0\n";
    for hosts in
        [[b"\xff\xfe".as_slice(), &utf_16].concat(), [b"\xef\xbb\xbf", text.as_bytes()].concat(), zeros.to_vec()]
    {
        let namespace = Namespace::new();
        namespace.resolve_through([127, 0, 0, 1].into());
        namespace.write_hosts(&hosts);
        let report = crate::support::check::configured_in(&namespace, &config::hosts(&["kms01.corp.example"]));
        assert_eq!(report.outcome(), "2 blocked tcp refused 0xC004F074 0x800706BA", "{:#}", report.json);
    }
}

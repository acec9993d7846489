//! What `check` understands by its arguments, and how it refuses what it does not understand.

use std::net::SocketAddr;
use std::process::Command;

use crate::servers::directory::TemporaryDirectory;
use crate::servers::dnsmasq::Dnsmasq;
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::place::Place;
use crate::servers::program;
use crate::servers::rpc::{Interface, RpcServer};
use crate::support::check;
use crate::support::listener;
use crate::support::program::{gracewatch, run, run_with};

/// The walk to a host that was found by its name and works.
const HOST_ON_THE_USUAL_PORT: [&str; 3] = [
    "kms1.corp.example:1688 @127.0.0.1 address ok",
    "kms1.corp.example:1688 @127.0.0.1 tcp ok",
    "kms1.corp.example:1688 @127.0.0.1 rpc ok",
];

/// DNS of a domain with a host in it, which listens on `port`.
fn corp_example(port: u16) -> Knot {
    Knot::start("corp.example", &format!("_vlmcs._tcp SRV 0 0 {port} kms1\nkms1 A 127.0.0.1"))
}

#[test]
#[ignore = "needs knot"]
fn a_domain_is_looked_up() {
    let host = listener::accepting_binds();
    let port = host.address().port();
    let dns = corp_example(port);
    let report = check::targets(&["corp.example", "--nameserver", &dns.address().to_string()]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(report.path()["name"], "corp.example");
    let last = format!("kms1.corp.example:{port} @127.0.0.1 rpc ok");
    assert_eq!(report.walk().last(), Some(&last));
}

#[test]
#[ignore = "needs knot"]
fn a_domain_without_records_stays_a_domain() {
    // Its own address is that of a domain controller, as in Active Directory.
    let dns = Knot::start("corp.example", "@ A 127.0.0.1");
    let report = check::targets(&["corp.example", "--nameserver", &dns.address().to_string()]);
    assert_eq!(report.outcome(), "2 blocked srv nxdomain 0x8007232B -");
}

#[test]
#[ignore = "needs knot"]
fn a_name_with_a_port_is_a_host() {
    let host = listener::accepting_binds();
    let target = format!("kms1.corp.example:{}", host.address().port());
    let dns = corp_example(1688);
    let report = check::targets(&[&target, "--nameserver", &dns.address().to_string()]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(report.walk(), ["address", "tcp", "rpc"].map(|stage| format!("{target} @127.0.0.1 {stage} ok")));
}

#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn a_bare_name_with_an_address_is_a_host_on_the_usual_port() {
    let namespace = Namespace::new();
    let within = |port| Place::within(&namespace, SocketAddr::from(([127, 0, 0, 1], port)));
    let _server = RpcServer::start_at(&within(1688), Interface::Kms);
    let _dns = Knot::start_at(&within(53), &[Zone::new("corp.example", "kms1 A 127.0.0.1")]);
    let report = check::targets_in(&namespace, &["kms1.corp.example", "--nameserver", "127.0.0.1"]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(report.walk(), HOST_ON_THE_USUAL_PORT);
}

#[test]
#[ignore = "needs iproute2, dnsmasq-base, python3-impacket"]
fn a_name_of_one_label_is_completed_by_the_machines_domains() {
    let namespace = Namespace::new();
    let within = |port| Place::within(&namespace, SocketAddr::from(([127, 0, 0, 1], port)));
    let _server = RpcServer::start_at(&within(1688), Interface::Kms);
    // It says of names outside the domain that they do not exist, as a resolver with the Internet behind it does.
    let lines = ["local=/#/", "host-record=kms1.corp.example,127.0.0.1"];
    let _dns = Dnsmasq::start_at(&within(53), &lines);
    namespace.resolve_and_search([127, 0, 0, 1].into(), "corp.example");
    let report = check::targets_in(&namespace, &["kms1"]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(report.walk(), HOST_ON_THE_USUAL_PORT);
}

/// On a network without the Internet, nameservers have no answer to a name of one label: they refuse or fail.
#[test]
#[ignore = "needs iproute2, knot, python3-impacket"]
fn a_name_of_one_label_is_completed_where_nameservers_know_their_own_zones_alone() {
    let namespace = Namespace::new();
    let within = |port| Place::within(&namespace, SocketAddr::from(([127, 0, 0, 1], port)));
    let _server = RpcServer::start_at(&within(1688), Interface::Kms);
    let _dns = Knot::start_at(&within(53), &[Zone::new("corp.example", "kms1 A 127.0.0.1")]);
    namespace.resolve_and_search([127, 0, 0, 1].into(), "corp.example");
    let report = check::targets_in(&namespace, &["kms1"]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(report.walk(), HOST_ON_THE_USUAL_PORT);
}

#[test]
#[ignore = "needs knot"]
fn several_nameservers_are_compared() {
    let host = listener::accepting_binds();
    let one = corp_example(host.address().port());
    let other = corp_example(1);
    let [one, other] = [one.address().to_string(), other.address().to_string()];
    let report = check::targets(&["corp.example", "--nameserver", &one, "--nameserver", &other]);
    assert_eq!(report.exit_code, Some(1), "{}", report.outcome());
    assert!(report.summary().contains(&one) || report.summary().contains("refuse"), "{}", report.summary());
}

#[test]
fn targets_take_the_place_of_the_configured_paths() {
    let host = listener::accepting_binds();
    let directory = TemporaryDirectory::new("arguments");
    let file = directory.write("gracewatch.yaml", "paths: [{name: corp, kms: {hosts: [192.0.2.1]}}]\n");
    let target = host.address().to_string();
    let report = check::targets(&["--config", file.to_str().expect("text"), &target, &target]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(report.path()["name"], target.as_str());
}

#[test]
fn the_configuration_may_come_from_the_environment() {
    let host = listener::accepting_binds();
    let directory = TemporaryDirectory::new("arguments");
    let text = format!("paths: [{{name: corp, kms: {{hosts: [\"{}\"]}}}}]\n", host.address());
    let file = directory.write("gracewatch.yaml", text);
    let mut command = gracewatch();
    command.env("GRACEWATCH_CONFIG", file).arg("check");
    let printed = run(command);
    assert_eq!(printed.exit_code, Some(0), "{}", printed.stderr);
    assert!(printed.stdout.starts_with("corp: ok"), "{}", printed.stdout);
}

#[test]
fn what_cannot_be_checked_is_refused_with_3() {
    let cases: [(&[&str], &str); 9] = [
        (&["check", "ftp://activation.example"], "ftp://activation.example"),
        (&["check", "kms1.corp.example:70000"], "65535"),
        (&["check", "corp..example"], "corp..example"),
        (&["check", "--output", "xml"], "xml"),
        (&["check", "--timeout", "soon", "127.0.0.1"], "soon"),
        (&["check", "--nameserver", "ns1.corp.example", "corp.example"], "ns1.corp.example"),
        (&["check", "--nameserver", "127.0.0.1"], "TARGET"),
        (&["check", "--config", "/nonexistent/gracewatch.yaml"], "/nonexistent/gracewatch.yaml"),
        (&["chekc"], "chekc"),
    ];
    for (arguments, named) in cases {
        let printed = run_with(arguments);
        assert_eq!(printed.exit_code, Some(3), "{arguments:?}: {}", printed.stderr);
        assert_eq!(printed.stdout, "", "{arguments:?}");
        assert!(printed.stderr.contains(named), "{arguments:?}: {}", printed.stderr);
        assert!(!printed.stderr.contains("panicked"), "{arguments:?}: {}", printed.stderr);
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for argument in ["--help", "--version"] {
        let printed = run_with(&[argument]);
        assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{argument}");
        assert!(printed.stdout.contains("gracewatch"), "{}", printed.stdout);
    }
    for command in ["serve", "check", "explain", "config"] {
        let printed = run_with(&[command, "--help"]);
        assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{command}");
        assert!(printed.stdout.contains("Usage: gracewatch"), "{}", printed.stdout);
    }
}

#[test]
fn a_configuration_is_checked_printed_and_described() {
    let directory = TemporaryDirectory::new("arguments");
    let example = run_with(&["config", "example"]);
    assert_eq!((example.exit_code, example.stderr.as_str()), (Some(0), ""));
    let file = directory.write("example.yaml", &example.stdout);
    let checked = run_with(&["config", "check", file.to_str().expect("text")]);
    assert_eq!(checked.exit_code, Some(0), "{}", checked.stderr);

    let file = directory.write("wrong.yaml", "log:\n  levle: info\n");
    let file = file.to_str().expect("text");
    let refused = run_with(&["config", "check", file]);
    assert_eq!(refused.exit_code, Some(1));
    assert!(refused.stderr.contains(&format!("{file}:2:3: ")), "{}", refused.stderr);
    assert!(refused.stderr.contains("did you mean `level`?"), "{}", refused.stderr);

    let schema = run_with(&["config", "schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).expect("the schema is JSON");
    assert!(schema["properties"]["paths"].is_object(), "{schema:#}");
}

#[test]
fn an_argument_of_another_program_suggests_what_it_is_called_here() {
    for (arguments, meant) in [
        (&["check", "--json"][..], "--output json"),
        (&["machines", "--csv"], "--output csv"),
        (&["machines", "--json", "ws1"], "--output json"),
        (&["check", "--nagios"], "--output nagios"),
    ] {
        let printed = run_with(arguments);
        assert_eq!(printed.exit_code, Some(3), "{printed:?}");
        assert!(printed.stderr.contains(meant), "{arguments:?}: {}", printed.stderr);
    }
}

#[test]
fn a_key_that_is_not_indented_is_reported_where_it_belongs() {
    let directory = TemporaryDirectory::new("arguments");
    for (text, belongs) in [
        (
            "paths:\n- name: corp\nkms: {domain: corp.example}\n",
            ":3:1: `kms`: this key belongs under `paths`; indent it",
        ),
        ("probe:\ninterval: 30s\n", ":1:6: `probe`: nothing is indented under this key; indent what"),
        (
            "paths:\n- name: corp\n  kms:\n  domain: corp.example\n",
            ":4:3: `domain`: this key belongs under `kms`; indent it",
        ),
        ("nameservers: []\n", "`nameservers`: this key belongs under `kms` or `online`; "),
    ] {
        let file = directory.write("wrong.yaml", text);
        let printed = run_with(&["config", "check", file.to_str().expect("text")]);
        assert_eq!(printed.exit_code, Some(1));
        assert!(printed.stderr.contains(belongs), "{}", printed.stderr);
    }
}

#[test]
fn an_empty_configuration_is_said_to_be_one() {
    let directory = TemporaryDirectory::new("arguments");
    for text in ["", "# nothing yet\n\n", "---\n"] {
        let file = directory.write("empty.yaml", text);
        let printed = run_with(&["config", "check", file.to_str().expect("text")]);
        assert_eq!(printed.exit_code, Some(0), "{printed:?}");
        let told = "has no settings: the DNS domains of this machine are monitored\n";
        assert!(printed.stderr.ends_with(told), "{text:?}: {}", printed.stderr);
    }
}

/// A host on which the service is installed: its own `/etc`, in a mount namespace.
#[test]
#[ignore = "needs util-linux, mount"]
fn an_installed_configuration_is_found_and_named() {
    let directory = TemporaryDirectory::new("arguments");
    let file = directory.write("gracewatch.yaml", "paths: [{name: branch, kms: {hosts: [\"127.0.0.1:1\"]}}]\n");
    let script = "mount -t tmpfs gracewatch-test /etc && mkdir /etc/gracewatch && cp \"$1\" /etc/gracewatch/ \
                  && shift && exec \"$@\"";
    let on_host = |arguments: &[&str]| {
        let mut command = Command::new(program::find("unshare", "util-linux"));
        command.args(["--mount", "sh", "-c", script, "sh"]).arg(&file).arg(env!("CARGO_BIN_EXE_gracewatch"));
        command.args(arguments).env_remove("GRACEWATCH_CONFIG");
        run(command)
    };
    let found = "gracewatch: the configuration is /etc/gracewatch/gracewatch.yaml\n";
    let checked = on_host(&["check", "branch"]);
    assert_eq!((checked.exit_code, checked.stderr.as_str()), (Some(2), found), "{checked:?}");
    assert!(checked.stdout.starts_with("branch: blocked at tcp: refused\n"), "{checked:?}");
    let valid = on_host(&["config", "check"]);
    assert_eq!((valid.exit_code, valid.stderr.as_str()), (Some(0), found), "{valid:?}");
    let named = on_host(&["config", "check", "/etc/gracewatch/gracewatch.yaml"]);
    assert_eq!((named.exit_code, named.stderr.as_str()), (Some(0), ""), "{named:?}");
}

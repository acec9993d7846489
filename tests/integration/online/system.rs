//! The proxy this machine is set to, by the environment.

use std::process::Command;

use super::{ACTIVATED, OK, Site, check_path, http, target};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::nginx::Nginx;
use crate::servers::port;
use crate::servers::squid::Squid;
use crate::support::check::{self, Report};
use crate::support::config::{self, Online};
use crate::support::program::{gracewatch, run};

/// Checks a path in an environment with these variables.
fn check_with(path: &Online, variables: &[(&str, &str)]) -> Report {
    check::configured_by(with(variables), &path.text())
}

fn with(variables: &[(&str, &str)]) -> Command {
    let mut command = gracewatch();
    command.envs(variables.iter().copied());
    command
}

/// The address that the only target was reached at.
fn reached_at(report: &Report) -> String {
    target(report)["address"].as_str().expect("an address is text").to_owned()
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn the_environment_names_the_proxy_for_each_scheme() {
    let (proxy, site, plain) = (Squid::open(), Site::start(), Nginx::answering(ACTIVATED));
    let via = http(proxy.address());
    let through = proxy.address().to_string();
    let with_tls = config::online(&[site.url()]).via(&["system"]).trusting(site.authority.root());
    let without = config::online(&[http(plain.address())]).via(&["system"]);
    let [direct_with_tls, direct_without] = [site.server.address(), plain.address()].map(|at| at.to_string());
    for (path, variable, at) in [
        (&with_tls, "HTTPS_PROXY", &through),
        (&with_tls, "https_proxy", &through),
        (&with_tls, "ALL_PROXY", &through),
        (&with_tls, "http_proxy", &direct_with_tls),
        (&without, "http_proxy", &through),
        (&without, "HTTP_PROXY", &through),
        (&without, "all_proxy", &through),
        (&without, "HTTPS_PROXY", &direct_without),
    ] {
        let report = check_with(path, &[(variable, &via)]);
        assert_eq!(report.outcome(), OK, "{variable}");
        assert_eq!(&reached_at(&report), at, "{variable}");
        assert_eq!(target(&report)["proxy"], "system", "{variable}");
        let has_proxy_stage = report.walk().iter().any(|line| line.ends_with(" proxy ok"));
        assert_eq!(has_proxy_stage, *at == through, "{variable}: {:?}", report.walk());
    }
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_machine_that_is_set_to_no_proxy_goes_without() {
    let site = Site::start();
    let report = check_path(&config::online(&[site.url()]).via(&["system"]).trusting(site.authority.root()));
    assert_eq!(report.outcome(), OK);
    let (name, at) = (format!("{} via system", site.url()), site.server.address());
    assert_eq!(report.walk(), ["tcp", "tls", "http"].map(|stage| format!("{name} @{at} {stage} ok")));
    let shown = target(&report)["stages"][0]["detail"].as_str().expect("a detail is text");
    assert!(shown.contains("the system names no proxy"), "{shown}");
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn exceptions_are_made_where_the_environment_says_so() {
    let (proxy, site) = (Squid::open(), Site::start());
    let via = http(proxy.address());
    let path = config::online(&[site.url()]).via(&["system"]).trusting(site.authority.root());
    let [through, direct] = [proxy.address(), site.server.address()].map(|at| at.to_string());
    for (exceptions, at) in [
        ("127.0.0.1", &direct),
        ("example, 127.0.0.0/8", &direct),
        ("*", &direct),
        ("127.0.0.2,example", &through),
        ("", &through),
    ] {
        for variable in ["NO_PROXY", "no_proxy"] {
            let report = check_with(&path, &[("HTTPS_PROXY", &via), (variable, exceptions)]);
            assert_eq!(report.outcome(), OK, "{variable}={exceptions}");
            assert_eq!(&reached_at(&report), at, "{variable}={exceptions}");
        }
    }
}

/// Who names a proxy wants to know whether it works.
#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_proxy_named_in_the_configuration_is_never_gone_around() {
    let (proxy, site) = (Squid::open(), Site::start());
    let path = config::online(&[site.url()]).via(&[http(proxy.address())]).trusting(site.authority.root());
    let other = http(port::refusing());
    let report = check_with(&path, &[("NO_PROXY", "*"), ("no_proxy", "127.0.0.1"), ("HTTPS_PROXY", &other)]);
    assert_eq!(report.outcome(), OK);
    assert_eq!(reached_at(&report), proxy.address().to_string());
    let report = check_with(&config::online(&[site.url()]).via(&["direct"]), &[("HTTPS_PROXY", &other)]);
    assert_eq!(report.outcome(), "2 blocked tls untrusted 0x80072F8F -");
    assert_eq!(reached_at(&report), site.server.address().to_string());
}

#[test]
fn a_proxy_of_the_environment_that_is_not_there_is_identified_by_its_address() {
    let closed = port::refusing();
    let path = config::online(&["https://127.0.0.1"]).via(&["system"]);
    let report = check_with(&path, &[("HTTPS_PROXY", &http(closed))]);
    assert_eq!(report.outcome(), "2 blocked tcp proxy_refused 0x80072EFD -");
    assert!(report.summary().contains(&http(closed)), "{}", report.summary());
}

#[test]
fn a_proxy_of_the_environment_that_cannot_be_read_is_not_passed_over() {
    let directory = TemporaryDirectory::new("system");
    let file = directory.write("gracewatch.yaml", config::online(&["https://127.0.0.1"]).via(&["system"]).text());
    let mut command = with(&[("HTTPS_PROXY", "gopher://user:hunter2@proxy.example")]);
    command.args(["check", "--config"]).arg(file);
    let printed = run(command);
    assert_eq!(printed.exit_code, Some(3));
    assert!(printed.stderr.contains("`HTTPS_PROXY`"), "{}", printed.stderr);
    assert!(!printed.stderr.contains("hunter2"), "{}", printed.stderr);
}

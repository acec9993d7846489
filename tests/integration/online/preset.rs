//! The endpoints of Microsoft, in a network where all their names are ours.

use std::net::{IpAddr, SocketAddr};

use super::{ACTIVATED, OK, ROOT, assert_says};
use crate::servers::certificates::{Authority, Certificate, Validity};
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::nginx::{Nginx, Tls};
use crate::servers::place::Place;
use crate::support::check::{self, Report};
use crate::support::config::{self, Online};

/// The domains of all the endpoints.
const DOMAINS: [&str; 4] = ["microsoft.com", "live.com", "digicert.com", "windowsupdate.com"];

/// The names of those with TLS.
const NAMES: [&str; 5] =
    ["*.microsoft.com", "*.sls.microsoft.com", "*.mp.microsoft.com", "*.md.mp.microsoft.com", "login.live.com"];

/// An Internet with nothing in it but the endpoints.
///
/// Dropped in this order: what runs inside, then the namespace.
struct Internet {
    dns: Knot,
    _servers: [Nginx; 2],
    authority: Authority,
    namespace: Namespace,
}

impl Internet {
    fn new() -> Self {
        let authority = Authority::new(ROOT);
        let certificate = authority.issue(&NAMES, Validity::Good);
        Self::with(authority, &certificate)
    }

    fn with(authority: Authority, certificate: &Certificate) -> Self {
        let namespace = Namespace::new();
        let within = |ip: [u8; 4], port| Place::within(&namespace, SocketAddr::new(IpAddr::from(ip), port));
        let zones = DOMAINS.map(|domain| Zone::new(domain, "* A 127.0.0.1"));
        let dns = Knot::start_at(&within([127, 0, 0, 53], 53), &zones);
        let tls = Tls { certificate, protocols: "TLSv1.2 TLSv1.3" };
        let with_tls = Nginx::tls_at(&within([127, 0, 0, 1], 443), tls, ACTIVATED);
        let plain = Nginx::answering_at(&within([127, 0, 0, 1], 80), ACTIVATED);
        Self { dns, _servers: [with_tls, plain], authority, namespace }
    }

    fn path(&self) -> Online {
        config::online_preset().trusting(self.authority.root()).asking(self.dns.address())
    }

    fn check(&self, path: &Online) -> Report {
        check::configured_in(&self.namespace, &path.text())
    }
}

/// A zone in which these names lead to where nobody listens, and all others to the endpoints.
fn without(names: &[&str]) -> String {
    let records = names.iter().map(|name| format!("{name} A 127.0.0.9\n"));
    // A name that is there keeps the asterisk from standing for what is above and below it (RFC 4592, section 2.2).
    records.chain(["* A 127.0.0.1\n*.sls A 127.0.0.1\n".to_owned()]).collect()
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot, iproute2"]
fn all_endpoints_of_the_preset_are_asked_and_are_well() {
    let internet = Internet::new();
    let report = internet.check(&internet.path().expecting(&["Gracewatch"]));
    assert_eq!(report.outcome(), OK);
    assert_says(&report, "all 20 endpoints answer");
    let targets = report.path()["targets"].as_array().expect("there is a list of targets");
    for target in targets {
        let with_tls = target["endpoint"].as_str().is_some_and(|endpoint| endpoint.starts_with("https://"));
        let at = if with_tls { "127.0.0.1:443" } else { "127.0.0.1:80" };
        assert_eq!((&target["address"], &target["http"]["status"]), (&at.into(), &200.into()), "{target:#}");
        assert_eq!(target["tls"].is_object(), with_tls, "{target:#}");
    }
    let roles = ["activation", "licensing", "validation", "revocation"];
    assert!(roles.iter().all(|role| targets.iter().any(|target| target["role"] == *role)));
}

/// Whose certificates are not of Microsoft's has intercepted, without another word in the configuration.
#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot, iproute2"]
fn the_preset_expects_the_issuers_of_microsoft() {
    let internet = Internet::new();
    let report = internet.check(&internet.path());
    assert_eq!(report.outcome(), "2 blocked tls intercepted 0x80072F8F -");
    let seen = report.path()["problems"][0]["subject"].to_string();
    assert!(seen.contains(ROOT), "{seen}");
    let url = "https://activation-v2.sls.microsoft.com";
    let root = internet.authority.root();
    let nameserver = internet.dns.address().to_string();
    let arguments = [url, "--ca-file", root.to_str().expect("the path is text"), "--nameserver", &nameserver];
    let report = check::targets_in(&internet.namespace, &arguments);
    assert_eq!(report.outcome(), "2 blocked tls intercepted 0x80072F8F -");
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot, iproute2"]
fn a_revocation_list_that_is_refused_leaves_activation() {
    let mut internet = Internet::new();
    internet.dns.replace_zone("digicert.com", &without(&["ocsp"]));
    let report = internet.check(&internet.path().expecting(&["Gracewatch"]));
    assert_eq!(report.outcome(), "1 degraded tcp refused - -");
    assert_says(&report, "works, and activation is not lost, but http://ocsp.digicert.com refuses connections");
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot, iproute2"]
fn endpoints_of_activation_that_are_all_refused_block_keys() {
    let mut internet = Internet::new();
    internet.dns.replace_zone("microsoft.com", &without(&["go", "activation.sls", "activation-v2.sls"]));
    let report = internet.check(&internet.path().expecting(&["Gracewatch"]));
    assert_eq!(report.outcome(), "2 blocked tcp refused 0x80072EFD -", "{}", report.summary());
    assert_says(&report, "blocked for MAK and retail keys");
}

/// It leads there, and does not activate.
#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot, iproute2"]
fn what_leads_to_activation_is_no_use_where_it_leads_to_is_refused() {
    let mut internet = Internet::new();
    internet.dns.replace_zone("microsoft.com", &without(&["activation.sls", "activation-v2.sls"]));
    let report = internet.check(&internet.path().expecting(&["Gracewatch"]));
    assert_eq!(report.outcome(), "2 blocked tcp refused 0x80072EFD -", "{}", report.summary());
    assert_says(&report, "blocked for MAK and retail keys");
}

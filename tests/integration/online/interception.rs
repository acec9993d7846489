//! A hop that opens what it forwards, and shows certificates of its own.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use super::{ACTIVATED, NAME, OK, ROOT, Site, assert_says, check_path, complaint, http, https};
use crate::servers::certificates::{Authority, Validity};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::knot::Knot;
use crate::servers::nginx::{Nginx, Tls};
use crate::servers::place::Place;
use crate::servers::squid::Squid;
use crate::support::config;

const INTERCEPTED: &str = "2 blocked tls intercepted 0x80072F8F -";

/// An endpoint, and a proxy by which something else answers in its place.
struct Scene {
    site: Site,
    wrong: Authority,
    _interceptor: Nginx,
    proxy: Squid,
    directory: TemporaryDirectory,
}

impl Scene {
    fn new() -> Self {
        let (site, wrong) = (Site::start(), Authority::new("Intercepting Proxy CA"));
        let interceptor = Nginx::tls_at(
            // Another address and the same port, so that the name alone decides who is asked.
            &Place::at(SocketAddr::new(IpAddr::from([127, 0, 0, 2]), site.server.address().port())),
            Tls { certificate: &wrong.issue(&[NAME], Validity::Good), protocols: "TLSv1.2 TLSv1.3" },
            ACTIVATED,
        );
        let proxy = Squid::with_hosts(&[(NAME, "127.0.0.2")]);
        Self { site, wrong, _interceptor: interceptor, proxy, directory: TemporaryDirectory::new("roots") }
    }

    /// The roots of both, as on a machine that trusts the hop.
    fn both_roots(&self) -> PathBuf {
        let roots = [self.site.authority.root(), self.wrong.root()];
        let texts = roots.map(|root| fs::read_to_string(root).expect("a root can be read"));
        self.directory.write("roots.pem", texts.concat())
    }
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_hop_that_opens_tls_is_seen_though_this_machine_trusts_it() {
    let scene = Scene::new();
    let via = http(scene.proxy.address());
    for roots in [scene.site.authority.root(), scene.both_roots()] {
        let path = config::online(&[scene.site.named()]).via(&[&via]).trusting(roots).expecting(&[ROOT]);
        let report = check_path(&path);
        assert_eq!(report.outcome(), INTERCEPTED);
        assert!(complaint(&report).contains("Intercepting Proxy CA"), "{}", complaint(&report));
        assert_says(&report, "is intercepted");
        let steps = report.path()["next_steps"].to_string();
        assert!(steps.contains("exempt activation.example from inspection"), "{steps}");
    }
}

/// Who expects nobody in particular cannot distinguish a hop it trusts from the endpoint.
#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_hop_that_is_trusted_passes_where_nobody_is_expected() {
    let scene = Scene::new();
    let path = config::online(&[scene.site.named()]).via(&[http(scene.proxy.address())]);
    assert_eq!(check_path(&path.clone().trusting(scene.both_roots())).outcome(), OK);
    let report = check_path(&path.trusting(scene.site.authority.root()));
    assert_eq!(report.outcome(), "2 blocked tls untrusted 0x80072F8F -");
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime, knot"]
fn a_hop_on_one_of_two_ways_leaves_the_other() {
    let scene = Scene::new();
    let dns = Knot::start("example", "activation A 127.0.0.1");
    let via = http(scene.proxy.address());
    let path = config::online(&[scene.site.named()]).via(&["direct", &via]).trusting(scene.both_roots());
    let report = check_path(&path.expecting(&[ROOT]).asking(dns.address()));
    assert_eq!(report.outcome(), "1 degraded tls intercepted - -");
    assert_says(&report, &format!("works through 1 of 2 targets, but TLS to {} through {via}", scene.site.named()));
    let cells = &report.path()["matrix"]["endpoints"][0]["cells"];
    let seen = |number: usize| (cells[number]["ok"].as_bool(), cells[number]["reason"].as_str());
    assert_eq!([seen(0), seen(1)], [(Some(true), None), (Some(false), Some("intercepted"))], "{cells:#}");
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn issuers_are_expected_by_a_part_of_the_name_of_the_last() {
    let site = Site::start();
    for (issuers, outcome) in [
        (&[ROOT][..], OK),
        (&["gracewatch test"], OK),
        (&["Microsoft", "Test Root"], OK),
        (&["Microsoft", "DigiCert"], INTERCEPTED),
        // It signed the endpoint's certificate, and a root vouches for it.
        (&["Intermediate"], INTERCEPTED),
    ] {
        let path = config::online(&[site.url()]).trusting(site.authority.root()).expecting(issuers);
        assert_eq!(check_path(&path).outcome(), outcome, "{issuers:?}");
    }
}

/// Whoever intercepts may well do so with a certificate that is wrong in other ways too.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn interception_says_more_than_what_else_is_wrong_with_the_copy() {
    let (right, wrong) = (Authority::new(ROOT), Authority::new("Intercepting Proxy CA"));
    let server = Nginx::tls(&wrong.issue(&["portal.example"], Validity::Expired), ACTIVATED);
    let path = config::online(&[https(server.address())]).trusting(right.root()).expecting(&[ROOT]);
    assert_eq!(check_path(&path).outcome(), INTERCEPTED);
}

/// A hop may call its root what it likes.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn an_expected_name_alone_makes_nobody_trusted() {
    let (right, wrong) = (Authority::new(ROOT), Authority::new(ROOT));
    let server = Nginx::tls(&wrong.issue(&["127.0.0.1"], Validity::Good), ACTIVATED);
    let path = config::online(&[https(server.address())]).trusting(right.root()).expecting(&[ROOT]);
    assert_eq!(check_path(&path).outcome(), "2 blocked tls untrusted 0x80072F8F -");
}

/// What a hop sends beside its certificates may say anything: what counts is whose word is taken for them.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_hop_that_is_trusted_is_seen_though_its_chain_ends_at_an_expected_name() {
    let (wrong, pretended) = (Authority::new("Intercepting Proxy CA"), Authority::new(ROOT));
    let directory = TemporaryDirectory::new("chain");
    let mut certificate = wrong.issue(&["127.0.0.1"], Validity::Good);
    let files = [certificate.leaf.clone(), wrong.intermediate(), wrong.root_signed_by(&pretended, Validity::Good)];
    let texts = files.map(|file| fs::read_to_string(file).expect("it can be read"));
    certificate.chain = directory.write("chain.pem", texts.concat());
    let server = Nginx::tls(&certificate, ACTIVATED);
    let path = config::online(&[https(server.address())]).trusting(wrong.root()).expecting(&[ROOT]);
    assert_eq!(check_path(&path).outcome(), INTERCEPTED);
}

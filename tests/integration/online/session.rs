//! What is reported of TLS: version, cipher suite, and the chain of certificates as OpenSSL describes it.

use std::path::Path;

use serde_json::Value;

use super::{ACTIVATED, NAME, OK, ROOT, Site, check_path, complaint, https, target};
use crate::servers::certificates::{self, Authority, Validity};
use crate::servers::nginx::{Nginx, Tls};
use crate::servers::place::Place;
use crate::support::config;

/// Insists that a certificate is reported as OpenSSL describes it.
fn assert_is_shown(reported: &Value, certificate: &Path) {
    let fingerprint = certificates::describe(certificate, &["-fingerprint", "-sha256"]);
    let (_, fingerprint) = fingerprint.trim().split_once('=').expect("a fingerprint has a name");
    assert_eq!(reported["sha256"].as_str(), Some(fingerprint.replace(':', "").to_lowercase().as_str()), "{reported:#}");
    // `notBefore=2026-07-22 06:12:01Z`, once OpenSSL is asked for that form.
    for (key, argument) in [("not_before", "-startdate"), ("not_after", "-enddate")] {
        let said = certificates::describe(certificate, &[argument, "-dateopt", "iso_8601"]);
        let (_, moment) = said.trim().split_once('=').expect("a date has a name");
        let moment = moment.replace(' ', "T").replace('Z', ".000Z");
        assert_eq!(reported[key].as_str(), Some(moment.as_str()), "{reported:#}");
    }
    // `subject=CN = activation.example`
    for key in ["subject", "issuer"] {
        let said = certificates::describe(certificate, &[&format!("-{key}")]);
        let (_, name) = said.trim().split_once('=').expect("a name has a kind");
        assert_eq!(reported[key].as_str(), Some(name.replace(" = ", "=").as_str()), "{reported:#}");
    }
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn the_chain_is_reported_as_it_was_sent() {
    let authority = Authority::new(ROOT);
    let certificate = authority.issue(&[NAME, "*.sls.example", "127.0.0.1"], Validity::Good);
    let server = Nginx::tls(&certificate, ACTIVATED);
    let report = check_path(&config::online(&[https(server.address())]).trusting(authority.root()));
    assert_eq!(report.outcome(), OK);
    let reported = target(&report)["tls"]["certificates"].as_array().expect("there is a list of certificates");
    let [leaf, intermediate] = reported.as_slice() else { panic!("not two certificates: {reported:#?}") };
    assert_is_shown(leaf, &certificate.leaf);
    assert_eq!(leaf["names"], serde_json::json!([NAME, "*.sls.example"]));
    assert_is_shown(intermediate, &authority.intermediate());
    assert_eq!(intermediate["issuer"], format!("CN={ROOT}"));
}

/// A certificate nobody believes is what one wants to see.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn the_chain_is_reported_where_it_is_not_believed_as_well() {
    let (shown, trusted) = (Authority::new("Somebody Else"), Authority::new(ROOT));
    let certificate = shown.issue(&["127.0.0.1"], Validity::Expired);
    let server = Nginx::tls(&certificate, ACTIVATED);
    let report = check_path(&config::online(&[https(server.address())]).trusting(trusted.root()));
    assert_eq!(report.path()["stage"], "tls");
    assert_is_shown(&target(&report)["tls"]["certificates"][0], &certificate.leaf);
    assert_eq!(target(&report)["http"], Value::Null, "who is not believed is not asked");
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn both_versions_in_use_are_spoken_and_reported_with_their_cipher_suites() {
    let authority = Authority::new(ROOT);
    let certificate = authority.issue(&["127.0.0.1"], Validity::Good);
    for (protocols, version, cipher) in [
        ("TLSv1.2", "TLS 1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        ("TLSv1.3", "TLS 1.3", "TLS_AES_256_GCM_SHA384"),
    ] {
        let server = Nginx::tls_at(&Place::loopback(), Tls { certificate: &certificate, protocols }, ACTIVATED);
        let report = check_path(&config::online(&[https(server.address())]).trusting(authority.root()));
        assert_eq!(report.outcome(), OK, "{protocols}");
        let tls = &target(&report)["tls"];
        assert_eq!((tls["version"].as_str(), tls["cipher"].as_str()), (Some(version), Some(cipher)), "{tls:#}");
    }
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn versions_that_windows_speaks_no_more_are_reported_as_such() {
    let authority = Authority::new(ROOT);
    let certificate = authority.issue(&["127.0.0.1"], Validity::Good);
    for protocols in ["TLSv1", "TLSv1.1", "TLSv1 TLSv1.1"] {
        let server = Nginx::tls_at(&Place::loopback(), Tls { certificate: &certificate, protocols }, ACTIVATED);
        let report = check_path(&config::online(&[https(server.address())]).trusting(authority.root()));
        assert_eq!(report.outcome(), "2 blocked tls tls_version 0x80072F8F -", "{protocols}: {:#}", report.json);
        assert!(!complaint(&report).is_empty());
        assert_eq!(target(&report)["tls"], Value::Null, "{protocols}");
    }
}

/// TLS begins with the name asked for, by which a server with several chooses; an address is not a name.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn an_endpoint_is_distinguished_by_its_address_as_well_as_by_name() {
    let site = Site::start();
    let report = check_path(&config::online(&[site.url()]).trusting(site.authority.root()));
    assert_eq!(target(&report)["endpoint"], site.url());
    assert_eq!(target(&report)["tls"]["certificates"][0]["subject"], format!("CN={NAME}"));
}

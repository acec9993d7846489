//! Certificates, right and wrong in every way there is.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::{ACTIVATED, NAME, OK, ROOT, Site, assert_says, check_path, complaint, https, target};
use crate::servers::certificates::{self, Authority, Certificate, Odd, Validity};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::knot::Knot;
use crate::servers::nginx::Nginx;
use crate::support::check::Report;
use crate::support::config;

/// Checks an endpoint with a certificate, where this authority is trusted.
fn check_with(certificate: &Certificate, trusted: &Authority) -> Report {
    let server = Nginx::tls(certificate, ACTIVATED);
    check_path(&config::online(&[https(server.address())]).trusting(trusted.root()))
}

/// The verdict where TLS fails for a reason.
fn blocked(reason: &str) -> String {
    format!("2 blocked tls {reason} 0x80072F8F -")
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_good_certificate_is_believed() {
    let site = Site::start();
    let report = check_path(&config::online(&[site.url()]).trusting(site.authority.root()));
    assert_eq!(report.outcome(), OK);
    let at = site.server.address();
    let passed = ["tcp", "tls", "http"].map(|stage| format!("https://{at} @{at} {stage} ok"));
    assert_eq!(report.walk(), passed);
    assert_eq!(target(&report)["http"]["status"], 200);
    assert!(report.elapsed < Duration::from_secs(3), "it took {:?}", report.elapsed);
    assert_says(&report, &format!("{} answers", site.url()));
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_that_has_ended_is_expired() {
    let authority = Authority::new(ROOT);
    let report = check_with(&authority.issue(&["127.0.0.1"], Validity::Expired), &authority);
    assert_eq!(report.outcome(), blocked("expired"));
    assert!(complaint(&report).starts_with("the certificate of 127.0.0.1 ended on "), "{}", complaint(&report));
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_whose_issuer_has_ended_is_expired() {
    let authority = Authority::with_intermediate(ROOT, Validity::Expired);
    let report = check_with(&authority.issue(&["127.0.0.1"], Validity::Good), &authority);
    assert_eq!(report.outcome(), blocked("expired"));
    let blamed = format!("the certificate of {ROOT} Intermediate ended on ");
    assert!(complaint(&report).starts_with(&blamed), "{}", complaint(&report));
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_that_is_to_begin_is_not_valid_yet() {
    let authority = Authority::new(ROOT);
    let report = check_with(&authority.issue(&["127.0.0.1"], Validity::NotYet), &authority);
    assert_eq!(report.outcome(), blocked("not_yet_valid"));
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_for_another_name_is_reported_with_that_name() {
    let authority = Authority::new(ROOT);
    let report = check_with(&authority.issue(&["portal.example", "127.0.0.2"], Validity::Good), &authority);
    assert_eq!(report.outcome(), blocked("name_mismatch"));
    assert!(complaint(&report).contains("portal.example"), "{}", complaint(&report));
}

/// That it has no other name does not make it one for whatever address it is shown at.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_for_another_address_is_for_another_name() {
    let authority = Authority::new(ROOT);
    let report = check_with(&authority.issue(&["127.0.0.2"], Validity::Good), &authority);
    assert_eq!(report.outcome(), blocked("name_mismatch"));
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn an_issuer_that_nobody_named_is_untrusted() {
    let (shown, trusted) = (Authority::new("Somebody Else"), Authority::new(ROOT));
    let report = check_with(&shown.issue(&["127.0.0.1"], Validity::Good), &trusted);
    assert_eq!(report.outcome(), blocked("untrusted"));
    assert!(complaint(&report).contains("Somebody Else"), "{}", complaint(&report));
}

/// A name is not enough to be believed.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn an_issuer_of_the_same_name_is_not_the_same() {
    let (shown, trusted) = (Authority::new(ROOT), Authority::new(ROOT));
    let report = check_with(&shown.issue(&["127.0.0.1"], Validity::Good), &trusted);
    assert_eq!(report.outcome(), blocked("untrusted"));
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_chain_without_its_intermediate_is_untrusted() {
    let authority = Authority::new(ROOT);
    let certificate = authority.issue(&["127.0.0.1"], Validity::Good);
    let report = check_with(&certificate.without_intermediate(), &authority);
    assert_eq!(report.outcome(), blocked("untrusted"));
    assert!(complaint(&report).contains(&format!("{ROOT} Intermediate")), "{}", complaint(&report));
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_that_vouches_for_itself_is_untrusted() {
    let authority = Authority::new(ROOT);
    let report = check_with(&Certificate::self_signed(&["127.0.0.1"]), &authority);
    assert_eq!(report.outcome(), blocked("untrusted"));
    assert!(complaint(&report).contains("is self-signed"), "{}", complaint(&report));
}

/// As that of an appliance in the cellar may.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_that_vouches_for_itself_is_believed_where_it_is_named() {
    let certificate = Certificate::self_signed(&["127.0.0.1"]);
    let server = Nginx::tls(&certificate, ACTIVATED);
    let path = config::online(&[https(server.address())]).trusting(certificate.leaf.clone());
    assert_eq!(check_path(&path).outcome(), OK);
    let other = Nginx::tls(&Certificate::self_signed(&["127.0.0.1"]), ACTIVATED);
    let path = config::online(&[https(other.address())]).trusting(certificate.leaf.clone());
    assert_eq!(check_path(&path).outcome(), blocked("untrusted"), "another of the same name");
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_that_ends_soon_is_reported_while_it_works() {
    let authority = Authority::new(ROOT);
    let certificate = authority.issue(&["127.0.0.1"], Validity::EndingIn(20));
    let report = check_with(&certificate, &authority);
    assert_eq!(report.outcome(), "1 degraded tls expiring - -");
    assert!(report.walk().iter().all(|line| line.ends_with(" ok")), "{:?}", report.walk());
    // `notAfter=2026-08-12T...Z` once OpenSSL is asked for that form.
    let said = certificates::describe(&certificate.leaf, &["-enddate", "-dateopt", "iso_8601"]);
    let day = said.trim_start_matches("notAfter=").split(' ').next().expect("there is a day");
    assert_says(&report, &format!("expires on {day}"));
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn an_intermediate_that_ends_soon_is_reported_as_well() {
    let authority = Authority::with_intermediate(ROOT, Validity::EndingIn(20));
    let report = check_with(&authority.issue(&["127.0.0.1"], Validity::Good), &authority);
    assert_eq!(report.outcome(), "1 degraded tls expiring - -");
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_that_ends_later_is_well() {
    let authority = Authority::new(ROOT);
    assert_eq!(check_with(&authority.issue(&["127.0.0.1"], Validity::EndingIn(40)), &authority).outcome(), OK);
}

/// Checks an endpoint that sends its own certificate and then these.
fn check_with_chain(authority: &Authority, others: &[&Path]) -> Report {
    let directory = TemporaryDirectory::new("chain");
    let mut certificate = authority.issue(&["127.0.0.1"], Validity::Good);
    let files = [&[certificate.leaf.as_path()], others].concat();
    let text: String = files.iter().map(|file| fs::read_to_string(file).expect("it can be read")).collect();
    certificate.chain = directory.write("chain.pem", text);
    let server = Nginx::tls(&certificate, ACTIVATED);
    let path = config::online(&[https(server.address())]).trusting(authority.root()).expecting(&[ROOT]);
    let report = check_path(&path);
    let sent = target(&report)["tls"]["certificates"].as_array().map(Vec::len);
    assert_eq!(sent, Some(files.len()), "{:#}", report.json);
    report
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_chain_may_hold_the_root_and_in_any_order() {
    let authority = Authority::new(ROOT);
    let (root, intermediate) = (authority.root(), authority.intermediate());
    assert_eq!(check_with_chain(&authority, &[&intermediate, &root]).outcome(), OK);
    assert_eq!(check_with_chain(&authority, &[&root, &intermediate]).outcome(), OK);
}

/// Such as one that a server goes on sending for clients older than any there are (RFC 8446, section 4.4.2).
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_in_the_chain_that_nobody_needs_changes_nothing() {
    let authority = Authority::new(ROOT);
    for validity in [Validity::Good, Validity::EndingIn(20), Validity::Expired] {
        let old = Authority::with_intermediate("Old Root", validity);
        let report = check_with_chain(&authority, &[&authority.intermediate(), &old.intermediate()]);
        assert_eq!(report.outcome(), OK, "{validity:?}: {}", report.summary());
    }
}

/// An authority that was once vouched for by an older one sends its word along, long after it is trusted by itself.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_root_that_an_old_one_vouches_for_as_well_is_believed_by_itself() {
    let (authority, old) = (Authority::new(ROOT), Authority::new("Old Root"));
    for validity in [Validity::Good, Validity::Expired] {
        let word = authority.root_signed_by(&old, validity);
        let report = check_with_chain(&authority, &[&authority.intermediate(), &word]);
        assert_eq!(report.outcome(), OK, "{validity:?}: {}", report.summary());
    }
}

/// An authority that has a new key, or two of one name: which of them signed is not in the name.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn of_two_issuers_of_one_name_the_one_counts_that_signed() {
    let (soon, later) = (Authority::with_intermediate(ROOT, Validity::EndingIn(20)), Authority::new(ROOT));
    for others in [[soon.intermediate(), later.intermediate()], [later.intermediate(), soon.intermediate()]] {
        let others = others.each_ref().map(std::path::PathBuf::as_path);
        assert_eq!(check_with_chain(&soon, &others).outcome(), "1 degraded tls expiring - -");
        assert_eq!(check_with_chain(&later, &others).outcome(), OK);
    }
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_signature_that_windows_alone_can_verify_leaves_the_path_unknown() {
    let authority = Authority::new(ROOT);
    let unsupported = authority.issue_odd(&["127.0.0.1"], Odd::Sha512);
    assert_eq!(check_with(&unsupported, &authority).outcome(), "3 unknown tls unsupported_signature - -");
    // What is wrong all the same is said.
    let unsupported = authority.issue_odd(&["portal.example"], Odd::Sha512);
    assert_eq!(check_with(&unsupported, &authority).outcome(), blocked("name_mismatch"));
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot"]
fn a_wildcard_is_for_one_label_and_no_more() {
    let authority = Authority::new(ROOT);
    let server = Nginx::tls(&authority.issue(&["*.sls.example"], Validity::Good), ACTIVATED);
    let dns = Knot::start("sls.example", "activation A 127.0.0.1\nmore.activation A 127.0.0.1");
    for (name, outcome) in [("activation", OK.to_owned()), ("more.activation", blocked("name_mismatch"))] {
        let url = format!("https://{name}.sls.example:{}", server.address().port());
        let path = config::online(&[url]).trusting(authority.root()).asking(dns.address());
        assert_eq!(check_path(&path).outcome(), outcome, "{name}");
    }
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot"]
fn names_are_compared_whatever_the_case_of_their_letters() {
    let site = Site::start();
    let dns = Knot::start("example", "activation A 127.0.0.1");
    let shouted = site.named().replace(NAME, &NAME.to_uppercase());
    let path = config::online(&[shouted]).trusting(site.authority.root()).asking(dns.address());
    assert_eq!(check_path(&path).outcome(), OK);
}

//! Certificates by a clock of ours that is wrong.

use super::{ACTIVATED, NAME, OK, ROOT, Site, assert_says, https};
use crate::servers::certificates::{Authority, Validity};
use crate::servers::chrony::Chrony;
use crate::servers::nginx::Nginx;
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::program::gracewatch_shifted;

/// Two months.
const EARLY: &str = "-5184000s";

/// Two years.
const LATE: &str = "+63072000s";

/// Checks an endpoint with a clock that is off, while a time server has the right time.
fn check_shifted(offset: &str, site: &Site) -> Report {
    let time = Chrony::right();
    let path = config::online(&[site.url()]).trusting(site.authority.root());
    check::configured_by(gracewatch_shifted(offset), &(path.text() + &config::ntp(&[time.address()])))
}

#[test]
#[ignore = "needs chrony, nginx, openssl, libfaketime"]
fn a_certificate_that_is_not_valid_yet_by_a_clock_that_is_behind_is_reported_with_that_clock() {
    let report = check_shifted(EARLY, &Site::start());
    assert_eq!(report.outcome(), "2 blocked tls not_yet_valid 0x80072F8F -");
    assert_says(&report, "this machine's clock is ");
    assert_says(&report, " behind true time, so the certificate of ");
    let first = report.path()["next_steps"][0].as_str().expect("a step is text");
    assert!(first.contains("this machine's clock"), "{first}");
}

#[test]
#[ignore = "needs chrony, nginx, openssl, libfaketime"]
fn a_certificate_that_has_expired_by_a_clock_that_is_ahead_is_reported_with_that_clock() {
    let report = check_shifted(LATE, &Site::start());
    assert_eq!(report.outcome(), "2 blocked tls expired 0x80072F8F -");
    assert_says(&report, "this machine's clock is ");
    assert_says(&report, " ahead of true time, so the certificate of ");
}

#[test]
#[ignore = "needs chrony, nginx, openssl, libfaketime"]
fn a_certificate_that_is_wrong_by_a_clock_that_is_right_is_to_blame_itself() {
    let authority = Authority::new(ROOT);
    let (server, time) =
        (Nginx::tls(&authority.issue(&[NAME, "127.0.0.1"], Validity::NotYet), ACTIVATED), Chrony::right());
    let path = config::online(&[https(server.address())]).trusting(authority.root());
    let report = check::configured(&(path.text() + &config::ntp(&[time.address()])));
    assert_eq!(report.outcome(), "2 blocked tls not_yet_valid 0x80072F8F -");
    assert!(!report.summary().contains("clock"), "{}", report.summary());
}

/// Where nothing fails for it yet, it is something to know of.
#[test]
#[ignore = "needs chrony, nginx, openssl, libfaketime"]
fn a_clock_of_ours_that_is_wrong_is_reported_where_all_works() {
    let report = check_shifted("+14700s", &Site::start());
    assert_eq!(report.outcome(), "1 degraded clock own_clock - -");
    assert_says(&report, "works, but this machine's clock is 4 h 5 min ahead of true time");
    assert!(report.walk().iter().all(|line| line.ends_with(" ok")), "{:?}", report.walk());
}

#[test]
#[ignore = "needs chrony, nginx, openssl, libfaketime"]
fn a_clock_of_ours_that_is_right_is_not_spoken_of() {
    let report = check_shifted("+1s", &Site::start());
    assert_eq!(report.outcome(), OK);
    assert!(!report.summary().contains("clock"), "{}", report.summary());
}

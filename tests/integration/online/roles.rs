//! What an endpoint is for decides what is lost with it.

use super::{ACTIVATED, OK, assert_says, check_path, http};
use crate::servers::nginx::Nginx;
use crate::servers::port;
use crate::support::check::Report;
use crate::support::config;

/// Checks endpoints of these roles, some of which work.
fn check_with(endpoints: &[(&str, bool)]) -> Report {
    let working = Nginx::answering(ACTIVATED);
    let mappings: Vec<_> = endpoints
        .iter()
        .enumerate()
        .map(|(number, (role, works))| {
            let url = if *works { format!("{}/{number}", http(working.address())) } else { http(port::refusing()) };
            format!("{{url: \"{url}\", role: {role}}}")
        })
        .collect();
    check_path(&config::online(&mappings))
}

/// The verdict where everything that matters is refused.
const REFUSED: &str = "2 blocked tcp refused 0x80072EFD -";

#[test]
#[ignore = "needs nginx"]
fn all_roles_that_work_are_well() {
    let roles = [("activation", true), ("licensing", true), ("validation", true), ("revocation", true)];
    let report = check_with(&roles);
    assert_eq!(report.outcome(), OK);
    let shown: Vec<_> = report.path()["targets"].as_array().expect("a list").iter().map(|it| &it["role"]).collect();
    assert_eq!(shown, roles.map(|(role, _)| role));
}

#[test]
#[ignore = "needs nginx"]
fn revocation_lists_and_validation_that_are_lost_leave_activation() {
    for (role, words) in
        [("revocation", "revocation lists are fetched there"), ("validation", "validation is done there")]
    {
        let report = check_with(&[("activation", true), ("licensing", true), (role, false)]);
        assert_eq!(report.outcome(), "1 degraded tcp refused - -", "{role}");
        assert_says(&report, "works, and activation is not lost, but ");
        assert_says(&report, words);
    }
}

#[test]
#[ignore = "needs nginx"]
fn keys_or_licenses_that_have_no_endpoint_left_are_blocked() {
    for (lost, left, whom) in [
        ("activation", "licensing", "blocked for MAK and retail keys at tcp"),
        ("licensing", "activation", "blocked for digital and subscription licenses at tcp"),
    ] {
        let report = check_with(&[(lost, false), (lost, false), (left, true), ("revocation", true)]);
        assert_eq!(report.outcome(), REFUSED, "{lost}");
        assert_says(&report, whom);
        assert_says(&report, " refuse connections");
    }
}

#[test]
#[ignore = "needs nginx"]
fn one_of_two_endpoints_for_the_same_is_enough() {
    let report = check_with(&[("activation", false), ("activation", true), ("licensing", true)]);
    assert_eq!(report.outcome(), "1 degraded tcp refused - -");
    assert_says(&report, "works through 2 of 3 targets, but ");
    assert!(!report.summary().contains("not lost"), "{}", report.summary());
}

#[test]
#[ignore = "needs nginx"]
fn everything_that_is_lost_is_lost_for_everyone() {
    let report = check_with(&[("activation", false), ("licensing", false), ("revocation", true)]);
    assert_eq!(report.outcome(), REFUSED);
    assert!(report.summary().starts_with("Path corp is blocked at tcp: "), "{}", report.summary());
}

/// A path that has revocation lists alone is for these.
#[test]
#[ignore = "needs nginx"]
fn a_path_without_essential_endpoints_is_blocked_when_all_fail() {
    // Nobody fails to be activated for it, so there is no code to show.
    let report = check_with(&[("revocation", false), ("validation", false)]);
    assert_eq!(report.outcome(), "2 blocked tcp refused - -");
    let report = check_with(&[("revocation", false), ("revocation", true)]);
    assert_eq!(report.outcome(), "1 degraded tcp refused - -");
}

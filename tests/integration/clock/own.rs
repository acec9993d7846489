//! This machine's own clock is wrong: the program itself is shown another time than there is.
//!
//! The kernel is not. What it writes down of when a datagram arrived is the true time, which the program must not mix
//! with the one it goes by.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{
    BUSY, OK, OWN_CLOCK, SHIFT, SKEWED, assert_metric, assert_read, assert_reference, clock_summary, source, way,
};
use crate::servers::chrony::Chrony;
use crate::servers::nginx::Nginx;
use crate::servers::smbd::Smbd;
use crate::support::check::{self, Report};
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;
use crate::support::program::gracewatch_shifted;

/// Checks with a clock that is off.
fn check_shifted(offset: &str, configuration: &str) -> Report {
    check::configured_by(gracewatch_shifted(offset), configuration)
}

/// Insists that our own clock is blamed, in words, and the host is not.
fn assert_own_clock_is_blamed(report: &Report, words: &str) {
    assert_eq!(report.outcome(), OWN_CLOCK);
    let blamed = format!("this machine's clock is {words} true time; the KMS hosts' are right");
    assert!(report.summary().contains(&blamed), "{}", report.summary());
    assert!(!report.summary().contains("127.0.0.1 is"), "{}", report.summary());
    let known = format!("This machine's clock is {words} true time");
    assert!(clock_summary(report).starts_with(&known), "{}", clock_summary(report));
    let steps = report.path()["next_steps"].to_string();
    assert!(steps.contains("this machine's clock"), "{steps}");
}

/// Insists that a clock is as wrong as ours. Both processes are shifted, each a little in its own way.
fn assert_shares_our_clock(report: &Report, kind: &str) {
    let offset = source(report, Some(kind))["offset_seconds"].as_f64().expect("the time is reported");
    assert!(offset.abs() < SHIFT, "{kind}: {offset}");
}

#[test]
#[ignore = "needs chrony, samba, nginx, libfaketime"]
fn a_wrong_clock_of_ours_is_blamed_and_the_host_is_not() {
    let host = listener::accepting_binds();
    let (time, smb, http) = (Chrony::right(), Smbd::right(), Nginx::right());
    for (shift, truth, words) in [
        ("+14700s", -14_700.0, "4 h 5 min ahead of"),
        ("-14700s", 14_700.0, "4 h 5 min behind"),
        ("-10800s", 10_800.0, "3 h behind"),
    ] {
        for (kind, address, most) in [("smb2", smb.address(), BUSY), ("http_date", http.address(), 0.7)] {
            let clock = config::clock(&[time.address()], &[way(kind, address)]);
            let report = check_shifted(shift, &(config::hosts(&[host.address()]) + &clock));
            assert_own_clock_is_blamed(&report, words);
            assert_read(source(&report, Some("ntp")), truth, BUSY);
            assert_reference(&report, truth);
            assert_read(source(&report, Some(kind)), truth, most);
        }
    }
}

#[test]
#[ignore = "needs chrony, samba, libfaketime"]
fn a_daemon_with_a_wrong_clock_says_so() {
    let host = listener::accepting_binds();
    let (time, smb) = (Chrony::right(), Smbd::right());
    let clock = config::clock(&[time.address()], &[way("smb2", smb.address())]);
    let settings = config::hosts(&[host.address()]) + &clock + EACH_SECOND;
    for (shift, truth) in [("+14700s", -14_700.0), ("-10800s", 10_800.0)] {
        let daemon = Daemon::start_shifted(shift, &settings);
        let scrape = daemon.scrape();
        assert_metric(&scrape, "clock", &[("kind", "ntp")], truth);
        assert_metric(&scrape, "clock", &[("kind", "smb2")], truth);
        assert_metric(&scrape, "clock_reference", &[], truth);
        assert_metric(&scrape, "kms_host_clock", &[("path", "corp")], 0.0);
        assert_eq!(scrape.value("gracewatch_path_degraded", &[("path", "corp")]), Some(1.0), "{}", scrape.text);
        assert_eq!(daemon.report()["paths"][0]["reason"], "own_clock");
    }
}

#[test]
#[ignore = "needs chrony, samba, libfaketime"]
fn a_host_that_shares_our_wrong_clock_is_blamed() {
    let host = listener::accepting_binds();
    let (time, smb) = (Chrony::right(), Smbd::faked("+14700s"));
    let clock = config::clock(&[time.address()], &[way("smb2", smb.address())]);
    let report = check_shifted("+14700s", &(config::hosts(&[host.address()]) + &clock));
    assert_eq!(report.outcome(), SKEWED);
    assert!(report.summary().contains("127.0.0.1 is 4 h 5 min ahead of true time"), "{}", report.summary());
    assert_shares_our_clock(&report, "smb2");
    assert_reference(&report, -14_700.0);
}

#[test]
#[ignore = "needs samba, libfaketime"]
fn where_true_time_is_unknown_the_host_and_we_are_distinguished_and_neither_is_blamed() {
    let (host, smb) = (listener::accepting_binds(), Smbd::right());
    let clock = config::clock(&[], &[way("smb2", smb.address())]);
    let report = check_shifted("+14700s", &(config::hosts(&[host.address()]) + &clock));
    assert_eq!(report.outcome(), SKEWED);
    let words = "127.0.0.1 is 4 h 5 min behind this machine's clock, and no time server says which is right";
    assert!(report.summary().contains(words), "{}", report.summary());
    assert_read(source(&report, Some("smb2")), -14_700.0, BUSY);
}

/// NTP counts anew in 2036.
#[test]
#[ignore = "needs chrony, samba, libfaketime"]
fn in_2040_the_time_is_right_still() {
    const IN_2040: u64 = 2_208_988_800;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is past 1970").as_secs();
    let until = IN_2040 - now;
    let shift = format!("+{until}s");
    let host = listener::accepting_binds();
    let (time, smb) = (Chrony::faked(&shift), Smbd::faked(&shift));
    let clock = config::clock(&[time.address()], &[way("smb2", smb.address())]);
    let settings = config::hosts(&[host.address()]) + &clock;

    let report = check_shifted(&shift, &settings);
    assert_eq!(report.outcome(), OK);
    for kind in ["ntp", "smb2"] {
        assert_shares_our_clock(&report, kind);
    }
    let observed_at = source(&report, Some("ntp"))["observed_at"].as_str().expect("a time is text");
    assert!(observed_at.starts_with("2040-01-01T00:"), "{observed_at}");

    // Seen from today it is years ahead, and the host agrees with it.
    let report = check::configured(&settings);
    assert_eq!(report.outcome(), OWN_CLOCK);
    let until = f64::from(u32::try_from(until).expect("it is soon"));
    assert_read(source(&report, Some("ntp")), until, BUSY);
    assert_read(source(&report, Some("smb2")), until, BUSY);
}

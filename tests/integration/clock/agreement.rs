//! Several time servers that do not say the same.

use std::time::Duration;

use super::{
    BUSY, OK, OWN_CLOCK, assert_no_reference, assert_read, assert_reference, clock_detail, clock_summary, source,
    source_at, sources,
};
use crate::servers::chrony::Chrony;
use crate::servers::ntp_message;
use crate::servers::scripted_udp::ScriptedUdp;
use crate::support::check;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;

#[test]
#[ignore = "needs chrony, libfaketime"]
fn two_right_servers_outvote_a_wrong_one_and_it_is_named() {
    let host = listener::accepting_binds();
    let (wrong, right, another) = (Chrony::faked("+14700s"), Chrony::right(), Chrony::right());
    let servers = [&wrong, &right, &another].map(Chrony::address);
    let settings = config::hosts(&[host.address()]) + &config::ntp(&servers) + EACH_SECOND;

    let report = check::configured(&settings);
    assert_eq!(report.outcome(), OK);
    assert_reference(&report, 0.0);
    assert!(clock_summary(&report).ends_with(": 2 of 3 time servers agree."), "{}", clock_summary(&report));
    for right in [&right, &another] {
        assert_read(source_at(&report, right.address()), 0.0, BUSY);
    }
    let liar = source_at(&report, wrong.address());
    assert_eq!((&liar["ok"], &liar["reason"]), (&false.into(), &"falseticker".into()), "{liar}");
    let offset = liar["offset_seconds"].as_f64().expect("its offset is reported");
    assert!((offset - 14_700.0).abs() < BUSY, "{liar}");

    let daemon = Daemon::start_ready(&settings);
    let scrape = daemon.scrape();
    for (server, up) in [(&wrong, 0.0), (&right, 1.0), (&another, 1.0)] {
        let source = server.address().to_string();
        let labels = [("source", source.as_str()), ("kind", "ntp"), ("address", "127.0.0.1")];
        assert_eq!(scrape.value("gracewatch_clock_source_up", &labels), Some(up), "{}", scrape.text);
        let failing = scrape.sum("gracewatch_clock_source_failure_info", &[("source", &source)]);
        assert!((failing - (1.0 - up)).abs() < f64::EPSILON, "{}", scrape.text);
    }
    let named = scrape.value("gracewatch_clock_source_failure_info", &[("reason", "falseticker")]);
    assert_eq!(named, Some(1.0), "{}", scrape.text);
    assert_eq!(scrape.value("gracewatch_path_degraded", &[("path", "corp")]), Some(0.0));
}

/// As many say that this machine's clock is right as say how wrong it is, itself among them; and what counts is the
/// host's, which cannot be read.
#[test]
#[ignore = "needs chrony, libfaketime"]
fn a_majority_that_this_machine_and_a_server_contradict_blocks_no_path() {
    let host = listener::accepting_binds();
    let (wrong, too, right) = (Chrony::faked("+14700s"), Chrony::faked("+14700s"), Chrony::right());
    let servers = [&wrong, &too, &right].map(Chrony::address);
    let report = check::configured(&(config::hosts(&[host.address()]) + &config::ntp(&servers)));
    assert_eq!(report.outcome(), OWN_CLOCK);
    assert_eq!(clock_detail(&report), None);
    let words = format!("4 h 5 min behind true time, though {} agrees with it", right.address());
    assert!(report.summary().contains(&words), "{}", report.summary());
    let words = format!(": 2 of 3 time servers agree, and {} agrees with this machine.", right.address());
    assert!(clock_summary(&report).ends_with(&words), "{}", clock_summary(&report));
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn one_against_one_is_no_majority_and_no_verdict() {
    let host = listener::accepting_binds();
    let (wrong, right) = (Chrony::faked("+14700s"), Chrony::right());
    let servers = [&wrong, &right].map(Chrony::address);
    let settings = config::hosts(&[host.address()]) + &config::ntp(&servers) + EACH_SECOND;

    let report = check::configured(&settings);
    assert_eq!(report.outcome(), OK);
    assert_no_reference(&report);
    assert_eq!(clock_detail(&report), None);
    assert_eq!(
        clock_summary(&report),
        "True time is unknown: there is no time that most of the time servers agree on."
    );
    // Neither is said to lie.
    assert_read(source_at(&report, wrong.address()), 14_700.0, BUSY);
    assert_read(source_at(&report, right.address()), 0.0, BUSY);
    assert_eq!(sources(&report).len(), 2);

    let scrape = Daemon::start_ready(&settings).scrape();
    for name in ["gracewatch_clock_reference_offset_seconds", "gracewatch_clock_reference_error_seconds"] {
        assert_eq!(scrape.series(name).count(), 0, "{}", scrape.text);
    }
    assert_eq!(scrape.series("gracewatch_clock_offset_seconds").count(), 2, "{}", scrape.text);
    assert_eq!(scrape.value("gracewatch_path_degraded", &[("path", "corp")]), Some(0.0));
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn the_word_of_one_server_is_reported_as_such() {
    let host = listener::accepting_binds();
    let time = Chrony::faked("+7200s");
    let report = check::configured(&(config::hosts(&[host.address()]) + &config::ntp(&[time.address()])));
    assert_read(source(&report, Some("ntp")), 7_200.0, BUSY);
    let word = format!("{} alone", time.address());
    assert_eq!(clock_summary(&report), format!("This machine's clock is 2 h behind true time, according to {word}."));
    assert!(report.summary().contains(&format!("(by {word})")), "{}", report.summary());
}

/// Where a host's clock is not known, the servers' word is all there is; that one of two is silent changes nothing.
#[test]
#[ignore = "needs chrony"]
fn servers_that_are_silent_have_no_voice() {
    let host = listener::accepting_binds();
    let (time, unsure) = (Chrony::right(), Chrony::unsynchronised());
    let servers = [&unsure, &time].map(Chrony::address);
    let report = check::configured(&(config::hosts(&[host.address()]) + &config::ntp(&servers)));
    assert_eq!(report.outcome(), OK);
    assert_reference(&report, 0.0);
    let word = format!(", according to {} alone.", time.address());
    assert!(clock_summary(&report).ends_with(&word), "{}", clock_summary(&report));
}

/// Spans of time that overlap are no contradiction, however much surer one server is than the other.
#[test]
fn a_server_that_is_sure_and_one_that_is_not_agree() {
    let sure = ScriptedUdp::start(|question| vec![ntp_message::answer(question, Duration::ZERO)]);
    // It is off by 20 ms, and says that it may be off by 100: its root dispersion, in parts of 2^16 (RFC 5905, section
    // 6).
    let unsure = ScriptedUdp::start(|question| {
        let mut answer = ntp_message::answer(question, Duration::from_millis(20));
        answer[8..12].copy_from_slice(&6554_u32.to_be_bytes());
        vec![answer]
    });
    let host = listener::accepting_binds();
    let servers = [&sure, &unsure].map(ScriptedUdp::address);
    let report = check::configured(&(config::hosts(&[host.address()]) + &config::ntp(&servers)));
    assert_read(source_at(&report, sure.address()), 0.0, BUSY);
    assert_read(source_at(&report, unsure.address()), 0.0, BUSY);
    assert_reference(&report, 0.0);
    assert!(clock_summary(&report).ends_with(": 2 of 2 time servers agree."), "{}", clock_summary(&report));
}

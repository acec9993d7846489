//! Answers to NTP that no server of the field gives.

use std::time::Duration;

use super::{BUSY, OK, SKEWED, assert_no_reference, assert_read, assert_reference, assert_unread, source};
use crate::servers::ntp_message::{self, LENGTH};
use crate::servers::scripted_udp::ScriptedUdp;
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::listener;

/// Eleven years and some days, which is past the end of the first era of NTP in 2036.
const ELEVEN_YEARS: u32 = 11 * 366 * 86_400;

/// Checks a host that works against this server.
fn check(server: &ScriptedUdp) -> Report {
    let host = listener::accepting_binds();
    let settings = config::ntp(&[server.address()]) + "probe: {timeout: 500ms}\n";
    check::configured(&(config::hosts(&[host.address()]) + &settings))
}

/// A server whose good answers are changed before they are sent.
fn changing(change: impl Fn(&mut Vec<u8>) + Send + 'static) -> ScriptedUdp {
    ScriptedUdp::start(move |question| {
        let mut answer = ntp_message::answer(question, Duration::ZERO);
        change(&mut answer);
        vec![answer]
    })
}

#[test]
fn a_good_answer_is_taken_once_or_twice() {
    for copies in [1, 2] {
        let server = ScriptedUdp::start(move |question| vec![ntp_message::answer(question, Duration::ZERO); copies]);
        let report = check(&server);
        assert_eq!(report.outcome(), OK);
        assert_read(source(&report, Some("ntp")), 0.0, BUSY);
    }
}

#[test]
fn answers_that_are_wrong_are_not_believed_and_no_fault_of_the_path() {
    // Seconds since 1900: those of a clock without a battery, and of one that was never set since it was made.
    let at = |seconds: u32| {
        changing(move |answer| {
            for from in [16, 32, 40] {
                answer[from..from + 4].copy_from_slice(&seconds.to_be_bytes());
            }
        })
    };
    let cases: [(&str, &str, ScriptedUdp); 15] = [
        ("1970", "invalid_answer", at(2_208_988_800)),
        ("2020", "invalid_answer", at(3_786_825_600)),
        ("another origin", "invalid_answer", changing(|answer| answer[24] ^= 1)),
        ("no origin", "invalid_answer", changing(|answer| answer[24..32].fill(0))),
        ("no time", "invalid_answer", changing(|answer| answer[40..48].fill(0))),
        ("a client's question", "invalid_answer", changing(|answer| answer[0] = 4 << 3 | 3)),
        ("version 0", "invalid_answer", changing(|answer| answer[0] = 4)),
        ("version 7", "invalid_answer", changing(|answer| answer[0] = 7 << 3 | 4)),
        ("alarm", "unsynchronized", changing(|answer| answer[0] |= 3 << 6)),
        ("stratum 16", "unsynchronized", changing(|answer| answer[1] = 16)),
        ("root dispersion of 20 s", "too_distant", changing(|answer| answer[9] = 20)),
        ("root delay of 40 s", "too_distant", changing(|answer| answer[5] = 40)),
        ("truncated", "invalid_answer", changing(|answer| answer.truncate(LENGTH - 1))),
        ("empty", "invalid_answer", changing(Vec::clear)),
        ("another language", "invalid_answer", changing(|answer| *answer = b"HTTP/1.1 400 Bad Request\r\n".repeat(3))),
    ];
    for (what, reason, server) in cases {
        let report = check(&server);
        assert_eq!(report.outcome(), OK, "{what}");
        let source = source(&report, Some("ntp"));
        assert_eq!(source["reason"], reason, "{what}: {source}");
        assert_unread(source, reason);
        assert_no_reference(&report);
    }
}

#[test]
fn random_bytes_are_not_believed() {
    let mut state = 1_u64;
    let server = ScriptedUdp::start(move |_| {
        // Knuth's MMIX generator: the same bytes every time the test runs.
        let bytes = [(); 48].map(|()| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        });
        vec![bytes.to_vec()]
    });
    for _ in 0..8 {
        let report = check(&server);
        assert_eq!(report.outcome(), OK);
        assert_unread(source(&report, Some("ntp")), "invalid_answer");
    }
}

/// NTP has fields that may follow, and a code of authentication: nobody needs to know them.
#[test]
fn what_follows_an_answer_is_passed_over() {
    let server = changing(|answer| answer.resize(1000, 0xff));
    let report = check(&server);
    assert_eq!(report.outcome(), OK);
    assert_read(source(&report, Some("ntp")), 0.0, BUSY);
}

#[test]
fn an_answer_from_elsewhere_is_none() {
    let server = ScriptedUdp::answering_from_elsewhere(|question| vec![ntp_message::answer(question, Duration::ZERO)]);
    let report = check(&server);
    assert_eq!(report.outcome(), OK);
    assert_unread(source(&report, Some("ntp")), "timed_out");
}

#[test]
fn a_server_that_loses_every_other_question_is_read() {
    let mut loses = true;
    let server = ScriptedUdp::start(move |question| {
        loses = !loses;
        if loses { Vec::new() } else { vec![ntp_message::answer(question, Duration::ZERO)] }
    });
    let report = check(&server);
    assert_eq!(report.outcome(), OK);
    assert_read(source(&report, Some("ntp")), 0.0, BUSY);
}

#[test]
fn a_time_after_2036_is_years_ahead_and_not_a_century_behind() {
    let server =
        ScriptedUdp::start(|question| vec![ntp_message::answer(question, Duration::from_secs(ELEVEN_YEARS.into()))]);
    let report = check(&server);
    assert_eq!(report.outcome(), SKEWED);
    assert_read(source(&report, Some("ntp")), ELEVEN_YEARS.into(), BUSY);
    assert_reference(&report, ELEVEN_YEARS.into());
    assert!(report.summary().contains("this machine's clock is 11 years behind true time"), "{}", report.summary());
}

/// A time server says goodbye with four letters, or with whatever it likes: this one would clear a terminal.
#[test]
fn a_time_servers_last_words_are_shown_without_what_a_terminal_obeys() {
    let server = ScriptedUdp::start(|question| vec![ntp_message::kiss(question, *b"\x1bcX\x07")]);
    let report = check(&server);
    assert_eq!(report.outcome(), OK);
    assert_unread(source(&report, Some("ntp")), "invalid_answer");
}

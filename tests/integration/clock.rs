//! This machine's clock against time servers: right, wrong, unsure and silent.

use std::net::{SocketAddr, UdpSocket};
use std::thread;
use std::time::Duration;

use crate::servers::chrony::Chrony;
use crate::servers::port;
use crate::servers::rpc::RpcServer;
use crate::support::check::{self, Report};
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;

/// Checks one KMS host against these time servers.
fn check(host: SocketAddr, servers: &[SocketAddr]) -> Report {
    check::configured(&(config::hosts(&[host]) + &config::ntp(servers)))
}

/// How far true time is from ours, as the servers agree on it.
fn reference_offset(report: &Report) -> Option<f64> {
    report.json["clock"]["reference_offset_seconds"].as_f64()
}

fn assert_is_about(offset: Option<f64>, expected: f64) {
    assert!(offset.is_some_and(|offset| (offset - expected).abs() < 1.0), "{offset:?} is not about {expected}");
}

#[test]
#[ignore = "needs chrony, libfaketime, python3-impacket"]
fn a_clock_four_hours_and_five_minutes_off_blocks_a_host_that_works() {
    let host = RpcServer::start(0);
    for (shift, offset) in [("+14700s", 14700.0), ("-14700s", -14700.0)] {
        let time = Chrony::faked(shift);
        let report = check(host.address(), &[time.address()]);
        assert_eq!(report.outcome(), "2 blocked clock skewed 0xC004F074 0xC004F06C", "{shift}");
        assert_is_about(reference_offset(&report), offset);
    }
}

/// A measurement is never exact, and no one is helped by 4h 4m where it is a millisecond short of 4h 5m.
#[test]
#[ignore = "needs chrony, libfaketime"]
fn an_offset_is_told_in_round_words() {
    let host = listener::accepting_binds();
    for (shift, words) in [("+14700s", "4h 5m behind true time"), ("-14700s", "4h 5m ahead of true time")] {
        let time = Chrony::faked(shift);
        let report = check(host.address(), &[time.address()]);
        assert!(report.summary().contains(words), "{}", report.summary());
    }
}

#[test]
#[ignore = "needs chrony, libfaketime, python3-impacket"]
fn a_clock_two_hours_off_degrades() {
    let (host, time) = (RpcServer::start(0), Chrony::faked("+7200s"));
    let report = check(host.address(), &[time.address()]);
    assert_eq!(report.outcome(), "1 degraded clock drifted - -");
    assert!(report.summary().contains("2h behind true time"), "{}", report.summary());
}

#[test]
#[ignore = "needs chrony, python3-impacket"]
fn a_right_clock_is_a_stage_that_passes() {
    let (host, time) = (RpcServer::start(0), Chrony::right());
    let report = check(host.address(), &[time.address()]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    let last = format!("{} @127.0.0.1 clock ok", host.address());
    assert_eq!(report.walk().last(), Some(&last));
    assert_is_about(reference_offset(&report), 0.0);
}

#[test]
#[ignore = "needs chrony"]
fn a_server_that_does_not_know_the_time_itself_is_not_believed() {
    let (host, time) = (listener::accepting_binds(), Chrony::unsynchronised());
    let report = check(host.address(), &[time.address()]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(reference_offset(&report), None);
    assert!(report.walk().iter().all(|line| !line.contains(" clock ")), "{:?}", report.walk());
    let source = &report.json["clock"]["sources"][0];
    assert_eq!((&source["ok"], &source["reason"]), (&false.into(), &"unsynchronized".into()));
    assert!(source["offset_seconds"].is_null(), "{source}");
    let detail = source["detail"].as_str().expect("a detail is text");
    assert!(!detail.chars().any(char::is_control), "{detail:?}");
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn two_right_servers_outvote_a_wrong_one() {
    let host = listener::accepting_binds();
    let (wrong, right, another) = (Chrony::faked("+14700s"), Chrony::right(), Chrony::right());
    let report = check(host.address(), &[wrong.address(), right.address(), another.address()]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_is_about(reference_offset(&report), 0.0);
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn one_against_one_is_no_majority_and_no_verdict() {
    let host = listener::accepting_binds();
    let (wrong, right) = (Chrony::faked("+14700s"), Chrony::right());
    let report = check(host.address(), &[wrong.address(), right.address()]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(reference_offset(&report), None);
}

#[test]
fn a_time_server_that_is_not_there_is_no_fault_of_the_path() {
    let host = listener::accepting_binds();
    let report = check(host.address(), &[port::refusing()]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert_eq!(report.json["clock"]["sources"][0]["reason"], "refused");
}

#[test]
fn a_silent_time_server_is_given_up_at_the_time_limit() {
    let host = listener::accepting_binds();
    let silent = UdpSocket::bind("127.0.0.1:0").expect("127.0.0.1 has a free port");
    let address = silent.local_addr().expect("a socket has an address");
    let configuration = config::hosts(&[host.address()]) + &config::ntp(&[address]) + "probe: {timeout: 500ms}\n";
    let report = check::configured(&configuration);
    assert_eq!(report.outcome(), "0 ok - - - -");
    assert!(report.elapsed < Duration::from_secs(2), "it took {:?}", report.elapsed);
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn the_daemon_shows_every_clock_it_hears_and_none_it_does_not() {
    let host = listener::accepting_binds();
    let (time, refusing) = (Chrony::faked("+7200s"), port::refusing());
    let servers = [time.address(), refusing];
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + &config::ntp(&servers) + EACH_SECOND));
    let scrape = daemon.scrape();
    let source = time.address().to_string();
    let labels = [("source", source.as_str()), ("kind", "ntp")];
    assert_is_about(scrape.value("gracewatch_clock_offset_seconds", &labels), 7200.0);
    assert!(scrape.value("gracewatch_clock_error_seconds", &labels).is_some_and(|error| (0.0..1.0).contains(&error)));
    assert_is_about(scrape.value("gracewatch_clock_reference_offset_seconds", &[]), 7200.0);
    assert_eq!(scrape.series("gracewatch_clock_offset_seconds").count(), 1, "{}", scrape.text);
    assert_eq!(scrape.value("gracewatch_path_degraded", &[("path", "corp")]), Some(1.0));

    // Where nobody tells the time, it is not known, which is no fault.
    drop(time);
    let scrape = daemon.scrape_until("the clock is still judged", |scrape| {
        scrape.value("gracewatch_path_degraded", &[("path", "corp")]) == Some(0.0)
    });
    for name in ["gracewatch_clock_reference_offset_seconds", "gracewatch_clock_offset_seconds"] {
        assert_eq!(scrape.series(name).count(), 0, "{}", scrape.text);
    }
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
}

/// A time server says goodbye with four letters, or with whatever it likes: this one would clear a terminal.
#[test]
fn a_time_servers_last_words_are_shown_without_what_a_terminal_obeys() {
    let host = listener::accepting_binds();
    let rude = UdpSocket::bind("127.0.0.1:0").expect("127.0.0.1 has a free port");
    let address = rude.local_addr().expect("a socket has an address");
    thread::spawn(move || {
        let mut question = [0; 48];
        while let Ok((_, client)) = rude.recv_from(&mut question) {
            let mut answer = [0; 48];
            // Version 4, mode 4 (server), stratum 0; the words stand in the reference identifier (RFC 5905, 7.4).
            answer[0] = 4 << 3 | 4;
            answer[12..16].copy_from_slice(b"\x1bcX\x07");
            answer[24..32].copy_from_slice(&question[40..48]);
            answer[40..48].copy_from_slice(&question[40..48]);
            let _ = rude.send_to(&answer, client);
        }
    });
    let report = check(host.address(), &[address]);
    assert_eq!(report.outcome(), "0 ok - - - -");
    let source = &report.json["clock"]["sources"][0];
    assert_eq!(source["reason"], "invalid_answer");
    let detail = source["detail"].as_str().expect("a detail is text");
    assert!(!detail.chars().any(char::is_control), "{detail:?}");
}

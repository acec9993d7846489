//! Hosts whose clock cannot be read: it is not known, it is said why, and it is no fault of the path.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{OK, SKEWED, assert_read, assert_unread, clock_detail, source, sources, way};
use crate::servers::chrony::Chrony;
use crate::servers::netns::Namespace;
use crate::servers::nginx::Nginx;
use crate::servers::place::Place;
use crate::servers::plain::PlainHttp;
use crate::servers::port;
use crate::servers::rpc::{Interface, RpcServer};
use crate::servers::scripted::Scripted;
use crate::servers::smbd::Smbd;
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::listener;

/// Checks a host that works, whose clock is to be read in these ways.
fn check(ways: &[String]) -> Report {
    let host = listener::accepting_binds();
    check::configured(&(config::hosts(&[host.address()]) + &config::clock(&[], ways)))
}

/// Insists that the clock is not known for this reason, and that the path is none the worse for it.
fn assert_unreadable(what: &str, ways: &[String], reason: &str, words: &str) {
    let report = check(ways);
    assert_eq!(report.outcome(), OK, "{what}");
    assert_eq!(clock_detail(&report), None, "{what}");
    let source = source(&report, None);
    assert_eq!((&source["source"], &source["address"]), (&"127.0.0.1".into(), &"127.0.0.1".into()), "{what}");
    assert_unread(source, reason);
    assert!(source["detail"].as_str().is_some_and(|detail| detail.contains(words)), "{what}: {source}");
}

/// The answer of an SMB2 server to NEGOTIATE (MS-SMB2, section 2.2.4) with this time in it.
fn negotiated(time: u64) -> Vec<u8> {
    let mut answer = vec![0; 64 + 64];
    answer[..4].copy_from_slice(b"\xfeSMB");
    // Structure size; then a flag that says that this is an answer (2.2.1.2).
    answer[4] = 64;
    answer[16] = 1;
    answer[64] = 65;
    // SMB 2.0.2.
    answer[64 + 4..64 + 6].copy_from_slice(&[2, 2]);
    answer[64 + 40..64 + 48].copy_from_slice(&time.to_le_bytes());
    let length = u32::try_from(answer.len()).expect("it is short").to_be_bytes();
    [&length[..], &answer].concat()
}

fn saying(answer: &[u8]) -> Scripted {
    Scripted::writing_without_end(&[answer], Duration::ZERO)
}

#[test]
fn where_nothing_listens() {
    assert_unreadable("refused", &[way("smb2", port::refusing())], "refused", "");
}

/// The time of the answer written here is read where there is one, so what fails is the time and not the answer.
#[test]
fn where_an_smb2_server_leaves_the_time_out_or_has_one_no_clock_shows() {
    // 2026-01-01, in tenths of microseconds since 1601.
    let server = saying(&negotiated(134_117_280_000_000_000));
    let report = check(&[way("smb2", server.address())]);
    assert_eq!(report.outcome(), SKEWED);
    let shown = source(&report, Some("smb2"));
    assert_eq!(shown["ok"], true, "{shown}");

    for (time, words) in [(0, "leaves the time out"), (1, "is out of range"), (u64::MAX, "is out of range")] {
        let server = saying(&negotiated(time));
        assert_unreadable("a time", &[way("smb2", server.address())], "invalid_answer", words);
    }
}

#[test]
fn where_something_else_listens() {
    let refused = negotiated(0);
    let mut refused_with_status = refused.clone();
    // STATUS_NOT_SUPPORTED.
    refused_with_status[4 + 8..4 + 12].copy_from_slice(&0xC000_00BB_u32.to_le_bytes());
    let cases: [(&str, &str, &[u8], &str); 9] = [
        ("another language", "smb2", b"220 smtp ready\r\n", "invalid_answer"),
        ("SMB 1", "smb2", b"\x00\x00\x00\x23\xffSMB\x72\x00\x00\x00\x00", "invalid_answer"),
        ("a status", "smb2", &refused_with_status, "rejected"),
        ("a date that is none", "http_date", b"HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n", "invalid_answer"),
        ("no date", "http_date", b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", "invalid_answer"),
        (
            "a cache",
            "http_date",
            b"HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 15:55:38 GMT\r\nAge: 7\r\n\r\n",
            "invalid_answer",
        ),
        ("no HTTP", "http_date", b"\x00\x00\x00\x45\x7e", "invalid_answer"),
        ("no LDAP", "ldap", b"HTTP/1.1 400 Bad Request\r\n\r\n", "invalid_answer"),
        ("no Kerberos", "kerberos", b"\x00\x00\x00\x04\x01\x02\x03\x04", "invalid_answer"),
    ];
    for (what, kind, answer, reason) in cases {
        let server = saying(answer);
        assert_unreadable(what, &[way(kind, server.address())], reason, &way(kind, server.address()));
    }
}

#[test]
#[ignore = "needs python3"]
fn where_a_web_server_is_on_the_port_of_kerberos_or_ldap() {
    let server = PlainHttp::start(0);
    for (kind, words) in [("kerberos", "does not speak Kerberos"), ("ldap", "does not speak LDAP")] {
        assert_unreadable(kind, &[way(kind, server.address())], "invalid_answer", words);
    }
}

#[test]
#[ignore = "needs samba"]
fn where_smb1_alone_is_spoken() {
    let server = Smbd::only_smb1();
    let report = check(&[way("smb2", server.address())]);
    assert_eq!(report.outcome(), OK);
    let reason = source(&report, None)["reason"].as_str();
    assert!(matches!(reason, Some("closed" | "invalid_answer")), "{reason:?}");
}

#[test]
fn where_the_server_closes_or_says_nothing() {
    let (closing, silent) = (Scripted::closing(), Scripted::silent());
    assert_unreadable("closed", &[way("smb2", closing.address())], "closed", "");
    assert_unreadable("silent", &[way("http_date", silent.address())], "timed_out", "");
}

#[test]
#[ignore = "needs nginx"]
fn the_next_way_is_tried_and_every_failure_is_reported() {
    let (refusing, closing, http) = (port::refusing(), Scripted::closing(), Nginx::right());
    let [refused, closed] = [way("smb2", refusing), way("ldap", closing.address())];
    let report = check(&[refused.clone(), closed.clone(), way("http_date", http.address())]);
    assert_eq!(report.outcome(), OK);
    assert_read(source(&report, Some("http_date")), 0.0, 0.7);

    let report = check(&[refused.clone(), closed.clone()]);
    let detail = source(&report, None)["detail"].as_str().expect("a detail is text");
    assert!(detail.contains(&refused) && detail.contains(&closed), "{detail}");
}

/// Then it is ours that is compared, as far as that can be.
#[test]
#[ignore = "needs chrony, libfaketime"]
fn then_our_clock_stands_for_that_of_clients() {
    let (host, time) = (listener::accepting_binds(), Chrony::faked("+14700s"));
    let clock = config::clock(&[time.address()], &[way("smb2", port::refusing())]);
    let report = check::configured(&(config::hosts(&[host.address()]) + &clock));
    assert_eq!(report.outcome(), SKEWED);
    assert_eq!(clock_detail(&report), Some("this machine's clock is 4 h 5 min behind true time"));
    assert_unread(source(&report, None), "refused");
}

#[test]
#[ignore = "needs iproute2, nftables, python3-impacket"]
fn where_a_firewall_drops_it_the_check_does_not_take_long() {
    let namespace = Namespace::new();
    let place = Place::within(&namespace, SocketAddr::from((Ipv4Addr::LOCALHOST, 1688)));
    let host = RpcServer::start_at(&place, Interface::Kms);
    namespace.nft(
        "table inet faults {\n chain arriving {\n type filter hook input priority 0\n \
         tcp dport { 445, 5985 } drop\n }\n }\n",
    );
    let report = check::configured_in(&namespace, &config::hosts(&[host.address()]));
    assert_eq!(report.outcome(), OK);
    assert_eq!(clock_detail(&report), None);
    assert_unread(source(&report, None), "timed_out");
    assert_eq!(sources(&report).len(), 1);
    assert!(report.elapsed > Duration::from_secs(2), "somebody answers: {:?}", report.elapsed);
    assert!(report.elapsed < Duration::from_secs(5), "it took {:?}", report.elapsed);
}

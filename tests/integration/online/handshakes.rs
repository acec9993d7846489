//! TLS with what does not speak it, or breaks it off, at an endpoint and behind a proxy that opened a tunnel.

use std::time::Duration;

use super::{
    ACTIVATED, NAME, OK, ROOT, SHORT, SHORT_AND_SLACK, check_path, check_shortly, complaint, http, https, socks5,
};
use crate::servers::certificates::{Authority, Odd, Validity};
use crate::servers::knot::Knot;
use crate::servers::nginx::{Nginx, Tls};
use crate::servers::openssl::Openssl;
use crate::servers::place::Place;
use crate::servers::scripted::{End, Scripted};
use crate::support::check::{self, Report};
use crate::support::config;

const CONNECTED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

const TIMED_OUT: &str = "2 blocked tls timed_out 0x80072EE2 -";
const NOT_TLS: &str = "2 blocked tls not_tls 0x80072F8F -";
const RESET: &str = "2 blocked tls reset_in_handshake 0x80072EFE -";
const CLOSED: &str = "2 blocked tls closed 0x80072EFE -";

/// Checks an endpoint that answers the first message of TLS like this, here and behind both kinds of proxies.
fn check_everywhere(answers: &[&[u8]], end: End) -> [Report; 3] {
    let endpoint = Scripted::answering(answers, end);
    let tunnel = Scripted::answering(&[&[CONNECTED], answers].concat(), end);
    let reply = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let socks = Scripted::answering(&[&[&[5, 0][..], &reply], answers].concat(), end);
    let behind = |proxy: String| check_shortly(&config::online(&["https://127.0.0.1"]).via(&[proxy]));
    [
        check_shortly(&config::online(&[https(endpoint.address())])),
        behind(http(tunnel.address())),
        behind(socks5(socks.address())),
    ]
}

/// Insists on the same verdict everywhere.
fn assert_everywhere(answers: &[&[u8]], end: End, outcome: &str) {
    for report in check_everywhere(answers, end) {
        assert_eq!(report.outcome(), outcome, "{answers:?}, then {end:?}: {:#}", report.json);
        complaint(&report);
    }
}

#[test]
fn silence_in_place_of_a_handshake_is_a_timeout() {
    assert_everywhere(&[], End::Silence, TIMED_OUT);
}

#[test]
fn a_connection_that_is_closed_or_reset_in_the_handshake_is_reported_as_such() {
    // What was sent and not read when the connection is closed resets it.
    for report in check_everywhere(&[], End::Close) {
        assert!([CLOSED, RESET].contains(&report.outcome().as_str()), "{}", report.outcome());
    }
    assert_everywhere(&[], End::Reset, RESET);
    // The head of a record, which never comes.
    assert_everywhere(&[b"\x16\x03\x03\x00\x7a\x02"], End::Close, CLOSED);
}

#[test]
fn what_answers_in_another_language_does_not_speak_tls() {
    for answer in [
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".as_slice(),
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"220 mail.example ESMTP\r\n",
        b"\x05\x00\x05\x00\x00\x01",
        b"<html>Log in</html>",
    ] {
        assert_everywhere(&[answer], End::Silence, NOT_TLS);
        assert_everywhere(&[answer], End::Close, NOT_TLS);
    }
}

#[test]
#[ignore = "needs nginx"]
fn an_endpoint_without_tls_does_not_speak_it() {
    let plain = Nginx::answering(ACTIVATED);
    let report = check_shortly(&config::online(&[https(plain.address())]));
    assert_eq!(report.outcome(), NOT_TLS);
}

/// The record is one of TLS, and what is in it is nothing that TLS knows.
#[test]
fn a_record_of_garbage_is_an_invalid_answer() {
    for record in [
        b"\x16\x03\x03\x00\x04\x02\xff\xff\xff".as_slice(),
        b"\x16\x03\x03\x00\x06\x02\x00\x00\x02\x03\x03",
        b"\x16\x03\x03\xff\xff\x02\x00",
        b"\x17\x03\x03\x00\x04\x00\x00\x00\x00",
        b"\x16\x03\x03\x00\x00",
    ] {
        for report in check_everywhere(&[record], End::Close) {
            assert_eq!(report.path()["stage"], "tls", "{record:?}");
            let reason = report.path()["reason"].as_str().expect("a reason is text");
            assert!(["invalid_answer", "closed", "not_tls"].contains(&reason), "{record:?}: {reason}");
            complaint(&report);
        }
    }
}

/// Each of them is one that Windows offers, and this program cannot.
#[test]
#[ignore = "needs openssl, libfaketime"]
fn a_server_that_takes_old_cipher_suites_alone_leaves_the_path_unknown() {
    let authority = Authority::new(ROOT);
    let certificate = authority.issue_odd(&["127.0.0.1"], Odd::LongKey);
    for suite in ["AES128-SHA", "AES256-GCM-SHA384", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-SHA384"] {
        let arguments = ["-tls1_2", "-cipher", &format!("{suite}:@SECLEVEL=0")];
        let server = Openssl::start(&Place::loopback(), &certificate, &arguments);
        let report = check_path(&config::online(&[https(server.address())]).trusting(authority.root()));
        assert_eq!(report.outcome(), "3 unknown tls no_common_cipher - -", "{suite}");
        assert!(report.summary().contains("Windows offers more"), "{suite}: {}", report.summary());
    }
}

/// TLS 1.2 has no alert for it, and nginx no alert at all.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_certificate_that_is_demanded_of_the_client_is_called_that() {
    let authority = Authority::new(ROOT);
    let certificate = &authority.issue(&["127.0.0.1"], Validity::Good);
    let check = |address| check_path(&config::online(&[https(address)]).trusting(authority.root())).outcome();
    for (version, stage) in [("-tls1_2", "tls"), ("-tls1_3", "http")] {
        let server = Openssl::wanting_certificates_at(&Place::loopback(), certificate, version);
        assert_eq!(check(server.address()), format!("2 blocked {stage} certificate_required 0x80072F0C -"));
        // One that can do without has none of these faults.
        let server = Openssl::start(&Place::loopback(), certificate, &[version, "-verify", "1"]);
        assert_eq!(check(server.address()), OK, "{version}");
    }
    for protocols in ["TLSv1.2", "TLSv1.3"] {
        let tls = Tls { certificate, protocols };
        let server = Nginx::wanting_certificates_at(&Place::loopback(), tls, ACTIVATED);
        assert_eq!(check(server.address()), "2 blocked http certificate_required 0x80072F0C -", "{protocols}");
    }
}

/// A warning is none of the alerts that end TLS.
#[test]
#[ignore = "needs openssl, libfaketime, knot"]
fn a_server_may_warn_that_it_does_not_know_the_name() {
    let authority = Authority::new(ROOT);
    let certificate = authority.issue(&[NAME], Validity::Good);
    let (chain, key) = (certificate.chain.display().to_string(), certificate.key.display().to_string());
    let arguments = ["-tls1_2", "-servername", "other.example", "-cert2", &chain, "-key2", &key];
    let server = Openssl::start(&Place::loopback(), &certificate, &arguments);
    let dns = Knot::start("example", "activation A 127.0.0.1");
    let url = format!("https://{NAME}:{}", server.address().port());
    let report = check_path(&config::online(&[url]).trusting(authority.root()).asking(dns.address()));
    assert_eq!(report.outcome(), OK);
}

#[test]
fn a_handshake_that_comes_byte_by_byte_is_a_timeout() {
    // A record of 16 KiB, of which the end does not come in time.
    let record = [&[0x16, 3, 3, 0x40, 0][..], &[2; 150]].concat();
    let endpoint = Scripted::writing(&record.chunks(1).collect::<Vec<_>>(), Duration::from_millis(40));
    let report = check_shortly(&config::online(&[https(endpoint.address())]));
    assert_eq!(report.outcome(), TIMED_OUT);
}

/// Each of the stages has its own time: a proxy that takes most of its own leaves that of the handshake.
#[test]
fn a_timeout_is_that_of_the_stage_it_occurs_in() {
    let slow: [&[u8]; 2] = [b"HTTP/1.1 200 Connection ", b"established\r\n\r\n"];
    let tunnel = Scripted::writing_without_end(&slow, Duration::from_millis(600));
    let settings = config::online(&["https://127.0.0.1"]).via(&[http(tunnel.address())]).text();
    let report = check::configured(&(settings + SHORT));
    assert_eq!(report.outcome(), TIMED_OUT);
    let limits = Duration::from_millis(1500)..SHORT_AND_SLACK + Duration::from_millis(600);
    assert!(limits.contains(&report.elapsed), "it took {:?}", report.elapsed);
}

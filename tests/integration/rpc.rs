//! What answers on the port: KMS, some other RPC server, something else, or nobody.

use std::net::SocketAddr;
use std::time::Duration;

use crate::servers::place::Place;
use crate::servers::plain::PlainHttp;
use crate::servers::rpc::{Interface, RpcServer};
use crate::servers::samba::Samba;
use crate::servers::scripted::Scripted;
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::listener::{self, BIND_ACK};

/// The time limit where one is waited for.
const TIMEOUT: Duration = Duration::from_millis(500);

/// How long a check may take beyond its time limit: starting, reporting, and a machine that is busy.
const SLACK: Duration = Duration::from_millis(1500);

/// Checks one address with a short time limit.
fn check(address: SocketAddr) -> Report {
    let report = check::targets(&[&address.to_string(), "--timeout", "500ms"]);
    assert!(report.elapsed < TIMEOUT + SLACK, "it took {:?}", report.elapsed);
    report
}

/// The detail of the last stage that was walked.
fn detail(report: &Report) -> &str {
    let stages = report.path()["targets"][0]["stages"].as_array().expect("there is a list of stages");
    stages.last().and_then(|stage| stage["detail"].as_str()).expect("a stage has a detail")
}

/// The beginning of an answer: a header of this type that announces `length` bytes.
fn header(packet_type: u8, length: u16) -> Vec<u8> {
    let mut header = BIND_ACK[..16].to_vec();
    header[2] = packet_type;
    header[8..10].copy_from_slice(&length.to_le_bytes());
    header
}

#[test]
#[ignore = "needs samba, iproute2"]
fn an_rpc_server_without_the_interface_is_not_kms() {
    let samba = Samba::start();
    let report = check::configured_in(samba.namespace(), &config::hosts(&[samba.address()]));
    assert_eq!(report.outcome(), "2 blocked rpc not_kms 0xC004F074 0x800706B5");
    assert!(detail(&report).contains("abstract syntax not supported"), "{}", detail(&report));
}

#[test]
#[ignore = "needs python3"]
fn a_web_server_is_not_rpc_and_is_not_waited_for() {
    let web = PlainHttp::start(0);
    let report = check::configured(&config::hosts(&[web.address()]));
    assert_eq!(report.outcome(), "2 blocked rpc not_rpc 0xC004F074 0x800706BA");
    assert!(report.elapsed < Duration::from_secs(4), "the time limit is 5 seconds, it took {:?}", report.elapsed);
}

#[test]
#[ignore = "needs python3-impacket"]
fn an_rpc_server_that_closes_instead_of_refusing_is_closed() {
    for interface in [Interface::EndpointMapper, Interface::KmsOfAnotherVersion] {
        let server = RpcServer::start_at(&Place::loopback(), interface);
        let report = check::configured(&config::hosts(&[server.address()]));
        assert_eq!(report.outcome(), "2 blocked rpc closed 0xC004F074 0x800706BA", "{interface:?}");
    }
}

#[test]
fn an_accepted_bind_is_kms() {
    let host = listener::accepting_binds();
    assert_eq!(check(host.address()).outcome(), "0 ok - - - -");
}

#[test]
fn an_answer_in_small_pieces_is_put_together() {
    let pieces: Vec<&[u8]> = BIND_ACK.chunks(7).collect();
    let host = Scripted::writing_without_end(&pieces, Duration::from_millis(5));
    assert_eq!(check(host.address()).outcome(), "0 ok - - - -");
}

#[test]
fn silence_ends_at_the_time_limit() {
    let host = Scripted::silent();
    let report = check(host.address());
    assert_eq!(report.outcome(), "2 blocked rpc timed_out 0xC004F074 0x800706BA");
    assert!(report.elapsed >= TIMEOUT, "it was given {TIMEOUT:?} and {:?} were waited", report.elapsed);
}

#[test]
fn a_trickle_ends_at_the_time_limit() {
    let pieces: Vec<&[u8]> = BIND_ACK.chunks(1).collect();
    let host = Scripted::writing_without_end(&pieces, Duration::from_millis(50));
    assert_eq!(check(host.address()).outcome(), "2 blocked rpc timed_out 0xC004F074 0x800706BA");
}

#[test]
fn half_an_answer_ends_at_the_time_limit() {
    let host = Scripted::writing_without_end(&[&BIND_ACK[..40]], Duration::ZERO);
    assert_eq!(check(host.address()).outcome(), "2 blocked rpc timed_out 0xC004F074 0x800706BA");
}

#[test]
fn half_an_answer_and_the_end_is_closed() {
    let host = Scripted::writing(&[&BIND_ACK[..40]], Duration::from_millis(50));
    assert_eq!(check(host.address()).outcome(), "2 blocked rpc closed 0xC004F074 0x800706BA");
}

#[test]
fn a_connection_closed_at_once_is_closed() {
    let host = Scripted::closing();
    assert_eq!(check(host.address()).outcome(), "2 blocked rpc closed 0xC004F074 0x800706BA");
}

#[test]
fn a_refused_bind_is_rejected() {
    let nak = [header(13, 18), vec![1, 0]].concat();
    let host = Scripted::writing_without_end(&[&nak], Duration::ZERO);
    let report = check(host.address());
    assert_eq!(report.outcome(), "2 blocked rpc rejected 0xC004F074 -");
    assert!(detail(&report).contains("temporary congestion"), "{}", detail(&report));
}

#[test]
fn a_bind_in_which_no_syntax_is_accepted_is_not_kms() {
    let mut ack = BIND_ACK;
    // The first result becomes: rejected by the provider, abstract syntax not supported.
    ack[36..40].copy_from_slice(&[2, 0, 1, 0]);
    let host = Scripted::writing_without_end(&[&ack], Duration::ZERO);
    assert_eq!(check(host.address()).outcome(), "2 blocked rpc not_kms 0xC004F074 0x800706B5");
}

/// None of these is waited for, whether or not more would come.
#[test]
fn what_cannot_be_an_answer_is_not_rpc() {
    let fault = [header(3, 24), vec![0; 8]].concat();
    let too_long = header(12, u16::MAX);
    let too_short = header(12, 15);
    let flood = vec![b'A'; 1 << 20];
    let cases: [(&str, &[u8]); 7] = [
        ("a greeting", b"220 mail.corp.example ESMTP\r\n"),
        ("a short greeting", b"hi\n"),
        ("TLS", b"\x15\x03\x01\x00\x02\x02\x46"),
        ("another PDU", &fault),
        ("an absurd length", &too_long),
        ("a length shorter than its header", &too_short),
        ("a megabyte", &flood),
    ];
    for (what, bytes) in cases {
        let host = Scripted::writing_without_end(&[bytes], Duration::ZERO);
        let report = check(host.address());
        assert_eq!(report.outcome(), "2 blocked rpc not_rpc 0xC004F074 0x800706BA", "{what}");
        // What was seen is quoted, and not all of it.
        let detail = detail(&report);
        assert!(detail.len() < 400 && !detail.chars().any(char::is_control), "{what}: {detail:?}");
    }
}

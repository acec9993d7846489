//! What is sent to a KMS host, byte for byte: a bind, and never a request.
//!
//! A request to the KMS interface would be an activation and change the host's count.

use crate::servers::recording::Recording;
use std::time::Duration;

use crate::servers::relay::Relay;
use crate::servers::rpc::RpcServer;
use crate::servers::scripted::Scripted;
use crate::support::check;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;

/// The type of a bind PDU (C706, section 12.6.3.1).
const BIND: u8 = 11;

/// A bind that offers three transfer syntaxes for one interface: a header of 16 bytes, 12 of its own, 44 for each.
const BIND_LENGTH: usize = 160;

/// Insists that every connection carried one bind and nothing else.
fn assert_is_binds_only(recording: &Recording) {
    for (number, sent) in recording.connections.iter().enumerate() {
        assert_eq!(sent.len(), BIND_LENGTH, "connection {number}: {sent:02x?}");
    }
    let types = recording.pdu_types();
    assert_eq!(types, vec![BIND; recording.connections.len()], "one PDU a connection");
    assert_eq!(recording.total_bytes(), BIND_LENGTH * recording.connections.len());
}

#[test]
#[ignore = "needs python3-impacket"]
fn a_check_sends_one_bind() {
    let server = RpcServer::start(0);
    let relay = Relay::to(server.address());
    let report = check::configured(&config::hosts(&[relay.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
    for recording in [server.received(), relay.received()] {
        assert_eq!(recording.connections.len(), 1);
        assert_is_binds_only(&recording);
    }
}

#[test]
#[ignore = "needs python3-impacket"]
fn a_daemon_sends_one_bind_a_round() {
    let server = RpcServer::start(0);
    let relay = Relay::to(server.address());
    let daemon = Daemon::start_ready(&(config::hosts(&[relay.address()]) + EACH_SECOND));
    daemon.wait_for_rounds("rpc", 4);
    assert_eq!(daemon.post("/-/reload").status, 200);
    daemon.wait_for_rounds("rpc", 2);
    let counted = daemon.scrape().sum("gracewatch_probes_total", &[("path", "corp"), ("stage", "rpc")]);
    drop(daemon);
    // A probe may have been under way when the daemon was killed, and a connection made without a byte sent.
    for mut recording in [server.received(), relay.received()] {
        if recording.connections.last().is_some_and(Vec::is_empty) {
            recording.connections.pop();
        }
        assert!(recording.connections.len() >= 7, "{} connections", recording.connections.len());
        assert_is_binds_only(&recording);
        let connections = f64::from(u32::try_from(recording.connections.len()).expect("there are few"));
        assert!((counted..=counted + 1.0).contains(&connections), "{connections} connections, {counted} probes");
    }
}

#[test]
fn a_host_that_refuses_the_bind_is_sent_nothing_more() {
    // It answers a bind_nak, "reason not specified", and waits for what else there is.
    let nak = b"\x05\x00\x0d\x03\x10\x00\x00\x00\x12\x00\x00\x00\r\n\r\n\x00\x00";
    let server = Scripted::writing_without_end(&[nak], Duration::ZERO);
    let relay = Relay::to(server.address());
    let report = check::configured(&config::hosts(&[relay.address()]));
    assert_eq!(report.path()["reason"], "rejected");
    let recording = relay.received();
    assert_eq!(recording.connections.len(), 1);
    assert_is_binds_only(&recording);
}

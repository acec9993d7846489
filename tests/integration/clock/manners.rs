//! How a KMS host is asked for its clock: in one way that works, over one connection, once a minute, or not at all.

use std::net::{Ipv4Addr, SocketAddr};

use super::{BUSY, OK, assert_read, clock_detail, source, sources, way};
use crate::servers::netns::Namespace;
use crate::servers::nginx::Nginx;
use crate::servers::place::Place;
use crate::servers::relay::Relay;
use crate::servers::rpc::{Interface, RpcServer};
use crate::servers::smbd::{Dialects, Smbd};
use crate::support::check;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;

const SMB: u16 = 445;
const WINRM: u16 = 5985;

/// The rounds in which a host could be asked again, if it were asked in each.
const ROUNDS: u32 = 3;

/// A network with a KMS host, and the configuration that names it and nothing else.
fn with_kms_host() -> (Namespace, RpcServer, String) {
    let namespace = Namespace::new();
    let host = RpcServer::start_at(&at(&namespace, 1688), Interface::Kms);
    let configuration = config::hosts(&[host.address()]);
    (namespace, host, configuration)
}

fn at(namespace: &Namespace, port: u16) -> Place {
    Place::within(namespace, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

#[test]
#[ignore = "needs iproute2, nftables, samba, nginx, python3-impacket"]
fn smb2_is_tried_first_and_then_http() {
    let (namespace, _host, configuration) = with_kms_host();
    let _http = Nginx::start_at(&at(&namespace, WINRM), None);
    namespace.count_connections(&[SMB, WINRM]);
    let report = check::configured_in(&namespace, &configuration);
    assert_eq!(report.outcome(), OK);
    assert_eq!(source(&report, Some("http_date"))["source"], "127.0.0.1:5985");
    assert_read(source(&report, Some("http_date")), 0.0, 0.7);
    assert_eq!([namespace.connections(SMB)[0], namespace.connections(WINRM)[0]], [1, 1]);

    let _smb = Smbd::start_at(&at(&namespace, SMB), None, Dialects::Usual);
    namespace.count_connections(&[SMB, WINRM]);
    let report = check::configured_in(&namespace, &configuration);
    assert_eq!(source(&report, Some("smb2"))["source"], "127.0.0.1:445");
    assert_read(source(&report, Some("smb2")), 0.0, BUSY);
    assert_eq!(sources(&report).len(), 1);
    assert_eq!([namespace.connections(SMB)[0], namespace.connections(WINRM)[0]], [1, 0]);
}

#[test]
#[ignore = "needs iproute2, nftables, samba, nginx, python3-impacket"]
fn off_means_that_no_connection_is_made() {
    let (namespace, host, configuration) = with_kms_host();
    let _smb = Smbd::start_at(&at(&namespace, SMB), None, Dialects::Usual);
    let _http = Nginx::start_at(&at(&namespace, WINRM), None);
    namespace.count_connections(&[SMB, WINRM, host.address().port()]);
    let report = check::configured_in(&namespace, &(configuration + "clock: {host_clocks: off}\n"));
    assert_eq!(report.outcome(), OK);
    assert_eq!((sources(&report).len(), clock_detail(&report)), (0, None));
    assert_eq!([SMB, WINRM, host.address().port()].map(|port| namespace.connections(port)[0]), [0, 0, 1]);
}

#[test]
#[ignore = "needs iproute2, nftables, samba, python3-impacket"]
fn a_host_is_asked_once_a_minute_over_one_connection_that_is_closed_at_once() {
    let (namespace, _host, configuration) = with_kms_host();
    let _smb = Smbd::start_at(&at(&namespace, SMB), None, Dialects::Usual);
    namespace.count_connections(&[SMB, WINRM]);
    let daemon = Daemon::start_in(&namespace, &(configuration + EACH_SECOND));
    daemon.wait_until_ready();
    daemon.wait_for_rounds("rpc", ROUNDS);
    assert_eq!(namespace.connections(SMB), [1, 1], "begun and ended");
    assert_eq!(namespace.connections(WINRM), [0, 0]);
}

#[test]
#[ignore = "needs nginx"]
fn a_reload_is_no_reason_to_ask_a_host_again() {
    let (host, http) = (listener::accepting_binds(), Nginx::right());
    // To SMB2 a web server says that it does not speak it.
    let (smb, http) = (Relay::to(http.address()), Relay::to(http.address()));
    let clock = config::clock(&[], &[way("smb2", smb.address()), way("http_date", http.address())]);
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + &clock + EACH_SECOND));
    let asked = || [smb.received().connections.len(), http.received().connections.len()];
    daemon.wait_for_rounds("rpc", ROUNDS);
    assert_eq!(asked(), [1, 1], "once a minute");

    assert_eq!(daemon.post("/-/reload").status, 200);
    daemon.wait_for_rounds("rpc", ROUNDS);
    assert_eq!(asked(), [1, 1], "once a minute, whoever reloads");
    assert_eq!(daemon.report()["clock"]["sources"][0]["kind"], "http_date");
}

/// The first message of SMB2 is all that is needed, and the last that is sent.
#[test]
#[ignore = "needs samba, nginx"]
fn nothing_but_one_question_is_sent() {
    let (host, smb, http) = (listener::accepting_binds(), Smbd::right(), Nginx::right());
    for (kind, server) in [("smb2", smb.address()), ("http_date", http.address())] {
        let relay = Relay::to(server);
        let clock = config::clock(&[], &[way(kind, relay.address())]);
        let report = check::configured(&(config::hosts(&[host.address()]) + &clock));
        assert_eq!(source(&report, Some(kind))["ok"], true);
        let received = relay.received();
        let [sent] = received.connections.as_slice() else { panic!("{} connections", received.connections.len()) };
        if kind == "smb2" {
            let length = sent.first_chunk().map(|length| u32::from_be_bytes(*length) as usize);
            assert_eq!(length, Some(sent.len() - 4), "{}", sent.escape_ascii());
            // The command NEGOTIATE is 0 (MS-SMB2, section 2.2.1.2).
            assert_eq!((&sent[4..8], &sent[16..18]), (b"\xfeSMB".as_slice(), [0, 0].as_slice()));
        } else {
            assert!(sent.starts_with(b"HEAD / HTTP/1.1\r\n") && sent.ends_with(b"\r\n\r\n"), "{}", sent.escape_ascii());
            let heads = sent.windows(4).filter(|bytes| bytes == b"\r\n\r\n").count();
            assert_eq!(heads, 1, "{}", sent.escape_ascii());
        }
    }
}

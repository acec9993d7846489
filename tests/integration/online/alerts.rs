//! Every alert by which a server ends the handshake (RFC 8446, section 6), at an endpoint and behind a proxy.

use super::{check_shortly, complaint, http, https};
use crate::servers::scripted::{End, Scripted};
use crate::support::check::Report;
use crate::support::config;

/// The level of an alert that ends a connection.
const FATAL: u8 = 2;

/// A record with an alert.
fn record(level: u8, description: u8) -> [u8; 7] {
    [21, 3, 3, 0, 2, level, description]
}

/// Checks an endpoint that answers with this record, here or behind a proxy.
fn check_with(record: &[u8], end: End, is_behind_proxy: bool) -> Report {
    if is_behind_proxy {
        let proxy = Scripted::answering(&[b"HTTP/1.0 200 OK\r\n\r\n", record], end);
        return check_shortly(&config::online(&["https://127.0.0.1"]).via(&[http(proxy.address())]));
    }
    let endpoint = Scripted::answering(&[record], end);
    check_shortly(&config::online(&[https(endpoint.address())]))
}

/// Insists on a reason and that the alert is reported by name.
fn assert_means(description: u8, name: &str, outcome: &str) {
    for (end, is_behind_proxy) in [(End::Close, false), (End::Silence, true)] {
        let report = check_with(&record(FATAL, description), end, is_behind_proxy);
        assert_eq!(report.outcome(), format!("{outcome} -"), "{name}: {:#}", report.json);
        assert!(complaint(&report).ends_with(&format!("the alert {name}")), "{name}: {}", complaint(&report));
    }
}

#[test]
fn versions_and_ciphers_that_are_not_in_common_are_reported_as_such() {
    assert_means(40, "handshake_failure", "3 unknown tls no_common_cipher -");
    assert_means(70, "protocol_version", "2 blocked tls tls_version 0x80072F8F");
    assert_means(71, "insufficient_security", "3 unknown tls no_common_cipher -");
}

#[test]
fn a_server_that_does_not_know_the_name_has_no_certificate_for_it() {
    assert_means(112, "unrecognized_name", "2 blocked tls name_mismatch 0x80072F8F");
}

#[test]
fn a_server_can_say_that_it_demands_a_certificate() {
    assert_means(116, "certificate_required", "2 blocked tls certificate_required 0x80072F0C");
}

#[test]
fn every_other_alert_is_a_rejection() {
    for (description, name) in [
        (10, "unexpected_message"),
        (20, "bad_record_mac"),
        (22, "record_overflow"),
        (42, "bad_certificate"),
        (43, "unsupported_certificate"),
        (44, "certificate_revoked"),
        (45, "certificate_expired"),
        (46, "certificate_unknown"),
        (47, "illegal_parameter"),
        (48, "unknown_ca"),
        (49, "access_denied"),
        (50, "decode_error"),
        (51, "decrypt_error"),
        (80, "internal_error"),
        (86, "inappropriate_fallback"),
        (109, "missing_extension"),
        (110, "unsupported_extension"),
        (113, "bad_certificate_status_response"),
        (115, "unknown_psk_identity"),
        (120, "no_application_protocol"),
    ] {
        assert_means(description, name, "2 blocked tls rejected 0x80072F8F");
    }
}

#[test]
fn an_alert_nobody_knows_is_a_rejection_by_number() {
    assert_means(200, "number 200", "2 blocked tls rejected 0x80072F8F");
}

/// By this a connection is ended in good order, which here is none.
#[test]
fn a_server_that_says_goodbye_in_the_handshake_has_closed() {
    for level in [1, FATAL] {
        let report = check_with(&record(level, 0), End::Close, false);
        assert_eq!(report.outcome(), "2 blocked tls closed 0x80072EFE -", "{level}");
    }
}

#[test]
fn warnings_without_end_are_not_read_to_it() {
    for description in [0, 90, 112] {
        let report = check_with(&record(1, description).repeat(100_000), End::Silence, false);
        assert_eq!(report.path()["stage"], "tls", "{description}: {}", report.outcome());
    }
}

//! Proxies that answer as no proxy should: each has a reason, an end, and no more of our memory than it needs.

use std::time::Duration;

use super::{assert_says, check_path, check_promptly, check_shortly, complaint, http, https, socks5};
use crate::servers::scripted::{End, Scripted};
use crate::support::check::Report;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;

const NOT_A_PROXY: &str = "2 blocked proxy proxy_not_a_proxy - -";
const INVALID: &str = "2 blocked proxy invalid_answer - -";
const TIMED_OUT: &str = "2 blocked proxy timed_out 0x80072EE2 -";
const CLOSED: &str = "2 blocked proxy closed 0x80072EFE -";

/// A pause between bytes of which so many are sent that they take longer than any time limit here.
const PAUSE: Duration = Duration::from_millis(40);

/// How much memory the program may hold while megabytes are sent to it.
const MEMORY: u64 = 64 * 1024 * 1024;

/// Checks an endpoint with TLS through an HTTP proxy that answers CONNECT like this.
fn check_http(answer: &[u8], end: End) -> Report {
    let proxy = Scripted::answering(&[answer], end);
    check_promptly(&config::online(&["https://activation.example"]).via(&[http(proxy.address())]))
}

/// Checks an endpoint through a SOCKS proxy that answers each message with the next of these.
fn check_socks(answers: &[&[u8]], end: End) -> Report {
    let proxy = Scripted::answering(answers, end);
    check_promptly(&config::online(&["https://127.0.0.1"]).via(&[socks5(proxy.address())]))
}

#[test]
fn garbage_is_no_proxys_answer() {
    for garbage in [
        b"SSH-2.0-OpenSSH_9.2p1\r\n".as_slice(),
        b"220 mail.example ESMTP\r\n",
        b"\x05\x00",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"<html>\r\n\r\n",
        b"\0\x01\x02\xff\xfe",
        b"HTTP/9.9 200 OK\r\n\r\n",
    ] {
        for end in [End::Silence, End::Close] {
            let report = check_http(garbage, end);
            assert_eq!(report.outcome(), NOT_A_PROXY, "{:?}", garbage.escape_ascii().to_string());
            complaint(&report);
        }
    }
}

#[test]
fn headers_without_end_are_not_read_to_it() {
    let fields = "X-Filler: x\r\n".repeat(80_000);
    let line = "x".repeat(1_000_000);
    for headers in [fields, format!("X-Filler: {line}"), format!("Proxy-Authenticate: {line}")] {
        let report = check_http(format!("HTTP/1.1 407 Login\r\n{headers}").as_bytes(), End::Silence);
        assert_eq!(report.outcome(), INVALID);
        complaint(&report);
    }
}

#[test]
fn what_comes_byte_by_byte_is_a_timeout() {
    let head = b"HTTP/1.1 200 Connection established\r\nX-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    let proxy = Scripted::writing(&head.chunks(1).collect::<Vec<_>>(), PAUSE);
    let report = check_shortly(&config::online(&["https://127.0.0.1"]).via(&[http(proxy.address())]));
    assert_eq!(report.outcome(), TIMED_OUT);
    assert!(report.elapsed > Duration::from_millis(900), "it took {:?}", report.elapsed);

    // A choice of method, and a reply with the longest name there is, of which the end does not come in time.
    let reply = [&[5, 0, 5, 0, 0, 3, 255][..], &[b'x'; 250]].concat();
    let proxy = Scripted::writing(&reply.chunks(1).collect::<Vec<_>>(), PAUSE);
    let report = check_shortly(&config::online(&["https://127.0.0.1"]).via(&[socks5(proxy.address())]));
    assert_eq!(report.outcome(), TIMED_OUT);
}

#[test]
fn a_proxy_that_closes_instead_of_answering_is_reported_as_such() {
    for answer in [b"".as_slice(), b"HTTP/1.1 200 Connection esta", b"HTTP/1.1 200 OK\r\nVia: x\r\n"] {
        let report = check_http(answer, End::Close);
        assert_eq!(report.outcome(), CLOSED, "{:?}", answer.escape_ascii().to_string());
    }
    let proxy = Scripted::closing();
    let report = check_path(&config::online(&["https://127.0.0.1"]).via(&[http(proxy.address())]));
    let outcome = report.outcome();
    // What is sent to who has closed is answered with a reset.
    assert!([CLOSED, &CLOSED.replace("closed", "reset")].contains(&outcome.as_str()), "{outcome}");
}

#[test]
fn answers_that_no_proxy_gives_have_a_reason() {
    for (answer, outcome) in [
        ("HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n", "captive_portal 0x80072F78 -"),
        ("HTTP/1.1 511 Network Authentication Required\r\n\r\n", "captive_portal 0x80072F78 -"),
        ("HTTP/1.1 404 Not Found\r\n\r\n", "proxy_not_a_proxy - -"),
        ("HTTP/1.1 405 Method Not Allowed\r\n\r\n", "proxy_not_a_proxy - -"),
        ("HTTP/1.1 429 Too Many Requests\r\n\r\n", "forbidden_by_proxy - -"),
        ("HTTP/1.1 451 Unavailable For Legal Reasons\r\n\r\n", "forbidden_by_proxy - -"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "proxy_bad_gateway - -"),
        ("HTTP/1.1 504 Gateway Timeout\r\n\r\n", "proxy_bad_gateway - -"),
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "auth_required 0x8004FE33 -"),
        ("HTTP/1.1 407 \r\nProxy-Authenticate: ,, ,\r\n\r\n", "auth_required 0x8004FE33 -"),
    ] {
        let report = check_http(answer.as_bytes(), End::Silence);
        assert_eq!(report.outcome(), format!("2 blocked proxy {outcome}"), "{answer:?}");
    }
}

#[test]
fn interim_answers_are_passed_over_and_not_without_end() {
    let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
    let report = check_http(&[interim.as_slice(), b"HTTP/1.1 403 Forbidden\r\n\r\n"].concat(), End::Silence);
    assert_eq!(report.outcome(), "2 blocked proxy forbidden_by_proxy - -");
    assert_eq!(check_http(&interim.repeat(10_000), End::Silence).outcome(), INVALID);
}

/// The password is given once, to a proxy that says it wants another.
#[test]
fn a_proxy_that_asks_again_and_again_is_not_answered_again_and_again() {
    let demand = b"HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
    let answers = [demand.as_slice(); 20];
    let proxy = Scripted::answering(&answers, End::Silence);
    let via = format!("http://user:secret@{}", proxy.address());
    let report = check_promptly(&config::online(&["https://127.0.0.1"]).via(&[via]));
    assert_eq!(report.outcome(), "2 blocked proxy auth_rejected 0x8004FE33 -");
}

/// The body of a refusal may be left out, cut short, endless, or longer than anyone would want to read.
#[test]
fn the_body_of_a_refusal_is_not_waited_for_without_end() {
    let demand = "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"x\"\r\n";
    for (body, outcome) in [
        ("Content-Length: 100000\r\n\r\ncut short", "auth_required 0x8004FE33"),
        ("Content-Length: 99999999999\r\n\r\nlong", "auth_rejected 0x8004FE33"),
        ("Content-Length: 99999999999999999999999999\r\n\r\nlong", "auth_rejected 0x8004FE33"),
        ("Content-Length: -1\r\n\r\nlong", "auth_rejected 0x8004FE33"),
        ("Transfer-Encoding: chunked\r\n\r\nffff\r\n", "auth_rejected 0x8004FE33"),
        ("\r\n", "auth_rejected 0x8004FE33"),
    ] {
        let proxy = Scripted::answering(&[format!("{demand}{body}").as_bytes()], End::Silence);
        let via = format!("http://user:secret@{}", proxy.address());
        let report = check_shortly(&config::online(&["https://127.0.0.1"]).via(&[via]));
        assert_eq!(report.outcome(), format!("2 blocked proxy {outcome} -"), "{body:?}");
    }
}

#[test]
fn a_proxy_of_another_version_of_socks_is_no_such_proxy() {
    for answers in [&[b"\x04\x5a".as_slice()][..], &[b"\x00\x5a"], &[b"HT"], &[b"\x05\x00", b"\x04\x5a\0\0\0\0\0\0"]] {
        let report = check_socks(answers, End::Silence);
        assert_eq!(report.outcome(), NOT_A_PROXY, "{answers:?}");
        complaint(&report);
    }
}

/// Methods are ours to offer and the proxy's to choose from.
#[test]
fn a_method_that_was_not_offered_is_not_used() {
    for method in [1, 3, 0x80, 0xfe] {
        let report = check_socks(&[&[5, method]], End::Silence);
        assert_eq!(report.path()["stage"], "proxy", "{method}");
        let reason = report.path()["reason"].as_str().expect("a reason is text");
        assert!(["proxy_not_a_proxy", "invalid_answer", "auth_required"].contains(&reason), "{method}: {reason}");
    }
}

#[test]
fn replies_that_are_cut_short_are_reported_as_such() {
    let reply = [5, 0, 0, 3, 9, b'l', b'o', b'c', b'a', b'l', b'h', b'o', b's', b't', 0, 80];
    for length in 1..reply.len() {
        let report = check_socks(&[&[5, 0], &reply[..length]], End::Close);
        assert_eq!(report.outcome(), CLOSED, "{length} bytes");
    }
    for length in 0..2 {
        assert_eq!(check_socks(&[&[5, 0][..length]], End::Close).outcome(), CLOSED, "{length} bytes");
    }
    let proxy = Scripted::answering(&[&[5, 0], &reply[..7]], End::Silence);
    let report = check_shortly(&config::online(&["https://127.0.0.1"]).via(&[socks5(proxy.address())]));
    assert_eq!(report.outcome(), TIMED_OUT);
}

#[test]
fn every_reply_of_socks_has_a_reason() {
    for (code, outcome) in [
        (1, "proxy_bad_gateway - -"),
        (2, "forbidden_by_proxy - -"),
        (3, "proxy_bad_gateway - -"),
        (4, "proxy_bad_gateway - -"),
        (5, "proxy_bad_gateway - -"),
        (6, "proxy_bad_gateway - -"),
        (7, "rejected - -"),
        (8, "rejected - -"),
        (99, "proxy_bad_gateway - -"),
    ] {
        let report = check_socks(&[&[5, 0], &[5, code, 0, 1, 0, 0, 0, 0, 0, 0]], End::Silence);
        assert_eq!(report.outcome(), format!("2 blocked proxy {outcome}"), "{code}");
        assert!(complaint(&report).contains(&format!("reply {code}")), "{}", complaint(&report));
    }
}

/// An address of a kind there is none of has no length that could be known.
#[test]
fn a_reply_with_an_unknown_kind_of_address_is_not_waited_for() {
    let report = check_socks(&[&[5, 0], &[5, 0, 0, 9, 0, 0, 0, 0, 0, 0]], End::Silence);
    assert_eq!(report.path()["stage"], "proxy");
    let reason = report.path()["reason"].as_str().expect("a reason is text");
    assert!(["proxy_not_a_proxy", "invalid_answer"].contains(&reason), "{reason}");
}

#[test]
fn a_wrong_answer_to_a_password_lets_nobody_in() {
    let proxy = Scripted::answering(&[&[5, 2], &[1, 1]], End::Close);
    let via = format!("socks5://user:secret@{}", proxy.address());
    let report = check_shortly(&config::online(&["https://127.0.0.1"]).via(&[via]));
    assert_eq!(report.outcome(), "2 blocked proxy auth_rejected 0x8004FE33 -");
    assert_says(&report, "rejects the credentials configured here");
}

/// Eight megabytes at a time would show, were they kept.
#[test]
fn megabytes_sent_by_strangers_are_not_kept() {
    let line = "x".repeat(8_000_000);
    let headers = format!("HTTP/1.1 200 OK\r\nX-Filler: {line}");
    let refusal = format!(
        "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: {}\r\n\r\n{line}",
        line.len()
    );
    let portal = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{line}");
    let hello = [&[0x16, 3, 3, 0x40, 0][..], &vec![2; 8_000_000]].concat();
    let strangers = [headers.as_bytes(), refusal.as_bytes(), portal.as_bytes(), &hello]
        .map(|answer| Scripted::answering(&[answer], End::Silence));
    let [headers, refusal, portal, hello] = strangers.each_ref().map(Scripted::address);
    let paths = [
        config::online(&["https://127.0.0.1", "http://127.0.0.1"]).via(&[
            http(headers),
            format!("http://user:secret@{refusal}"),
            http(portal),
            socks5(portal),
            https(hello),
        ]),
        config::online(&[http(headers), http(portal), https(hello)]),
    ];
    for path in paths {
        let daemon = Daemon::start_ready(&(path.text() + EACH_SECOND));
        daemon.wait_for_rounds("tcp", 10);
        let peak = daemon.peak_memory();
        assert!(peak < MEMORY, "{peak} bytes were held");
    }
}

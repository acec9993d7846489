//! What comes together and belongs apart: a proxy's answer with the first bytes through the tunnel behind it.

use super::{OK, check_shortly, http, socks5, target};
use crate::servers::scripted::{End, Scripted};
use crate::support::config;

const ANSWER: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nnothing";

/// The replies of SOCKS that open a tunnel, each with another kind of address in it.
const REPLIES: [&[u8]; 4] = [
    &[5, 0, 0, 1, 127, 0, 0, 1, 0, 80],
    &[5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80],
    &[5, 0, 0, 3, 4, b'h', b'o', b's', b't', 0, 80],
    &[5, 0, 0, 3, 0, 0, 80],
];

#[test]
fn what_is_glued_to_a_reply_of_socks_is_the_endpoints() {
    for reply in REPLIES {
        let proxy = Scripted::answering(&[&[5, 0], &[reply, ANSWER].concat()], End::Silence);
        let report = check_shortly(&config::online(&["http://127.0.0.1"]).via(&[socks5(proxy.address())]));
        assert_eq!(report.outcome(), OK, "{reply:?}: {:#}", report.json);
        assert_eq!(target(&report)["http"]["status"], 404);
    }
}

#[test]
fn what_is_glued_to_a_password_that_was_taken_is_the_reply() {
    let glued = [&[1, 0][..], REPLIES[0], ANSWER].concat();
    let proxy = Scripted::answering(&[&[5, 2], &glued], End::Silence);
    let via = format!("socks5://user:secret@{}", proxy.address());
    let report = check_shortly(&config::online(&["http://127.0.0.1"]).via(&[via]));
    assert!(report.walk().iter().all(|line| line.ends_with(" ok")), "{:?}", report.walk());
    assert_eq!(target(&report)["http"]["status"], 404);
}

/// An alert of TLS is seen as such where it comes before we have said anything.
#[test]
fn what_is_glued_to_the_answer_to_connect_is_the_endpoints() {
    let alert = [21, 3, 3, 0, 2, 2, 70];
    for established in [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), b"HTTP/1.0 200\r\nContent-Length: 7\r\n\r\n"] {
        let proxy = Scripted::answering(&[&[established, &alert].concat()], End::Silence);
        let report = check_shortly(&config::online(&["https://127.0.0.1"]).via(&[http(proxy.address())]));
        assert_eq!(report.outcome(), "2 blocked tls tls_version 0x80072F8F -");
    }
}

#[test]
fn an_answer_that_comes_before_the_question_counts() {
    let endpoint = Scripted::writing_without_end(&[ANSWER], std::time::Duration::ZERO);
    assert_eq!(check_shortly(&config::online(&[http(endpoint.address())])).outcome(), OK);
}

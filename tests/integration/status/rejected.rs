//! Requests to `/api/v1/status` that are rejected, and what for.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::daemon::Daemon;
use crate::support::post::{Sender, gzip};
use crate::support::reports::{Client, lines};
use crate::support::status::{Kept, sender};

/// The longest body that is taken, as it is sent and as it is inflated.
const MAX_SENT: usize = 8 << 20;
const MAX_INFLATED: usize = 32 << 20;

/// A report with spaces behind it, so many bytes in all. They shrink to a part of that, as reports do.
fn padded(length: usize) -> Vec<u8> {
    let mut body = Client::new("ws01").text().into_bytes();
    let mut random = 1_u64;
    while body.len() < length {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        body.extend([b" \t\n\r"[(random >> 62) as usize]; 8]);
    }
    body.truncate(length);
    body
}

/// The first line of the answer to a request of which only the head is sent.
fn answer_to_head(daemon: &Daemon<'_>, authorization: &str) -> String {
    let mut stream = TcpStream::connect(daemon.address()).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit can be set");
    let head = format!(
        "POST /api/v1/status HTTP/1.1\r\nHost: gracewatch\r\n{authorization}Content-Length: {MAX_SENT}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("it takes a head");
    let mut answer = [0; 1024];
    let length = stream.read(&mut answer).expect("it answers without the body");
    String::from_utf8_lossy(&answer[..length]).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn without_a_known_token_the_body_is_not_even_read() {
    let kept = Kept::new();
    let daemon = kept.serve();
    for authorization in [
        "",
        "Authorization: Bearer 0123456789abcdef-nobody\r\n",
        "Authorization: Bearer\r\n",
        "Authorization: Basic YTpi\r\n",
    ] {
        assert_eq!(answer_to_head(&daemon, authorization), "HTTP/1.1 401 Unauthorized", "{authorization:?}");
    }
    let answer = Sender::anonymous(daemon.address()).send(Client::new("ws01").text());
    assert_eq!((answer.status, answer.www_authenticate.as_deref()), (401, Some("Bearer")), "{answer:?}");
    assert_eq!(answer.error(), "a bearer token is needed");
    let answer = Sender::with_token(daemon.address(), "0123456789abcdef-nobody").send(Client::new("ws01").text());
    assert_eq!((answer.status, answer.error()), (401, "the token is not known"));
    assert_eq!(kept.names(), [""; 0]);
}

#[test]
fn without_a_store_there_is_nothing_to_send_to() {
    let daemon = Daemon::start("paths: [{name: corp, kms: {hosts: [\"127.0.0.1:1\"]}}]\n");
    let answer = sender(daemon.address()).send(Client::new("ws01").text());
    assert_eq!(answer.status, 404, "{answer:?}");
    assert!(answer.error().contains("status"), "{answer:?}");
    for page in ["/api/v1/machines", "/api/v1/runway"] {
        assert_eq!(daemon.get(page).status, 404, "{page}");
    }
    assert!(!daemon.scrape().text.contains("gracewatch_machines_known"), "{}", daemon.scrape().text);
}

#[test]
fn a_compressed_body_is_taken_and_a_broken_one_is_not() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let sender = sender(daemon.address());
    let fleet: Vec<_> = (0..200).map(|number| Client::new(&format!("ws{number:03}"))).collect();
    let good = gzip(lines(&fleet).as_bytes());
    assert_eq!(sender.send_encoded("gzip", &good[..good.len() / 2]).status, 400);
    assert_eq!(sender.send_encoded("gzip", &b"{\"machine\": \"ws01\"}"[..]).status, 400);
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    assert_eq!(sender.send_encoded("gzip", flipped).status, 400);
    assert_eq!(kept.names(), [""; 0]);
    assert_eq!(sender.send_encoded("gzip", good).outcome(), "202 stored 200 unchanged 0 outdated 0 refused 0");

    // Parts one behind the other are one body, and capitals are no other encoding.
    let parts =
        [gzip(Client::new("ws901").text().as_bytes()), gzip(b"\n"), gzip(Client::new("ws902").text().as_bytes())];
    assert_eq!(sender.send_encoded("GZIP", parts.concat()).outcome(), "202 stored 2 unchanged 0 outdated 0 refused 0");
    for encoding in ["br", "deflate", "zstd", "gzip, gzip"] {
        assert_eq!(sender.send_encoded(encoding, &b"x"[..]).status, 415, "{encoding}");
    }
}

#[test]
fn a_body_may_be_as_long_as_is_said_and_no_longer() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let sender = sender(daemon.address());
    assert_eq!(sender.send(padded(MAX_SENT)).status, 202);
    for length in [MAX_SENT + 1, 2 * MAX_SENT, 8 * MAX_SENT] {
        let answer = sender.send(padded(length));
        assert_eq!(answer.status, 413, "{length}: {answer:?}");
    }
    assert_eq!(sender.send_encoded("gzip", gzip(&padded(MAX_INFLATED))).status, 202);
    assert_eq!(sender.send_encoded("gzip", gzip(&padded(MAX_INFLATED + 1))).status, 413);
    // What shrinks beyond measure is not a report, and is not even inflated; nor are four gigabytes in four megabytes.
    let spaces = [Client::new("ws01").text().into_bytes(), vec![b' '; MAX_INFLATED / 2]].concat();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&spaces).expect("memory takes it");
    assert_eq!(sender.send_encoded("gzip", encoder.finish().expect("memory takes it")).status, 413);
    let bomb = gzip(&vec![b' '; 64 << 20]).repeat(16);
    assert_eq!(sender.send_encoded("gzip", bomb).status, 413);
    let peak = daemon.peak_memory();
    assert!(peak < 512 << 20, "it took {} MiB", peak >> 20);
    assert_eq!(kept.names(), ["ws01"]);
}

#[test]
fn a_parameter_that_is_not_known_or_names_nobody_is_rejected() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let sender = sender(daemon.address());
    for query in
        ["?host=ws01", "?machine=", "?machine=no%20name", "?machine=ws01&machine=ws02", "?machine=..", "?machine=%ff"]
    {
        let answer = sender.send_to(query, Client::new("ws01").text());
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
        assert!(!answer.error().is_empty());
    }
    assert_eq!(kept.names(), [""; 0]);
}

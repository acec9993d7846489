//! What the server makes of requests, whatever they ask for.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Version;
use reqwest::blocking::Client;

use crate::servers::port;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::raw::Connection;
use crate::support::request;

fn daemon() -> Daemon<'static> {
    Daemon::start(&config::hosts(&[port::refusing()]))
}

fn client() -> Client {
    request::client().build().expect("a client can be built")
}

#[test]
fn answers_are_compressed_where_the_client_takes_that() {
    let daemon = daemon();
    daemon.wait_until_ready();
    for (path, part) in
        [("/metrics", "gracewatch_path_up"), ("/", "<html"), ("/api/v1/paths", "\"paths\""), ("/-/healthy", "healthy")]
    {
        let url = format!("http://{}{path}", daemon.address());
        let plain = client().get(&url).send().expect("it answers");
        assert!(plain.headers().get("content-encoding").is_none(), "{path}");
        let plain = plain.bytes().expect("there is a body");
        let response = client().get(&url).header("accept-encoding", "deflate, gzip;q=0.8").send().expect("it answers");
        let is_compressed = response.headers().get("content-encoding").is_some_and(|coding| coding == "gzip");
        let body = response.bytes().expect("there is a body");
        // What fits in a packet stays as it is.
        assert_eq!(is_compressed, plain.len() >= 1024, "{path}");
        if is_compressed {
            assert!(body.len() < plain.len() / 2, "{path}: {} of {}", body.len(), plain.len());
            let mut text = String::new();
            GzDecoder::new(&*body).read_to_string(&mut text).expect("it is gzip");
            assert!(text.contains(part), "{path}");
        }
    }
}

#[test]
fn a_request_has_an_id_which_the_client_may_give() {
    let daemon = daemon();
    let url = format!("http://{}/-/healthy", daemon.address());
    let id = |given: Option<&str>| {
        let request = given.into_iter().fold(client().get(&url), |request, id| request.header("x-request-id", id));
        let response = request.send().expect("it answers");
        response.headers()["x-request-id"].to_str().expect("an id is text").to_owned()
    };
    assert_eq!(id(Some("scrape-7.A_b")), "scrape-7.A_b");
    let made = [id(None), id(Some("a\tb")), id(Some(&"x".repeat(65))), id(Some("<script>"))];
    assert!(made.iter().all(|id| id.len() == 16 && id.bytes().all(|letter| letter.is_ascii_hexdigit())), "{made:?}");
}

#[test]
fn a_request_that_can_be_read_in_two_ways_is_refused() {
    let daemon = daemon();
    let chunked = "Transfer-Encoding: chunked\r\n";
    let length = "Content-Length: 4\r\n";
    for fields in [format!("{chunked}{length}"), format!("{length}{chunked}")] {
        let mut connection = Connection::open(daemon.address());
        connection.send(&format!("POST /-/reload HTTP/1.1\r\nHost: a\r\n{fields}\r\n0\r\n\r\n"));
        connection.get("/-/healthy");
        let answer = connection.answer().expect("it is answered");
        assert_eq!((answer.status, answer.field("connection")), (400, Some("close")), "{fields}");
        assert!(connection.answer().is_none(), "nothing after it is");
    }
    assert!(daemon.log_lines("the configuration is reloaded").is_empty(), "{}", daemon.log());
    let refused = [("route", "/-/reload"), ("status", "400")];
    assert_eq!(daemon.scrape().value("gracewatch_http_requests_total", &refused), Some(2.0));
}

#[test]
fn the_second_version_is_spoken_as_well() {
    let daemon = daemon();
    let client = request::client().http2_prior_knowledge().build().expect("a client can be built");
    for path in ["/metrics", "/-/healthy", "/api/v1/paths"] {
        let response = client.get(format!("http://{}{path}", daemon.address())).send().expect("it answers");
        assert_eq!((response.version(), response.status().as_u16()), (Version::HTTP_2, 200), "{path}");
    }
    let counted = [("route", "/metrics"), ("status", "200")];
    assert_eq!(daemon.scrape().value("gracewatch_http_requests_total", &counted), Some(1.0));
}

#[test]
fn requests_are_counted_by_their_routes_and_never_by_what_strangers_write() {
    let daemon = daemon();
    for path in ["/api/v1/explain/0xC004F074", "/api/v1/explain/0xC004F038", "/none/such", "/%00%ff", "/-/healthy?x=y"]
    {
        daemon.get(path);
    }
    assert_eq!(daemon.post("/metrics").status, 405);
    let scrape = daemon.scrape();
    let count = |route, status| scrape.value("gracewatch_http_requests_total", &[("route", route), ("status", status)]);
    assert_eq!(count("/api/v1/explain/{*code}", "200"), Some(2.0));
    assert_eq!(count("none", "404"), Some(2.0));
    assert_eq!(count("/-/healthy", "200"), Some(1.0));
    assert_eq!(count("/metrics", "405"), Some(1.0));
    let explained = [("route", "/api/v1/explain/{*code}")];
    assert_eq!(scrape.value("gracewatch_http_request_duration_seconds_count", &explained), Some(2.0));
    assert!(scrape.value("gracewatch_http_connections_accepted_total", &[]) >= Some(6.0));
    assert!(scrape.value("gracewatch_http_connections", &[]) >= Some(1.0));
}

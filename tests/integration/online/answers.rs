//! What endpoints answer, and what answers in their place.

use super::{OK, Site, assert_says, check_path, check_shortly, complaint, http, target};
use crate::servers::nginx::{Answer, Nginx};
use crate::servers::recording::Recording;
use crate::servers::relay::Relay;
use crate::servers::scripted::{End, Scripted};
use crate::support::check::Report;
use crate::support::config;

const PORTAL: &str = "2 blocked http captive_portal 0x80072F78 -";

const LOGIN_PAGE: &str = "<html><a href=\"\\login\">Log in</a></html>";

/// Checks an endpoint without TLS.
fn check_plain(answer: Answer<'_>) -> Report {
    check_path(&config::online(&[http(Nginx::answering(answer).address())]))
}

/// Checks an endpoint without TLS whose answer is these bytes, after which it ends in some way.
fn check_scripted(answer: &[u8], end: End) -> Report {
    let endpoint = Scripted::answering(&[answer], end);
    check_shortly(&config::online(&[http(endpoint.address())]))
}

/// Checks an endpoint with TLS.
fn check_over_tls(answer: Answer<'_>) -> Report {
    let site = Site::answering(answer);
    check_path(&config::online(&[site.url()]).trusting(site.authority.root()))
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn most_answers_show_that_the_endpoint_is_there() {
    for status in [200, 400, 401, 403, 404, 405, 500] {
        for report in [check_plain(Answer::Page(status, "nothing")), check_over_tls(Answer::Page(status, "nothing"))] {
            assert_eq!(report.outcome(), OK, "{status}");
            assert_eq!(target(&report)["http"]["status"], status);
        }
    }
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn an_endpoint_that_cannot_serve_says_so() {
    for status in [502, 503, 504] {
        for report in [check_plain(Answer::Page(status, "busy")), check_over_tls(Answer::Page(status, "busy"))] {
            assert_eq!(report.outcome(), "2 blocked http server_failure - -", "{status}");
            assert!(complaint(&report).contains(&status.to_string()), "{}", complaint(&report));
            assert_eq!(target(&report)["http"]["status"], status);
        }
    }
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_redirect_leads_to_a_portal() {
    let answer = Answer::Redirect("http://portal.example/login");
    for report in [check_plain(answer), check_over_tls(answer)] {
        assert_eq!(report.outcome(), PORTAL);
        assert!(complaint(&report).contains("http://portal.example/login"), "{}", complaint(&report));
        assert_eq!(target(&report)["http"]["location"], "http://portal.example/login");
    }
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_page_is_a_portals_unless_it_comes_over_tls() {
    assert_eq!(check_plain(Answer::Page(200, LOGIN_PAGE)).outcome(), PORTAL);
    assert_eq!(check_over_tls(Answer::Page(200, LOGIN_PAGE)).outcome(), OK);
}

#[test]
#[ignore = "needs nginx"]
fn an_endpoint_that_gives_pages_may_give_one() {
    let endpoint = Nginx::answering(Answer::Page(200, LOGIN_PAGE));
    let mapping = format!("{{url: \"{}\", gives_pages: true}}", http(endpoint.address()));
    assert_eq!(check_path(&config::online(&[mapping])).outcome(), OK);
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn an_endpoint_that_gives_pages_may_redirect_over_tls_and_within_its_own_site() {
    let mapping = |url: String| format!("{{url: \"{url}\", gives_pages: true}}");
    let site = Site::answering(Answer::Redirect("http://elsewhere.example/"));
    let path = config::online(&[mapping(site.url())]).trusting(site.authority.root());
    assert_eq!(check_path(&path).outcome(), OK);
    for (to, outcome) in [("/elsewhere", OK), ("http://portal.example/", PORTAL)] {
        let endpoint = Nginx::answering(Answer::Redirect(to));
        assert_eq!(check_path(&config::online(&[mapping(http(endpoint.address()))])).outcome(), outcome, "{to}");
    }
}

#[test]
fn a_network_that_wants_to_be_logged_in_to_is_a_portal() {
    let answer = b"HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(check_scripted(answer, End::Close).outcome(), PORTAL);
}

#[test]
fn a_proxy_that_nobody_named_may_demand_credentials() {
    let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\n\r\n";
    let report = check_scripted(answer, End::Close);
    assert_eq!(report.outcome(), "2 blocked http auth_required 0x8004FE33 -");
    assert_says(&report, "a proxy that is not configured requires credentials");
}

/// What was said to an endpoint over the only connection that was made to it.
fn only_request(recording: &Recording) -> String {
    let [sent] = recording.connections.as_slice() else { panic!("not one connection: {recording:?}") };
    String::from_utf8(sent.clone()).expect("a request is text")
}

/// No client of ours would find out that it goes in a circle.
#[test]
#[ignore = "needs nginx"]
fn a_redirect_is_not_followed_not_even_to_where_it_comes_from() {
    let endpoint = Nginx::answering(Answer::Redirect("/"));
    let relay = Relay::to(endpoint.address());
    assert_eq!(check_path(&config::online(&[http(relay.address())])).outcome(), PORTAL);
    let request = only_request(&relay.received());
    assert_eq!(request.matches("GET ").count(), 1, "{request}");
}

#[test]
#[ignore = "needs nginx"]
fn a_request_asks_for_what_the_url_says_and_for_no_more() {
    let endpoint = Nginx::answering(Answer::Page(200, "a list"));
    let relay = Relay::to(endpoint.address());
    let url = format!("http://{}/pki/list%20one.crl?a=b", relay.address());
    assert_eq!(check_path(&config::online(&[url])).outcome(), OK);
    let request = only_request(&relay.received());
    let expected = format!("GET /pki/list%20one.crl?a=b HTTP/1.1\r\nHost: {}\r\n", relay.address());
    assert!(request.starts_with(&expected) && request.ends_with("\r\n\r\n"), "{request}");
    for unwanted in ["Cookie", "Authorization", "Content-Length"] {
        assert!(!request.contains(unwanted), "{request}");
    }
}

#[test]
fn what_is_no_http_is_reported_as_such() {
    for answer in [b"SSH-2.0-OpenSSH_9.2p1\r\n".as_slice(), b"\x16\x03\x03\0\0", b"220 ready\r\n", b"<html></html>"] {
        let report = check_scripted(answer, End::Silence);
        assert_eq!(report.outcome(), "2 blocked http not_http 0x80072F78 -", "{answer:?}");
        complaint(&report);
    }
}

#[test]
fn an_endpoint_that_closes_instead_of_answering_is_reported_as_such() {
    for answer in [b"".as_slice(), b"HTTP/1.1 200 OK\r\nContent-Ty"] {
        let report = check_scripted(answer, End::Close);
        assert_eq!(report.outcome(), "2 blocked http closed 0x80072EFE -", "{answer:?}");
    }
}

#[test]
fn an_endpoint_that_says_nothing_is_a_timeout() {
    let endpoint = Scripted::silent();
    let report = check_shortly(&config::online(&[http(endpoint.address())]));
    assert_eq!(report.outcome(), "2 blocked http timed_out 0x80072EE2 -");
}

#[test]
fn headers_without_end_are_not_read_to_it() {
    let long = [b"HTTP/1.1 200 OK\r\n".as_slice(), "A: b\r\n".repeat(200_000).as_bytes()].concat();
    let line = [b"HTTP/1.1 200 OK\r\nA: ".as_slice(), "b".repeat(1_000_000).as_bytes()].concat();
    for answer in [long, line] {
        let report = check_scripted(&answer, End::Silence);
        assert_eq!(report.outcome(), "2 blocked http invalid_answer - -");
        complaint(&report);
    }
}

#[test]
fn interim_answers_are_passed_over_and_not_without_end() {
    let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let last = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(check_scripted(&[interim.as_slice(), interim, last].concat(), End::Close).outcome(), OK);
    let report = check_scripted(&interim.repeat(1000), End::Silence);
    assert_eq!(report.outcome(), "2 blocked http invalid_answer - -");
}

/// The status shows enough, whatever becomes of the body.
#[test]
fn a_body_without_end_is_not_waited_for_without_end() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(check_scripted(format!("{head}5\r\nhello\r\n").as_bytes(), End::Silence).outcome(), OK);
    assert_eq!(check_scripted(format!("{head}ffffffff\r\n").as_bytes(), End::Close).outcome(), OK);
}

/// It may be a page: whether it is one is seen by its beginning, or else by its not coming.
#[test]
fn a_page_without_end_is_not_waited_for_without_end() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
    let report = check_scripted(format!("{head}6\r\n<html>\r\n").as_bytes(), End::Silence);
    assert_eq!(report.outcome(), PORTAL);
    let report = check_scripted(format!("{head}5\r\nhello\r\n").as_bytes(), End::Silence);
    let outcomes = [OK, "2 blocked http timed_out 0x80072EE2 -"];
    assert!(outcomes.contains(&report.outcome().as_str()), "{}", report.outcome());
}

/// That the connection stays open after it is no reason to wait for more.
#[test]
fn a_body_that_has_come_whole_is_not_waited_for() {
    for answer in [
        b"HTTP/1.1 204 No Content\r\n\r\n".as_slice(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\nactivated",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ] {
        let report = check_scripted(answer, End::Silence);
        assert_eq!(report.outcome(), OK, "{:?}", answer.escape_ascii().to_string());
    }
}

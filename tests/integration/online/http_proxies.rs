//! squid on the way: open, denying, in TLS itself, and before endpoints that are not there.

use std::time::Duration;

use super::{
    ACTIVATED, NAME, OK, ROOT, Site, assert_says, check_path, check_shortly, complaint, http, https, socks5, target,
};
use crate::servers::certificates::{Authority, Validity};
use crate::servers::nginx::{Answer, Nginx};
use crate::servers::port;
use crate::servers::scripted::Scripted;
use crate::servers::squid::Squid;
use crate::support::config;

const BAD_GATEWAY: &str = "2 blocked proxy proxy_bad_gateway - -";

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn endpoints_with_tls_are_reached_through_tunnels_and_the_rest_is_forwarded() {
    let (proxy, site, plain) = (Squid::open(), Site::start(), Nginx::answering(ACTIVATED));
    let (via, at) = (http(proxy.address()), proxy.address());
    let endpoints = [site.url(), http(plain.address())];
    let report = check_path(&config::online(&endpoints).via(&[&via]).trusting(site.authority.root()));
    assert_eq!(report.outcome(), OK);
    let tunnelled = ["tcp", "proxy", "tls", "http"].map(|stage| format!("{} via {via} @{at} {stage} ok", site.url()));
    let forwarded = ["tcp", "proxy", "http"].map(|stage| format!("{} via {via} @{at} {stage} ok", endpoints[1]));
    assert_eq!(report.walk(), [&tunnelled[..], &forwarded].concat());
    assert!(report.elapsed < Duration::from_secs(3), "it took {:?}", report.elapsed);
    for target in report.path()["targets"].as_array().expect("there is a list") {
        assert_eq!((&target["proxy"], &target["http"]["status"]), (&via.as_str().into(), &200.into()), "{target:#}");
        assert_eq!(target["proxy_demands"], serde_json::json!([]));
    }
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_proxy_that_denies_tunnels_is_passed_by_what_needs_none() {
    let (proxy, site, plain) = (Squid::denying_connect(), Site::start(), Nginx::answering(ACTIVATED));
    let via = [http(proxy.address())];
    let report = check_path(&config::online(&[site.url()]).via(&via).trusting(site.authority.root()));
    assert_eq!(report.outcome(), "2 blocked proxy forbidden_by_proxy - -");
    assert_says(&report, &format!("proxy {} forbids connections to {}", via[0], site.url()));
    assert!(complaint(&report).contains("ERR_ACCESS_DENIED"), "{}", complaint(&report));
    assert_eq!(check_path(&config::online(&[http(plain.address())]).via(&via)).outcome(), OK);
}

#[test]
#[ignore = "needs squid"]
fn a_proxy_that_cannot_reach_the_endpoint_says_so() {
    let (proxy, closed) = (Squid::open(), port::refusing());
    for endpoint in [https(closed), http(closed)] {
        let report = check_path(&config::online(&[&endpoint]).via(&[http(proxy.address())]));
        assert_eq!(report.outcome(), BAD_GATEWAY, "{endpoint}");
        assert!(complaint(&report).contains("ERR_CONNECT_FAIL"), "{}", complaint(&report));
    }
}

#[test]
#[ignore = "needs squid"]
fn a_proxy_that_does_not_know_the_endpoints_name_says_so() {
    let proxy = Squid::open();
    for endpoint in ["https://unknown.example", "http://unknown.example"] {
        let report = check_path(&config::online(&[endpoint]).via(&[http(proxy.address())]));
        assert_eq!(report.outcome(), BAD_GATEWAY, "{endpoint}");
        assert!(complaint(&report).starts_with("the proxy answers 50"), "{}", complaint(&report));
    }
}

/// squid hands on what an endpoint says, and adds to it.
#[test]
#[ignore = "needs squid, nginx"]
fn what_an_endpoint_refuses_is_not_blamed_on_the_proxy() {
    let proxy = Squid::open();
    for (status, outcome) in [
        (400, OK),
        (401, OK),
        (403, OK),
        (404, OK),
        (405, OK),
        (500, OK),
        (501, OK),
        (503, "2 blocked http server_failure - -"),
    ] {
        let endpoint = Nginx::answering(Answer::Page(status, "nothing"));
        let report = check_path(&config::online(&[http(endpoint.address())]).via(&[http(proxy.address())]));
        assert_eq!(report.outcome(), outcome, "{status}: {:#}", report.json);
    }
    let endpoint = Nginx::answering(Answer::Unauthorized);
    let report = check_path(&config::online(&[http(endpoint.address())]).via(&[http(proxy.address())]));
    assert_eq!((report.outcome().as_str(), &target(&report)["http"]["status"]), (OK, &401.into()));
}

#[test]
#[ignore = "needs squid, nginx"]
fn a_portal_is_seen_through_a_proxy_as_well() {
    let proxy = Squid::open();
    for answer in [Answer::Redirect("http://portal.example/"), Answer::Page(200, "<html>Log in</html>")] {
        let endpoint = Nginx::answering(answer);
        let report = check_path(&config::online(&[http(endpoint.address())]).via(&[http(proxy.address())]));
        assert_eq!(report.outcome(), "2 blocked http captive_portal 0x80072F78 -", "{answer:?}");
    }
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_proxy_may_itself_be_spoken_to_over_tls() {
    let (site, plain) = (Site::start(), Nginx::answering(ACTIVATED));
    let proxy = Squid::tls(&site.authority.issue_by_root(&["127.0.0.1"], Validity::Good));
    let via = https(proxy.address());
    let path = config::online(&[site.url(), http(plain.address())]).via(&[&via]).trusting(site.authority.root());
    // Nobody in particular is expected to vouch for a proxy.
    for path in [path.clone(), path.expecting(&[ROOT])] {
        let report = check_path(&path);
        assert_eq!(report.outcome(), OK);
        assert!(report.walk().contains(&format!("{} via {via} @{} http ok", site.url(), proxy.address())));
    }
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_certificate_of_a_proxy_that_ends_soon_is_reported() {
    let site = Site::start();
    let proxy = Squid::tls(&site.authority.issue_by_root(&["127.0.0.1"], Validity::EndingIn(20)));
    let via = https(proxy.address());
    let report = check_path(&config::online(&[site.url()]).via(&[&via]).trusting(site.authority.root()));
    assert_eq!(report.outcome(), "1 degraded proxy expiring - -");
    assert!(report.summary().contains(&format!("the certificate of proxy {via} expires on ")), "{}", report.summary());
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_proxy_with_a_certificate_nobody_believes_is_not_spoken_to() {
    let site = Site::start();
    for (certificate, reason) in [
        (Authority::new("Somebody Else").issue_by_root(&["127.0.0.1"], Validity::Good), "untrusted"),
        (site.authority.issue_by_root(&["127.0.0.1"], Validity::Expired), "expired"),
        (site.authority.issue_by_root(&["proxy.example"], Validity::Good), "name_mismatch"),
    ] {
        let proxy = Squid::tls(&certificate);
        let path = config::online(&[site.url()]).via(&[https(proxy.address())]).trusting(site.authority.root());
        let report = check_path(&path);
        assert_eq!(report.outcome(), format!("2 blocked proxy {reason} - -"));
        assert!(complaint(&report).starts_with("TLS with the proxy: "), "{}", complaint(&report));
    }
}

#[test]
#[ignore = "needs squid"]
fn a_proxy_that_does_not_speak_tls_is_no_such_proxy() {
    let proxy = Squid::open();
    let report = check_shortly(&config::online(&["https://127.0.0.1"]).via(&[https(proxy.address())]));
    assert_eq!(report.path()["stage"], "proxy");
    assert_eq!(report.path()["reason"], "not_tls");
}

#[test]
fn a_proxy_that_is_not_there_refuses() {
    let closed = port::refusing();
    for via in [http(closed), https(closed), socks5(closed)] {
        let report = check_path(&config::online(&["https://127.0.0.1"]).via(&[&via]));
        assert_eq!(report.outcome(), "2 blocked tcp proxy_refused 0x80072EFD -");
        assert_says(&report, &format!("proxy {via} refuses connections"));
    }
}

#[test]
fn a_proxy_that_is_silent_is_a_timeout() {
    let silent = Scripted::silent();
    for endpoint in ["https://127.0.0.1", "http://127.0.0.1"] {
        let report = check_shortly(&config::online(&[endpoint]).via(&[http(silent.address())]));
        let outcome = report.outcome();
        assert!(outcome.ends_with(" timed_out 0x80072EE2 -"), "{outcome}");
        assert_eq!(outcome, "2 blocked proxy timed_out 0x80072EE2 -", "{endpoint}");
    }
}

#[test]
#[ignore = "needs nginx"]
fn a_web_server_is_no_proxy() {
    let server = Nginx::answering(Answer::Page(200, "<html>Welcome</html>"));
    for endpoint in ["https://127.0.0.1", "https://activation.example"] {
        let report = check_path(&config::online(&[endpoint]).via(&[http(server.address())]));
        assert_eq!(report.outcome(), "2 blocked proxy proxy_not_a_proxy - -");
    }
}

/// One connection fails as well as another, and the endpoint is judged over each.
#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn certificates_are_judged_through_a_tunnel_as_they_are_without() {
    let (proxy, authority) = (Squid::open(), Authority::new(ROOT));
    for (names, validity, reason) in [
        (["127.0.0.1"], Validity::Expired, "expired"),
        (["127.0.0.1"], Validity::NotYet, "not_yet_valid"),
        ([NAME], Validity::Good, "name_mismatch"),
    ] {
        let server = Nginx::tls(&authority.issue(&names, validity), ACTIVATED);
        let path = config::online(&[https(server.address())]).via(&["direct", &http(proxy.address())]);
        let report = check_path(&path.trusting(authority.root()));
        assert_eq!(report.outcome(), format!("2 blocked tls {reason} 0x80072F8F -"));
        let failed = report.walk().into_iter().filter(|line| line.ends_with(&format!(" tls {reason}"))).count();
        assert_eq!(failed, 2, "{:?}", report.walk());
    }
}

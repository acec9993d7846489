//! tinyproxy on the way, which answers in HTTP/1.0 and rejects credentials with another status than others do.

use super::{ACTIVATED, NAME, OK, Site, check_path, http, https, target};
use crate::servers::nginx::{Answer, Nginx};
use crate::servers::place::Place;
use crate::servers::port;
use crate::servers::tinyproxy::Tinyproxy;
use crate::support::config;

/// The URL of a proxy with a user name and a password in it.
fn with(credentials: &str, proxy: &Tinyproxy) -> String {
    format!("http://{credentials}@{}", proxy.address())
}

#[test]
#[ignore = "needs tinyproxy-bin, nginx, openssl, libfaketime"]
fn answers_in_the_older_version_open_tunnels_too() {
    let (proxy, site, plain) = (Tinyproxy::open(), Site::start(), Nginx::answering(ACTIVATED));
    let path = config::online(&[site.url(), http(plain.address())]).via(&[http(proxy.address())]);
    let report = check_path(&path.trusting(site.authority.root()));
    assert_eq!(report.outcome(), OK);
    assert_eq!(report.walk().len(), 7, "{:?}", report.walk());
}

#[test]
#[ignore = "needs tinyproxy-bin, nginx, openssl, libfaketime"]
fn the_proxy_looks_up_names_of_its_own() {
    let site = Site::start();
    let proxy = Tinyproxy::start_at(&Place::loopback(), None, &[(NAME, "127.0.0.1")]);
    let path = config::online(&[site.named()]).via(&[http(proxy.address())]).trusting(site.authority.root());
    assert_eq!(check_path(&path).outcome(), OK);
}

#[test]
#[ignore = "needs tinyproxy-bin, nginx, openssl, libfaketime"]
fn missing_credentials_are_required_and_wrong_ones_rejected() {
    let (proxy, site, plain) = (Tinyproxy::basic("user", "secret"), Site::start(), Nginx::answering(ACTIVATED));
    for endpoint in [site.url(), http(plain.address())] {
        let check = |via: String| check_path(&config::online(&[&endpoint]).via(&[via]).trusting(site.authority.root()));
        let report = check(http(proxy.address()));
        assert_eq!(report.outcome(), "2 blocked proxy auth_required 0x8004FE33 -", "{endpoint}");
        assert_eq!(target(&report)["proxy_demands"], serde_json::json!(["Basic"]));
        let report = check(with("user:wrong", &proxy));
        assert_eq!(report.outcome(), "2 blocked proxy auth_rejected 0x8004FE33 -", "{endpoint}");
        let report = check(with("user:secret", &proxy));
        assert_eq!(report.outcome(), "2 blocked proxy auth_required 0x8004FE33 -", "{endpoint}");
        assert!(report.walk().iter().all(|line| line.ends_with(" ok")), "{:?}", report.walk());
    }
}

#[test]
#[ignore = "needs tinyproxy-bin"]
fn an_endpoint_that_is_not_there_is_the_proxys_to_tell() {
    let (proxy, closed) = (Tinyproxy::open(), port::refusing());
    for endpoint in [https(closed), http(closed), "https://unknown.example".into(), "http://unknown.example".into()] {
        let report = check_path(&config::online(&[&endpoint]).via(&[http(proxy.address())]));
        assert_eq!(report.outcome(), "2 blocked proxy proxy_bad_gateway - -", "{endpoint}");
    }
}

#[test]
#[ignore = "needs tinyproxy-bin, nginx"]
fn what_an_endpoint_refuses_is_not_blamed_on_the_proxy() {
    let proxy = Tinyproxy::open();
    for (status, outcome) in [(401, OK), (403, OK), (500, OK), (503, "2 blocked http server_failure - -")] {
        let endpoint = Nginx::answering(Answer::Page(status, "nothing"));
        let report = check_path(&config::online(&[http(endpoint.address())]).via(&[http(proxy.address())]));
        assert_eq!(report.outcome(), outcome, "{status}: {:#}", report.json);
    }
}

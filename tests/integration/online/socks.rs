//! SOCKS5 proxies: with rules, with passwords, and who looks up names.

use super::{ACTIVATED, NAME, OK, Site, assert_says, check_path, complaint, http, https, socks5, socks5h, target};
use crate::servers::dante::Dante;
use crate::servers::knot::Knot;
use crate::servers::microsocks::Microsocks;
use crate::servers::nginx::Nginx;
use crate::servers::place::Place;
use crate::servers::port;
use crate::support::config;

const BAD_GATEWAY: &str = "2 blocked proxy proxy_bad_gateway - -";

#[test]
#[ignore = "needs dante-server, nginx, openssl, libfaketime"]
fn endpoints_with_tls_and_without_are_reached_through_tunnels() {
    let (proxy, site, plain) = (Dante::open(), Site::start(), Nginx::answering(ACTIVATED));
    let endpoints = [site.url(), http(plain.address())];
    for via in [socks5(proxy.address()), socks5h(proxy.address())] {
        let report = check_path(&config::online(&endpoints).via(&[&via]).trusting(site.authority.root()));
        assert_eq!(report.outcome(), OK);
        let at = proxy.address();
        let with_tls =
            ["tcp", "proxy", "tls", "http"].map(|stage| format!("{} via {via} @{at} {stage} ok", site.url()));
        let without = ["tcp", "proxy", "http"].map(|stage| format!("{} via {via} @{at} {stage} ok", endpoints[1]));
        assert_eq!(report.walk(), [&with_tls[..], &without].concat());
    }
}

#[test]
#[ignore = "needs dante-server, nginx"]
fn a_rule_of_the_proxy_forbids() {
    let endpoint = Nginx::answering(ACTIVATED);
    let proxy = Dante::blocking(endpoint.address());
    let report = check_path(&config::online(&[http(endpoint.address())]).via(&[socks5(proxy.address())]));
    assert_eq!(report.outcome(), "2 blocked proxy forbidden_by_proxy - -");
    assert!(complaint(&report).contains("reply 2"), "{}", complaint(&report));
}

#[test]
#[ignore = "needs dante-server, microsocks"]
fn an_endpoint_that_refuses_the_proxy_is_the_proxys_to_tell() {
    let (dante, microsocks, closed) = (Dante::open(), Microsocks::open(), port::refusing());
    for proxy in [dante.address(), microsocks.address()] {
        let report = check_path(&config::online(&[https(closed)]).via(&[socks5(proxy)]));
        assert_eq!(report.outcome(), BAD_GATEWAY);
        assert!(complaint(&report).contains("reply 5"), "{}", complaint(&report));
    }
}

#[test]
#[ignore = "needs dante-server, microsocks"]
fn a_name_the_proxy_does_not_know_is_the_proxys_to_tell() {
    let (dante, microsocks) = (Dante::open(), Microsocks::open());
    for proxy in [dante.address(), microsocks.address()] {
        let report = check_path(&config::online(&["https://unknown.example"]).via(&[socks5h(proxy)]));
        assert_eq!(report.outcome(), BAD_GATEWAY);
    }
}

#[test]
#[ignore = "needs microsocks, nginx, openssl, libfaketime"]
fn a_password_is_required_rejected_or_right() {
    let (proxy, site) = (Microsocks::with_password("user", "secret"), Site::start());
    let check = |via: String| check_path(&config::online(&[site.url()]).via(&[via]).trusting(site.authority.root()));
    let with = |credentials: &str| format!("socks5://{credentials}@{}", proxy.address());

    let report = check(socks5(proxy.address()));
    assert_eq!(report.outcome(), "2 blocked proxy auth_required 0x8004FE33 -");
    let report = check(with("user:wrong"));
    assert_eq!(report.outcome(), "2 blocked proxy auth_rejected 0x8004FE33 -");
    let url = socks5h(proxy.address());
    for via in [with("user:secret"), format!("{{url: \"{url}\", username: user, password: secret}}")] {
        let report = check(via);
        assert_eq!(report.outcome(), "2 blocked proxy auth_required 0x8004FE33 -");
        assert!(report.walk().iter().all(|line| line.ends_with(" ok")), "{:?}", report.walk());
        assert!(report.steps().contains("with the credentials configured here, "), "{}", report.steps());
        let demands = target(&report)["proxy_demands"].as_array().map(Vec::len);
        assert_eq!(demands, Some(1), "{:#}", report.json);
    }
}

/// A proxy that leaves the choice and takes no password gets none.
#[test]
#[ignore = "needs microsocks, nginx"]
fn a_proxy_that_demands_nothing_gets_nothing() {
    let (proxy, plain) = (Microsocks::open(), Nginx::answering(ACTIVATED));
    let via = format!("socks5://user:secret@{}", proxy.address());
    let report = check_path(&config::online(&[http(plain.address())]).via(&[via]));
    assert_eq!(report.outcome(), OK);
    assert_eq!(target(&report)["proxy_demands"], serde_json::json!([]));
}

#[test]
#[ignore = "needs microsocks, dante-server, nginx, openssl, libfaketime, knot"]
fn a_name_that_we_alone_know_is_reached_where_we_look_it_up() {
    let site = Site::start();
    let dns = Knot::start("example", "activation A 127.0.0.1");
    let (microsocks, dante) = (Microsocks::open(), Dante::open());
    for proxy in [microsocks.address(), dante.address()] {
        let path = |via: String| {
            config::online(&[site.named()]).via(&[via]).trusting(site.authority.root()).asking(dns.address())
        };
        let report = check_path(&path(socks5(proxy)));
        assert_eq!(report.outcome(), OK);
        let name = format!("{} via {}", site.named(), socks5(proxy));
        let stages = ["address", "tcp", "proxy", "tls", "http"].map(|stage| format!("{name} @{proxy} {stage} ok"));
        assert_eq!(report.walk(), stages);
        assert_eq!(check_path(&path(socks5h(proxy))).outcome(), BAD_GATEWAY);
    }
}

#[test]
#[ignore = "needs microsocks, dante-server, nginx, openssl, libfaketime, knot"]
fn a_name_that_the_proxy_alone_knows_is_reached_where_it_looks_it_up() {
    let site = Site::start();
    let dns = Knot::start("example", "other A 127.0.0.1");
    let hosts = [(NAME, "127.0.0.1")];
    let (microsocks, dante) = (Microsocks::with_hosts(&hosts), Dante::start_at(&Place::loopback(), None, &hosts));
    for proxy in [microsocks.address(), dante.address()] {
        let path = |via: String| {
            config::online(&[site.named()]).via(&[via]).trusting(site.authority.root()).asking(dns.address())
        };
        let report = check_path(&path(socks5h(proxy)));
        assert_eq!(report.outcome(), OK);
        assert!(!report.walk().iter().any(|line| line.contains(" address ")), "{:?}", report.walk());
        let report = check_path(&path(socks5(proxy)));
        assert_eq!(report.outcome(), "2 blocked address nxdomain 0x80072EE7 -");
        assert!(complaint(&report).starts_with(NAME), "{}", complaint(&report));
        assert_says(&report, &format!("the host name in {} does not exist", site.named()));
    }
}

#[test]
#[ignore = "needs nginx"]
fn a_web_server_is_no_socks_proxy() {
    let server = Nginx::answering(ACTIVATED);
    let report = check_path(&config::online(&["https://127.0.0.1"]).via(&[socks5(server.address())]));
    assert_eq!(report.outcome(), "2 blocked proxy proxy_not_a_proxy - -");
}

//! Proxies that demand credentials, which Windows does not give when it activates.

use super::{ACTIVATED, OK, Site, assert_says, check_path, http, https, target};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::nginx::Nginx;
use crate::servers::port;
use crate::servers::squid::Squid;
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::program::gracewatch;

const REQUIRED: &str = "2 blocked proxy auth_required 0x8004FE33 -";
const REJECTED: &str = "2 blocked proxy auth_rejected 0x8004FE33 -";

/// A proxy that lets `user` through with the password `secret`.
fn demanding() -> Squid {
    Squid::basic("user", "secret")
}

/// The URL of a proxy with a user name and a password in it.
fn with(credentials: &str, proxy: &Squid) -> String {
    format!("http://{credentials}@{}", proxy.address())
}

/// The same beside the URL.
fn beside(username: &str, password: &str, proxy: &Squid) -> String {
    let url = http(proxy.address());
    format!("{{url: \"{url}\", username: \"{username}\", password: \"{password}\"}}")
}

/// Insists that we got through and that Windows does not.
fn assert_got_through_where_windows_does_not(report: &Report, proxy: &Squid) {
    assert_eq!(report.outcome(), REQUIRED);
    assert!(report.walk().iter().all(|line| line.ends_with(" ok")), "{:?}", report.walk());
    assert_eq!(target(report)["target"].as_str().map(|name| name.contains("user")), Some(false));
    assert_eq!(target(report)["proxy_demands"], serde_json::json!(["Basic"]));
    assert_eq!(target(report)["http"]["status"], 200);
    let via = http(proxy.address());
    assert_says(report, &format!("proxy {via} requires credentials (Basic), and Windows sends none"));
    assert!(report.steps().contains("with the credentials configured here, "), "{}", report.steps());
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_proxy_that_demands_credentials_blocks_whoever_has_none() {
    let (proxy, site, plain) = (demanding(), Site::start(), Nginx::answering(ACTIVATED));
    for endpoint in [site.url(), http(plain.address())] {
        let report = check_path(&config::online(&[&endpoint]).via(&[http(proxy.address())]));
        assert_eq!(report.outcome(), REQUIRED, "{endpoint}");
        assert_eq!(target(&report)["proxy_demands"], serde_json::json!(["Basic"]));
        assert_says(&report, "requires credentials (Basic), and Windows sends none when it activates");
        assert!(!report.steps().contains("configured here"), "{}", report.steps());
    }
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn credentials_that_are_wrong_are_rejected() {
    let (proxy, site, plain) = (demanding(), Site::start(), Nginx::answering(ACTIVATED));
    for endpoint in [site.url(), http(plain.address())] {
        for via in [with("user:wrong", &proxy), with("nobody:secret", &proxy), beside("user", "wrong", &proxy)] {
            let report = check_path(&config::online(&[&endpoint]).via(&[&via]));
            assert_eq!(report.outcome(), REJECTED, "{endpoint} {via}");
            assert_eq!(target(&report)["proxy_demands"], serde_json::json!(["Basic"]));
        }
    }
}

/// The way is there, and it is not one that Windows takes.
#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn credentials_that_are_right_show_what_is_behind_the_proxy() {
    let (proxy, site) = (demanding(), Site::start());
    for via in [with("user:secret", &proxy), beside("user", "secret", &proxy)] {
        let report = check_path(&config::online(&[site.url()]).via(&[&via]).trusting(site.authority.root()));
        assert_got_through_where_windows_does_not(&report, &proxy);
        let name = format!("{} via {}", site.url(), http(proxy.address()));
        assert_eq!(target(&report)["target"], name);
        let stages = ["tcp", "proxy", "tls", "http"].map(|stage| format!("{name} @{} {stage} ok", proxy.address()));
        assert_eq!(report.walk(), stages);
    }
}

/// With a login there may be more to say over a connection, which the proxy therefore leaves open.
#[test]
#[ignore = "needs squid, nginx"]
fn credentials_that_are_right_have_requests_forwarded() {
    let (proxy, plain) = (demanding(), Nginx::answering(ACTIVATED));
    let report = check_path(&config::online(&[http(plain.address())]).via(&[with("user:secret", &proxy)]));
    assert_got_through_where_windows_does_not(&report, &proxy);
}

#[test]
#[ignore = "needs squid, nginx"]
fn what_is_behind_a_login_and_fails_there_is_reported() {
    let proxy = demanding();
    let closed = port::refusing();
    let report = check_path(&config::online(&[https(closed)]).via(&[with("user:secret", &proxy)]));
    assert!(report.walk().last().is_some_and(|last| last.ends_with(" proxy proxy_bad_gateway")), "{:?}", report.walk());
    // Windows does not come that far.
    assert_eq!(report.outcome(), "2 blocked proxy auth_required 0x8004FE33 -");
    assert!(report.steps().contains("With the credentials configured here: "), "{}", report.steps());
    assert_eq!(target(&report)["proxy_demands"], serde_json::json!(["Basic"]));
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_proxy_that_demands_nothing_gets_nothing() {
    let (proxy, site) = (Squid::open(), Site::start());
    let path = config::online(&[site.url()]).via(&[with("user:secret", &proxy)]).trusting(site.authority.root());
    let report = check_path(&path);
    assert_eq!(report.outcome(), OK);
    assert_eq!(target(&report)["proxy_demands"], serde_json::json!([]));
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_login_on_one_of_two_ways_leaves_the_other() {
    let (proxy, site) = (demanding(), Site::start());
    let via = ["direct".to_owned(), with("user:secret", &proxy)];
    let report = check_path(&config::online(&[site.url()]).via(&via).trusting(site.authority.root()));
    assert_eq!(report.outcome(), "1 degraded proxy auth_required - -");
}

#[test]
#[ignore = "needs squid"]
fn what_the_proxy_of_a_windows_network_demands_is_reported_in_its_order() {
    let proxy = Squid::negotiate_and_ntlm();
    for endpoint in ["https://127.0.0.1", "http://127.0.0.1"] {
        let report = check_path(&config::online(&[endpoint]).via(&[http(proxy.address())]));
        assert_eq!(report.outcome(), REQUIRED, "{endpoint}");
        assert_eq!(target(&report)["proxy_demands"], serde_json::json!(["Negotiate", "NTLM", "Basic"]));
        assert_says(&report, "requires credentials (Negotiate, NTLM, Basic)");
        let report = check_path(&config::online(&[endpoint]).via(&[with("user:secret", &proxy)]));
        assert_eq!(report.outcome(), REJECTED, "{endpoint}");
    }
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn credentials_come_from_files_and_from_the_environment() {
    let (proxy, site, directory) = (demanding(), Site::start(), TemporaryDirectory::new("secrets"));
    let file = directory.write("password", "secret\n");
    let from_file = format!("${{file:{}}}", file.display());
    for via in [
        beside("user", &from_file, &proxy),
        beside("${PROXY_USER}", "${PROXY_PASSWORD}", &proxy),
        with("${PROXY_USER}:${PROXY_PASSWORD}", &proxy),
        with(&format!("user:{from_file}"), &proxy),
    ] {
        let mut command = gracewatch();
        command.env("PROXY_USER", "user").env("PROXY_PASSWORD", "secret");
        let path = config::online(&[site.url()]).via(&[&via]).trusting(site.authority.root());
        assert_got_through_where_windows_does_not(&check::configured_by(command, &path.text()), &proxy);
    }
}

/// In a URL they are percent-encoded, and beside it they are not.
#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn passwords_may_hold_any_character() {
    let password = "p@ss:w/rd %41";
    let (proxy, site) = (Squid::basic("user", password), Site::start());
    for via in [beside("user", password, &proxy), with("user:p%40ss%3Aw%2Frd%20%2541", &proxy)] {
        let report = check_path(&config::online(&[site.url()]).via(&[&via]).trusting(site.authority.root()));
        assert_got_through_where_windows_does_not(&report, &proxy);
    }
}

//! Endpoints named at the terminal, and the options that go with them.

use super::{ACTIVATED, NAME, OK, Site, http, https, socks5};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::knot::Knot;
use crate::servers::microsocks::Microsocks;
use crate::servers::nginx::Nginx;
use crate::servers::port;
use crate::servers::squid::Squid;
use crate::support::check::{self, verdict};
use crate::support::program::run_with;

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_url_is_checked_as_an_endpoint_and_a_file_says_whom_to_trust() {
    let site = Site::start();
    let root = site.authority.root();
    let report = check::targets(&[&site.url(), "--ca-file", root.to_str().expect("the path is text")]);
    assert_eq!(report.outcome(), OK);
    assert_eq!((&report.path()["name"], &report.path()["kind"]), (&site.url().into(), &"online".into()));
    assert_eq!(check::targets(&[&site.url()]).outcome(), "2 blocked tls untrusted 0x80072F8F -");
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime, knot"]
fn a_url_by_name_is_looked_up_where_it_is_said() {
    let site = Site::start();
    let dns = Knot::start("example", "activation A 127.0.0.1");
    let (root, nameserver) = (site.authority.root(), dns.address().to_string());
    let root = root.to_str().expect("the path is text");
    let report = check::targets(&[&site.named(), "--nameserver", &nameserver, "--ca-file", root]);
    assert_eq!(report.outcome(), OK);
    let unknown = format!("https://unknown.{}", NAME.trim_start_matches("activation."));
    let report = check::targets(&[&unknown, "--nameserver", &nameserver]);
    assert_eq!(report.outcome(), "2 blocked address nxdomain 0x80072EE7 -");
}

#[test]
#[ignore = "needs squid, microsocks, nginx, openssl, libfaketime"]
fn a_url_is_checked_over_each_proxy_that_is_named() {
    let (site, squid, microsocks) = (Site::start(), Squid::open(), Microsocks::with_password("user", "secret"));
    let (root, via) = (site.authority.root(), [http(squid.address()), socks5(microsocks.address())]);
    let root = root.to_str().expect("the path is text");
    let [first, second] = &via;
    let arguments =
        [&site.url(), "--proxy", "direct", "--proxy", first, "--proxy", second, "--ca-file", root, "--proxy", "system"];
    let report = check::targets(&arguments);
    assert_eq!(report.outcome(), "1 degraded proxy auth_required - -");
    let matrix = &report.path()["matrix"];
    assert_eq!(matrix["proxies"], serde_json::json!(["direct", first, second, "system"]));
    let ok = |cell: usize| matrix["endpoints"][0]["cells"][cell]["ok"].as_bool();
    assert_eq!([0, 1, 2, 3].map(ok), [Some(true), Some(true), Some(false), Some(true)], "{matrix:#}");
}

#[test]
#[ignore = "needs nginx"]
fn urls_are_paths_of_their_own_beside_each_other() {
    let endpoint = Nginx::answering(ACTIVATED);
    let urls = [http(endpoint.address()), https(port::refusing())];
    let report = check::targets(&[&urls[0], &urls[1], &urls[0]]);
    let [works, refused] = report.paths() else { panic!("not two paths: {:#}", report.json) };
    assert_eq!((verdict(works), verdict(refused).as_str()), ("ok - - - -".into(), "blocked tcp refused 0x80072EFD -"));
    assert_eq!(report.exit_code, Some(2));
}

#[test]
fn a_file_of_roots_that_is_none_is_refused() {
    let directory = TemporaryDirectory::new("roots");
    let empty = directory.write("empty.pem", "no certificate\n").display().to_string();
    let missing = directory.path().join("missing.pem").display().to_string();
    for file in [&empty, &missing] {
        let printed = run_with(&["check", "https://127.0.0.1", "--ca-file", file]);
        assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(3), ""), "{printed:?}");
        assert!(printed.stderr.contains(file.as_str()), "{}", printed.stderr);
    }
}

#[test]
fn what_is_no_url_and_no_proxy_is_refused() {
    for arguments in [
        &["ftp://activation.example"][..],
        &["https://"],
        &["https://activation.example:70000"],
        &["https://activation.example", "--proxy", "proxy:3128"],
        &["https://activation.example", "--proxy", "http://proxy.example"],
        &["--proxy", "direct"],
    ] {
        let printed = run_with(&[&["check"], arguments].concat());
        assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(3), ""), "{arguments:?}: {printed:?}");
        assert!(!printed.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn options_for_urls_go_with_nothing_else() {
    let directory = TemporaryDirectory::new("roots");
    let file = directory.write("empty.pem", "").display().to_string();
    for option in [["--proxy", "direct"], ["--ca-file", &file]] {
        let printed = run_with(&["check", "127.0.0.1:1688", option[0], option[1]]);
        assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(3), ""), "{option:?}: {printed:?}");
        assert!(printed.stderr.contains("URL"), "{option:?}: {}", printed.stderr);
    }
}

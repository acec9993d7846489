//! Online paths in the metrics of a daemon.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::{ACTIVATED, NAME, ROOT, Site, http, https};
use crate::servers::certificates::{self, Authority, Validity};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::nginx::{Answer, Nginx};
use crate::servers::port;
use crate::servers::squid::Squid;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::scrape::Scrape;

/// When a certificate ends, in seconds since 1970.
fn end_of(certificate: &Path) -> f64 {
    let said = certificates::describe(certificate, &["-enddate", "-dateopt", "iso_8601"]);
    let (_, moment) = said.trim().split_once('=').expect("a date has a name");
    let moment = humantime::parse_rfc3339_weak(moment.trim_end_matches('Z')).expect("a moment");
    moment.duration_since(UNIX_EPOCH).expect("it is past 1970").as_secs_f64()
}

/// The value of a series of the path, which has to be there.
fn value(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    let labels = [&[("path", "corp")], labels].concat();
    scrape.value(name, &labels).unwrap_or_else(|| panic!("no {name} with {labels:?}:\n{}", scrape.text))
}

/// Insists on the value of a series of the path.
fn assert_value(scrape: &Scrape, name: &str, labels: &[(&str, &str)], expected: f64) {
    let found = value(scrape, name, labels);
    assert!((found - expected).abs() < f64::EPSILON, "{name} with {labels:?} is {found}, not {expected}");
}

/// How many series of a metric there are.
fn count(scrape: &Scrape, name: &str) -> usize {
    scrape.series(name).count()
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn what_an_endpoint_shows_of_itself_is_in_the_metrics() {
    let authority = Authority::new(ROOT);
    let certificate = authority.issue(&[NAME, "other.example", "127.0.0.1"], Validity::EndingIn(200));
    let server = Nginx::tls(&certificate, Answer::Page(404, "nothing"));
    let target = https(server.address());
    let mapping = format!("{{url: \"{target}\", role: licensing}}");
    let daemon = Daemon::start_ready(&config::online(&[mapping]).trusting(authority.root()).text());
    let scrape = daemon.scrape();

    assert_value(&scrape, "gracewatch_path_up", &[], 1.0);
    let of_target = [("target", target.as_str())];
    for stage in ["tcp", "tls", "http"] {
        // Endpoints have ever new addresses.
        let labels = [("target", target.as_str()), ("address", ""), ("stage", stage)];
        assert_value(&scrape, "gracewatch_stage_up", &labels, 1.0);
        assert!(value(&scrape, "gracewatch_stage_duration_seconds", &labels) > 0.0);
        assert!(value(&scrape, "gracewatch_probes_total", &[("stage", stage), ("result", "ok")]) >= 1.0);
        assert!(value(&scrape, "gracewatch_probe_duration_seconds_count", &[("stage", stage)]) >= 1.0);
    }
    let labels = [of_target[0], ("endpoint", &target), ("proxy", "direct"), ("role", "licensing")];
    assert_value(&scrape, "gracewatch_target_info", &labels, 1.0);

    let end = end_of(&certificate.leaf);
    assert_value(&scrape, "gracewatch_ssl_earliest_cert_expiry", &of_target, end);
    assert_value(&scrape, "gracewatch_ssl_last_chain_expiry_timestamp_seconds", &of_target, end);
    let fingerprint = certificates::describe(&certificate.leaf, &["-fingerprint", "-sha256"]);
    let fingerprint = fingerprint.trim().split_once('=').expect("it has a name").1.replace(':', "").to_lowercase();
    let (subject, issuer) = (format!("CN={NAME}"), format!("CN={ROOT} Intermediate"));
    let labels = [
        of_target[0],
        ("fingerprint_sha256", &fingerprint),
        ("subject", &subject),
        ("issuer", &issuer),
        ("subjectalternative", "activation.example,other.example"),
    ];
    assert_value(&scrape, "gracewatch_ssl_last_chain_info", &labels, 1.0);
    assert_value(&scrape, "gracewatch_tls_version_info", &[of_target[0], ("version", "TLS 1.3")], 1.0);
    let cipher = ("cipher", "TLS_AES_256_GCM_SHA384");
    assert_value(&scrape, "gracewatch_tls_cipher_info", &[of_target[0], cipher], 1.0);
    assert_value(&scrape, "gracewatch_http_status_code", &of_target, 404.0);
    assert!((0.0..5.0).contains(&value(&scrape, "gracewatch_http_first_byte_seconds", &of_target)));
    assert_value(&scrape, "gracewatch_proxy_demands_credentials", &of_target, 0.0);
    assert_eq!(count(&scrape, "gracewatch_stage_failure_info"), 0, "{}", scrape.text);
}

/// An intermediate that ends before what it signed ends the chain.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn the_first_certificate_of_a_chain_to_end_is_the_one_that_counts() {
    let authority = Authority::with_intermediate(ROOT, Validity::EndingIn(20));
    let server = Nginx::tls(&authority.issue(&["127.0.0.1"], Validity::Good), ACTIVATED);
    let path = config::online(&[https(server.address())]).trusting(authority.root());
    let scrape = Daemon::start_ready(&path.text()).scrape();
    let end = end_of(&authority.intermediate());
    for name in ["gracewatch_ssl_earliest_cert_expiry", "gracewatch_ssl_last_chain_expiry_timestamp_seconds"] {
        assert_value(&scrape, name, &[], end);
    }
    assert_value(&scrape, "gracewatch_path_degraded", &[], 1.0);
}

/// A root that an old one vouched for until yesterday is sent with a chain that does without it.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn what_is_sent_beside_the_chain_that_is_believed_does_not_count() {
    let (authority, old) = (Authority::new(ROOT), Authority::new("Old Root"));
    let mut certificate = authority.issue(&["127.0.0.1"], Validity::Good);
    let word = authority.root_signed_by(&old, Validity::Expired);
    let texts = [&certificate.chain, &word].map(|file| fs::read_to_string(file).expect("it can be read"));
    let directory = TemporaryDirectory::new("chain");
    certificate.chain = directory.write("chain.pem", texts.concat());
    let server = Nginx::tls(&certificate, ACTIVATED);
    let path = config::online(&[https(server.address())]).trusting(authority.root());
    let scrape = Daemon::start_ready(&path.text()).scrape();
    let end = end_of(&certificate.leaf).min(end_of(&authority.intermediate()));
    for name in ["gracewatch_ssl_earliest_cert_expiry", "gracewatch_ssl_last_chain_expiry_timestamp_seconds"] {
        assert_value(&scrape, name, &[], end);
    }
    assert_value(&scrape, "gracewatch_path_degraded", &[], 0.0);
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn a_chain_that_is_not_believed_has_an_end_and_no_more() {
    let (shown, trusted) = (Authority::new("Somebody Else"), Authority::new(ROOT));
    let certificate = shown.issue(&["127.0.0.1"], Validity::Expired);
    let server = Nginx::tls(&certificate, ACTIVATED);
    let target = https(server.address());
    let path = config::online(&[&target]).trusting(trusted.root()).expecting(&[ROOT]);
    let scrape = Daemon::start_ready(&path.text()).scrape();
    assert_value(&scrape, "gracewatch_path_up", &[], 0.0);
    let blamed = [("stage", "tls"), ("reason", "intercepted"), ("code", "0x80072F8F")];
    assert_value(&scrape, "gracewatch_path_blocked_info", &blamed, 1.0);
    let labels = [("target", target.as_str()), ("stage", "tls")];
    assert_value(&scrape, "gracewatch_stage_up", &labels, 0.0);
    let failing = [labels[0], labels[1], ("reason", "intercepted")];
    assert_value(&scrape, "gracewatch_stage_failure_info", &failing, 1.0);
    assert!(value(&scrape, "gracewatch_probes_total", &[("stage", "tls"), ("result", "intercepted")]) >= 1.0);
    assert_value(&scrape, "gracewatch_ssl_earliest_cert_expiry", &labels[..1], end_of(&certificate.leaf));
    // Who shows another certificate each time would leave series without end behind.
    for name in [
        "gracewatch_ssl_last_chain_info",
        "gracewatch_ssl_last_chain_expiry_timestamp_seconds",
        "gracewatch_http_status_code",
    ] {
        assert_eq!(count(&scrape, name), 0, "{}", scrape.text);
    }
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn each_proxy_has_series_of_its_own() {
    let (site, open, demanding) = (Site::start(), Squid::open(), Squid::negotiate_and_ntlm());
    let (url, via) = (site.url(), [http(open.address()), http(demanding.address())]);
    let path = config::online(&[&url]).via(&["direct", &via[0], &via[1]]).trusting(site.authority.root());
    let scrape = Daemon::start_ready(&path.text()).scrape();
    let targets = [url.clone(), format!("{url} via {}", via[0]), format!("{url} via {}", via[1])];
    for ((target, proxy), demands) in targets.iter().zip(["direct", &via[0], &via[1]]).zip([0.0, 0.0, 1.0]) {
        let labels = [("target", target.as_str()), ("endpoint", &url), ("proxy", proxy), ("role", "activation")];
        assert_value(&scrape, "gracewatch_target_info", &labels, 1.0);
        assert_value(&scrape, "gracewatch_proxy_demands_credentials", &labels[..1], demands);
    }
    assert_value(&scrape, "gracewatch_stage_up", &[("target", &targets[1]), ("stage", "proxy")], 1.0);
    assert_value(&scrape, "gracewatch_stage_up", &[("target", &targets[2]), ("stage", "proxy")], 0.0);
    assert_eq!(count(&scrape, "gracewatch_tls_version_info"), 2, "{}", scrape.text);
    for (stage, result, times) in [
        ("tcp", "ok", 3.0),
        ("proxy", "ok", 1.0),
        ("proxy", "auth_required", 1.0),
        ("tls", "ok", 2.0),
        ("http", "ok", 2.0),
    ] {
        assert_value(&scrape, "gracewatch_probes_total", &[("stage", stage), ("result", result)], times);
    }
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_reload_that_names_other_proxies_takes_the_old_series_away() {
    let (site, proxy, closed) = (Site::start(), Squid::open(), port::refusing());
    let over = |via: &[String]| config::online(&[site.url()]).via(via).trusting(site.authority.root()).text();
    let daemon = Daemon::start_ready(&(over(&["direct".into(), http(closed)]) + EACH_SECOND));
    let old = format!("{} via {}", site.url(), http(closed));
    assert!(!daemon.scrape().names_with(&old).is_empty(), "{}", daemon.scrape().text);
    daemon.rewrite(over(&[http(proxy.address())]) + EACH_SECOND);
    assert_eq!(daemon.post("/-/reload").status, 200);
    let new = format!("{} via {}", site.url(), http(proxy.address()));
    let scrape = daemon.scrape_until("the new proxy is not used", |scrape| {
        scrape.value("gracewatch_stage_up", &[("target", &new), ("stage", "http")]) == Some(1.0)
    });
    for gone in [old, site.url()] {
        let left: Vec<_> = scrape.series("gracewatch_target_info").filter(|it| it.labels["target"] == gone).collect();
        assert!(left.is_empty(), "{left:?}");
        assert!(!scrape.text.contains(&format!("target=\"{gone}\"")), "{gone} is left:\n{}", scrape.text);
    }
    assert!(!scrape.text.contains(&closed.to_string()), "{}", scrape.text);
}

/// What an endpoint once showed is not shown of one that is gone.
#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn an_endpoint_that_goes_away_takes_its_certificate_with_it() {
    let site = Site::start();
    let path = config::online(&[site.url()]).trusting(site.authority.root());
    let daemon = Daemon::start_ready(&(path.text() + EACH_SECOND));
    assert_eq!(count(&daemon.scrape(), "gracewatch_ssl_earliest_cert_expiry"), 1);
    let url = site.url();
    drop(site);
    let scrape = daemon
        .scrape_until("it is still up", |scrape| scrape.value("gracewatch_path_up", &[("path", "corp")]) == Some(0.0));
    assert_value(&scrape, "gracewatch_stage_failure_info", &[("target", &url), ("reason", "refused")], 1.0);
    for name in ["ssl_earliest_cert_expiry", "tls_version_info", "tls_cipher_info", "http_status_code"] {
        assert_eq!(count(&scrape, &format!("gracewatch_{name}")), 0, "{}", scrape.text);
    }
    let stages: Vec<_> = scrape.series("gracewatch_stage_up").map(|it| it.labels["stage"].as_str()).collect();
    assert_eq!(stages, ["tcp"]);
}

//! The online way to activation: endpoints over proxies, with servers that are right and with every fault there is.

mod alerts;
mod answers;
mod certificates;
mod clock;
mod connections;
mod credentials;
mod glued;
mod handshakes;
mod http_proxies;
mod interception;
mod matrix;
mod metrics;
mod names;
mod preset;
mod proxies_gone_wrong;
mod roles;
mod secrecy;
mod session;
mod socks;
mod system;
mod targets;
mod tinyproxy;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use crate::servers::certificates::{Authority, Validity};
use crate::servers::nginx::{Answer, Nginx};
use crate::support::check::{self, Report};
use crate::support::config::Online;

/// The verdict on a path that works, as [`Report::outcome`] writes it.
const OK: &str = "0 ok - - - -";

/// The root that vouches for endpoints.
const ROOT: &str = "Gracewatch Test Root";

/// A name of an endpoint.
const NAME: &str = "activation.example";

/// The answer of a healthy endpoint: not a page, for it has no tags.
const ACTIVATED: Answer<'_> = Answer::Page(200, "activated");

/// A time limit for what is not going to answer.
const SHORT: &str = "probe: {timeout: 1s}\n";

/// How long a check may take whose [`SHORT`] limit has passed once: starting, reporting, and a machine that is busy.
const SHORT_AND_SLACK: Duration = Duration::from_millis(3500);

/// An endpoint with a certificate for its name and its address.
struct Site {
    authority: Authority,
    server: Nginx,
}

impl Site {
    /// One that answers well.
    fn start() -> Self {
        Self::answering(ACTIVATED)
    }

    /// One with scripted answers.
    fn answering(answer: Answer<'_>) -> Self {
        let authority = Authority::new(ROOT);
        let server = Nginx::tls(&authority.issue(&[NAME, "127.0.0.1"], Validity::Good), answer);
        Self { authority, server }
    }

    /// Its URL by address.
    fn url(&self) -> String {
        https(self.server.address())
    }

    /// Its URL by name.
    fn named(&self) -> String {
        format!("https://{NAME}:{}", self.server.address().port())
    }
}

/// The URL of an endpoint with TLS, by its address.
fn https(address: SocketAddr) -> String {
    format!("https://{address}")
}

/// The URL of an endpoint without TLS, or of a proxy.
fn http(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn socks5(address: SocketAddr) -> String {
    format!("socks5://{address}")
}

fn socks5h(address: SocketAddr) -> String {
    format!("socks5h://{address}")
}

/// Checks a path.
fn check_path(path: &Online) -> Report {
    check::configured(&path.text())
}

/// Checks a path on which something is not going to answer, and insists that it is not waited for for longer than once.
fn check_shortly(path: &Online) -> Report {
    let report = check::configured(&(path.text() + SHORT));
    assert!(report.elapsed < SHORT_AND_SLACK, "it took {:?}", report.elapsed);
    report
}

/// Checks a path on which whatever fails is known to at once, and insists that nothing is waited for.
fn check_promptly(path: &Online) -> Report {
    let report = check_path(path);
    // A stage that waits takes five seconds.
    assert!(report.elapsed < Duration::from_secs(4), "it took {:?}: {}", report.elapsed, report.outcome());
    report
}

/// The only target of the only path.
fn target(report: &Report) -> &Value {
    let targets = report.path()["targets"].as_array().expect("there is a list of targets");
    let [target] = targets.as_slice() else { panic!("not one target: {:#}", report.json) };
    target
}

/// What is said of the stage at which the only target failed, which has to be text that can be shown.
fn complaint(report: &Report) -> &str {
    let stages = target(report)["stages"].as_array().expect("there is a list of stages");
    let failed = stages.iter().find(|stage| stage["ok"] == false);
    let failed = failed.unwrap_or_else(|| panic!("no stage failed: {:#}", report.json));
    let detail = failed["detail"].as_str().expect("a detail is text");
    assert!(!detail.is_empty() && detail.len() < 600 && !detail.chars().any(char::is_control), "{detail:?}");
    detail
}

/// Insists that the sentence about the only path contains some words.
fn assert_says(report: &Report, words: &str) {
    assert!(report.summary().contains(words), "no {words:?} in {:?}", report.summary());
}

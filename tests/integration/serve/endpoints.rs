//! What the daemon answers over HTTP.

use std::net::UdpSocket;

use serde_json::Value;

use crate::servers::port;
use crate::support::check;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;

/// Keys and types, without the values that differ from one round to the next.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Number(_) => "a number".into(),
        Value::String(_) => "a string".into(),
        Value::Bool(_) | Value::Null => value.clone(),
    }
}

#[test]
fn every_page_is_there_and_no_other() {
    let host = listener::accepting_binds();
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + EACH_SECOND));
    for (path, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/metrics", "text/plain; version=0.0.4"),
        ("/-/healthy", "text/plain; charset=utf-8"),
        ("/-/ready", "text/plain; charset=utf-8"),
        ("/api/v1/paths", "application/json"),
        ("/api/v1/paths/corp", "application/json"),
        ("/api/v1/paths/corp/history", "application/json"),
        ("/api/v1/changes", "application/json"),
        ("/api/v1/kms-hosts", "application/json"),
        ("/api/v1/openapi.json", "application/json"),
        ("/api/v1/about", "application/json"),
        ("/sd", "application/json"),
    ] {
        let response = daemon.get(path);
        assert_eq!((response.status, response.content_type.as_str()), (200, content_type), "{path}");
        assert!(!response.body.is_empty(), "{path}");
    }
    for path in ["/nothing", "/metrics/", "/api/v1/path", "/-/quit", "//", "/api/v1/paths/other", "/api/v1/runway"] {
        assert_eq!(daemon.get(path).status, 404, "{path}");
    }
    // What changes something is not done by looking at it.
    assert_eq!(daemon.get("/-/reload").status, 405);
    for path in ["/", "/metrics", "/-/ready", "/api/v1/paths", "/sd"] {
        assert_eq!(daemon.post(path).status, 405, "{path}");
    }
}

#[test]
fn the_paths_are_the_same_objects_as_those_of_check() {
    let host = listener::accepting_binds();
    let configuration = config::hosts(&[host.address(), port::refusing()]);
    let daemon = Daemon::start_ready(&configuration);
    let (served, checked) = (daemon.report(), check::configured(&configuration).json);
    assert_eq!(shape(&served), shape(&checked));
    assert_eq!(served["paths"][0]["verdict"], "degraded");
}

#[test]
fn it_is_ready_when_the_first_round_is_complete() {
    let silent = UdpSocket::bind("127.0.0.1:0").expect("127.0.0.1 has a free port");
    let nameserver = silent.local_addr().expect("a socket has an address");
    let daemon = Daemon::start(&(config::discovered(&[nameserver]) + "probe: {interval: 2s, timeout: 2s}\n"));
    assert_eq!(daemon.get("/-/ready").status, 503);
    assert_eq!(daemon.get("/-/healthy").status, 200);
    // No verdict is made of half a round.
    assert_eq!(daemon.report()["paths"][0]["verdict"], "unknown");
    let scrape = daemon.scrape();
    assert_eq!(scrape.value("gracewatch_path_unknown", &[("path", "corp")]), Some(1.0));
    assert_eq!(scrape.series("gracewatch_path_up").count(), 0);

    daemon.wait_until_ready();
    assert_eq!(check::verdict(&daemon.report()["paths"][0]), "blocked srv timed_out 0x800705B4 -");
    let scrape = daemon.scrape();
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(0.0));
    let blamed = [("path", "corp"), ("stage", "srv"), ("reason", "timed_out"), ("code", "0x800705B4")];
    assert_eq!(scrape.value("gracewatch_path_blocked_info", &blamed), Some(1.0));
}

#[test]
fn the_metrics_say_what_was_seen() {
    let host = listener::accepting_binds();
    let down = port::refusing();
    let daemon = Daemon::start_ready(&config::hosts(&[host.address(), down]));
    let scrape = daemon.scrape();
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
    assert_eq!(scrape.value("gracewatch_path_degraded", &[("path", "corp")]), Some(1.0));
    assert_eq!(scrape.series("gracewatch_path_blocked_info").count(), 0);

    let (up, down) = (host.address().to_string(), down.to_string());
    for (target, stage, value) in [(&up, "tcp", 1.0), (&up, "rpc", 1.0), (&down, "tcp", 0.0)] {
        let labels = [("path", "corp"), ("target", target.as_str()), ("stage", stage)];
        assert_eq!(scrape.value("gracewatch_stage_up", &labels), Some(value), "{labels:?}");
        let duration = scrape.value("gracewatch_stage_duration_seconds", &labels);
        assert!(duration.is_some_and(|seconds| (0.0..5.5).contains(&seconds)), "{labels:?}: {duration:?}");
    }
    let failure = [("path", "corp"), ("target", down.as_str()), ("stage", "tcp"), ("reason", "refused")];
    assert_eq!(scrape.value("gracewatch_stage_failure_info", &failure), Some(1.0));
    assert_eq!(scrape.series("gracewatch_stage_failure_info").count(), 1);

    for (stage, result, count) in [("tcp", "ok", 1.0), ("tcp", "refused", 1.0), ("rpc", "ok", 1.0)] {
        let labels = [("path", "corp"), ("stage", stage), ("result", result)];
        assert_eq!(scrape.value("gracewatch_probes_total", &labels), Some(count), "{labels:?}");
    }
    let observed = scrape.value("gracewatch_probe_duration_seconds_count", &[("path", "corp"), ("stage", "tcp")]);
    assert_eq!(observed, Some(2.0));
    assert_eq!(scrape.value("gracewatch_build_info", &[("version", env!("CARGO_PKG_VERSION"))]), Some(1.0));
    assert_eq!(scrape.value("gracewatch_config_last_reload_successful", &[]), Some(1.0));
    assert!(scrape.value("process_resident_memory_bytes", &[]).is_some_and(|bytes| bytes > 0.0));
}

#[test]
fn names_with_quotes_and_line_ends_do_not_break_the_page() {
    let host = listener::accepting_binds();
    let configuration = format!("paths: [{{name: 'a \"b\" \\ {{c}}', kms: {{hosts: [\"{}\"]}}}}]\n", host.address());
    let scrape = Daemon::start_ready(&configuration).scrape();
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "a \"b\" \\ {c}")]), Some(1.0));
}

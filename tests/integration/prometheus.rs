//! The reader the metrics are made for.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::servers::chrony::Chrony;
use crate::servers::knot::Knot;
use crate::servers::port;
use crate::servers::prometheus::{Prometheus, promtool_check_metrics};
use crate::servers::rpc::RpcServer;
use crate::support::config::EACH_SECOND;
use crate::support::daemon::Daemon;

/// One path that works, one that is degraded and one that is blocked: every metric there is has a series.
fn every_metric(dns: &Knot, server: &RpcServer, time: &Chrony) -> String {
    let (dns, server, time, down) = (dns.address(), server.address(), time.address(), port::refusing());
    format!(
        "paths:\n\
         - {{name: corp, kms: {{domain: corp.example, nameservers: [\"{dns}\"]}}}}\n\
         - {{name: half, kms: {{hosts: [\"{server}\", \"{down}\"]}}}}\n\
         - {{name: down, kms: {{hosts: [\"{down}\"]}}}}\n\
         clock: {{ntp: [\"{time}\"]}}\n\
         {EACH_SECOND}"
    )
}

#[test]
#[ignore = "needs prometheus, knot, chrony, python3-impacket"]
fn promtool_has_no_complaint_and_prometheus_scrapes() {
    let (server, time) = (RpcServer::start(0), Chrony::right());
    let records = format!("_vlmcs._tcp SRV 0 0 {} kms1\nkms1 A 127.0.0.1", server.address().port());
    let dns = Knot::start("corp.example", &records);
    let daemon = Daemon::start_ready(&every_metric(&dns, &server, &time));
    let text = daemon.scrape().text;
    for name in [
        "gracewatch_build_info",
        "gracewatch_clock_error_seconds",
        "gracewatch_clock_offset_seconds",
        "gracewatch_clock_reference_offset_seconds",
        "gracewatch_config_last_reload_success_timestamp_seconds",
        "gracewatch_config_last_reload_successful",
        "gracewatch_path_blocked_info",
        "gracewatch_path_degraded",
        "gracewatch_path_failing_rounds",
        "gracewatch_path_held",
        "gracewatch_path_last_judged_timestamp_seconds",
        "gracewatch_path_since_timestamp_seconds",
        "gracewatch_path_up",
        "gracewatch_probe_duration_seconds",
        "gracewatch_probes_total",
        "gracewatch_srv_consistent",
        "gracewatch_srv_records",
        "gracewatch_srv_target_info",
        "gracewatch_stage_duration_seconds",
        "gracewatch_stage_failure_info",
        "gracewatch_stage_up",
        "process_start_time_seconds",
    ] {
        assert!(text.contains(&format!("# HELP {name} ")), "{name} is not in\n{text}");
        assert!(text.contains(&format!("# TYPE {name} ")), "{name} is not in\n{text}");
    }
    assert_eq!(promtool_check_metrics(&text), Ok(()));

    let prometheus = Prometheus::scraping(daemon.address());
    prometheus.query_until_found(r#"up{job="gracewatch"} == 1"#);
    for (path, up, degraded) in [("corp", "1", "0"), ("half", "1", "1"), ("down", "0", "0")] {
        let value = |metric: &str| {
            let answer = prometheus.query_until_found(&format!("{metric}{{path=\"{path}\"}}"));
            let answer: Value = serde_json::from_str(&answer).expect("Prometheus answers with JSON");
            answer["data"]["result"][0]["value"][1].as_str().expect("a value is text").to_owned()
        };
        assert_eq!(value("gracewatch_path_up"), up, "{path}");
        assert_eq!(value("gracewatch_path_degraded"), degraded, "{path}");
    }
    prometheus.query_until_found("abs(gracewatch_clock_reference_offset_seconds) < 1");
    prometheus.query_until_found(r#"rate(gracewatch_probes_total{path="corp",stage="rpc",result="ok"}[1m]) > 0"#);
}

/// The exposition is read strictly: one HELP and one TYPE to a metric, and no series twice.
#[test]
fn no_series_is_there_twice() {
    let down = port::refusing();
    // The same host under two paths, and an address that is a host twice.
    let configuration = format!(
        "paths:\n- {{name: one, kms: {{hosts: [\"{down}\", \"{down}\"]}}}}\n- {{name: two, kms: {{hosts: [\"{down}\"]}}}}\n"
    );
    let text = Daemon::start_ready(&configuration).scrape().text;
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        let identity = if line.starts_with('#') {
            line.split(' ').take(3).collect::<Vec<_>>().join(" ")
        } else {
            line.rsplit_once(' ').map(|(series, _)| series.to_owned()).unwrap_or_default()
        };
        assert!(seen.insert(identity), "twice: {line}");
    }
}

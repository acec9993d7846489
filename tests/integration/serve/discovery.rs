//! `/sd`: the KMS hosts found, as Prometheus takes them.

use serde_json::{Value, json};

use crate::servers::http;
use crate::servers::knot::Knot;
use crate::servers::port;
use crate::servers::process::wait_until;
use crate::servers::prometheus::Prometheus;
use crate::support::config::EACH_SECOND;
use crate::support::daemon::Daemon;

/// Two hosts in DNS, which are good for a second.
const RECORDS: &str =
    "_vlmcs._tcp 1 SRV 0 7 1025 kms1\n_vlmcs._tcp 1 SRV 5 0 1025 kms2\nkms1 A 127.0.0.1\nkms2 A 127.0.0.1";

fn paths(nameserver: impl std::fmt::Display, host: impl std::fmt::Display) -> String {
    format!(
        "paths:\n\
         - {{name: corp, kms: {{domain: corp.example, nameservers: [\"{nameserver}\"], \
         expected_hosts: [kms1.corp.example]}}}}\n\
         - {{name: branch, kms: {{hosts: [\"{host}\"]}}}}\n\
         {EACH_SECOND}"
    )
}

fn found(daemon: &Daemon, page: &str) -> Value {
    let response = daemon.get(page);
    assert_eq!(response.status, 200, "{page}: {}", response.body);
    serde_json::from_str(&response.body).expect("it is JSON")
}

#[test]
#[ignore = "needs knot, prometheus"]
fn prometheus_discovers_the_hosts_of_all_paths_with_what_dns_says_of_them() {
    let (dns, down) = (Knot::start("corp.example", RECORDS), port::refusing().to_string());
    let daemon = Daemon::start_ready(&paths(dns.address(), &down));
    let of_dns = |host: &str, expected: &str, priority: &str, weight: &str| {
        json!({"targets": [host], "labels": {
            "__meta_gracewatch_path": "corp", "__meta_gracewatch_expected": expected,
            "__meta_gracewatch_priority": priority, "__meta_gracewatch_weight": weight,
        }})
    };
    let corp =
        [of_dns("kms1.corp.example:1025", "true", "0", "7"), of_dns("kms2.corp.example:1025", "false", "5", "0")];
    let branch = json!({"targets": [down], "labels": {"__meta_gracewatch_path": "branch"}});
    let [kms1, kms2] = corp;
    assert_eq!(found(&daemon, "/sd"), json!([kms1, kms2, branch]));
    assert_eq!(found(&daemon, "/sd?path=branch"), json!([branch]));
    for (page, status) in [("/sd?path=nowhere", 404), ("/sd?paths=corp", 400)] {
        let refused = daemon.get(page);
        assert_eq!(refused.status, status, "{}", refused.body);
        assert!(refused.body.contains("nowhere") || refused.body.contains("paths"), "{}", refused.body);
    }

    let prometheus = Prometheus::start(&format!(
        "- job_name: kms-hosts\n  http_sd_configs:\n    - url: http://{}/sd\n      refresh_interval: 1s\n  \
         relabel_configs:\n    - {{source_labels: [__meta_gracewatch_path], target_label: path}}\n",
        daemon.address()
    ));
    // Prometheus asks in vain, which is enough: `up` has what it discovered.
    for (instance, path) in [("kms1.corp.example:1025", "corp"), ("kms2.corp.example:1025", "corp"), (&down, "branch")]
    {
        prometheus.query_until_found(&format!("up{{job=\"kms-hosts\", instance=\"{instance}\", path=\"{path}\"}}"));
    }
}

#[test]
#[ignore = "needs knot, prometheus"]
fn prometheus_keeps_the_hosts_it_has_while_no_nameserver_answers() {
    let (dns, down) = (Knot::start("corp.example", RECORDS), port::refusing());
    let daemon = Daemon::start_ready(&paths(dns.address(), down));
    let sd = format!(
        "- job_name: kms-hosts\n  http_sd_configs: [{{url: \"http://{}/sd\", refresh_interval: 1s}}]\n",
        daemon.address()
    );
    let prometheus = Prometheus::start(&sd);
    prometheus.query_until_found(r#"up{instance="kms1.corp.example:1025"}"#);
    drop(dns);

    let unknown = || daemon.get("/sd").status == 503;
    wait_until("/sd goes on answering", unknown);
    assert!(
        daemon.get("/sd").body.contains("no nameserver answers for _vlmcs._tcp.corp.example"),
        "{}",
        daemon.get("/sd").body
    );
    assert_eq!(daemon.get("/sd?path=branch").status, 200);
    // Prometheus was rejected, and has them still.
    let page = |path: &str| http::get(prometheus.address(), path).expect("prometheus answers").body;
    let rejected = || {
        page("/metrics")
            .lines()
            .any(|line| line.starts_with("prometheus_sd_http_failures_total ") && !line.ends_with(" 0"))
    };
    wait_until("Prometheus does not ask again", rejected);
    let targets = page("/api/v1/targets");
    assert!(targets.contains("kms1.corp.example:1025"), "{targets}");
}

#[test]
#[ignore = "needs knot"]
fn the_hosts_of_one_domain_are_not_all_while_nobody_answers_for_another() {
    // Refused is the answer for a zone that is not there.
    let dns = Knot::start("corp.example", RECORDS);
    let daemon = Daemon::start_ready(&format!(
        "paths:\n- {{name: two, kms: {{domain: [corp.example, other.example], nameservers: [\"{}\"]}}}}\n",
        dns.address()
    ));
    let response = daemon.get("/sd");
    assert_eq!(response.status, 503, "{}", response.body);
    assert!(response.body.contains("no nameserver answers for _vlmcs._tcp.other.example"), "{}", response.body);
}

#[test]
fn nothing_is_said_before_the_first_round_is_complete() {
    // A listener that never answers holds the first round up.
    let host = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = host.local_addr().expect("it has an address");
    let daemon = Daemon::start(&format!("paths:\n- {{name: slow, kms: {{hosts: [\"{address}\"]}}}}\n"));
    let response = daemon.get("/sd");
    assert_eq!((response.status, daemon.get("/-/ready").status), (503, 503), "{}", response.body);
}

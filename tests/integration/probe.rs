//! `/probe`: one target on request, as those who know `blackbox_exporter` ask for it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::servers::chrony::Chrony;
use crate::servers::http::{self, encode_parameter};
use crate::servers::knot::Knot;
use crate::servers::nginx::{Answer, Nginx};
use crate::servers::port;
use crate::servers::process::wait_until;
use crate::servers::prometheus::{Prometheus, promtool_check_metrics};
use crate::servers::rpc::RpcServer;
use crate::servers::scripted::Scripted;
use crate::servers::tinyproxy::Tinyproxy;
use crate::support::daemon::Daemon;
use crate::support::scrape::Scrape;

/// A configuration in which nothing takes long, and whose `web` has these keys.
fn configuration(web: &str) -> String {
    let down = port::refusing();
    format!(
        "paths: [{{name: other, kms: {{hosts: [\"{down}\"]}}}}]\nclock: {{ntp: [], host_clocks: off}}\n\
         probe: {{interval: 60s, timeout: 2s}}\nweb: {{{web}}}\n"
    )
}

/// What a probe shows.
fn probe(daemon: &Daemon<'_>, query: &str) -> Scrape {
    let response = daemon.get(&format!("/probe?{query}"));
    assert_eq!(response.status, 200, "{query}: {}", response.body);
    assert!(response.content_type.starts_with("text/plain; version=0.0.4"), "{}", response.content_type);
    assert_eq!(promtool_check_metrics(&response.body), Ok(()), "{}", response.body);
    Scrape::parse(response.body)
}

fn refused(daemon: &Daemon<'_>, query: &str, status: u16) -> String {
    let response = daemon.get(&format!("/probe?{query}"));
    assert_eq!(response.status, status, "{query}: {}", response.body);
    let json: Value = serde_json::from_str(&response.body).expect("it is JSON");
    json["error"].as_str().expect("it has an error").to_owned()
}

#[test]
fn nothing_is_probed_that_the_configuration_does_not_let_through() {
    let daemon = Daemon::start(&configuration(""));
    let error = refused(&daemon, "target=kms01.corp.example", 403);
    assert!(error.ends_with("`web` in the configuration: probe_targets: [\"kms01.corp.example\"]"), "{error}");
    let said = refused(&daemon, "target=kms01.corp.example&lang=ja", 403);
    assert!(said.contains("may not be probed"), "`error` is English: {said}");
    let daemon = Daemon::start(&configuration("probe_targets: [\"*.corp.example\"]"));
    for (query, line) in [
        ("target=169.254.169.254:80&module=online", "probe_targets: [\"169.254.169.254\", \"*.corp.example\"]"),
        ("target=127.0.0.1", "probe_targets: [\"127.0.0.1\", \"*.corp.example\"]"),
        ("target=mail.corp.example:25", "probe_targets: [\"mail.corp.example:25\", \"*.corp.example\"]"),
        (
            "target=https://a.corp.example/&proxy=http://p.example:3128",
            "probe_targets: [\"p.example\", \"*.corp.example\"]",
        ),
    ] {
        let error = refused(&daemon, query, 403);
        assert!(error.ends_with(line), "{query}: {error}");
    }
    for (query, said) in [
        ("", "`target` is missing"),
        ("target=", "`target` is missing"),
        ("target=a%20b", "a b"),
        ("target=kms01.corp.example&module=http_2xx", "module"),
        ("target=kms01.corp.example&proxy=direct", "`proxy` goes with module `online` alone"),
        ("target=https://user:secret@a.corp.example", "take no credentials"),
        ("target=https://a.corp.example&proxy=http://user:secret@p.corp.example:1", "take no credentials"),
        ("target=kms01.corp.example&hostname=x", "hostname"),
    ] {
        let error = refused(&daemon, query, 400);
        assert!(error.contains(said) && !error.contains("secret"), "{query}: {error}");
    }
}

#[test]
#[ignore = "needs knot"]
fn a_name_that_leads_to_what_is_special_is_not_probed() {
    let records = "link A 169.254.169.254\nmulticast A 224.0.0.1\nnowhere A 0.0.0.0\n";
    let dns = Knot::start("corp.example", records);
    let path = format!("{{name: corp, kms: {{domain: corp.example, nameservers: [\"{}\"]}}}}, ", dns.address());
    let configuration =
        configuration("probe_targets: [\"*.corp.example\"]").replacen("paths: [", &format!("paths: [{path}"), 1);
    let daemon = Daemon::start(&configuration);
    for (target, address) in [("link", "169.254.169.254"), ("multicast:1688", "224.0.0.1"), ("nowhere:1688", "0.0.0.0")]
    {
        let (host, port) = target.split_once(':').unwrap_or((target, "1688"));
        let error = refused(&daemon, &format!("target={host}.corp.example:{port}&module=kms"), 403);
        let line = format!(
            "leads to {address}, which may not be probed; allow it under `web` in the configuration: \
                            probe_networks: [{address}/32, 0.0.0.0/0, \"::/0\"]"
        );
        assert!(error.ends_with(&line), "{target}: {error}");
        let error = refused(&daemon, &format!("target=http://{host}.corp.example/"), 403);
        assert!(error.contains(address), "{target}: {error}");
        let error = refused(&daemon, &format!("target={host}.corp.example&module=clock"), 403);
        assert!(error.contains(address), "{target}: {error}");
    }
}

#[test]
#[ignore = "needs prometheus, knot, python3-impacket"]
fn a_scrape_configuration_for_blackbox_works_with_the_address_changed() {
    let server = RpcServer::start(0);
    let records = format!("_vlmcs._tcp SRV 0 0 {} kms1\nkms1 A 127.0.0.1", server.address().port());
    let dns = Knot::start("corp.example", &records);
    let path = format!("{{name: corp, kms: {{domain: corp.example, nameservers: [\"{}\"]}}}}, ", dns.address());
    let web = "probe_targets: [corp.example, \"*.corp.example\", 127.0.0.1]";
    let daemon = Daemon::start(&configuration(web).replacen("paths: [", &format!("paths: [{path}"), 1));
    let (host, down) = (format!("kms1.corp.example:{}", server.address().port()), port::refusing());
    // As the README of blackbox_exporter has it.
    let prometheus = Prometheus::start(&format!(
        "  - job_name: 'blackbox'\n    metrics_path: /probe\n    params:\n      module: [kms]\n    static_configs:\n      \
         - targets:\n        - {host}\n        - corp.example\n        - {down}\n    relabel_configs:\n      \
         - source_labels: [__address__]\n        target_label: __param_target\n      \
         - source_labels: [__param_target]\n        target_label: instance\n      \
         - target_label: __address__\n        replacement: {}\n",
        daemon.address()
    ));
    for (instance, success) in [(host.as_str(), 1), ("corp.example", 1), (&down.to_string(), 0)] {
        prometheus.query_until_found(&format!("up{{instance=\"{instance}\"}} == 1"));
        prometheus.query_until_found(&format!("probe_success{{instance=\"{instance}\"}} == {success}"));
        prometheus.query_until_found(&format!("probe_duration_seconds{{instance=\"{instance}\"}} < 1"));
    }
    prometheus.query_until_found(&format!("gracewatch_stage_up{{instance=\"{host}\",stage=\"rpc\"}} == 1"));
    prometheus.query_until_found(r#"gracewatch_srv_records{instance="corp.example"} == 1"#);
    let failure = format!("gracewatch_stage_failure_info{{instance=\"{down}\",stage=\"tcp\",reason=\"refused\"}}");
    prometheus.query_until_found(&failure);

    let page = probe(&daemon, &format!("target={host}&module=kms"));
    let labels = [("path", host.as_str()), ("target", &host), ("address", "127.0.0.1"), ("stage", "rpc")];
    assert_eq!(page.value("gracewatch_stage_up", &labels), Some(1.0));
    assert!(page.value("gracewatch_path_up", &[]).is_none(), "it is no path that is watched");
    let report = daemon.get(&format!("/probe?target={down}&debug=true"));
    assert_eq!(report.status, 200);
    assert!(report.body.starts_with(&format!("{down}: blocked at tcp: refused\n")), "{}", report.body);
    assert!(report.body.contains("\nprobe_success 0\n") && !report.body.contains('\u{1b}'), "{}", report.body);
    let report = daemon.get(&format!("/probe?target={host}&debug=true&lang=ja"));
    assert!(report.body.contains("正常"), "{}", report.body);
    // A probe is no news of a path that is watched.
    assert_eq!(daemon.log_lines(&down.to_string()).len(), 0, "{}", daemon.log());
}

#[test]
#[ignore = "needs nginx, tinyproxy-bin"]
fn an_endpoint_is_probed_directly_and_through_a_proxy() {
    let (site, proxy, down) = (Nginx::answering(Answer::Page(200, "page")), Tinyproxy::open(), port::refusing());
    let daemon = Daemon::start(&configuration("probe_targets: [127.0.0.1]"));
    let url = encode_parameter(&format!("http://{}/", site.address()));
    let page = probe(&daemon, &format!("target={url}"));
    assert_eq!(page.value("gracewatch_http_status_code", &[]), Some(200.0));
    let through = probe(&daemon, &format!("target={url}&module=online&proxy=http://{}", proxy.address()));
    assert_eq!(through.value("gracewatch_stage_up", &[("stage", "http")]), Some(1.0), "{}", through.text);
    let without = probe(&daemon, &format!("target={url}&proxy=http://{down}"));
    assert_eq!(without.value("probe_success", &[]), Some(0.0));
    assert_eq!(without.value("gracewatch_stage_failure_info", &[("reason", "proxy_refused")]), Some(1.0));
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn a_time_server_succeeds_that_gives_the_time() {
    let (right, wrong, down) = (Chrony::right(), Chrony::faked("+7200s"), port::refusing());
    let daemon = Daemon::start(&configuration("probe_targets: [127.0.0.1]"));
    let of = |server: SocketAddr| probe(&daemon, &format!("target={server}&module=clock"));
    let page = of(right.address());
    assert_eq!(page.value("probe_success", &[]), Some(1.0), "{}", page.text);
    assert!(
        page.value("gracewatch_clock_offset_seconds", &[]).is_some_and(|offset| offset.abs() < 1.0),
        "{}",
        page.text
    );
    assert!(page.value("gracewatch_clock_reference_offset_seconds", &[]).is_none(), "{}", page.text);
    let page = of(wrong.address());
    assert_eq!(page.value("probe_success", &[]), Some(0.0), "{}", page.text);
    assert!(page.value("gracewatch_clock_offset_seconds", &[]).is_some_and(|offset| offset > 7000.0), "{}", page.text);
    assert_eq!(of(down).value("probe_success", &[]), Some(0.0));
}

#[test]
fn a_probe_ends_before_prometheus_gives_up() {
    let silent = Scripted::silent();
    let daemon = Daemon::start(&configuration("probe_targets: [127.0.0.1]"));
    let mut stream = TcpStream::connect(daemon.address()).expect("it listens");
    let begun = Instant::now();
    let target = silent.address();
    write!(
        stream,
        "GET /probe?target={target}&module=kms HTTP/1.0\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 1.5\r\n\r\n"
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    assert!(answer.starts_with("HTTP/1.0 200") && answer.contains("\nprobe_success 0\n"), "{answer}");
    // The stage that is silent is shown.
    assert!(answer.contains("stage=\"rpc\",reason=\"timed_out\"} 1\n"), "{answer}");
}

#[test]
fn a_request_that_is_given_up_ends_its_probe() {
    let silent = Scripted::silent();
    let configuration = configuration("probe_targets: [127.0.0.1]").replace("timeout: 2s", "timeout: 50s");
    let daemon = Daemon::start(&configuration);
    let running = || daemon.scrape().value("gracewatch_http_probes", &[]);
    let mut stream = TcpStream::connect(daemon.address()).expect("it listens");
    write!(stream, "GET /probe?target={}&module=kms HTTP/1.1\r\nHost: x\r\n\r\n", silent.address()).expect("it reads");
    wait_until("the probe does not begin", || running() == Some(1.0));
    drop(stream);
    let given_up = Instant::now();
    wait_until("the probe does not end", || running() == Some(0.0));
    // The other side says nothing for longer than that.
    assert!(given_up.elapsed() < Duration::from_secs(3), "{:?}", given_up.elapsed());
    assert_eq!(daemon.scrape().value("gracewatch_http_probes_limit", &[]), Some(64.0));
    assert!(http::get(daemon.address(), "/-/healthy").is_ok_and(|response| response.status == 200));
}

#[test]
fn a_reload_changes_what_may_be_probed() {
    let (down, before) = (port::refusing(), configuration(""));
    let daemon = Daemon::start(&before);
    refused(&daemon, &format!("target={down}"), 403);
    daemon.rewrite(before.replace("web: {", "web: {probe_targets: [127.0.0.1]"));
    daemon.signal("HUP");
    wait_until("it may not be probed", || daemon.get(&format!("/probe?target={down}")).status == 200);
}

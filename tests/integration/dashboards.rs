//! The shipped dashboards against a real Prometheus that scrapes a real daemon: every query finds what its panel shows.

use std::fs;

use serde_json::Value;

use crate::servers::chrony::Chrony;
use crate::servers::knot::Knot;
use crate::servers::nginx::Nginx;
use crate::servers::port;
use crate::servers::prometheus::Prometheus;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::listener;

fn dashboard() -> Value {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/dashboards/paths.json");
    let text = fs::read_to_string(file).expect("the dashboard is there");
    serde_json::from_str(&text).expect("it is JSON")
}

fn panels(dashboard: &Value) -> &[Value] {
    dashboard["panels"].as_array().expect("it has panels")
}

#[test]
fn every_panel_says_what_it_shows_and_what_it_shows_where_there_is_nothing() {
    let dashboard = dashboard();
    assert!(panels(&dashboard).len() > 5);
    for panel in panels(&dashboard) {
        let title = panel["title"].as_str().expect("a title");
        let defaults = &panel["fieldConfig"]["defaults"];
        assert!(panel["description"].as_str().is_some_and(|text| text.len() > 20), "{title} has no description");
        assert!(defaults["unit"].is_string(), "{title} has no unit");
        assert!(defaults["noValue"].is_string(), "{title} does not say that it is empty");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title} is tied to one data source");
    }
}

#[test]
#[ignore = "needs knot, chrony, nginx, prometheus"]
fn every_query_finds_something_while_one_path_is_blocked_and_another_works() {
    let records = format!("_vlmcs._tcp SRV 0 0 {} kms1\nkms1 A 127.0.0.1", port::refusing().port());
    let dns = Knot::start("corp.example", &records);
    let (host, time, http) = (listener::accepting_binds(), Chrony::right(), Nginx::right());
    let working = format!("- {{name: working, kms: {{hosts: [\"{}\"]}}}}\n", host.address());
    let blocked = format!("- {{name: blocked, kms: {{domain: corp.example, nameservers: [\"{}\"]}}}}\n", dns.address());
    let way = format!("http_date:{}", http.address().port());
    let clock = config::clock(&[time.address()], &[way]);
    let settings = format!("paths:\n{working}{blocked}{clock}{}", config::EACH_SECOND);
    let daemon = Daemon::start_ready(&settings);
    let prometheus = Prometheus::scraping(daemon.address());

    let dashboard = dashboard();
    let targets = panels(&dashboard).iter().flat_map(|panel| panel["targets"].as_array().expect("it has queries"));
    for target in targets {
        let query = target["expr"].as_str().expect("an expression");
        let query = query.replace("$__rate_interval", "1m");
        let query = ["$job", "$instance", "$path"].iter().fold(query, |query, name| query.replace(name, ".*"));
        let answer = prometheus.query_until_found(&query);
        assert!(answer.contains(r#""status":"success""#), "{query}: {answer}");
    }
}

//! Who is alerted meanwhile: Prometheus with the alerts we ship, in which a minute of waiting takes a second. No alert
//! may fire that nothing explains.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::Value;

use super::paths::Path;
use crate::alerts::shipped;
use crate::servers::place::Place;
use crate::servers::prometheus::Prometheus;
use crate::support::status::text;

/// What happens to daemons, and the alerts about no path that it explains.
const EXPLAINED: [(&str, &[&str]); 7] = [
    ("Kill", &["GracewatchDown"]),
    ("Restart", &["GracewatchDown"]),
    ("Stop", &["GracewatchDown", "GracewatchFleetOutdated"]),
    ("FullDisk", &["GracewatchStoreFailing"]),
    ("NoDatabase", &["GracewatchStoreFailing", "GracewatchFleetOutdated"]),
    ("Clock", &["GracewatchDown", "GracewatchFleetOutdated", "GracewatchReportsStale"]),
    // It could not be scraped in time.
    ("starved", &["GracewatchDown", "GracewatchFleetOutdated"]),
];

/// A Prometheus that scrapes the daemon.
#[derive(Debug)]
pub struct Alerts {
    prometheus: Prometheus,
}

impl Alerts {
    /// Scrapes and evaluates each second.
    pub fn start(daemon: SocketAddr) -> Self {
        let prometheus = Prometheus::start_at(&Place::loopback(), |directory| {
            shipped::prometheus(directory);
            directory.write(
                "prometheus.yml",
                format!(
                    "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\n\
                     rule_files: [thresholds.yml, recording.yml, {}]\n\
                     scrape_configs: [{{job_name: gracewatch, static_configs: [{{targets: ['{daemon}']}}]}}]\n",
                    shipped::ALERTS
                ),
            )
        });
        // It takes as long to find whom to scrape as an alert waits that nobody is.
        prometheus.query_until_found(r#"up{job="gracewatch"} == 1"#);
        prometheus.replace(shipped::ALERTS, &shipped::alerts());
        Self { prometheus }
    }

    /// Alerts that fire and that neither what was ever wrong with their paths nor what befell the daemon explains.
    pub fn unexplained(&self, paths: &[Path], struck: &BTreeSet<&str>) -> Vec<String> {
        let answer = self.prometheus.query(r#"ALERTS{alertstate="firing"}"#);
        let answer: Value = serde_json::from_str(&answer).expect("it is JSON");
        let alerts = answer["data"]["result"].as_array().expect("there are results");
        let is_explained = |labels: &Value| {
            let name = text(&labels["alertname"]);
            match labels["path"].as_str() {
                Some(path) => paths.iter().any(|known| known.name == path && known.explains(name)),
                None => EXPLAINED.iter().any(|(what, alerts)| struck.contains(what) && alerts.contains(&name)),
            }
        };
        let unexplained = alerts.iter().map(|alert| &alert["metric"]).filter(|labels| !is_explained(labels));
        unexplained.map(ToString::to_string).collect()
    }
}

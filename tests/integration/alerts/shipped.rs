//! The files of `deploy` as they run here. All that is different stands in this file, and what is not found to be
//! replaced fails the test:
//!
//! * a minute of waiting takes a second: `for`, intervals of scraping and evaluating, and the waiting of Alertmanager;
//! * what waits for six hours waits no longer than what does for one;
//! * that the daemon is down is believed after half a minute, not five seconds: it starts no faster here than elsewhere,
//!   and on a busy machine a scrape, which has half a second, may fail for longer than that;
//! * receivers are spoken to without TLS;
//! * tickets go to a program as well, beside the mail.
//!
//! Addresses are those of the files: the network of a scene has a nameserver that knows them. Ranges in expressions,
//! such as `[10m]`, and thresholds are those of the files too.

use std::fs;
use std::path::{Path, PathBuf};

use regex::{Captures, Regex};

use crate::servers::directory::TemporaryDirectory;

/// How much less time everything takes.
const FASTER: u64 = 60;

/// The name of the file with the alerts.
pub const ALERTS: &str = "alerts.yml";

/// The alerts.
pub fn alerts() -> String {
    let alerts = replace(&read("prometheus/alerts.yml"), "for: 6h\n", "for: 1h\n");
    let down = r#"absent(up{job="gracewatch"})
        for: "#;
    let alerts = replace(&alerts, &format!("{down}5m\n"), &format!("{down}30m\n"));
    faster(&alerts, &[("for", alerts.matches("- alert: ").count())])
}

/// Writes what Prometheus reads, with [`alerts`] still to come: it takes five seconds to find whom to scrape, and as long
/// again on a busy machine, in which some alerts would fire.
pub fn prometheus(directory: &TemporaryDirectory) -> PathBuf {
    for name in ["thresholds.yml", "recording.yml"] {
        directory.write(name, read(&format!("prometheus/{name}")));
    }
    directory.write(ALERTS, "groups: []\n");
    let configuration = read("prometheus/prometheus.yml");
    let intervals = [("scrape_interval", 1), ("evaluation_interval", 1)];
    directory.write("prometheus.yml", faster(&configuration, &intervals))
}

/// Writes what Alertmanager reads.
pub fn alertmanager(directory: &TemporaryDirectory) -> PathBuf {
    let templates = directory.subdirectory("templates");
    let name = "gracewatch.tmpl";
    fs::write(templates.join(name), read(&format!("alertmanager/templates/{name}"))).expect("a template is written");
    let intervals = [("group_wait", 2), ("group_interval", 1), ("repeat_interval", 2)];
    let mut text = faster(&read("alertmanager/alertmanager.yml"), &intervals);
    for (shipped, here) in [
        ("url: https://oncall.corp.example/", "url: http://oncall.corp.example/"),
        ("url: https://chat.corp.example/", "url: http://chat.corp.example/"),
        ("  smtp_smarthost: ", "  smtp_require_tls: false\n  smtp_smarthost: "),
        (
            "  - name: ticket\n",
            "  - name: ticket\n    webhook_configs:\n      - url: http://tickets.corp.example/alertmanager\n",
        ),
    ] {
        text = replace(&text, shipped, here);
    }
    directory.write("alertmanager.yml", text)
}

/// The anchors of the sections in the runbooks.
pub fn runbooks() -> Vec<String> {
    let text = read("../docs/alerts.md");
    text.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_lowercase).collect()
}

/// The text with other words in the place of some that stand there once.
pub fn replace(text: &str, words: &str, other: &str) -> String {
    assert_eq!(text.matches(words).count(), 1, "{words:?} is not once in\n{text}");
    text.replace(words, other)
}

/// The text with the durations of these keys shortened, each of which stands there so many times.
fn faster(text: &str, keys: &[(&str, usize)]) -> String {
    let mut text = text.to_owned();
    for (key, count) in keys {
        let pattern = Regex::new(&format!(r"(?m)^( *{key}: )(\d+)([smhd])$")).expect("it is a pattern");
        assert_eq!(pattern.find_iter(&text).count(), *count, "{key} in\n{text}");
        let shorten = |found: &Captures<'_>| {
            let number: u64 = found[2].parse().expect("digits");
            let unit = match &found[3] {
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                _ => 86_400_000,
            };
            format!("{}{}ms", &found[1], number * unit / FASTER)
        };
        text = pattern.replace_all(&text, shorten).into_owned();
    }
    text
}

/// One of the files.
pub fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

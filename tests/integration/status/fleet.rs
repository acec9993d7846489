//! The totals of a fleet, known from the event log of its KMS hosts alone.

use serde_json::Value;

use crate::servers::{port, process};
use crate::support::daemon::Daemon;
use crate::support::event_log::{EventLog, Expected};
use crate::support::reports::{Client, lines};
use crate::support::scrape::Scrape;
use crate::support::status::{Kept, sender, text};

const HOSTS: [&str; 2] = ["kms01.corp.example", "kms02.lab.example"];

/// What is reported of all machines or those on a path, in JSON.
fn reported(runway: &Value) -> Expected {
    let count = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("no count in {runway:#}"));
    Expected {
        machines: count(&runway["machines"]),
        lost: count(&runway["lost"]),
        renewal_overdue: count(&runway["renewal_overdue"]),
        stale: count(&runway["stale"]),
        expiring: ["1d", "7d", "30d", "90d"].map(|within| count(&runway["expiring"][within])),
        first_expiry: runway["first_expiry"].as_str().map(|first| first.parse().expect("a moment")),
    }
}

/// The same of all machines, in metrics.
fn measured(scrape: &Scrape) -> Expected {
    let value = |name: &str, labels: &[(&str, &str)]| scrape.value(name, labels).map_or(0, whole);
    let first = scrape.value("gracewatch_machines_first_expiry_timestamp_seconds", &[]).map(|seconds| {
        jiff::Timestamp::from_second(i64::try_from(whole(seconds)).expect("seconds")).expect("a moment")
    });
    Expected {
        machines: value("gracewatch_machines_known", &[]),
        lost: value("gracewatch_machines_lost", &[]),
        renewal_overdue: value("gracewatch_machines_renewal_overdue", &[]),
        stale: value("gracewatch_machines_stale", &[]),
        expiring: ["1d", "7d", "30d", "90d"].map(|within| value("gracewatch_machines_expiring", &[("within", within)])),
        first_expiry: first,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts and seconds since 1970")]
fn whole(value: f64) -> u64 {
    value as u64
}

fn runway(daemon: &Daemon<'_>) -> Value {
    let response = daemon.get("/api/v1/runway");
    assert_eq!(response.status, 200, "{}", response.body);
    serde_json::from_str(&response.body).expect("it is JSON")
}

/// Paths of which none leads anywhere now: one fails at its nameserver, one at the lookup of a host given by name.
fn paths() -> String {
    let nobody = port::refusing();
    format!(
        "paths:\n- {{name: corp, kms: {{domain: corp.example, nameservers: [\"{nobody}\"]}}}}\n\
         - {{name: lab, kms: {{hosts: [\"{}:1689\"], nameservers: [\"{nobody}\"]}}}}\n\
         clock: {{ntp: [], host_clocks: off}}\n",
        HOSTS[1]
    )
}

#[test]
fn the_event_log_of_kms_hosts_gives_the_runway_of_the_fleet() {
    let log = EventLog::of(500, HOSTS);
    let kept = Kept::new().with_paths(&paths()).with("at_risk: 7");
    let printed = kept.import_text("events.xml", log.xml());
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{}", printed.stdout);
    let daemon = kept.serve();
    daemon.wait_until_ready();
    let all = log.expected(None);
    assert!(all.lost > 10 && all.renewal_overdue > 10 && all.expiring[0] < all.expiring[3], "{all:?}");
    let scrape = daemon.scrape_until("the fleet is not aggregated", |scrape| {
        scrape.value("gracewatch_path_machines", &[("path", "lab")]).is_some_and(|machines| machines > 0.0)
    });
    assert_eq!(measured(&scrape), all);
    assert_eq!(reported(&runway(&daemon)["fleet"]), all);

    // Machines depend on the path to the host they use, also while nobody can look it up.
    let know_their_machines = |report: &Value| {
        report["paths"].as_array().is_some_and(|paths| paths.iter().all(|path| path["machines"].is_u64()))
    };
    // They are judged again a moment after the fleet was aggregated.
    process::wait_until("the paths do not know their machines", || know_their_machines(&daemon.report()));
    let report = daemon.report();
    for (path, host) in ["corp", "lab"].into_iter().zip(HOSTS) {
        let expected = log.expected(Some(host));
        assert_eq!(reported(&runway(&daemon)["paths"][path]), expected, "{path}");
        let machines = scrape.value("gracewatch_path_machines", &[("path", path)]).map(whole);
        assert_eq!(machines, Some(expected.machines), "{path}");
        let overdue = scrape.value("gracewatch_path_machines_renewal_overdue", &[("path", path)]).map(whole);
        assert_eq!(overdue, Some(expected.renewal_overdue), "{path}");
        let lost_on_path = scrape.value("gracewatch_path_machines_lost", &[("path", path)]).map(whole);
        assert_eq!(lost_on_path, Some(expected.lost), "{path}");
        let of_path = report["paths"].as_array().and_then(|paths| paths.iter().find(|known| known["name"] == path));
        let of_path = of_path.unwrap_or_else(|| panic!("no {path} in {report:#}"));
        assert_eq!(of_path["verdict"], "blocked", "{of_path:#}");
        assert_eq!(of_path["machines"].as_u64(), Some(expected.machines), "{of_path:#}");
        let first = expected.first_expiry.map(|first| first.to_string());
        assert_eq!(of_path["first_expiry"].as_str(), first.as_deref(), "{of_path:#}");

        let asked = scrape.value("gracewatch_kms_host_last_request_timestamp_seconds", &[("machine", host)]);
        let last = log.last_request(host).map(|last| u64::try_from(last.as_second()).expect("after 1970"));
        assert_eq!(asked.map(whole), last, "{host}");
        let idle = scrape.value("gracewatch_kms_host_idle_since_timestamp_seconds", &[("machine", host)]);
        assert_eq!(idle.map(whole), last, "{host}");
    }

    // No more series than are configured, and of those that are most at risk.
    let remaining: Vec<_> = scrape.series("gracewatch_machine_grace_remaining_seconds").collect();
    assert_eq!(remaining.len(), 7);
    let first = text(&runway(&daemon)["fleet"]["first_machine"]).to_owned();
    assert!(remaining.iter().any(|sample| sample.labels["machine"] == first), "{first}: {remaining:?}");
}

#[test]
fn the_metrics_of_many_machines_and_products_stay_small() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let fleet: Vec<_> = (0..5000)
        .map(|number| Client {
            product: format!("Windows(R), Edition{:03} of a name that is long", number % 500),
            sku: "",
            ..Client::new(&format!("ws{number:04}.a-rather-long-name.corp.example"))
        })
        .collect();
    for part in fleet.chunks(1000) {
        assert_eq!(sender(daemon.address()).send(lines(part)).count("stored"), 1000);
    }
    let scrape = daemon.scrape_until("the machines are not aggregated", |scrape| {
        scrape.value("gracewatch_machines_known", &[]) == Some(5000.0)
    });
    assert!(scrape.text.len() < 200_000, "{} bytes", scrape.text.len());
    assert_eq!(whole(scrape.sum("gracewatch_machines", &[])), 5000);
    assert_eq!(scrape.series("gracewatch_machines").count(), 101, "a hundred products, and the others");
    assert_eq!(scrape.value("gracewatch_machines", &[("product", "other")]), Some(4000.0));
    let runway = runway(&daemon).to_string();
    assert!(runway.len() < 200_000, "{} bytes", runway.len());
}

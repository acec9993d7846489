//! Verdicts that do not flap: what fails for a round is reported and does not change them.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::servers::process;
use crate::servers::relay::Relay;
use crate::servers::rpc::RpcServer;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::reports::Client;
use crate::support::scrape::Scrape;
use crate::support::status::Kept;

/// How long a verdict stays that worsened; as long as it takes to see it stay.
const HOLD: Duration = Duration::from_secs(4);

/// A round each second, of which two have to fail.
const DAMPED: &str = "probe: {interval: 1s, timeout: 1s}\nverdict: {failing_rounds: 2, hold: 4s}\n";

/// A KMS host whose network can be cut and restored without its leave. A host that is restarted would take longer
/// than a round.
struct Host {
    server: RpcServer,
    port: u16,
    network: Option<Relay>,
}

impl Host {
    fn start() -> Self {
        let server = RpcServer::start(0);
        let network = Relay::to(server.address());
        Self { port: network.address().port(), network: Some(network), server }
    }

    fn configuration(&self) -> String {
        config::hosts(&[format!("127.0.0.1:{}", self.port)])
    }

    fn cut(&mut self) {
        self.network = None;
    }

    fn mend(&mut self) {
        self.network = Some(Relay::at(self.port, self.server.address()));
    }
}

fn path(daemon: &Daemon<'_>) -> Value {
    daemon.report()["paths"][0].clone()
}

/// Returns the path once it is so.
fn path_once(daemon: &Daemon<'_>, complaint: &str, condition: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    process::wait_until(complaint, || {
        last = path(daemon);
        condition(&last)
    });
    last
}

fn gauge(scrape: &Scrape, name: &str) -> Option<f64> {
    scrape.value(&format!("gracewatch_path_{name}"), &[("path", "corp")])
}

fn moment(value: &Value) -> SystemTime {
    let text = value.as_str().unwrap_or_else(|| panic!("not a moment: {value}"));
    humantime::parse_rfc3339(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
#[ignore = "needs python3-impacket"]
fn a_host_that_is_gone_for_one_round_is_reported_and_does_not_change_the_verdict() {
    let mut host = Host::start();
    let daemon = Daemon::start_ready(&(host.configuration() + DAMPED));
    let begun = path(&daemon);
    assert_eq!(
        (&begun["verdict"], &begun["pending"], &begun["held_until"]),
        (&"ok".into(), &Value::Null, &Value::Null)
    );

    host.cut();
    let scrape = daemon.scrape_until("no round fails", |scrape| gauge(scrape, "failing_rounds") > Some(0.0));
    let waiting = path(&daemon);
    host.mend();
    assert_eq!((gauge(&scrape, "failing_rounds"), gauge(&scrape, "up")), (Some(1.0), Some(1.0)), "{}", scrape.text);
    assert_eq!((&waiting["verdict"], &waiting["summary"]), (&"ok".into(), &begun["summary"]), "{waiting:#}");
    let pending = &waiting["pending"];
    assert_eq!(
        (&pending["verdict"], &pending["stage"], &pending["reason"]),
        (&"blocked".into(), &"tcp".into(), &"refused".into())
    );
    assert_eq!((&pending["failing_rounds"], &pending["of"]), (&1.into(), &2.into()));
    assert!(moment(&pending["since"]) > moment(&begun["since"]), "{waiting:#}");
    assert_eq!(waiting["targets"][0]["stages"][0]["ok"], false, "what was seen is shown: {waiting:#}");

    let after = path_once(&daemon, "it goes on waiting", |path| path["pending"].is_null());
    assert_eq!((&after["verdict"], &after["since"]), (&"ok".into(), &begun["since"]), "{after:#}");
    assert_eq!(gauge(&daemon.scrape(), "failing_rounds"), Some(0.0));
    assert_eq!(daemon.log_lines("counts as blocked once 2 rounds in a row have failed").len(), 1, "{}", daemon.log());
    assert_eq!(daemon.log_lines("is blocked at"), [""; 0], "{}", daemon.log());
}

#[test]
#[ignore = "needs python3-impacket"]
fn a_host_that_is_gone_for_two_rounds_blocks_and_is_held_blocked_for_a_while_once_it_is_back() {
    let mut host = Host::start();
    let daemon = Daemon::start_ready(&(host.configuration() + DAMPED));
    host.cut();
    let blocked = path_once(&daemon, "it is never blocked", |path| path["verdict"] == "blocked");
    host.mend();
    assert_eq!((&blocked["pending"], &blocked["held_until"]), (&Value::Null, &Value::Null), "{blocked:#}");
    let since = moment(&blocked["since"]);
    assert_eq!(daemon.log_lines("is blocked at").len(), 1, "{}", daemon.log());

    let held = path_once(&daemon, "nothing is held", |path| !path["held_until"].is_null());
    assert_eq!((&held["verdict"], &held["summary"]), (&"blocked".into(), &blocked["summary"]), "{held:#}");
    assert_eq!(held["targets"][0]["stages"][0]["ok"], true, "what was seen is shown: {held:#}");
    let span = moment(&held["held_until"]).duration_since(since).expect("it is held from when it worsened");
    assert!(span.abs_diff(HOLD) < Duration::from_millis(100), "it is held for {span:?}");
    let scrape = daemon.scrape();
    assert_eq!((gauge(&scrape, "held"), gauge(&scrape, "up")), (Some(1.0), Some(0.0)), "{}", scrape.text);

    let scrape = daemon.scrape_until("it stays blocked", |scrape| gauge(scrape, "up") > Some(0.0));
    assert_eq!(gauge(&scrape, "held"), Some(0.0), "{}", scrape.text);
    let after = path(&daemon);
    assert_eq!((&after["verdict"], &after["held_until"]), (&"ok".into(), &Value::Null), "{after:#}");
    // It does not wait for the round after that.
    let late = moment(&after["since"]).duration_since(since).expect("it came later").checked_sub(HOLD);
    assert!(late.is_some_and(|late| late < Duration::from_secs(1)), "{since:?}: {after:#}");
    let shown = scrape.value("gracewatch_path_since_timestamp_seconds", &[("path", "corp")]).expect("it is shown");
    let reported =
        moment(&after["since"]).duration_since(SystemTime::UNIX_EPOCH).expect("it is past 1970").as_secs_f64();
    assert!((shown - reported).abs() < 0.01, "{shown}, {reported}");
    assert_eq!(daemon.log_lines("works: its KMS host answers").len(), 2, "{}", daemon.log());
}

#[test]
#[ignore = "needs python3-impacket"]
fn a_reload_changes_how_verdicts_are_damped_and_not_what_they_are() {
    let mut host = Host::start();
    let patient = "probe: {interval: 1s, timeout: 1s}\nverdict: {failing_rounds: 10, hold: 1h}\n";
    let daemon = Daemon::start_ready(&(host.configuration() + patient));
    host.cut();
    daemon.scrape_until("no round fails", |scrape| gauge(scrape, "failing_rounds") > Some(0.0));
    daemon.rewrite(host.configuration() + patient + "# the same\n");
    assert_eq!(daemon.post("/-/reload").status, 200);
    let waiting = path(&daemon);
    assert_eq!((&waiting["verdict"], &waiting["pending"]["of"]), (&"ok".into(), &10.into()), "{waiting:#}");

    daemon.rewrite(host.configuration() + &patient.replace("10", "1"));
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!(path(&daemon)["verdict"], "blocked");
    host.mend();
    path_once(&daemon, "nothing is held", |path| !path["held_until"].is_null());
    daemon.rewrite(host.configuration() + &patient.replace("1h", "0s"));
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!(path(&daemon)["verdict"], "ok");
}

#[test]
#[ignore = "needs python3-impacket"]
fn the_first_verdict_that_knows_the_machines_is_shown_at_once() {
    let host = Host::start();
    let kept = Kept::new().with_paths(&(host.configuration() + "clock: {ntp: [], host_clocks: off}\n"));
    let lost = Client { kms_host: "127.0.0.1".to_owned(), license_status: 5, minutes: 0, ..Client::new("ws0417") };
    let imported = kept.import_text("ws0417.json", lost.text());
    assert_eq!(imported.exit_code, Some(0), "{imported:?}");
    // No second round ends before this test does.
    let damped = "probe: {interval: 1h, timeout: 1s}\nverdict: {failing_rounds: 2}\n";
    let daemon = Daemon::start(&kept.configuration().replace(config::EACH_SECOND, damped));
    let degraded = path_once(&daemon, "the machine is not reported", |path| path["verdict"] == "degraded");
    assert_eq!((&degraded["stage"], &degraded["reason"]), (&"client".into(), &"not_activated".into()), "{degraded:#}");
    assert_eq!(degraded["pending"], Value::Null, "{degraded:#}");
}

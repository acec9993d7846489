//! Verdicts that go on after a restart: since when a path is what it is, what it was before, what is held, and what is
//! pending. The daemon is killed, so that nothing is written at its end.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::servers::postgres::Postgres;
use crate::servers::process::wait_until;
use crate::servers::relay::Relay;
use crate::servers::scripted::Scripted;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::listener;
use crate::support::sqlite::sqlite;
use crate::support::status::Kept;

/// Verdicts that follow at once, and some that wait.
const AT_ONCE: &str = "verdict: {failing_rounds: 1, hold: 0s}";
const AFTER_SIX_ROUNDS: &str = "verdict: {failing_rounds: 6, hold: 0s}";
const HELD: &str = "verdict: {failing_rounds: 1, hold: 15s}";

/// A KMS host whose network can be cut, and restored at the same port.
struct Host {
    server: Scripted,
    port: u16,
    network: Option<Relay>,
}

impl Host {
    fn start() -> Self {
        let server = listener::accepting_binds();
        let network = Relay::to(server.address());
        Self { port: network.address().port(), network: Some(network), server }
    }

    fn paths(&self) -> String {
        config::hosts(&[format!("127.0.0.1:{}", self.port)])
    }

    fn cut(&mut self) {
        self.network = None;
    }

    fn mend(&mut self) {
        self.network = Some(Relay::at(self.port, self.server.address()));
    }
}

/// A store, and how it is asked in SQL.
struct World {
    host: Host,
    kept: Kept,
    postgres: Option<Postgres>,
}

impl World {
    fn on_sqlite() -> Self {
        let host = Host::start();
        Self { kept: Kept::new().with_paths(&host.paths()), host, postgres: None }
    }

    fn on_postgres() -> Self {
        let (host, postgres) = (Host::start(), Postgres::new());
        Self { kept: Kept::in_store(&postgres.url()).with_paths(&host.paths()), host, postgres: Some(postgres) }
    }

    /// The daemon with this damping, once it has a verdict.
    fn serve(&self, damping: &str) -> Daemon<'static> {
        let configuration = self.kept.configuration().replace(AT_ONCE, damping);
        assert!(configuration.contains(damping), "{configuration}");
        let daemon = Daemon::start(&configuration);
        daemon.wait_until_ready();
        daemon
    }

    fn ask(&self, sql: &str) -> String {
        match &self.postgres {
            Some(postgres) => postgres.query(sql),
            None => sqlite(&self.kept.file(), sql),
        }
    }

    /// Waits until what is asked for is in the store.
    fn wait_for(&self, sql: &str, expected: &str) {
        let mut last = String::new();
        wait_until(&format!("the store never has {expected}"), || {
            last = self.ask(sql);
            last == expected
        });
    }

    /// The statuses that the store has of the path, in their order. Where a connection is cut that is in use, another
    /// stage is blamed for a moment.
    fn statuses(&self) -> Vec<String> {
        let stored = self.ask("SELECT status FROM verdict ORDER BY number");
        let mut statuses: Vec<_> = stored.lines().map(str::to_owned).collect();
        statuses.dedup();
        statuses
    }

    fn wait_for_statuses(&self, expected: &[&str]) {
        let mut last = Vec::new();
        wait_until(&format!("the store never has {expected:?}"), || {
            last = self.statuses();
            last == expected
        });
    }
}

fn kill(mut daemon: Daemon<'_>) {
    daemon.signal("KILL");
    assert!(daemon.wait(Duration::from_secs(5)).is_some(), "it cannot be killed");
}

fn path(daemon: &Daemon<'_>) -> Value {
    json(daemon, "/api/v1/paths/corp")
}

fn json(daemon: &Daemon<'_>, address: &str) -> Value {
    let response = daemon.get(address);
    assert_eq!(response.status, 200, "{}", response.body);
    serde_json::from_str(&response.body).expect("it is JSON")
}

/// The path once it is so.
fn path_once(daemon: &Daemon<'_>, complaint: &str, condition: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    wait_until(complaint, || {
        last = path(daemon);
        condition(&last)
    });
    last
}

fn until(daemon: &Daemon<'_>, verdict: &str) -> Value {
    path_once(daemon, &format!("it is never {verdict}"), |path| path["verdict"] == verdict)
}

/// When the path became what, the first at the beginning.
fn history(daemon: &Daemon<'_>) -> Vec<(String, String)> {
    let history = json(daemon, "/api/v1/paths/corp/history");
    let verdicts = history["verdicts"].as_array().expect("there is a list").iter().rev();
    let word = |value: &Value| value.as_str().expect("it is text").to_owned();
    let mut verdicts: Vec<_> = verdicts.map(|verdict| (word(&verdict["at"]), word(&verdict["verdict"]))).collect();
    verdicts.dedup_by(|later, earlier| later.1 == earlier.1);
    verdicts
}

/// A moment in milliseconds.
fn moment(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("not a moment: {value}"));
    text.parse::<jiff::Timestamp>().unwrap_or_else(|error| panic!("{error}: {text}")).as_millisecond()
}

fn what_was_goes_on(mut world: World) {
    let daemon = world.serve(AT_ONCE);
    until(&daemon, "ok");
    world.host.cut();
    until(&daemon, "blocked");
    world.host.mend();
    let before = until(&daemon, "ok");
    world.wait_for_statuses(&["ok", "blocked", "ok"]);
    let known = history(&daemon);
    kill(daemon);

    let daemon = world.serve(AT_ONCE);
    assert_eq!(daemon.log_lines("verdicts go on from").len(), 1, "{}", daemon.log());
    let after = path(&daemon);
    assert_eq!(
        (&after["verdict"], &after["since"], &after["summary"]),
        (&before["verdict"], &before["since"], &before["summary"]),
        "{after:#}"
    );
    assert_eq!(history(&daemon), known);
    // It goes on with what changes since.
    world.host.cut();
    until(&daemon, "blocked");
    let later = history(&daemon);
    assert_eq!((&later[..3], later.len(), later[3].1.as_str()), (&known[..], 4, "blocked"));
    world.wait_for_statuses(&["ok", "blocked", "ok", "blocked"]);
    let changes = json(&daemon, "/api/v1/changes?since=1h&limit=2");
    assert_eq!((changes["changes"].as_array().map(Vec::len), &changes["more"]), (Some(2), &true.into()), "{changes:#}");
    assert_eq!(
        (&changes["changes"][0]["verdict"], &changes["changes"][0]["code"]),
        (&"blocked".into(), &"0xC004F074".into())
    );
    // Where it is asked to end, nothing waits to be written.
    world.host.mend();
    until(&daemon, "ok");
    let mut daemon = daemon;
    daemon.signal("TERM");
    assert!(daemon.wait(Duration::from_secs(10)).is_some_and(|status| status.success()), "{}", daemon.log());
    assert_eq!(world.statuses(), ["ok", "blocked", "ok", "blocked", "ok"]);
    let people = world.ask("SELECT status, stage, reason, code FROM verdict_change WHERE stage = 'tcp' LIMIT 1");
    assert_eq!(people, "blocked|tcp|refused|0xC004F074");
}

#[test]
fn what_was_goes_on_in_a_file() {
    what_was_goes_on(World::on_sqlite());
}

#[test]
#[ignore = "needs postgresql"]
fn what_was_goes_on_in_a_database() {
    what_was_goes_on(World::on_postgres());
}

fn rounds_that_failed_count(mut world: World) {
    let daemon = world.serve(AFTER_SIX_ROUNDS);
    let begun = until(&daemon, "ok");
    world.host.cut();
    let pending = path_once(&daemon, "no round fails", |path| path["pending"]["failing_rounds"].as_u64() >= Some(2));
    world.wait_for("SELECT count(*) FROM verdict_course WHERE course NOT LIKE '%\"failing\":[]%'", "1");
    kill(daemon);

    let daemon = world.serve(AFTER_SIX_ROUNDS);
    let resumed = path(&daemon);
    assert_eq!((&resumed["verdict"], &resumed["since"]), (&"ok".into(), &begun["since"]), "{resumed:#}");
    assert_eq!(resumed["summary"], "Path corp works, as it did before gracewatch was restarted.");
    let rounds = resumed["pending"]["failing_rounds"].as_u64();
    assert!(rounds >= Some(2), "those before count: {resumed:#}");
    assert_eq!(resumed["pending"]["since"], pending["pending"]["since"]);
    let blocked = until(&daemon, "blocked");
    let failed_for = moment(&blocked["since"]) - moment(&pending["pending"]["since"]);
    assert!((4000..15_000).contains(&failed_for), "six rounds of a second took {failed_for} ms");
    assert_eq!(daemon.scrape().value("gracewatch_path_up", &[("path", "corp")]), Some(0.0));
}

#[test]
fn rounds_that_failed_count_in_a_file() {
    rounds_that_failed_count(World::on_sqlite());
}

#[test]
#[ignore = "needs postgresql"]
fn rounds_that_failed_count_in_a_database() {
    rounds_that_failed_count(World::on_postgres());
}

fn a_hold_goes_on(mut world: World) {
    let daemon = world.serve(HELD);
    until(&daemon, "ok");
    world.host.cut();
    let blocked = path_once(&daemon, "it is never refused", |path| path["reason"] == "refused");
    world.wait_for(
        "SELECT count(*) FROM verdict_course WHERE course LIKE '%\"status\":\"blocked\",\"stage\":\"tcp\"%'",
        "1",
    );
    kill(daemon);
    world.host.mend();

    let daemon = world.serve(HELD);
    let held = path(&daemon);
    assert_eq!((&held["verdict"], &held["since"]), (&"blocked".into(), &blocked["since"]), "{held:#}");
    assert_eq!(
        (&held["stage"], &held["reason"], &held["code"]),
        (&blocked["stage"], &blocked["reason"], &blocked["code"])
    );
    assert_eq!(held["summary"], "Path corp is blocked at tcp (refused), as before gracewatch was restarted.");
    assert_eq!(held["targets"][0]["works"], true, "what is seen is shown: {held:#}");
    let length = moment(&held["held_until"]) - moment(&blocked["since"]);
    assert!((14_900..15_100).contains(&length), "{length} ms");
    let after = until(&daemon, "ok");
    let late = moment(&after["since"]) - moment(&held["held_until"]);
    assert!((0..3000).contains(&late), "{late} ms");
}

#[test]
fn a_hold_goes_on_in_a_file() {
    a_hold_goes_on(World::on_sqlite());
}

#[test]
#[ignore = "needs postgresql"]
fn a_hold_goes_on_in_a_database() {
    a_hold_goes_on(World::on_postgres());
}

#[test]
fn without_a_store_a_restart_begins_anew() {
    let mut host = Host::start();
    let configuration = host.paths() + config::EACH_SECOND;
    let daemon = Daemon::start_ready(&configuration);
    let before = path(&daemon);
    host.cut();
    until(&daemon, "blocked");
    host.mend();
    until(&daemon, "ok");
    assert_eq!(history(&daemon).len(), 3);
    // What changed is answered though no reports are kept.
    let changes = json(&daemon, "/api/v1/changes");
    assert!(changes["changes"].as_array().map(Vec::len) >= Some(2), "{changes:#}");
    kill(daemon);
    let daemon = Daemon::start_ready(&configuration);
    let after = path(&daemon);
    assert_eq!((&after["verdict"], history(&daemon).len()), (&"ok".into(), 1));
    assert!(moment(&after["since"]) > moment(&before["since"]));
}

#[test]
#[ignore = "needs postgresql"]
fn instances_on_one_database_do_not_mix() {
    let mut hosts = [Host::start(), Host::start()];
    let postgres = Postgres::new();
    let places = ["tokyo", "osaka"].map(|site| (site, Kept::in_store(&postgres.url())));
    let configurations: Vec<String> = places
        .iter()
        .zip(&hosts)
        .map(|((site, kept), host)| format!("site: {site}\n{}{}", host.paths(), without_paths(&kept.configuration())))
        .collect();
    let serve = |place: usize| {
        let daemon = Daemon::start(&configurations[place]);
        daemon.wait_until_ready();
        daemon
    };
    let daemons = [serve(0), serve(1)];
    hosts[0].cut();
    let blocked = until(&daemons[0], "blocked");
    assert_eq!((history(&daemons[0]).len(), history(&daemons[1]).len()), (2, 1));
    let count =
        || postgres.query("SELECT instance, count(DISTINCT status) FROM verdict GROUP BY instance ORDER BY instance");
    wait_until("the verdicts are not written", || count() == "osaka|1\ntokyo|2");
    let about = json(&daemons[1], "/api/v1/about");
    assert_eq!(about["instance"], "osaka");
    daemons.into_iter().for_each(kill);
    let daemons = [serve(0), serve(1)];
    assert_eq!(path(&daemons[0])["since"], blocked["since"]);
    assert_eq!(path(&daemons[1])["verdict"], "ok");
    assert_eq!((history(&daemons[0]).len(), history(&daemons[1]).len()), (2, 1));
    drop(daemons);
    // Whoever reads the store without a daemon is shown whose each is.
    let mut command = places[0].1.command("changes");
    command.args(["--since", "1h"]);
    let printed = crate::support::program::run(command).stdout;
    assert!(printed.contains("path corp of tokyo"), "{printed}");
}

/// A configuration without its first line, which has the paths.
fn without_paths(configuration: &str) -> &str {
    configuration.split_once('\n').expect("it has several lines").1
}

#[test]
#[ignore = "needs postgresql"]
fn a_store_that_is_down_delays_no_verdict_and_gets_what_changed_meanwhile() {
    let mut world = World::on_postgres();
    let daemon = world.serve(AT_ONCE);
    world.wait_for_statuses(&["ok"]);
    let mut postgres = world.postgres.take().expect("it is one");
    postgres.crash();
    world.host.cut();
    let begun = Instant::now();
    until(&daemon, "blocked");
    world.host.mend();
    until(&daemon, "ok");
    assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?}", begun.elapsed());
    daemon.scrape_until("nothing waits", |scrape| scrape.value("gracewatch_store_waiting_verdicts", &[]) >= Some(2.0));
    postgres.start_again();
    world.postgres = Some(postgres);
    world.wait_for_statuses(&["ok", "blocked", "ok"]);
    let scrape = daemon
        .scrape_until("they still wait", |scrape| scrape.value("gracewatch_store_waiting_verdicts", &[]) == Some(0.0));
    assert_eq!(scrape.value("gracewatch_store_verdicts_lost_total", &[]), Some(0.0));
    kill(daemon);

    // One that is down at the start is not waited for, and what it kept goes before what was seen since.
    let mut postgres = world.postgres.take().expect("it is one");
    postgres.stop();
    world.host.cut();
    let daemon = world.serve(AT_ONCE);
    assert_eq!(path(&daemon)["verdict"], "blocked");
    assert_eq!(history(&daemon).len(), 1);
    postgres.start_again();
    world.postgres = Some(postgres);
    world.wait_for_statuses(&["ok", "blocked", "ok", "blocked"]);
    assert_eq!(history(&daemon).len(), 4);
}

#[test]
fn a_store_that_says_nothing_delays_no_verdict() {
    let silent = Scripted::silent();
    let host = Host::start();
    let url = format!("postgres://gracewatch:unchecked@{}/postgres", silent.address());
    let kept = Kept::in_store(&url).with_paths(&host.paths());
    let begun = Instant::now();
    let daemon = kept.serve();
    until(&daemon, "ok");
    // The first verdict alone waits for it, for two seconds.
    assert!(begun.elapsed() < Duration::from_secs(5), "it took {:?}", begun.elapsed());
}

#[test]
fn a_store_that_is_deleted_is_filled_with_verdicts_again() {
    let mut world = World::on_sqlite();
    let daemon = world.serve(AT_ONCE);
    world.host.cut();
    until(&daemon, "blocked");
    world.wait_for_statuses(&["ok", "blocked"]);
    for suffix in ["", "-wal", "-shm"] {
        let mut file = world.kept.file().into_os_string();
        file.push(suffix);
        let _ = std::fs::remove_file(file);
    }
    let has_table = "SELECT count(*) FROM sqlite_master WHERE name = 'verdict'";
    let is_made_anew = || world.kept.file().exists() && sqlite(&world.kept.file(), has_table) == "1";
    daemon.scrape_until("it is not made anew", |_| is_made_anew());
    world.wait_for_statuses(&["ok", "blocked"]);
}

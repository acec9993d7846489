//! A clock that is wrong destroys nothing, and what it said is not believed for longer than it is wrong.

use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::servers::chrony::Chrony;
use crate::servers::process::wait_until;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::program::{gracewatch, gracewatch_shifted, run};
use crate::support::reports::{Client, now};
use crate::support::status::{Kept, sender, text};

const YEAR: &str = "+31536000s";
const LONG: &str = "34646400s";

fn machine(daemon: &Daemon<'_>, name: &str) -> Value {
    let response = daemon.get(&format!("/api/v1/machines?name={name}"));
    assert_eq!(response.status, 200, "{}", response.body);
    let json: Value = serde_json::from_str(&response.body).expect("it is JSON");
    json["machines"][0].clone()
}

fn total(daemon: &Daemon<'_>) -> Option<u64> {
    let response = daemon.get("/api/v1/machines?limit=1");
    let json: Value = serde_json::from_str(&response.body).unwrap_or_default();
    json["total"].as_u64()
}

fn moment(value: &Value) -> Timestamp {
    text(value).parse().expect("a moment")
}

/// Imports a report by a clock that is off.
fn import_shifted(kept: &Kept, offset: &str, client: &Client) {
    let file = kept.directory().write("report.json", client.text());
    let configuration = kept.directory().write("gracewatch.yaml", kept.configuration());
    let mut command = gracewatch_shifted(offset);
    command.arg("import").arg("--config").arg(configuration).arg(file);
    let printed = run(command);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
}

/// The upkeep comes a minute after the start, so that all of this is one test.
#[test]
#[ignore = "needs chrony, libfaketime"]
fn a_clock_that_is_far_ahead_deletes_nothing_and_one_that_is_right_says_what_it_deletes() {
    let kept = Kept::new();
    let old = Client { reported_at: now() - SignedDuration::from_hours(24 * 401), ..Client::new("old") };
    import_shifted(&kept, &format!("-{LONG}"), &old);
    assert_eq!(kept.import_text("ws01.json", Client::new("ws01").text()).exit_code, Some(0));
    let copy = Kept::new();
    fs::copy(kept.file(), copy.file()).expect("it can be copied");

    let jumping = Kept::new();
    fs::copy(kept.file(), jumping.file()).expect("it can be copied");

    let ahead = Daemon::start_with(gracewatch_shifted(&format!("+{LONG}")), &copy.configuration());
    let offset = jumping.directory().write("offset", "+0");
    let mut command = gracewatch();
    crate::servers::faketime::follow(&mut command, &offset);
    let jumps = Daemon::start_with(command, &jumping.configuration());
    wait_until("the store does not open", || total(&jumps) == Some(2));
    set(&jumping, &offset);
    let time = Chrony::right();
    let right = Daemon::start_with(gracewatch(), &(kept.configuration() + &config::ntp(&[time.address()])));
    wait_until_minutes("nothing is deleted", || !right.log_lines("deleted because they are too old").is_empty());
    let line = right.log_lines("deleted because they are too old").join("\n");
    assert!(line.contains("machines 1 (old)"), "{line}");
    let pruned = |daemon: &Daemon<'_>| daemon.scrape().value("gracewatch_store_pruned_total", &[("kind", "machines")]);
    assert_eq!((total(&right), pruned(&right)), (Some(1), Some(1.0)));

    for (daemon, why) in [(&ahead, "by a clock that nothing else speaks for"), (&jumps, "jumped by 34646400 s within")]
    {
        wait_until_minutes("it is not reported", || !daemon.log_lines("no figures of the day are written").is_empty());
        assert_eq!((total(daemon), pruned(daemon)), (Some(2), Some(0.0)), "{}", daemon.log());
        assert!(daemon.log().contains(why), "{}", daemon.log());
    }
}

/// Sets the clock ahead. The file is replaced at once, so that nobody reads half of it.
fn set(kept: &Kept, offset: &Path) {
    let next = kept.directory().write("next", format!("+{LONG}"));
    fs::rename(next, offset).expect("it can be moved");
}

/// The history of the path since long ago, without what nobody can have seen: what is after now, or lasts for longer than
/// this test.
fn history(daemon: &Daemon<'_>, begun: Timestamp) -> Value {
    let response = daemon.get("/api/v1/paths/corp/history?since=1000d");
    assert_eq!(response.status, 200, "{}", response.body);
    let history: Value = serde_json::from_str(&response.body).expect("it is JSON");
    let verdicts = history["verdicts"].as_array().expect("a list");
    assert!(!verdicts.is_empty(), "{history}");
    for verdict in verdicts {
        assert!(moment(&verdict["at"]) <= Timestamp::now(), "{history}");
    }
    let path: Value = serde_json::from_str(&daemon.get("/api/v1/paths/corp").body).expect("it is JSON");
    assert!((begun..=Timestamp::now()).contains(&moment(&path["since"])), "{path}");
    history
}

#[test]
#[ignore = "needs libfaketime"]
fn a_clock_that_was_wrong_for_seconds_falsifies_no_history() {
    for offset in ["+25920000s", "-25920000s"] {
        let (kept, begun) = (Kept::new(), now() - SignedDuration::from_secs(2));
        let written = |daemon: &Daemon<'_>| {
            wait_until("no verdict is written", || {
                let scrape = daemon.scrape();
                scrape.value("gracewatch_store_waiting_verdicts", &[]) == Some(0.0)
                    && daemon.get("/api/v1/paths/corp/history?since=1000d").body.contains("\"blocked\"")
            });
        };
        let right = kept.serve();
        right.wait_until_ready();
        written(&right);
        drop(right);
        // One that begins by a wrong clock, is killed by it, and one that sees it set right.
        let file = kept.directory().write("offset", offset);
        let follow = || {
            let mut command = gracewatch();
            crate::servers::faketime::follow(&mut command, &file);
            Daemon::start_with(command, &kept.configuration())
        };
        for is_set_right in [false, true] {
            let wrong = follow();
            wrong.wait_until_ready();
            written(&wrong);
            if is_set_right {
                let next = kept.directory().write("next", "+0");
                fs::rename(next, &file).expect("it can be moved");
                let rounds = |daemon: &Daemon<'_>| daemon.get("/api/v1/paths/corp").body;
                let is_since = |body: String| {
                    let path: Value = serde_json::from_str(&body).expect("it is JSON");
                    (begun..=Timestamp::now()).contains(&moment(&path["since"]))
                };
                wait_until("it is not followed", || is_since(rounds(&wrong)));
                history(&wrong, begun);
                written(&wrong);
            }
            drop(wrong);
            let right = kept.serve();
            right.wait_until_ready();
            let history = history(&right, begun);
            let length =
                ["ok", "degraded", "blocked"].map(|status| history["seconds"][status].as_f64().expect("a number"));
            assert!(length.iter().sum::<f64>() < 120.0, "{offset}: {history}");
        }
    }
}

fn wait_until_minutes(complaint: &str, mut condition: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !condition() {
        assert!(begun.elapsed().as_secs() < 150, "{complaint}");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

#[test]
#[ignore = "needs libfaketime"]
fn a_clock_that_jumps_ahead_dates_no_report() {
    let kept = Kept::new();
    let offset = kept.directory().write("offset", "+0");
    let mut command = gracewatch();
    crate::servers::faketime::follow(&mut command, &offset);
    let daemon = Daemon::start_with(command, &kept.configuration());
    wait_until("the store does not open", || daemon.get("/api/v1/machines").status == 200);
    set(&kept, &offset);
    wait_until("it is not noticed", || !daemon.log_lines("the clock of this machine jumped").is_empty());
    let begun = now();
    let ahead = Client { reported_at: begun + SignedDuration::from_hours(24 * 401), ..Client::new("ws01") };
    assert_eq!(sender(daemon.address()).send(ahead.text()).status, 202);
    let reported_at = moment(&machine(&daemon, "ws01")["reported_at"]);
    assert!(reported_at.duration_since(begun).abs() < SignedDuration::from_mins(2), "{reported_at}");
    assert_eq!(machine(&daemon, "ws01")["stale"], false);
}

#[test]
#[ignore = "needs libfaketime"]
fn what_was_taken_a_year_ahead_gives_way_to_the_next_report() {
    let kept = Kept::new();
    let ahead = Client { reported_at: now() + SignedDuration::from_hours(24 * 365), ..Client::new("ws01") };
    import_shifted(&kept, YEAR, &ahead);
    let daemon = kept.serve();
    wait_until("the store does not open", || daemon.get("/api/v1/machines").status == 200);
    assert!(!daemon.log_lines("the store has reports that came in after now").is_empty(), "{}", daemon.log());
    let known = machine(&daemon, "ws01");
    assert_eq!(known["stale"], true, "{known}");
    let expires_at = moment(&known["licenses"][0]["expires_at"]);
    assert!(expires_at <= now() + SignedDuration::from_hours(24 * 180), "{known}");

    // A report an hour old is news.
    let lost = Client {
        reported_at: now() - SignedDuration::from_hours(1),
        license_status: 5,
        minutes: 0,
        ..Client::new("ws01")
    };
    let answer = sender(daemon.address()).send(lost.text());
    assert_eq!(answer.outcome(), "202 stored 1 unchanged 0 outdated 0 refused 0");
    let known = machine(&daemon, "ws01");
    assert_eq!((&known["stale"], &known["licenses"][0]["license_status"]), (&false.into(), &5.into()), "{known}");
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn true_time_dates_what_a_wrong_clock_would_not() {
    let time = Chrony::right();
    for offset in ["+34646400s", "-34646400s"] {
        let kept = Kept::new();
        let settings = kept.configuration() + &config::ntp(&[time.address()]);
        let daemon = Daemon::start_shifted(offset, &settings);
        wait_until("the store does not open", || daemon.get("/api/v1/machines").status == 200);
        let begun = now();
        let sender = sender(daemon.address());
        // One says when it held, by a clock that is right, and the other nothing.
        assert_eq!(sender.send(Client::new("ws01").text()).status, 202);
        let mut silent = Client::new("ws02").json();
        silent.as_object_mut().expect("it is an object").remove("reported_at");
        assert_eq!(sender.send(silent.to_string()).status, 202);
        for name in ["ws01", "ws02"] {
            let known = machine(&daemon, name);
            let reported_at = moment(&known["reported_at"]);
            let off = reported_at.duration_since(begun).abs();
            assert!(off < SignedDuration::from_mins(2), "{offset} {name}: {reported_at}");
            assert_eq!(known["stale"], false, "{offset} {known}");
        }
        daemon.scrape_until("it is not aggregated by true time", |scrape| {
            scrape.value("gracewatch_machines_known", &[]) == Some(2.0)
                && scrape.value("gracewatch_machines_stale", &[]) == Some(0.0)
                && scrape.value("gracewatch_machines_lost", &[]) == Some(0.0)
        });
    }
}

//! One database for several daemons, which may go away and come back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::servers::postgres::Postgres;
use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::reports::{Client, lines};
use crate::support::status::{Kept, sender, text};

/// A password that no server asks for here, and that nobody must see.
const PASSWORD: &str = "no-secret-but-kept";

fn kept(postgres: &Postgres) -> Kept {
    Kept::in_store(&postgres.url().replace("unchecked", PASSWORD))
}

/// Everything a daemon shows to whoever asks.
fn assert_shows_no_password(daemon: &Daemon<'_>) {
    for page in ["/metrics", "/api/v1/machines", "/api/v1/runway", "/api/v1/paths"] {
        assert!(!daemon.get(page).body.contains(PASSWORD), "{page}");
    }
    assert!(!daemon.log().contains(PASSWORD), "{}", daemon.log());
}

fn names(daemon: &Daemon<'_>) -> BTreeSet<String> {
    let response = daemon.get("/api/v1/machines?limit=1000");
    assert_eq!(response.status, 200, "{}", response.body);
    let json: Value = serde_json::from_str(&response.body).expect("it is JSON");
    let machines = json["machines"].as_array().expect("there is a list of machines");
    machines.iter().map(|machine| text(&machine["machine"]).to_owned()).collect()
}

/// Sends a report, which must be answered in any case, and returns how.
fn status(daemon: &Daemon<'_>, machine: &str) -> u16 {
    let begun = Instant::now();
    let answer = sender(daemon.address()).send(Client::new(machine).text());
    assert!(begun.elapsed() < Duration::from_secs(30), "it took {:?}", begun.elapsed());
    if answer.status == 503 {
        assert_eq!(answer.retry_after.as_deref(), Some("10"), "{answer:?}");
        assert!(!answer.error().contains(PASSWORD), "{answer:?}");
    }
    answer.status
}

#[test]
#[ignore = "needs postgresql"]
fn two_daemons_on_one_database_show_the_same_fleet() {
    let postgres = Postgres::new();
    let kept = kept(&postgres);
    // Both at once, on a database that has no schema yet.
    let daemons = std::thread::scope(|scope| {
        let started = [0, 1].map(|_| scope.spawn(|| kept.serve()));
        started.map(|daemon| daemon.join().expect("it starts"))
    });
    for daemon in &daemons {
        wait_until("the store does not open", || daemon.get("/api/v1/machines").status == 200);
    }
    let fleet: Vec<_> = (0..100).map(|number| Client::new(&format!("ws{number:03}"))).collect();
    std::thread::scope(|scope| {
        for (daemon, part) in daemons.iter().zip(fleet.chunks(60)) {
            scope.spawn(|| {
                let sender = sender(daemon.address());
                for batch in part.chunks(10) {
                    // And a machine that is reported to both.
                    let text = lines(batch) + &Client::new("shared.corp.example").text();
                    let answer = sender.send(text);
                    assert_eq!((answer.status, answer.count("accepted")), (202, batch.len() as u64 + 1), "{answer:?}");
                }
            });
        }
    });
    let [one, two] = &daemons;
    let begun = Instant::now();
    wait_until("they do not see each other's reports", || names(one).len() == 101 && names(one) == names(two));
    assert!(begun.elapsed() < Duration::from_secs(5), "it took {:?}", begun.elapsed());
    for daemon in &daemons {
        let scrape = daemon.scrape_until("what the other took is not aggregated", |scrape| {
            scrape.value("gracewatch_machines_known", &[]) == Some(101.0)
        });
        assert_eq!(scrape.value("gracewatch_machines_expiring", &[("within", "90d")]), Some(0.0));
        assert_shows_no_password(daemon);
    }
    // Nothing that is asked for is too strange for a database.
    for query in ["channel=%00", "name=%00", "product=%27%00"] {
        let response = one.get(&format!("/api/v1/machines?{query}"));
        assert_eq!(response.status, 200, "{query}: {}", response.body);
    }
    // A command reads and writes beside them.
    let printed = kept.import_text("ws100.json", Client::new("ws100").text());
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
    assert_eq!(kept.machines(&[]).len(), 102);
    let begun = Instant::now();
    wait_until("what a command writes is not seen", || names(two).len() == 102);
    assert!(begun.elapsed() < Duration::from_secs(5), "it took {:?}", begun.elapsed());
}

#[test]
#[ignore = "needs postgresql"]
fn a_database_that_goes_away_is_reported_and_taken_up_again() {
    let mut postgres = Postgres::new();
    let kept = kept(&postgres);
    let daemon = kept.serve();
    wait_until("the store does not open", || status(&daemon, "ws01") == 202);
    daemon.scrape_until("it is not aggregated", |scrape| scrape.value("gracewatch_machines_known", &[]) == Some(1.0));

    for crash in [false, true] {
        if crash {
            postgres.crash();
        } else {
            postgres.stop();
        }
        assert_eq!(status(&daemon, "ws02"), 503);
        // What was known last is still shown, and what is probed goes on.
        assert_eq!(daemon.scrape().value("gracewatch_machines_known", &[]), Some(1.0));
        daemon.wait_for_rounds("tcp", 1);
        let failed = daemon.scrape().value("gracewatch_reports_total", &[("source", "wmi"), ("result", "failed")]);
        assert_eq!(failed, Some(if crash { 2.0 } else { 1.0 }));
        postgres.start_again();
        wait_until("it is not taken up again", || status(&daemon, "ws01") == 202);
    }
    assert_eq!(names(&daemon), BTreeSet::from(["ws01".to_owned()]), "nothing else was acknowledged");
    assert_shows_no_password(&daemon);
    assert_eq!(status(&daemon, "ws02"), 202);
    daemon.scrape_until("it is not aggregated again", |scrape| {
        scrape.value("gracewatch_machines_known", &[]) == Some(2.0)
    });
}

#[test]
#[ignore = "needs postgresql"]
fn a_daemon_begins_while_the_database_is_down() {
    let mut postgres = Postgres::new();
    let kept = kept(&postgres);
    postgres.stop();
    let daemon = kept.serve();
    daemon.wait_until_ready();
    assert_eq!(status(&daemon, "ws01"), 503);
    let listed = daemon.get("/api/v1/machines");
    assert!(listed.status == 503 && !listed.body.contains(PASSWORD), "{listed:?}");
    assert_eq!(daemon.scrape().value("gracewatch_path_up", &[("path", "corp")]), Some(0.0));
    assert!(!daemon.log_lines("the store is unavailable, retrying in 5 s: ").is_empty(), "{}", daemon.log());
    let printed = kept.import_text("ws01.json", Client::new("ws01").text());
    assert!(matches!(printed.exit_code, Some(1..)) && printed.stderr.contains("cannot be reached"), "{printed:?}");
    assert!(!printed.stderr.contains(PASSWORD), "{printed:?}");

    postgres.start_again();
    wait_until("it is not taken up", || status(&daemon, "ws01") == 202);
    assert_eq!(names(&daemon).len(), 1);
    assert_shows_no_password(&daemon);
}

//! The file of the store: whole after a clean stop, copied while it is in use, and missed when it is gone.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::program::{Printed, run};
use crate::support::reports::{Client, lines};
use crate::support::status::{Kept, sender, text_of};

fn send(daemon: &Daemon<'_>, machines: &[&str]) {
    let clients: Vec<_> = machines.iter().map(|name| Client::new(name)).collect();
    wait_until("it is not taken", || sender(daemon.address()).send(lines(&clients)).status == 202);
}

/// The names of the machines in a copy of a store that stands alone.
fn names_in(file: &Path) -> Vec<String> {
    let copy = Kept::in_store(&format!("sqlite:{}", file.display()));
    let mut names = copy.names();
    names.sort();
    names
}

fn backup(kept: &Kept, target: &Path) -> Printed {
    let mut command = kept.command("backup");
    command.arg(target);
    run(command)
}

#[test]
fn after_a_clean_stop_everything_is_in_the_file_itself() {
    let kept = Kept::new();
    let mut daemon = kept.serve();
    send(&daemon, &["ws01", "ws02"]);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(Duration::from_secs(5)).and_then(|status| status.code()), Some(0), "{}", daemon.log());
    let copy = kept.directory().path().join("copy.db");
    fs::copy(kept.file(), &copy).expect("it can be copied");
    assert_eq!(names_in(&copy), ["ws01", "ws02"]);
}

#[test]
fn a_copy_is_made_while_the_store_is_in_use() {
    let kept = Kept::new();
    let target = kept.directory().path().join("backup.db");
    let printed = backup(&kept, &target);
    assert!(printed.exit_code == Some(1) && printed.stderr.contains("there is no store"), "{printed:?}");
    let daemon = kept.serve();
    send(&daemon, &["ws01"]);

    let printed = backup(&kept, &target);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
    assert!(printed.stdout.contains("is copied to"), "{printed:?}");
    let mode = fs::metadata(&target).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777 & !0o640, 0, "{mode:o}");
    send(&daemon, &["ws02"]);
    assert_eq!(names_in(&target), ["ws01"]);

    // One that is there is left alone, and nothing is left beside it.
    let bytes = fs::read(&target).expect("it is there");
    let printed = backup(&kept, &target);
    assert!(printed.exit_code == Some(1) && printed.stderr.contains("exists already"), "{printed:?}");
    assert!(fs::read(&target).expect("it is there") == bytes, "it is not what it was");
    let files = fs::read_dir(kept.directory().path()).expect("the folder is there");
    let files: Vec<_> = files.map(|file| file.expect("it can be read").file_name()).collect();
    assert!(!files.iter().any(|name| name.to_string_lossy().contains("unfinished")), "{files:?}");

    // What SQLite would take for another name, or for a file of its own.
    let strange = OsStr::from_bytes(b"\xff.db");
    let beside = Path::new("store/gracewatch.db-journal");
    for name in [Path::new(strange), beside] {
        let printed = backup(&kept, &kept.directory().path().join(name));
        assert!(printed.exit_code == Some(1) && printed.stderr.contains("cannot be the copy"), "{printed:?}");
        assert!(!kept.directory().path().join(name).exists(), "{printed:?}");
    }
    let mut command = kept.command("backup");
    command.current_dir(kept.directory().path()).arg("file:copy.db");
    assert_eq!(run(command).exit_code, Some(0));
    assert_eq!(names_in(&kept.directory().path().join("file:copy.db")), ["ws01", "ws02"]);

    let server = Kept::in_store("postgres://watch:secret@127.0.0.1:1/gracewatch");
    let printed = backup(&server, &server.directory().path().join("backup.db"));
    assert_eq!(printed.exit_code, Some(2), "{printed:?}");
    assert!(printed.stderr.contains("pg_dump") && !printed.stderr.contains("secret"), "{printed:?}");
}

#[test]
fn a_file_that_is_deleted_is_made_anew_with_all_that_was_acknowledged() {
    let kept = Kept::new();
    let daemon = kept.serve();
    send(&daemon, &["ws01", "ws02"]);
    // With what is beside it, and without.
    for (round, leftovers) in [&["-wal", "-shm"][..], &[]].into_iter().enumerate() {
        fs::remove_file(kept.file()).expect("it is there");
        for leftover in leftovers {
            let _ = fs::remove_file(format!("{}{leftover}", text_of(&kept.file())));
        }
        let failures = || daemon.scrape().value("gracewatch_store_failures_total", &[("reason", "replaced")]);
        wait_until("it is not noticed", || failures() > Some(0.0));
        let name = format!("late{round}");
        wait_until("it is not made anew", || sender(daemon.address()).send(Client::new(&name).text()).status == 202);
        daemon.scrape_until("it is not up", |scrape| scrape.value("gracewatch_store_up", &[]) == Some(1.0));
        // That it was up before the file went may be shown for a moment.
        wait_until("it is not filled", || names_in(&kept.file()).starts_with(&["late0".to_owned()]));
    }
    assert!(!daemon.log_lines("was deleted or replaced while it was in use").is_empty(), "{}", daemon.log());
    wait_until("it has not all", || names_in(&kept.file()) == ["late0", "late1", "ws01", "ws02"]);
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

#[test]
fn a_file_that_takes_its_place_keeps_what_it_has_and_gets_the_rest() {
    let kept = Kept::new();
    let daemon = kept.serve();
    send(&daemon, &["ws01"]);
    let other = kept.directory().path().join("other.db");
    assert_eq!(backup(&kept, &other).exit_code, Some(0));
    let elsewhere = Kept::in_store(&format!("sqlite:{}", other.display()));
    assert_eq!(elsewhere.import_text("ws02.json", Client::new("ws02").text()).exit_code, Some(0));
    send(&daemon, &["ws03"]);
    fs::rename(&other, kept.file()).expect("it can be moved");
    let listed = || daemon.get("/api/v1/machines?name=ws&limit=1").body;
    wait_until("it is not taken up", || listed().contains("\"total\":3"));
    assert_eq!(names_in(&kept.file()), ["ws01", "ws02", "ws03"]);
}

#[test]
fn what_cannot_be_made_anew_at_once_is_made_anew_later() {
    let kept = Kept::new();
    let daemon = kept.serve();
    send(&daemon, &["ws01"]);
    // In its place is something else, which is left alone.
    let text = "no database, whatever its name says\n".repeat(100);
    let letter = kept.directory().write("letter.txt", &text);
    fs::rename(&letter, kept.file()).expect("it can be moved");
    let failures = |reason| daemon.scrape().value("gracewatch_store_failures_total", &[("reason", reason)]);
    wait_until("it is not tried", || failures("not_a_store") > Some(0.0));
    assert_eq!(sender(daemon.address()).send(Client::new("ws02").text()).status, 503);
    assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(0.0));
    assert!(daemon.get("/api/v1/machines").body.contains("ws01"), "what is known is shown");
    assert_eq!(fs::read_to_string(kept.file()).expect("it is there"), text);
    fs::remove_file(kept.file()).expect("it is there");
    send(&daemon, &["ws02"]);
    assert_eq!(names_in(&kept.file()), ["ws01", "ws02"]);
}

#[test]
fn a_file_that_is_deleted_just_before_the_end_is_made_anew_with_it() {
    let kept = Kept::new();
    let mut daemon = kept.serve();
    send(&daemon, &["ws01"]);
    fs::remove_file(kept.file()).expect("it is there");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(Duration::from_secs(5)).and_then(|status| status.code()), Some(0), "{}", daemon.log());
    assert_eq!(names_in(&kept.file()), ["ws01"]);
}

#[test]
fn however_often_the_file_is_deleted_nothing_that_was_acknowledged_is_lost() {
    let kept = Kept::new();
    let mut daemon = kept.serve();
    send(&daemon, &["ws01"]);
    let is_over = AtomicBool::new(false);
    let acknowledged = thread::scope(|scope| {
        let over = Over(&is_over);
        let senders: Vec<_> = (0..3)
            .map(|number| {
                let (address, is_over) = (daemon.address(), &is_over);
                scope.spawn(move || send_until(address, is_over, number))
            })
            .collect();
        for round in 0..4 {
            let failures = || daemon.scrape().value("gracewatch_store_failures_total", &[("reason", "replaced")]);
            let before = failures();
            for beside in if round % 2 == 0 { &["", "-wal", "-shm"][..] } else { &[""] } {
                let removed = fs::remove_file(format!("{}{beside}", text_of(&kept.file())));
                removed.unwrap_or_else(|error| panic!("{round} {beside}: {error}"));
            }
            wait_until("it is not noticed", || failures() > before);
            daemon.scrape_until("it is not made anew", |scrape| scrape.value("gracewatch_store_up", &[]) == Some(1.0));
        }
        drop(over);
        senders.into_iter().flat_map(|sender| sender.join().expect("a sender ends well")).collect::<BTreeSet<_>>()
    });
    daemon.signal("TERM");
    assert_eq!(daemon.wait(Duration::from_secs(5)).and_then(|status| status.code()), Some(0), "{}", daemon.log());
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
    let stored: BTreeSet<_> = names_in(&kept.file()).into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty() && !acknowledged.is_empty(), "{lost:?} of {}", acknowledged.len());
}

/// Ends the senders, also where the test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Sends report after report, and returns the machines of those that were acknowledged.
fn send_until(address: SocketAddr, is_over: &AtomicBool, number: usize) -> Vec<String> {
    let sender = sender(address);
    let names = (0..).map(|report| format!("ws-{number}-{report}"));
    let mut acknowledged = Vec::new();
    for name in names {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        if sender.send(Client::new(&name).text()).status == 202 {
            acknowledged.push(name);
        }
    }
    acknowledged
}

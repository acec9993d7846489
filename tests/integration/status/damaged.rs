//! A store that is damaged under the daemon: it is noticed, and nothing that was acknowledged is lost, whether the
//! daemon is killed once it is put right, or ends just after the damage.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::servers::postgres::Postgres;
use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::program::run;
use crate::support::reports::{Client, lines};
use crate::support::scrape::Scrape;
use crate::support::sqlite::sqlite;
use crate::support::status::{Kept, sender, text_of};

const PAGE: u64 = 4096;

/// The file of a store, and from before the last reports a copy of it, and a backup, which is laid out otherwise.
struct Files {
    file: PathBuf,
    copy: PathBuf,
    backup: PathBuf,
}

impl Files {
    fn of(kept: &Kept) -> Self {
        let [copy, backup] = ["copy.db", "backup.db"].map(|name| kept.directory().path().join(name));
        Self { file: kept.file(), copy, backup }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        format!("{}{suffix}", text_of(&self.file)).into()
    }

    fn sql(&self, sql: &str) {
        sqlite(&self.file, sql);
    }

    /// Moves what is in the log to the file.
    fn empty_log(&self) {
        self.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).expect("it is there").len()
}

fn truncate(file: &Path, length: u64) {
    let opened = OpenOptions::new().write(true).open(file).expect("it is there");
    opened.set_len(length).expect("it can be cut off");
}

/// Writes over what a file has from there on.
fn overwrite(file: &Path, from: u64, length: u64) {
    let garbage: Vec<u8> = (0..length).map(|number| (number * 31 % 251) as u8).collect();
    let opened = OpenOptions::new().write(true).open(file).expect("it is there");
    opened.write_all_at(&garbage, from).expect("it can be written");
}

/// Copies a file over another, which stays the same file.
fn copy_over(from: &Path, to: &Path) {
    let bytes = fs::read(from).expect("it is there");
    let mut opened = OpenOptions::new().write(true).truncate(true).open(to).expect("it is there");
    opened.write_all(&bytes).expect("it can be written");
}

fn names(prefix: &str) -> Vec<String> {
    (0..30).map(|number| format!("{prefix}{number:02}")).collect()
}

fn send(daemon: &Daemon<'_>, names: &[String]) -> bool {
    let clients: Vec<_> = names.iter().map(|name| Client::new(name)).collect();
    sender(daemon.address()).send(lines(&clients)).status == 202
}

/// Sends reports until one is acknowledged and the store is up.
fn send_until_up(daemon: &Daemon<'_>, prefix: &str, acknowledged: &mut BTreeSet<String>) {
    let mut number = 0;
    wait_until("it does not come up", || {
        let name = format!("{prefix}{number:03}");
        number += 1;
        let is_taken = send(daemon, std::slice::from_ref(&name));
        if is_taken {
            acknowledged.insert(name);
        }
        is_taken && daemon.scrape().value("gracewatch_store_up", &[]) == Some(1.0)
    });
}

fn failures(daemon: &Daemon<'_>, reason: &str) -> f64 {
    daemon.scrape().value("gracewatch_store_failures_total", &[("reason", reason)]).unwrap_or_default()
}

fn assert_has_all(kept: &Kept, acknowledged: &BTreeSet<String>, daemon: &Daemon<'_>) {
    let stored: BTreeSet<_> = kept.names().into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}\n{}", lost.len(), acknowledged.len(), daemon.log());
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

/// Damages a store twice: once the daemon is killed after it was noticed, once it is ended before.
fn survives(kept: &Kept, mut prepare: impl FnMut(), mut damage: impl FnMut()) {
    let mut acknowledged = BTreeSet::new();
    let begin = |acknowledged: &mut BTreeSet<String>, round: &str, prepare: &mut dyn FnMut()| {
        let daemon = kept.serve();
        for (part, prefix) in ["a", "b"].iter().enumerate() {
            let names = names(&format!("{prefix}{round}-"));
            wait_until("it is not taken", || send(&daemon, &names));
            acknowledged.extend(names);
            if part == 0 {
                prepare();
            }
        }
        daemon
    };

    let mut daemon = begin(&mut acknowledged, "1", &mut prepare);
    damage();
    let late = "late".to_owned();
    if send(&daemon, std::slice::from_ref(&late)) {
        acknowledged.insert(late);
    }
    wait_until("it is not noticed", || failures(&daemon, "damaged") > 0.0);
    send_until_up(&daemon, "later", &mut acknowledged);
    assert!(!daemon.log_lines("is damaged: ").is_empty(), "{}", daemon.log());
    // What is shown is what is known.
    let listed = daemon.get("/api/v1/machines?limit=1").body;
    assert!(listed.contains(&format!("\"total\":{}", acknowledged.len())), "{listed}\n{}", daemon.log());
    daemon.signal("KILL");
    assert!(daemon.wait(Duration::from_secs(5)).is_some(), "it cannot be killed");
    assert_has_all(kept, &acknowledged, &daemon);

    let mut daemon = begin(&mut acknowledged, "2", &mut prepare);
    damage();
    daemon.signal("TERM");
    let status = daemon.wait(Duration::from_secs(15)).and_then(|status| status.code());
    assert_eq!(status, Some(0), "{}", daemon.log());
    assert_has_all(kept, &acknowledged, &daemon);
}

fn file_survives(damage: impl Fn(&Files)) {
    let kept = Kept::new();
    let files = Files::of(&kept);
    let copy = || {
        files.empty_log();
        fs::copy(&files.file, &files.copy).expect("it can be copied");
        let _ = fs::remove_file(&files.backup);
        files.sql(&format!("VACUUM INTO '{}'", text_of(&files.backup)));
    };
    survives(&kept, copy, || damage(&files));
}

macro_rules! files_that_are {
    ($($name:ident: $damage:expr;)*) => {
        $(
            #[test]
            fn $name() {
                file_survives($damage);
            }
        )*
    };
}

files_that_are! {
    cut_off_at_nothing: |files| truncate(&files.file, 0);
    cut_off_at_nothing_without_a_log: |files| {
        files.empty_log();
        truncate(&files.file, 0);
    };
    cut_off_at_half: |files| truncate(&files.file, length(&files.file) / 2 / PAGE * PAGE);
    cut_off_at_half_without_a_log: |files| {
        files.empty_log();
        truncate(&files.file, length(&files.file) / 2 / PAGE * PAGE);
    };
    copied_over_under_a_log: |files| copy_over(&files.backup, &files.file);
    copied_over_without_a_log: |files| {
        files.empty_log();
        copy_over(&files.copy, &files.file);
    };
    overwritten_at_the_beginning: |files| {
        files.empty_log();
        overwrite(&files.file, 0, 140);
    };
    overwritten_in_the_middle: |files| {
        files.empty_log();
        overwrite(&files.file, 2 * PAGE, length(&files.file) - 4 * PAGE);
    };
    overwritten_everywhere: |files| overwrite(&files.file, 0, length(&files.file));
    without_what_was_in_the_log: |files| truncate(&files.beside("-wal"), 0);
    with_garbage_in_the_log: |files| overwrite(&files.beside("-wal"), 0, length(&files.beside("-wal")));
    with_garbage_in_half_of_the_log: |files| overwrite(&files.beside("-wal"), 0, length(&files.beside("-wal")) / 2);
    without_a_log: |files| fs::remove_file(files.beside("-wal")).expect("it is there");
    without_an_index: |files| fs::remove_file(files.beside("-shm")).expect("it is there");
    without_tables: |files| files.sql("DROP TABLE license; DROP TABLE machine");
    without_the_table_of_revisions: |files| files.sql("DROP TABLE last_revision");
    without_rows: |files| files.sql("PRAGMA foreign_keys = on; DELETE FROM machine");
    without_licenses: |files| files.sql("DELETE FROM license");
    at_a_revision_beyond_the_last: |files| files.sql("UPDATE last_revision SET revision = 9223372036854775807");
    at_a_revision_before_the_first: |files| files.sql("UPDATE last_revision SET revision = -5");
    without_a_revision: |files| files.sql("DELETE FROM last_revision");
}

#[test]
fn what_is_damaged_is_kept_and_not_for_ever() {
    let kept = Kept::new();
    let files = Files::of(&kept);
    let daemon = kept.serve();
    let aside = || {
        let folder = fs::read_dir(kept.file().parent().expect("it has a folder")).expect("it can be read");
        let names = folder.map(|file| file.expect("it can be read").file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.filter(|name| name.contains(".damaged-") && !name.ends_with("-wal")).collect();
        names.sort();
        names
    };
    let mut acknowledged = BTreeSet::new();
    let mut last = Vec::new();
    for round in 0..5 {
        send_until_up(&daemon, &format!("ws{round}-"), &mut acknowledged);
        files.empty_log();
        overwrite(&files.file, 0, length(&files.file));
        let before = aside().pop();
        wait_until("it is not set aside", || aside().pop() > before);
        last.extend(aside().pop());
    }
    send_until_up(&daemon, "end", &mut acknowledged);
    assert_eq!(aside(), last[2..], "{}", daemon.log());
    assert!(!daemon.log_lines("the store is damaged and is recreated; what was there is kept").is_empty());
    assert_has_all(&kept, &acknowledged, &daemon);
}

#[test]
fn a_file_that_is_damaged_before_the_start_is_left_alone() {
    for cut in [2, 3] {
        let kept = Kept::new();
        let clients: Vec<_> = names("ws").iter().map(|name| Client::new(name)).collect();
        assert_eq!(kept.import_text("ws.json", lines(&clients)).exit_code, Some(0));
        truncate(&kept.file(), length(&kept.file()) / cut / PAGE * PAGE);
        let bytes = fs::read(kept.file()).expect("it is there");
        let mut daemon = kept.serve();
        wait_until("it is not reported", || failures(&daemon, "not_a_store") + failures(&daemon, "damaged") > 0.0);
        assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(0.0));
        assert!(!send(&daemon, &names("late")));
        daemon.signal("TERM");
        assert_eq!(daemon.wait(Duration::from_secs(5)).and_then(|status| status.code()), Some(0), "{}", daemon.log());
        assert!(fs::read(kept.file()).expect("it is there") == bytes, "it is not what it was");
    }
}

#[test]
fn a_revision_that_is_wrong_at_the_start_is_put_right() {
    for sql in [
        "UPDATE last_revision SET revision = 9223372036854775807",
        "UPDATE last_revision SET revision = -5",
        "DELETE FROM last_revision",
    ] {
        let kept = Kept::new();
        assert_eq!(kept.import_text("ws.json", Client::new("ws01").text()).exit_code, Some(0));
        sqlite(&kept.file(), sql);
        let mut daemon = kept.serve();
        let mut acknowledged = BTreeSet::from(["ws01".to_owned()]);
        wait_until("it is not reported", || failures(&daemon, "damaged") > 0.0);
        send_until_up(&daemon, "late", &mut acknowledged);
        daemon.signal("KILL");
        assert!(daemon.wait(Duration::from_secs(5)).is_some(), "it cannot be killed");
        assert_has_all(&kept, &acknowledged, &daemon);
        assert_eq!(sqlite(&kept.file(), "SELECT count(*) FROM last_revision WHERE revision BETWEEN 1 AND 99"), "1");
    }
}

/// Damages a store while three senders send to it, and kills the daemon a moment later. What was acknowledged after the
/// damage is there.
fn survives_under_load(damage: impl Fn(&Files)) {
    let kept = Kept::new();
    let files = Files::of(&kept);
    let mut daemon = kept.serve();
    wait_until("it is not taken", || send(&daemon, &names("a")));
    let (is_over, is_damaged, late) = (AtomicBool::new(false), AtomicBool::new(false), Mutex::new(BTreeSet::new()));
    let answered = AtomicUsize::new(0);
    let address = daemon.address();
    thread::scope(|scope| {
        for sender_of in ["x", "y", "z"] {
            let (is_over, is_damaged, late, answered) = (&is_over, &is_damaged, &late, &answered);
            scope.spawn(move || {
                let sender = sender(address);
                for number in 0.. {
                    let name = format!("{sender_of}{number:04}");
                    let is_late = is_damaged.load(Ordering::SeqCst);
                    let answer = sender.try_to_send(Client::new(&name).text());
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    answered.fetch_add(1, Ordering::SeqCst);
                    if is_late && answer.is_some_and(|answer| answer.status == 202) {
                        late.lock().expect("nobody panics").insert(name);
                    }
                }
            });
        }
        wait_until("it is not taken", || answered.load(Ordering::SeqCst) > 30);
        damage(&files);
        is_damaged.store(true, Ordering::SeqCst);
        let before = answered.load(Ordering::SeqCst);
        wait_until("it is not answered", || answered.load(Ordering::SeqCst) > before + 30);
        daemon.signal("KILL");
        assert!(daemon.wait(Duration::from_secs(5)).is_some(), "it cannot be killed");
        is_over.store(true, Ordering::SeqCst);
    });
    let late = late.into_inner().expect("nobody panics");
    // Of what cannot be read nothing may have been acknowledged.
    let printed = run({
        let mut command = kept.command("machines");
        command.args(["--output", "json"]);
        command
    });
    let lost: Vec<_> = late.iter().filter(|name| !printed.stdout.contains(&format!("\"{name}\""))).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}\n{}", lost.len(), late.len(), daemon.log());
}

#[test]
fn what_is_acknowledged_just_after_damage_is_not_lost_with_the_daemon() {
    // It may be in the midst of anything.
    for _ in 0..3 {
        survives_under_load(|files| truncate(&files.beside("-wal"), 0));
        survives_under_load(|files| overwrite(&files.file, 0, length(&files.file)));
        survives_under_load(|files| {
            files.sql(&format!("VACUUM INTO '{}'", text_of(&files.backup)));
            copy_over(&files.backup, &files.file);
        });
    }
}

#[test]
fn a_file_that_is_empty_at_the_start_is_reported_and_the_log_beside_it_is_kept() {
    let kept = Kept::new();
    let files = Files::of(&kept);
    let mut daemon = kept.serve();
    wait_until("it is not taken", || send(&daemon, &names("a")));
    daemon.signal("KILL");
    assert!(daemon.wait(Duration::from_secs(5)).is_some(), "it cannot be killed");
    let log = fs::read(files.beside("-wal")).expect("it is there");
    assert!(!log.is_empty());
    truncate(&files.file, 0);
    let daemon = kept.serve();
    wait_until("it is not taken", || send(&daemon, &names("b")));
    let shown = daemon.log_lines("a new store is created at");
    assert_eq!(shown.len(), 1, "{}", daemon.log());
    let (_, aside) =
        shown[0].split_once("the file is empty, and the log beside it is kept as ").expect("it says where");
    assert!(fs::read(aside.trim()).expect("it is there") == log);
    // A new one says nothing, and one that is empty and has no log says so.
    drop(daemon);
    for (is_there, lines) in [(false, 0), (true, 1)] {
        let kept = Kept::new();
        if is_there {
            fs::write(kept.file(), "").expect("it can be written");
        }
        let daemon = kept.serve();
        wait_until("it is not taken", || send(&daemon, &names("a")));
        assert_eq!(daemon.log_lines("a new store is created at").len(), lines, "{}", daemon.log());
    }
}

/// A database of its own on a server, which can be dropped.
fn database() -> (Postgres, Kept) {
    let postgres = Postgres::new();
    postgres.query("CREATE DATABASE fleet");
    let kept = Kept::in_store(&postgres.url().replace("/postgres", "/fleet"));
    (postgres, kept)
}

macro_rules! databases_that_are {
    ($($name:ident: $sql:expr;)*) => {
        $(
            #[test]
            #[ignore = "needs postgresql"]
            fn $name() {
                let postgres = Postgres::new();
                let kept = Kept::in_store(&postgres.url());
                survives(&kept, || {}, || {
                    postgres.query($sql);
                });
            }
        )*
    };
}

databases_that_are! {
    truncated: "TRUNCATE machine CASCADE";
    truncated_to_no_licenses: "TRUNCATE license";
    truncated_to_nothing: "TRUNCATE machine, license, gone, last_revision, status_change CASCADE";
    put_back: "UPDATE last_revision SET revision = 0; DELETE FROM machine WHERE revision > 1";
    renamed: "ALTER TABLE machine RENAME TO machine_before";
    dropped_in_part: "DROP TABLE license CASCADE";
    dropped_in_all: "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
}

#[test]
#[ignore = "needs postgresql"]
fn a_database_that_is_dropped_and_made_anew_is_filled_again() {
    let (postgres, kept) = database();
    let daemon = kept.serve();
    let mut acknowledged = BTreeSet::new();
    send_until_up(&daemon, "first", &mut acknowledged);
    postgres.query("DROP DATABASE fleet WITH (FORCE)");
    wait_until("it is not missed", || daemon.scrape().value("gracewatch_store_up", &[]) == Some(0.0));
    assert!(!send(&daemon, &names("away")));
    postgres.query("CREATE DATABASE fleet");
    send_until_up(&daemon, "again", &mut acknowledged);
    assert_has_all(&kept, &acknowledged, &daemon);
}

#[test]
#[ignore = "needs postgresql"]
fn a_database_without_a_schema_is_reported_with_what_to_do_and_what_was_set_aside_is_left() {
    let (postgres, kept) = database();
    let query = |sql: &str| postgres.query_in("fleet", sql);
    let daemon = kept.serve();
    let mut acknowledged = BTreeSet::new();
    send_until_up(&daemon, "first", &mut acknowledged);
    query("DROP TABLE license CASCADE");
    wait_until("it is not noticed", || !daemon.log_lines("is recreated").is_empty());
    send_until_up(&daemon, "second", &mut acknowledged);
    assert_eq!(query("SELECT count(*) FROM gracewatch_damaged.machine"), "1");

    query("DROP SCHEMA public CASCADE");
    let why = "no schema has been selected to create in; CREATE SCHEMA public, or GRANT USAGE, CREATE ON SCHEMA public";
    wait_until("it is not reported", || !daemon.log_lines(why).is_empty());
    let before = failures(&daemon, "read_only");
    wait_until("it is not tried again", || failures(&daemon, "read_only") > before + 3.0);
    assert!(!send(&daemon, &names("away")));
    assert_eq!(daemon.log_lines("is recreated").len(), 1, "{}", daemon.log());
    let lines = daemon.log_lines("the store cannot be ");
    assert!(lines.len() <= 5, "{lines:#?}");
    assert_eq!(query("SELECT count(*) FROM gracewatch_damaged.machine"), "1");

    query("CREATE SCHEMA public");
    send_until_up(&daemon, "third", &mut acknowledged);
    assert_has_all(&kept, &acknowledged, &daemon);
}

/// `SQLite` takes what is before the damage, or nothing, and says nothing.
#[test]
fn a_log_that_was_damaged_while_nothing_used_it_is_noticed_at_the_next_start() {
    let lost = |daemon: &Daemon<'_>| {
        let is_up = |scrape: &Scrape| scrape.value("gracewatch_store_up", &[]) == Some(1.0);
        daemon.scrape_until("it is not up", is_up).value("gracewatch_store_lost_writes", &[])
    };
    let damages: [fn(&Path); 2] =
        [|log| overwrite(log, length(log) / 2, PAGE), |log| fs::remove_file(log).expect("it is there")];
    for damage in damages {
        let kept = Kept::new();
        let log = Files::of(&kept).beside("-wal");
        let killed = |daemon: &mut Daemon<'_>| {
            daemon.signal("KILL");
            daemon.wait(Duration::from_secs(5));
        };
        let mut daemon = kept.serve();
        for name in names("ws").into_iter().take(10) {
            assert!(send(&daemon, &[name]), "{}", daemon.log());
        }
        killed(&mut daemon);
        let mut daemon = kept.serve();
        assert_eq!(lost(&daemon), Some(0.0), "nothing is lost where nothing is damaged");
        for name in names("pc").into_iter().take(10) {
            assert!(send(&daemon, &[name]), "{}", daemon.log());
        }
        killed(&mut daemon);
        damage(&log);
        let mut daemon = kept.serve();
        assert!(lost(&daemon) > Some(0.0), "{}", daemon.log());
        assert_eq!(daemon.log_lines("writes of").len(), 1, "{}", daemon.log());
        // From there on it counts anew.
        assert!(send(&daemon, &names("new")));
        killed(&mut daemon);
        assert_eq!(lost(&kept.serve()), Some(0.0));
    }
}

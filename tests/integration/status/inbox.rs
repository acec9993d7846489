//! The inbox: a folder whose files are imported once they are complete.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::servers::hanging::Hanging;
use crate::servers::mount::Mount;
use crate::servers::process::wait_until;
use crate::servers::program;
use crate::support::daemon::Daemon;
use crate::support::program::{gracewatch, run};
use crate::support::reports::Client;
use crate::support::status::{Kept, all_filed, filed};

const UP: &str = "gracewatch_inbox_up";
const WAITING: &str = "gracewatch_inbox_waiting_files";

/// An inbox that is there, and a store.
fn place() -> (Kept, PathBuf) {
    let kept = Kept::new();
    let inbox = kept.directory().subdirectory("inbox");
    (kept.with(&format!("inbox: {}", inbox.display())), inbox)
}

fn put(inbox: &Path, name: &str, text: impl AsRef<[u8]>) {
    fs::write(inbox.join(name), text).expect("the inbox takes a file");
}

/// Waits until a file was taken, and says where it is.
fn wait_for(inbox: &Path, folder: &str, name: &str) -> PathBuf {
    let mut found = None;
    wait_until(&format!("{name} does not come to {folder}"), || {
        found = filed(inbox, folder, name);
        found.is_some()
    });
    found.expect("it was found")
}

/// Waits until so many looks have passed.
fn wait_for_looks(looks: u32) {
    let begun = Instant::now();
    wait_until("time stands still", || begun.elapsed() > Duration::from_secs(1) * looks + Duration::from_millis(500));
}

/// What is in the log about the inbox as a whole.
fn faults(daemon: &Daemon<'_>) -> usize {
    daemon.log_lines("the inbox cannot be processed").len()
}

#[test]
fn a_file_is_imported_and_moved_once_it_is_complete() {
    let (kept, inbox) = place();
    let daemon = kept.serve();
    put(&inbox, "ws01.json", Client::new("ws01").text());
    put(&inbox, "letter.txt", "Dear all,\nplease activate your machines.\n");
    put(&inbox, ".ws02.json", Client::new("ws02").text());
    put(&inbox, "ws03.json.tmp", Client::new("ws03").text());
    put(&inbox, "ws04.json.PART", Client::new("ws04").text());
    put(&inbox, "~ws05.json", Client::new("ws05").text());
    fs::create_dir(inbox.join("later")).expect("the inbox takes a folder");
    put(&inbox.join("later"), "ws06.json", Client::new("ws06").text());
    std::os::unix::fs::symlink("/etc/hostname", inbox.join("ws07.json")).expect("the inbox takes a link");

    wait_for(&inbox, "done", "ws01.json");
    let reason = wait_for(&inbox, "failed", "letter.txt.reason.txt");
    assert!(filed(&inbox, "failed", "letter.txt").is_some());
    let reason = fs::read_to_string(reason).expect("it is there");
    assert!(reason.trim().len() > 10 && reason.ends_with('\n'), "{reason:?}");
    assert_eq!(kept.names(), ["ws01"]);
    for left in [".ws02.json", "ws03.json.tmp", "ws04.json.PART", "~ws05.json", "later/ws06.json", "ws07.json"] {
        assert!(inbox.join(left).exists(), "{left}");
    }

    // A file written under another name until it is complete.
    fs::rename(inbox.join("ws03.json.tmp"), inbox.join("ws03.json")).expect("it is ours");
    // And one of a name that was there before.
    put(&inbox, "ws01.json", Client { minutes: 200_000, ..Client::new("ws01") }.text());
    wait_for(&inbox, "done", "ws03.json");
    let is_second = |file: &PathBuf| file.to_string_lossy().ends_with("-ws01.json");
    wait_until("the second does not come", || all_filed(&inbox, "done").iter().any(is_second));
    assert!(filed(&inbox, "done", "ws01.json").is_some());
    assert_eq!(kept.names(), ["ws01", "ws03"]);
    assert_eq!(daemon.scrape().value(UP, &[]), Some(1.0));
    let stored = daemon.scrape().value("gracewatch_reports_total", &[("source", "wmi"), ("result", "stored")]);
    assert_eq!(stored, Some(3.0));
    let files = |result| daemon.scrape().value("gracewatch_inbox_files_total", &[("result", result)]);
    assert_eq!([files("imported"), files("failed")], [Some(3.0), Some(1.0)]);
}

#[test]
fn a_file_that_grows_is_left_until_it_stops_changing() {
    let (kept, inbox) = place();
    let _daemon = kept.serve();
    let file = inbox.join("fleet.ndjson");
    let mut growing = OpenOptions::new().create(true).append(true).open(&file).expect("the inbox takes a file");
    let begun = Instant::now();
    let mut written = 0;
    while begun.elapsed() < Duration::from_secs(8) {
        writeln!(growing, "{}", Client::new(&format!("ws{written:02}")).text()).expect("it can be written");
        written += 1;
        assert!(file.exists(), "it was taken while it grew, after {:?}", begun.elapsed());
        // A pause in which it is looked at.
        thread::sleep(Duration::from_millis(500));
    }
    drop(growing);
    wait_for(&inbox, "done", "fleet.ndjson");
    assert_eq!(kept.machines(&[]).len(), written);
}

#[test]
fn of_a_whole_key_its_end_is_kept_in_done() {
    let (kept, inbox) = place();
    let _daemon = kept.serve();
    let report = Client::new("ws01").text();
    put(&inbox, "ws01.json", report.replace("VDYBN", "BCDFG-HJKMP-QRTVW-XY234-6789B"));
    let copy = wait_for(&inbox, "done", "ws01.json");
    wait_until("it stays in the inbox", || !inbox.join("ws01.json").exists());
    let left = fs::read_to_string(copy).expect("it is there");
    assert_eq!(left, report.replace("VDYBN", "6789B"));
}

#[test]
fn a_file_in_part_good_is_imported_in_part_and_kept_with_the_reason() {
    let (kept, inbox) = place();
    let _daemon = kept.serve();
    put(&inbox, "fleet.json", format!("{}\n}}\n", Client::new("ws01").text()));
    let reason = wait_for(&inbox, "failed", "fleet.json.reason.txt");
    let reason = fs::read_to_string(reason).expect("it is there");
    assert!(reason.contains("line 2"), "{reason}");
    assert_eq!(kept.names(), ["ws01"]);
}

#[test]
fn a_file_that_ends_in_the_middle_is_left_until_more_comes_but_not_for_ever() {
    let (kept, inbox) = place();
    let daemon = kept.serve();
    let text = Client::new("ws03").text();
    put(&inbox, "unfinished.json", format!("{}\n{}", Client::new("ws01").text(), &text[..200]));
    put(&inbox, "empty.json", "");
    put(&inbox, "abandoned.json", format!("{}\n{}", Client::new("ws02").text(), &text[..200]));
    let abandoned = File::options().append(true).open(inbox.join("abandoned.json")).expect("it is ours");
    let long_ago = SystemTime::now() - Duration::from_hours(2);
    abandoned.set_modified(long_ago).expect("it is ours");

    let reason = wait_for(&inbox, "failed", "abandoned.json.reason.txt");
    let reason = fs::read_to_string(reason).expect("it is there");
    assert!(reason.contains("it ends in the middle"), "{reason}");
    wait_until("it is not reported", || daemon.log_lines("should more come").len() == 2);
    assert!(inbox.join("unfinished.json").exists() && inbox.join("empty.json").exists());
    daemon.scrape_until("they do not wait", |scrape| scrape.value(WAITING, &[]) == Some(2.0));
    assert_eq!(daemon.scrape().value(UP, &[]), Some(1.0));

    let mut unfinished = File::options().append(true).open(inbox.join("unfinished.json")).expect("it is ours");
    unfinished.write_all(&text.as_bytes()[200..]).expect("it can be written");
    put(&inbox, "empty.json", Client::new("ws04").text());
    wait_for(&inbox, "done", "unfinished.json");
    wait_for(&inbox, "done", "empty.json");
    assert_eq!(kept.names(), ["ws01", "ws02", "ws03", "ws04"]);
}

/// As many wait as may: the next is failed, and keeps nothing that is whole from being imported.
#[test]
fn any_number_of_unfinished_files_keeps_no_whole_one_waiting() {
    let (kept, inbox) = place();
    let text = Client::new("ws01").text();
    for number in 0..10_000 {
        put(&inbox, &format!("{number}.json"), &text[..200]);
    }
    let daemon = kept.serve();
    let begun = Instant::now();
    while daemon.log_lines("should more come").len() < 10_000 {
        assert!(begun.elapsed() < Duration::from_mins(3), "they are not read: {}", daemon.log());
        thread::sleep(Duration::from_millis(500));
    }
    for late in ["late.json", "later.json"] {
        put(&inbox, late, &text[..200]);
    }
    put(&inbox, "whole.json", Client::new("ws02").text());
    wait_for(&inbox, "done", "whole.json");
    let reason = fs::read_to_string(wait_for(&inbox, "failed", "late.json.reason.txt")).expect("it is there");
    assert!(reason.contains("it ends in the middle") && reason.contains("10000 files wait already"), "{reason}");
    let late = wait_for(&inbox, "failed", "later.json");
    daemon.scrape_until("not all that wait are counted", |scrape| scrape.value(WAITING, &[]) == Some(10_000.0));
    assert_eq!(daemon.log_lines("10000 files end in the middle or cannot be read").len(), 1);

    // Nothing is lost: it is watched there.
    let mut unfinished = File::options().append(true).open(late).expect("it is ours");
    unfinished.write_all(&text.as_bytes()[200..]).expect("it can be written");
    // Beside ten thousand files each look takes its time.
    let begun = Instant::now();
    while daemon.log_lines("it changed after it was imported").is_empty() {
        assert!(begun.elapsed() < Duration::from_mins(3), "it is not taken back: {}", daemon.log());
        thread::sleep(Duration::from_millis(500));
    }
    wait_until("the rest is not imported", || kept.names() == ["ws01", "ws02"]);
}

#[test]
fn what_is_written_to_a_file_after_it_was_taken_is_taken_too() {
    let (kept, inbox) = place();
    let daemon = kept.serve();
    let mut growing = File::create(inbox.join("fleet.ndjson")).expect("the inbox takes a file");
    writeln!(growing, "{}", Client::new("ws01").text()).expect("it can be written");
    wait_for(&inbox, "done", "fleet.ndjson");
    // It is still open, and goes where the file went.
    writeln!(growing, "{}", Client::new("ws02").text()).expect("it can be written");
    wait_until("it is not taken back", || daemon.log_lines("it changed after it was imported").len() == 1);
    wait_until("the rest is not imported", || kept.names() == ["ws01", "ws02"]);
    wait_for(&inbox, "done", "fleet.ndjson");
}

#[test]
fn what_is_no_file_and_names_of_any_bytes_hold_nothing_up() {
    let (kept, inbox) = place();
    let made = Command::new(program::find("mkfifo", "coreutils")).arg(inbox.join("ws01.json")).status();
    assert!(made.is_ok_and(|status| status.success()), "a pipe can be made");
    let _socket = UnixListener::bind(inbox.join("ws02.json")).expect("a socket can be made");
    fs::create_dir(inbox.join("ws03.json")).expect("the inbox takes a folder");
    let long = format!("{}.json", "w".repeat(250));
    let no_text = OsStr::from_bytes(b"ws\xff\xfe.json");
    put(&inbox, &long, "Dear all,\n");
    fs::write(inbox.join(no_text), Client::new("ws05").text()).expect("the inbox takes a file");
    let daemon = kept.serve();
    put(&inbox, "ws06.json", Client::new("ws06").text());
    wait_for(&inbox, "done", "ws06.json");
    wait_until("they are not moved", || !inbox.join(&long).exists() && !inbox.join(no_text).exists());
    assert_eq!(kept.names(), ["ws05", "ws06"]);
    assert_eq!(daemon.scrape().value(UP, &[]), Some(1.0));
    assert_eq!(faults(&daemon), 0, "{}", daemon.log());
}

#[test]
fn what_is_in_place_of_the_folders_is_reported_and_nothing_is_imported_again_and_again() {
    let (kept, inbox) = place();
    let elsewhere = kept.directory().subdirectory("elsewhere");
    put(&inbox, "done", "mine");
    put(&inbox, "ws01.json", Client::new("ws01").text());
    let daemon = kept.serve();
    daemon.scrape_until("it is not reported", |scrape| scrape.value(UP, &[]) == Some(0.0));
    wait_for_looks(7);
    assert_eq!(daemon.log_lines("`done` in it is not a folder; move it away").len(), 1, "{}", daemon.log());
    // A link could lead to files that are not to be deleted.
    fs::remove_file(inbox.join("done")).expect("it is ours");
    std::os::unix::fs::symlink(&elsewhere, inbox.join("done")).expect("the inbox takes a link");
    wait_for_looks(7);
    assert_eq!(daemon.scrape().value(UP, &[]), Some(0.0));
    assert!(inbox.join("ws01.json").exists() && kept.names().is_empty());

    // One in the way of the folder of the day is found once a file is moved.
    fs::remove_file(inbox.join("done")).expect("it is ours");
    fs::create_dir(inbox.join("done")).expect("it is ours");
    let today = inbox.join("done").join(&jiff::Timestamp::now().to_string()[..10]);
    fs::write(&today, "mine").expect("it is ours");
    wait_until("it is not reported", || !daemon.log_lines("ws01.json cannot be moved").is_empty());
    wait_for_looks(12);
    assert_eq!(daemon.log_lines("imported: ").len(), 1, "it is imported again and again: {}", daemon.log());
    fs::remove_file(&today).expect("it is ours");
    wait_until("it is not moved", || filed(&inbox, "done", "ws01.json").is_some());
    daemon.scrape_until("it stays reported", |scrape| scrape.value(UP, &[]) == Some(1.0));
}

#[test]
fn an_inbox_where_files_of_our_own_are_is_refused() {
    let kept = Kept::new();
    let store = kept.directory().path().join("store");
    let link = kept.directory().path().join("link");
    std::os::unix::fs::symlink(&store, &link).expect("a link can be made");
    for (inbox, what) in [
        (store.clone(), "the store is in this folder"),
        (link, "the store is in this folder"),
        (kept.directory().path().to_owned(), "the configuration is in this folder"),
    ] {
        let text = format!("{}  inbox: {}\n", kept.configuration(), inbox.display());
        let file = kept.directory().write("gracewatch.yaml", &text);
        for command in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0", "--config"]] {
            let mut program = gracewatch();
            program.args(command).arg(&file);
            let printed = run(program);
            assert_eq!(printed.exit_code, Some(1), "{printed:?}");
            let place = text.lines().count();
            assert!(printed.stderr.contains(&format!("gracewatch.yaml:{place}:10: ")), "{printed:?}");
            assert!(printed.stderr.contains(what), "{printed:?}");
        }
    }
}

#[test]
fn an_inbox_that_becomes_the_folder_of_the_store_is_left_alone() {
    let kept = Kept::new();
    let (store, link) = (kept.directory().path().join("store"), kept.directory().path().join("link"));
    let kept = kept.with(&format!("inbox: {}", link.display()));
    let inbox = kept.directory().subdirectory("inbox");
    std::os::unix::fs::symlink(&inbox, &link).expect("a link can be made");
    let daemon = kept.serve();
    daemon.scrape_until("it is not up", |scrape| scrape.value(UP, &[]) == Some(1.0));
    fs::remove_file(&link).expect("it is ours");
    std::os::unix::fs::symlink(&store, &link).expect("a link can be made");
    daemon.scrape_until("it is not reported", |scrape| scrape.value(UP, &[]) == Some(0.0));
    wait_for_looks(7);
    assert_eq!(daemon.log_lines("the store is in this folder").len(), 1, "{}", daemon.log());
    assert!(store.join("gracewatch.db").exists() && !store.join("failed").exists());
}

#[test]
fn while_the_folder_hangs_all_else_goes_on_even_on_one_processor() {
    let (kept, inbox) = place();
    let hanging = Hanging::new(&inbox);
    let mut command = Command::new(program::find("taskset", "util-linux"));
    command.args(["--cpu-list", "0", env!("CARGO_BIN_EXE_gracewatch")]).env_remove("GRACEWATCH_CONFIG");
    // One worker, whatever the system says of processors.
    command.env("TOKIO_WORKER_THREADS", "1");
    hanging.put_before(&mut command);
    let daemon = Daemon::start_with(command, &kept.configuration());
    put(&inbox, "ws01.json", Client::new("ws01").text());
    wait_for(&inbox, "done", "ws01.json");

    hanging.hang();
    put(&inbox, "ws02.json", Client::new("ws02").text());
    let threads = || fs::read_dir(format!("/proc/{}/task", daemon.process_id())).expect("it runs").count();
    daemon.scrape_until("it is not reported", |scrape| scrape.value(UP, &[]) == Some(0.0));
    assert_eq!(daemon.log_lines("the inbox hangs").len(), 1, "{}", daemon.log());
    let before = threads();
    daemon.wait_for_rounds("tcp", 5);
    assert!(threads() <= before, "threads pile up: {before}, then {}", threads());
    assert_eq!(daemon.log_lines("the inbox hangs").len(), 1, "{}", daemon.log());

    hanging.go_on();
    wait_for(&inbox, "done", "ws02.json");
    daemon.scrape_until("it stays reported", |scrape| scrape.value(UP, &[]) == Some(1.0));
    assert_eq!(daemon.log_lines("has returned").len(), 1, "{}", daemon.log());
}

#[test]
fn a_daemon_whose_folder_hangs_still_stops_at_once() {
    let (kept, inbox) = place();
    let hanging = Hanging::new(&inbox);
    let mut command = gracewatch();
    hanging.put_before(&mut command);
    let mut daemon = Daemon::start_with(command, &kept.configuration());
    daemon.scrape_until("it is not up", |scrape| scrape.value(UP, &[]) == Some(1.0));
    hanging.hang();
    wait_for_looks(2);
    daemon.signal("TERM");
    assert!(daemon.wait(Duration::from_secs(3)).is_some_and(|status| status.success()), "{}", daemon.log());
}

#[test]
fn a_folder_that_is_not_there_is_reported_once_and_taken_up_when_it_is() {
    let kept = Kept::new();
    let inbox = kept.directory().path().join("inbox");
    let kept = kept.with(&format!("inbox: {}", inbox.display()));
    let daemon = kept.serve();
    daemon.scrape_until("the inbox is not missed", |scrape| scrape.value(UP, &[]) == Some(0.0));
    // Several looks later it is still logged once.
    let begun = Instant::now();
    wait_until("time stands still", || begun.elapsed() > Duration::from_millis(2500));
    assert_eq!(faults(&daemon), 1, "{}", daemon.log());

    fs::create_dir(&inbox).expect("it can be created");
    put(&inbox, "ws01.json", Client::new("ws01").text());
    daemon.scrape_until("the inbox is not found", |scrape| scrape.value(UP, &[]) == Some(1.0));
    wait_for(&inbox, "done", "ws01.json");
    assert_eq!(daemon.log_lines("the inbox can be processed again").len(), 1, "{}", daemon.log());

    fs::remove_dir_all(&inbox).expect("it is ours");
    daemon.scrape_until("the inbox is not missed", |scrape| scrape.value(UP, &[]) == Some(0.0));
    assert_eq!(faults(&daemon), 2, "{}", daemon.log());
}

#[test]
#[ignore = "needs mount"]
fn a_folder_that_cannot_be_written_is_reported_and_its_files_are_moved_once_it_can_be() {
    let (kept, inbox) = place();
    let mount = Mount::of_memory(&inbox, "size=1m");
    put(&inbox, "ws01.json", Client::new("ws01").text());
    mount.remount("ro");
    let daemon = kept.serve();
    daemon.scrape_until("it is not reported", |scrape| scrape.value(UP, &[]) == Some(0.0));
    let begun = Instant::now();
    wait_until("time stands still", || begun.elapsed() > Duration::from_millis(2500));
    assert_eq!(faults(&daemon), 1, "{}", daemon.log());
    assert_eq!(kept.names(), ["ws01"]);

    mount.remount("rw");
    wait_for(&inbox, "done", "ws01.json");
    daemon.scrape_until("it stays reported", |scrape| scrape.value(UP, &[]) == Some(1.0));
    assert_eq!(kept.names(), ["ws01"]);
    drop(daemon);
}

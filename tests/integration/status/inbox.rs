//! The inbox: a folder whose files are imported once they are complete.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::servers::mount::Mount;
use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::reports::Client;
use crate::support::status::Kept;

const UP: &str = "gracewatch_inbox_up";

/// An inbox that is there, and a store.
fn place() -> (Kept, PathBuf) {
    let kept = Kept::new();
    let inbox = kept.directory().subdirectory("inbox");
    (kept.with(&format!("inbox: {}", inbox.display())), inbox)
}

fn put(inbox: &Path, name: &str, text: impl AsRef<[u8]>) {
    fs::write(inbox.join(name), text).expect("the inbox takes a file");
}

fn wait_for(file: &Path) {
    wait_until(&format!("{} does not come", file.display()), || file.exists());
}

/// What stands in the log about the inbox as a whole.
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

    wait_for(&inbox.join("done/ws01.json"));
    wait_for(&inbox.join("failed/letter.txt.reason.txt"));
    assert!(inbox.join("failed/letter.txt").is_file());
    let reason = fs::read_to_string(inbox.join("failed/letter.txt.reason.txt")).expect("it is there");
    assert!(reason.trim().len() > 10 && reason.ends_with('\n'), "{reason:?}");
    assert_eq!(kept.names(), ["ws01"]);
    for left in [".ws02.json", "ws03.json.tmp", "ws04.json.PART", "~ws05.json", "later/ws06.json", "ws07.json"] {
        assert!(inbox.join(left).exists(), "{left}");
    }

    // A file written under another name until it is complete.
    fs::rename(inbox.join("ws03.json.tmp"), inbox.join("ws03.json")).expect("it is ours");
    // And one of a name that was there before.
    put(&inbox, "ws01.json", Client { minutes: 200_000, ..Client::new("ws01") }.text());
    wait_for(&inbox.join("done/ws03.json"));
    wait_for(&inbox.join("done/2-ws01.json"));
    assert!(inbox.join("done/ws01.json").is_file());
    assert_eq!(kept.names(), ["ws01", "ws03"]);
    assert_eq!(daemon.scrape().value(UP, &[]), Some(1.0));
    let stored = daemon.scrape().value("gracewatch_reports_total", &[("source", "wmi"), ("result", "stored")]);
    assert_eq!(stored, Some(3.0));
    let files = |result| daemon.scrape().value("gracewatch_inbox_files_total", &[("result", result)]);
    assert_eq!([files("imported"), files("failed")], [Some(3.0), Some(1.0)]);
}

#[test]
fn a_file_that_grows_is_left_until_it_stands_still() {
    let (kept, inbox) = place();
    let _daemon = kept.serve();
    let file = inbox.join("fleet.ndjson");
    let mut growing = OpenOptions::new().create(true).append(true).open(&file).expect("the inbox takes a file");
    let begun = Instant::now();
    let mut written = 0;
    while begun.elapsed() < Duration::from_secs(6) {
        writeln!(growing, "{}", Client::new(&format!("ws{written:02}")).text()).expect("it can be written");
        written += 1;
        assert!(file.exists(), "it was taken while it grew, after {:?}", begun.elapsed());
        // A pause in which it is looked at.
        thread::sleep(Duration::from_millis(500));
    }
    drop(growing);
    wait_for(&inbox.join("done/fleet.ndjson"));
    assert_eq!(kept.machines(&[]).len(), written);
}

#[test]
fn of_a_whole_key_its_end_is_kept_in_done() {
    let (kept, inbox) = place();
    let _daemon = kept.serve();
    let report = Client::new("ws01").text();
    put(&inbox, "ws01.json", report.replace("VDYBN", "BCDFG-HJKMP-QRTVW-XY234-6789B"));
    wait_for(&inbox.join("done/ws01.json"));
    wait_until("it stays in the inbox", || !inbox.join("ws01.json").exists());
    let left = fs::read_to_string(inbox.join("done/ws01.json")).expect("it is there");
    assert_eq!(left, report.replace("VDYBN", "6789B"));
}

#[test]
fn a_file_in_part_good_is_imported_in_part_and_kept_with_the_reason() {
    let (kept, inbox) = place();
    let _daemon = kept.serve();
    let third = Client::new("ws03").text();
    put(&inbox, "fleet.json", format!("{}\n{}", Client::new("ws01").text(), &third[..200]));
    wait_for(&inbox.join("failed/fleet.json.reason.txt"));
    let reason = fs::read_to_string(inbox.join("failed/fleet.json.reason.txt")).expect("it is there");
    assert!(reason.contains("it ends in the middle"), "{reason}");
    assert_eq!(kept.names(), ["ws01"]);
}

#[test]
fn a_folder_that_is_not_there_is_told_once_and_taken_up_when_it_is() {
    let kept = Kept::new();
    let inbox = kept.directory().path().join("inbox");
    let kept = kept.with(&format!("inbox: {}", inbox.display()));
    let daemon = kept.serve();
    daemon.scrape_until("the inbox is not missed", |scrape| scrape.value(UP, &[]) == Some(0.0));
    // Several looks later it is still told once.
    let begun = Instant::now();
    wait_until("time stands still", || begun.elapsed() > Duration::from_millis(2500));
    assert_eq!(faults(&daemon), 1, "{}", daemon.log());

    fs::create_dir(&inbox).expect("it can be created");
    put(&inbox, "ws01.json", Client::new("ws01").text());
    daemon.scrape_until("the inbox is not found", |scrape| scrape.value(UP, &[]) == Some(1.0));
    wait_for(&inbox.join("done/ws01.json"));
    assert_eq!(daemon.log_lines("the inbox can be processed again").len(), 1, "{}", daemon.log());

    fs::remove_dir_all(&inbox).expect("it is ours");
    daemon.scrape_until("the inbox is not missed", |scrape| scrape.value(UP, &[]) == Some(0.0));
    assert_eq!(faults(&daemon), 2, "{}", daemon.log());
}

#[test]
#[ignore = "needs mount"]
fn a_folder_that_cannot_be_written_is_told_and_its_files_are_moved_once_it_can_be() {
    let (kept, inbox) = place();
    let mount = Mount::of_memory(&inbox, "size=1m");
    put(&inbox, "ws01.json", Client::new("ws01").text());
    mount.remount("ro");
    let daemon = kept.serve();
    daemon.scrape_until("it is not told", |scrape| scrape.value(UP, &[]) == Some(0.0));
    let begun = Instant::now();
    wait_until("time stands still", || begun.elapsed() > Duration::from_millis(2500));
    assert_eq!(faults(&daemon), 1, "{}", daemon.log());
    assert_eq!(kept.names(), ["ws01"]);

    mount.remount("rw");
    wait_for(&inbox.join("done/ws01.json"));
    daemon.scrape_until("it stays told", |scrape| scrape.value(UP, &[]) == Some(1.0));
    assert_eq!(kept.names(), ["ws01"]);
    drop(daemon);
}

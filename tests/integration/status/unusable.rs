//! A store that cannot be used stops nothing: not the start, not the probes, not the end.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::process::Command;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use gracewatch::store::Store;

use crate::servers::mount::Mount;
use crate::servers::netns::Namespace;
use crate::servers::postgres::Postgres;
use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::program::gracewatch;
use crate::support::reports::{Client, minutes_ago};
use crate::support::status::{Kept, sender, text_of};

/// Sends SIGTERM, and insists on a clean end within a second.
fn assert_ends(mut daemon: Daemon<'_>) {
    let begun = Instant::now();
    daemon.signal("TERM");
    let status = daemon.wait(Duration::from_secs(5));
    let elapsed = begun.elapsed();
    let status = status.unwrap_or_else(|| panic!("SIGTERM does not end it:\n{}", daemon.log()));
    assert_eq!(status.code(), Some(0), "{status}\n{}", daemon.log());
    assert!(elapsed < Duration::from_secs(1), "it took {elapsed:?}\n{}", daemon.log());
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

/// Ends daemons at several moments of their start.
fn assert_end_at_any_moment(start: impl Fn() -> Daemon<'static>) {
    for milliseconds in [0, 150, 700] {
        let daemon = start();
        // There is nothing to wait for: a moment that has nothing to do with what the daemon is at.
        sleep(Duration::from_millis(milliseconds));
        assert_ends(daemon);
    }
}

/// What a daemon does that has no store: it probes, and says so where it is asked for machines.
fn assert_works_without_store(daemon: &Daemon<'_>, why: &str) {
    daemon.wait_until_ready();
    assert_eq!(daemon.get("/api/v1/machines").status, 503);
    assert_eq!(sender(daemon.address()).send(Client::new("ws01").text()).status, 503);
    wait_until("it is not logged", || !daemon.log_lines("the store is unavailable, retrying in 5 s: ").is_empty());
    assert!(daemon.log().contains(why), "{}", daemon.log());
    let scrape = daemon.scrape();
    assert_eq!(scrape.value("gracewatch_store_up", &[]), Some(0.0));
    assert!(scrape.sum("gracewatch_store_failures_total", &[]) > 0.0);
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(0.0));
}

#[test]
fn a_silent_server_keeps_no_daemon_from_ending() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let kept = Kept::in_store(&format!("postgres://gracewatch@{address}/gracewatch"));
    assert_end_at_any_moment(|| kept.serve());
}

#[test]
fn a_file_that_another_program_holds_keeps_no_daemon_from_ending() {
    let kept = Kept::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    let store = runtime.block_on(Store::open(&kept.url())).expect("it can be opened");
    let writing = runtime.block_on(store.begin()).expect("it can be written");
    assert_end_at_any_moment(|| kept.serve());
    // It serves meanwhile, and takes the store up once it can.
    let daemon = kept.serve();
    daemon.wait_until_ready();
    runtime.block_on(writing.cancel()).expect("it can be let go of");
    wait_until("it is not taken up", || daemon.get("/api/v1/machines").status == 200);
    assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(1.0));
}

#[test]
#[ignore = "needs postgresql"]
fn a_report_that_waits_for_a_server_keeps_no_daemon_from_ending() {
    let postgres = Postgres::new();
    let kept = Kept::in_store(&postgres.url());
    let daemon = kept.serve();
    wait_until("the store does not open", || daemon.get("/api/v1/machines").status == 200);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    let store = runtime.block_on(Store::open(&kept.url())).expect("it can be opened");
    let writing = runtime.block_on(store.begin()).expect("it can be written");
    let address = daemon.address();
    let answered = thread::spawn(move || sender(address).try_to_send(Client::new("ws01").text()));
    daemon
        .scrape_until("it does not wait", |scrape| scrape.value("gracewatch_store_waiting_reports", &[]) == Some(1.0));
    assert_ends(daemon);
    let answer = answered.join().expect("the sender ends well");
    assert!(answer.is_none_or(|answer| answer.status == 503), "it was not taken");
    runtime.block_on(writing.cancel()).expect("it can be let go of");
}

#[test]
#[ignore = "needs iproute2, nftables"]
fn a_nameserver_that_is_silent_keeps_no_daemon_from_ending() {
    let namespace = Namespace::new();
    namespace.resolve_through([127, 0, 0, 1].into());
    namespace.drop_udp(53);
    let kept = Kept::in_store("postgres://gracewatch@db.corp.example/gracewatch");
    for milliseconds in [0, 150, 700] {
        let daemon = Daemon::start_in(&namespace, &kept.configuration());
        sleep(Duration::from_millis(milliseconds));
        assert_ends(daemon);
    }
}

#[test]
fn a_file_that_is_no_store_is_reported_and_left_alone() {
    let kept = Kept::new();
    let text = "no database, whatever its name says\n".repeat(100);
    fs::write(kept.file(), &text).expect("it can be written");
    let daemon = kept.serve();
    assert_works_without_store(&daemon, "is not a Gracewatch database");
    let failed = daemon.scrape().value("gracewatch_store_failures_total", &[("reason", "not_a_store")]);
    assert!(failed > Some(0.0), "{failed:?}");
    assert_eq!(fs::read_to_string(kept.file()).expect("it is there"), text);
    // Once it is put right it is used.
    fs::remove_file(kept.file()).expect("it can be removed");
    wait_until("it is not taken up", || daemon.get("/api/v1/machines").status == 200);
    assert_ends(daemon);
}

/// From when a file is held until everyone is answered who waits for it.
const BOUND: Duration = Duration::from_secs(11);

#[test]
fn reports_that_wait_for_a_file_that_another_program_holds_are_answered_within_ten_seconds() {
    let kept = Kept::new();
    let daemon = kept.serve();
    wait_until("the store does not open", || daemon.get("/api/v1/machines").status == 200);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    let store = runtime.block_on(Store::open(&kept.url())).expect("it can be opened");
    let writing = runtime.block_on(store.begin()).expect("it can be written");
    let begun = Instant::now();
    let address = daemon.address();
    let send = |number: u32| sender(address).send(Client::new(&format!("ws{number}")).text());
    thread::scope(|scope| {
        let senders: Vec<_> = (0..4).map(|number| scope.spawn(move || send(number))).collect();
        for answer in senders.into_iter().map(|sender| sender.join().expect("a sender ends well")) {
            assert_eq!((answer.status, answer.retry_after.as_deref()), (503, Some("10")), "{answer:?}");
            assert!(answer.error().contains("in use by another program"), "{answer:?}");
        }
    });
    assert!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
    assert_eq!(daemon.log_lines("in use by another program").len(), 1, "{}", daemon.log());
    assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(0.0));
    runtime.block_on(writing.cancel()).expect("it can be let go of");
    assert_eq!(send(5).status, 202);
    assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(1.0));
}

/// Whoever has no rights of their own.
const NOBODY: u32 = 65534;

#[test]
#[ignore = "needs root"]
fn a_file_that_was_opened_to_be_read_alone_is_written_once_it_may_be() {
    let kept = Kept::new();
    let serve = || {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--pdeathsig=KILL", "--"]);
        command.arg(gracewatch().get_program());
        Daemon::start_with(command, &kept.configuration())
    };
    let folder = kept.file().parent().expect("it is in a folder").to_owned();
    for path in [&folder, &kept.directory().path().join("tokens")] {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("root may");
    }
    let permit = |file: u32, directory: u32| {
        for entry in fs::read_dir(&folder).expect("it can be listed").flatten() {
            fs::set_permissions(entry.path(), Permissions::from_mode(file)).expect("root may");
        }
        fs::set_permissions(&folder, Permissions::from_mode(directory)).expect("root may");
    };
    let mut daemon = serve();
    assert_eq!(sender(daemon.address()).send(Client::new("ws01").text()).status, 202);
    daemon.signal("KILL");
    assert!(daemon.wait(Duration::from_secs(5)).is_some(), "it cannot be killed");
    for (name, file, directory) in [("ws02", 0o444, 0o755), ("ws03", 0o444, 0o555)] {
        permit(file, directory);
        let mut daemon = serve();
        let send = || sender(daemon.address()).send(Client::new(name).text()).status;
        assert_eq!(send(), 503);
        wait_until("it is not reported", || daemon.scrape().value("gracewatch_store_up", &[]) == Some(0.0));
        let failed = daemon.scrape().value("gracewatch_store_failures_total", &[("reason", "read_only")]);
        assert!(failed > Some(0.0), "{}", daemon.log());
        permit(0o640, 0o755);
        // Nobody has to send anything.
        daemon.scrape_until("it is not up", |scrape| scrape.value("gracewatch_store_up", &[]) == Some(1.0));
        assert_eq!(send(), 202);
        daemon.signal("TERM");
        assert_eq!(daemon.wait(Duration::from_secs(5)).and_then(|status| status.code()), Some(0), "{}", daemon.log());
    }
    assert_eq!(kept.names(), ["ws01", "ws02", "ws03"]);
}

#[test]
fn a_folder_that_is_missing_is_reported() {
    let kept = Kept::new();
    let folder = kept.file().parent().expect("it is in a folder").to_owned();
    fs::remove_dir(&folder).expect("it is empty");
    let daemon = kept.serve();
    assert_works_without_store(&daemon, "its folder does not exist");
    fs::create_dir(&folder).expect("it can be made");
    wait_until("it is not taken up", || daemon.get("/api/v1/machines").status == 200);
}

#[test]
#[ignore = "needs mount"]
fn a_store_that_refuses_writes_is_reported_at_once_and_until_it_takes_them_again() {
    let kept = Kept::new();
    let mount = Mount::of_memory(kept.file().parent().expect("it is in a folder"), "size=16m");
    let daemon = kept.serve();
    let sender = sender(daemon.address());
    assert_eq!(sender.send(Client::new("ws01").text()).status, 202);
    assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(1.0));
    // Every byte that is left is taken.
    let filler = kept.file().with_file_name("filler");
    let zeros = vec![0; 32 * 1024 * 1024];
    assert!(fs::write(&filler, &zeros).is_err(), "the disk is full");
    let refused = (2..200).find(|number| sender.send(Client::new(&format!("ws{number:03}")).text()).status == 503);
    assert!(refused.is_some(), "{}", text_of(&filler));
    assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(0.0));
    for _ in 0..20 {
        assert_eq!(sender.send(Client::new("ws999").text()).status, 503);
    }
    // What is known already needs no room, and says nothing of it.
    let known = Client { reported_at: minutes_ago(60), ..Client::new("ws01") };
    assert_eq!(sender.send(known.text()).outcome(), "202 stored 0 unchanged 0 outdated 1 refused 0");
    assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(0.0));
    let failed = daemon.scrape().value("gracewatch_store_failures_total", &[("reason", "full")]);
    assert!(failed >= Some(21.0), "{failed:?}");
    let lines = daemon.log_lines("the store cannot be written");
    assert_eq!(lines.len(), 1, "{}", daemon.log());
    assert!(lines[0].contains("no space is left"), "{lines:?}");

    fs::remove_file(&filler).expect("it is there");
    assert_eq!(sender.send(Client::new("ws999").text()).status, 202);
    daemon.scrape_until("it is not taken up again", |scrape| scrape.value("gracewatch_store_up", &[]) == Some(1.0));
    wait_until("it is not logged", || !daemon.log_lines("the store can be written again").is_empty());
    drop(daemon);
    drop(mount);
}

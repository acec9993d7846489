//! A store whose folder hangs, as on a share whose server is gone, stops nothing else.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::servers::bindfs::Share;
use crate::servers::hanging::Hanging;
use crate::servers::process::wait_until;
use crate::servers::program;
use crate::support::daemon::Daemon;
use crate::support::reports::Client;
use crate::support::status::{Kept, sender};

/// What an answer takes at most, also on a machine that is busy. What waits for the folder takes for ever.
const BOUND: Duration = Duration::from_secs(30);

/// What it takes to end, on such a machine. Whatever waits for the folder is given 10 s.
const ENDING: Duration = Duration::from_secs(8);

/// A store on a share, and the daemon over it on one processor with one worker.
fn place() -> (Share, Kept) {
    let kept = Kept::new();
    let share = Share::over(kept.file().parent().expect("it is in a folder"));
    (share, kept)
}

fn serve(kept: &Kept) -> Daemon<'static> {
    Daemon::start_with(on_one_processor(), &kept.configuration())
}

fn on_one_processor() -> Command {
    let mut command = Command::new(program::find("taskset", "util-linux"));
    command.args(["--cpu-list", "0", env!("CARGO_BIN_EXE_gracewatch")]).env_remove("GRACEWATCH_CONFIG");
    command.env("TOKIO_WORKER_THREADS", "1");
    command
}

fn send(daemon: &Daemon<'_>, name: &str) -> u16 {
    sender(daemon.address()).send(Client::new(name).text()).status
}

fn is_up(daemon: &Daemon<'_>) -> bool {
    daemon.scrape().value("gracewatch_store_up", &[]) == Some(1.0)
}

fn assert_ends(mut daemon: Daemon<'_>) {
    daemon.signal("TERM");
    let status = daemon.wait(ENDING).unwrap_or_else(|| panic!("it does not end:\n{}", daemon.log()));
    assert_eq!(status.code(), Some(0), "{}", daemon.log());
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

#[test]
#[ignore = "needs bindfs"]
fn while_it_hangs_reports_are_answered_and_all_else_goes_on_even_on_one_processor() {
    let (share, kept) = place();
    let daemon = serve(&kept);
    // Dropped before the daemon, which could not end.
    let share = share;
    wait_until("it is not taken", || send(&daemon, "ws01") == 202);

    share.hang();
    let begun = Instant::now();
    let address = daemon.address();
    thread::scope(|scope| {
        let senders: Vec<_> = (0..4)
            .map(|number| scope.spawn(move || sender(address).send(Client::new(&format!("late{number}")).text())))
            .collect();
        daemon.wait_for_rounds("tcp", 3);
        for answer in senders.into_iter().map(|sender| sender.join().expect("a sender ends well")) {
            assert_eq!(answer.status, 503, "{answer:?}");
        }
    });
    assert!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
    assert!(!is_up(&daemon), "{}", daemon.log());
    let shown = || daemon.log_lines("its folder hangs, as a share does whose server is gone").len();
    wait_until("it is not reported", || shown() > 0);
    // It does not pile up.
    let threads = || fs::read_dir(format!("/proc/{}/task", daemon.process_id())).expect("it runs").count();
    let before = threads();
    for number in 0..10 {
        assert_eq!(send(&daemon, &format!("later{number}")), 503);
    }
    daemon.wait_for_rounds("tcp", 5);
    assert!(threads() <= before, "threads pile up: {before}, then {}", threads());
    assert!(daemon.log_lines("the store cannot be ").len() <= 3, "{}", daemon.log());

    share.go_on();
    wait_until("it is not taken again", || send(&daemon, "ws02") == 202);
    wait_until("it is not up again", || is_up(&daemon));
    assert_ends(daemon);
    assert!(["ws01", "ws02"].iter().all(|name| kept.names().contains(&(*name).to_owned())), "{:?}", kept.names());
}

#[test]
fn it_is_down_before_what_hangs_is_given_up() {
    let kept = Kept::new();
    let hanging = Hanging::new(kept.file().parent().expect("it is in a folder"));
    let mut command = on_one_processor();
    hanging.put_before(&mut command);
    let daemon = Daemon::start_with(command, &kept.configuration());
    wait_until("it is not up", || is_up(&daemon));
    hanging.hang();
    let down = daemon.scrape_until("it is not down", |scrape| scrape.value("gracewatch_store_up", &[]) == Some(0.0));
    assert_eq!(down.value("gracewatch_store_failures_total", &[("reason", "unavailable")]), Some(0.0));
    assert_eq!(daemon.log_lines("the store does not answer").len(), 1, "{}", daemon.log());
    hanging.go_on();
    wait_until("it is not up again", || is_up(&daemon));
    assert_ends(daemon);
}

/// A kernel may not let go of what a real file system was asked, whatever becomes of the process.
#[test]
fn a_daemon_ends_while_it_hangs() {
    for (is_noticed, is_open) in [(false, true), (true, true), (false, false), (true, false)] {
        let kept = Kept::new();
        let hanging = Hanging::new(kept.file().parent().expect("it is in a folder"));
        let mut command = on_one_processor();
        hanging.put_before(&mut command);
        if !is_open {
            hanging.hang();
        }
        let daemon = Daemon::start_with(command, &kept.configuration());
        if is_open {
            wait_until("it is not taken", || send(&daemon, "ws01") == 202);
            hanging.hang();
        }
        if is_noticed {
            wait_until("it is not noticed", || !daemon.log_lines("its folder hangs").is_empty());
        }
        assert_ends(daemon);
    }
}

#[test]
#[ignore = "needs bindfs"]
fn a_daemon_starts_while_it_hangs() {
    let (share, kept) = place();
    let inbox = kept.directory().subdirectory("inbox");
    let kept = kept.with(&format!("inbox: {}", inbox.display()));
    share.hang();
    let daemon = serve(&kept);
    // Dropped before the daemon, which could not end.
    let share = share;
    daemon.wait_until_ready();
    daemon.wait_for_rounds("tcp", 2);
    let begun = Instant::now();
    assert_eq!(send(&daemon, "ws01"), 503);
    assert!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
    wait_until("it is not logged", || !daemon.log_lines("its folder hangs").is_empty());
    assert!(!is_up(&daemon));

    share.go_on();
    wait_until("it is not taken up", || send(&daemon, "ws01") == 202);
    wait_until("it is not up", || is_up(&daemon));
    assert_ends(daemon);
}

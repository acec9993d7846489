//! Reloading: the configuration is swapped whole, or not at all.

use std::fmt::Debug;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::servers::directory::TemporaryDirectory;
use crate::servers::hanging::Hanging;
use crate::servers::port;
use crate::servers::process::{self, Process};
use crate::servers::scripted::Scripted;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;
use crate::support::program::gracewatch;

const SUCCESSFUL: &str = "gracewatch_config_last_reload_successful";

fn is_successful(daemon: &Daemon<'_>) -> Option<f64> {
    daemon.scrape().value(SUCCESSFUL, &[])
}

/// A configuration with one path of this name.
fn path_called(name: &str, host: SocketAddr) -> String {
    format!("paths: [{{name: {name}, kms: {{hosts: [\"{host}\"]}}}}]\n{EACH_SECOND}")
}

/// Asks for a reload that is to be refused with a message that contains `expected`, and looks whether the old
/// configuration, which has the path `corp`, is still in force.
fn assert_is_refused(daemon: &Daemon<'_>, what: impl Debug, expected: &str) {
    let response = daemon.post("/-/reload");
    assert_eq!(response.status, 500, "{what:?}: {}", response.body);
    assert!(response.body.contains(expected), "{what:?}: {expected:?} is not in {:?}", response.body);
    let scrape = daemon.scrape();
    assert_eq!(scrape.value(SUCCESSFUL, &[]), Some(0.0), "{what:?}");
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(1.0), "{what:?}:\n{}", scrape.text);
    assert!(daemon.log().contains(expected), "{what:?}: {}", daemon.log());
}

#[test]
fn a_bad_configuration_leaves_the_running_one_in_force() {
    let host = listener::accepting_binds();
    let good = config::hosts(&[host.address()]) + EACH_SECOND;
    let daemon = Daemon::start_ready(&good);
    assert_eq!(is_successful(&daemon), Some(1.0));
    let file = daemon.configuration().display().to_string();

    let cases: [(&[u8], &str); 9] = [
        (b"colour: red\n", ":1:1: `colour`: unknown key"),
        (b"probe:\n  intervall: 60s\n", ":2:3: `intervall`: unknown key; did you mean `interval`?"),
        (b"probe: {concurrency: many}\n", ":1:22: expected a whole number"),
        (
            b"paths:\n- {name: corp, kms: {hosts: [a]}}\n- {name: corp, kms: {hosts: [b]}}\n",
            ":3:10: `corp`: another path has this name",
        ),
        (b"paths: [{name: corp, kms: {domain: \"\"}}]\n", ":1:36: ``: a name is missing"),
        (b"probe: {interval: 2s, timeout: 3s}\n", ":1:19: the interval (2s) is shorter than the timeout (3s)"),
        (b"paths: [{name: corp, kms: {hosts: [\"kms1:70000\"]}}]\n", ":1:36: `kms1:70000`: not a port"),
        (b"log:\n  level: \xff\n", ":2:10: this is not UTF-8"),
        (b"paths: [\n", ":1:8: a bracket is missing"),
    ];
    for (text, expected) in cases {
        daemon.rewrite(text);
        assert_is_refused(&daemon, String::from_utf8_lossy(text), &format!("{file}{expected}"));
    }
    daemon.remove_configuration();
    assert_is_refused(&daemon, "no file", &format!("{file}: cannot be read: "));

    // Not only do its series stay: it is what is probed.
    daemon.wait_for_rounds("rpc", 2);
    let before = daemon.scrape().value("gracewatch_config_last_reload_success_timestamp_seconds", &[]);
    daemon.rewrite(&good);
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!(is_successful(&daemon), Some(1.0));
    let after = daemon.scrape().value("gracewatch_config_last_reload_success_timestamp_seconds", &[]);
    assert!(before < after, "{before:?}, {after:?}");
}

#[test]
fn a_good_configuration_takes_the_place_of_the_running_one() {
    let (old, new) = (listener::accepting_binds(), listener::accepting_binds());
    let daemon = Daemon::start_ready(&path_called("old", old.address()));
    assert_eq!(daemon.scrape().value("gracewatch_path_up", &[("path", "old")]), Some(1.0));

    daemon.rewrite(path_called("new", new.address()));
    let response = daemon.post("/-/reload");
    assert_eq!(response.status, 200, "{}", response.body);
    let scrape = daemon.scrape_until("the new path is not probed", |scrape| {
        scrape.value("gracewatch_path_up", &[("path", "new")]) == Some(1.0)
    });
    // Counters count on as long as the process runs; all else that was said of the old path is gone.
    let left: Vec<_> =
        scrape.names_with("old").into_iter().filter(|name| !name.starts_with("gracewatch_probe")).collect();
    assert_eq!(left, [""; 0], "{}", scrape.text);
    assert!(!scrape.text.contains(&old.address().to_string()), "{}", scrape.text);
    assert_eq!(daemon.report()["paths"][0]["name"], "new");
}

/// So many threads are begun before anybody listens to signals that there is time to send one.
#[test]
fn a_signal_before_anybody_listens_is_a_reload_and_not_the_end() {
    let directory = TemporaryDirectory::new("early");
    let host = listener::accepting_binds();
    let mut command = gracewatch();
    command.env("TOKIO_WORKER_THREADS", "1500").args(["serve", "--listen", "127.0.0.1:0", "--config"]);
    command.arg(directory.write("gracewatch.yaml", config::hosts(&[host.address()])));
    let daemon = Process::start("gracewatch", command, directory.path());
    let tasks = format!("/proc/{}/task", daemon.id());
    process::wait_until("no thread is begun", || fs::read_dir(&tasks).is_ok_and(|tasks| tasks.count() > 4));
    daemon.signal("HUP");
    assert!(!daemon.output().contains("listening"), "the signal came too late to show anything");
    process::wait_until("it does not reload", || daemon.output().contains("the configuration is reloaded"));
}

/// As where whoever started it closes the terminal.
#[test]
fn a_hangup_ends_every_other_command() {
    let host = Scripted::silent();
    // Whoever runs the tests may have it ignored, which is inherited.
    let mut command = Command::new("env");
    command.args(["--default-signal=HUP", env!("CARGO_BIN_EXE_gracewatch")]);
    command.args(["check", "--timeout", "60s", &host.address().to_string()]);
    let directory = TemporaryDirectory::new("hangup");
    let mut check = Process::start("gracewatch", command, directory.path());
    let tasks = format!("/proc/{}/task", check.id());
    process::wait_until("no thread is begun", || fs::read_dir(&tasks).is_ok_and(|tasks| tasks.count() > 1));
    check.signal("HUP");
    // On a busy machine it takes a while until it has read its arguments, and no longer than the check would.
    let status = check.wait(Duration::from_secs(50)).expect("it does not end");
    assert_eq!(status.signal(), Some(1), "{status}");
}

#[test]
fn a_signal_reloads_as_well() {
    let (host, other) = (listener::accepting_binds(), listener::accepting_binds());
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + EACH_SECOND));
    daemon.rewrite("nonsense");
    daemon.signal("HUP");
    daemon.scrape_until("SIGHUP is not noticed", |scrape| scrape.value(SUCCESSFUL, &[]) == Some(0.0));
    assert_eq!(daemon.log_lines("the configuration is refused").len(), 1, "{}", daemon.log());
    assert_eq!(daemon.scrape().value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));

    daemon.rewrite(path_called("other", other.address()));
    daemon.signal("HUP");
    let scrape = daemon.scrape_until("the other path is not probed", |scrape| {
        scrape.value("gracewatch_path_up", &[("path", "other")]) == Some(1.0)
    });
    assert_eq!(scrape.value(SUCCESSFUL, &[]), Some(1.0));
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), None, "{}", scrape.text);
}

#[test]
fn the_address_to_listen_on_cannot_change_while_running() {
    let host = listener::accepting_binds();
    let listen = |port: u16| format!("listen: 127.0.0.1:{port}\n{}{EACH_SECOND}", config::hosts(&[host.address()]));
    let (port, another) = (port::refusing().port(), port::refusing().port());
    let daemon = Daemon::start_as_configured(&listen(port));
    daemon.wait_until_ready();
    assert_eq!(daemon.address().port(), port);

    daemon.rewrite(listen(another));
    assert_is_refused(&daemon, "another port", &format!("127.0.0.1:{port} to 127.0.0.1:{another}"));
    daemon.rewrite(listen(port));
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!(is_successful(&daemon), Some(1.0));
}

#[test]
fn an_address_given_as_an_argument_goes_before_that_of_every_configuration() {
    let host = listener::accepting_binds();
    let configuration = config::hosts(&[host.address()]) + EACH_SECOND;
    let daemon = Daemon::start_ready(&configuration);
    daemon.rewrite(format!("listen: 127.0.0.1:{}\n{configuration}", port::refusing().port()));
    let response = daemon.post("/-/reload");
    assert_eq!(response.status, 200, "{}", response.body);
}

#[test]
fn many_reloads_at_once_all_get_an_answer() {
    let host = listener::accepting_binds();
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + EACH_SECOND));
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| daemon.post("/-/reload").status)).collect();
        for answer in asked {
            assert_eq!(answer.join().expect("there is an answer"), 200);
        }
    });
    process::wait_until("the path is gone", || {
        daemon.scrape().value("gracewatch_path_up", &[("path", "corp")]) == Some(1.0)
    });
}

#[test]
fn a_reload_does_not_wait_for_probes_under_way() {
    let (silent, host) = (Scripted::silent(), listener::accepting_binds());
    let slow = "probe: {interval: 1m, timeout: 1m}\n";
    let daemon = Daemon::start(&(config::hosts(&[silent.address()]) + slow));
    daemon.rewrite(config::hosts(&[host.address()]) + slow);
    let begun = Instant::now();
    assert_eq!(daemon.post("/-/reload").status, 200);
    daemon.scrape_until("the new host is not probed", |scrape| {
        scrape.value("gracewatch_path_up", &[("path", "corp")]) == Some(1.0)
    });
    assert!(begun.elapsed() < Duration::from_secs(3), "it took {:?}", begun.elapsed());
    assert_eq!(daemon.get("/-/ready").status, 200);
    assert!(!daemon.scrape().text.contains(&silent.address().to_string()), "{}", daemon.scrape().text);
}

/// What was known before a reload is shown until the first round after it is complete.
#[test]
fn a_reload_leaves_no_gap_in_what_is_known() {
    let host = listener::accepting_binds();
    let configuration = config::hosts(&[host.address()]) + EACH_SECOND;
    let daemon = Daemon::start_ready(&configuration);
    for round in 1..=5 {
        daemon.rewrite(format!("{configuration}# {round}\n"));
        assert_eq!(daemon.post("/-/reload").status, 200);
        assert_eq!(daemon.get("/-/ready").status, 200);
        assert_eq!(daemon.scrape().value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
    }
}

/// A page, a script or a stranger may have it read again all the time.
#[test]
fn reloads_without_end_do_not_keep_probes_from_ending() {
    let silent = Scripted::silent();
    let slow = "probe: {interval: 5s, timeout: 3s}\nclock: {ntp: [], host_clocks: off}\n";
    let daemon = Daemon::start(&(config::hosts(&[silent.address()]) + slow));
    let begun = Instant::now();
    let mut reloads = 0;
    while begun.elapsed() < Duration::from_secs(9) {
        assert_eq!(daemon.post("/-/reload").status, 200);
        reloads += 1;
    }
    assert!((8..=11).contains(&reloads), "{reloads} reloads in nine seconds");
    let recorded = daemon.scrape().sum("gracewatch_probes_total", &[("path", "corp"), ("stage", "rpc")]);
    assert!((1.0..=3.0).contains(&recorded), "{recorded} probes ended");
    assert_eq!(daemon.get("/-/ready").status, 200);
}

#[test]
fn reloads_at_once_are_one() {
    let host = listener::accepting_binds();
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + EACH_SECOND));
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..20).map(|_| scope.spawn(|| daemon.post("/-/reload").status)).collect();
        for _ in 0..20 {
            daemon.signal("HUP");
        }
        for answer in asked {
            assert_eq!(answer.join().expect("there is an answer"), 200);
        }
    });
    let reloads = daemon.log_lines("the configuration is reloaded").len();
    assert!((1..=4).contains(&reloads), "{reloads} reloads");
}

/// As on a share whose server is gone.
#[test]
fn a_configuration_that_hangs_keeps_neither_probes_nor_signals_waiting() {
    let host = listener::accepting_binds();
    let good = config::hosts(&[host.address()]) + EACH_SECOND;
    let mut command = gracewatch();
    let hanging = Hanging::new(std::path::Path::new("/gracewatch.yaml"));
    hanging.put_before(&mut command);
    let mut daemon = Daemon::start_with(command, &good);
    daemon.wait_until_ready();

    hanging.hang();
    daemon.signal("HUP");
    daemon.wait_for_rounds("rpc", 2);
    let response = daemon.post("/-/reload");
    assert_eq!(response.status, 500, "{}", response.body);
    assert!(response.body.contains("its files take more than 10 s to read"), "{}", response.body);
    assert_eq!(is_successful(&daemon), Some(0.0));
    daemon.wait_for_rounds("rpc", 2);

    hanging.go_on();
    process::wait_until("it is not read again", || daemon.post("/-/reload").status == 200);
    assert_eq!(is_successful(&daemon), Some(1.0));

    // It ends at once while it hangs.
    hanging.hang();
    daemon.signal("HUP");
    daemon.wait_for_rounds("rpc", 1);
    daemon.signal("TERM");
    // Whatever waits for the file is given 10 s.
    let status = daemon.wait(Duration::from_secs(8));
    assert!(status.is_some_and(|status| status.success()), "{status:?}: {}", daemon.log());
}

//! File descriptors: the program takes as many as it may have, and probes no more at once than they suffice for.

use std::fs;
use std::process::Command;

use crate::servers::port;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::program::{gracewatch, run};

/// The program under other limits, as `ulimit` sets them.
fn limited(limits: &str) -> Command {
    let program = gracewatch();
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{limits} && exec \"$0\" \"$@\"")).arg(program.get_program());
    command
}

#[test]
fn the_soft_limit_is_raised() {
    let configuration = config::hosts(&[port::refusing()]) + "probe: {concurrency: 400}\n";
    let daemon = Daemon::start_with(limited("ulimit -Sn 200"), &configuration);
    daemon.wait_until_ready();
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.process_id())).expect("it runs");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("it is limited");
    let (soft, hard) = (line.split_whitespace().nth(3), line.split_whitespace().nth(4));
    assert_eq!(soft, hard, "{line}");
    assert!(daemon.log_lines("probe.concurrency is lowered").is_empty(), "{}", daemon.log());
    assert_eq!(daemon.scrape().value("gracewatch_probes_concurrency", &[]), Some(400.0));
}

#[test]
fn probes_are_no_more_than_descriptors_suffice_for() {
    let configuration = config::hosts(&[port::refusing()]) + "probe: {concurrency: 400}\n";
    let daemon = Daemon::start_with(limited("ulimit -n 200"), &configuration);
    daemon.wait_until_ready();
    for warning in ["probe.concurrency is lowered from 400 to 51", "web.connections is lowered from 512 to 34"] {
        assert_eq!(daemon.log_lines(warning).len(), 1, "{}", daemon.log());
    }
    let scrape = daemon.scrape();
    assert_eq!(scrape.value("gracewatch_probes_concurrency", &[]), Some(51.0));
    assert_eq!(scrape.value("gracewatch_http_connections_limit", &[]), Some(34.0));
}

#[test]
fn a_check_says_so_too() {
    let mut command = limited("ulimit -n 200");
    command.args(["check", &port::refusing().to_string()]);
    let printed = run(command);
    assert_eq!(printed.exit_code, Some(2), "{}", printed.stderr);
    assert!(printed.stderr.contains("probe.concurrency is lowered from 256 to 68"), "{}", printed.stderr);
}

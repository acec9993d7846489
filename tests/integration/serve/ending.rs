//! How the daemon ends: soon, and with 0, whatever it was doing.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::servers::directory::TemporaryDirectory;
use crate::servers::process;
use crate::servers::scripted::Scripted;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;
use crate::support::program::{gracewatch, run};

/// How soon a daemon that is asked to stop is gone.
const LIMIT: Duration = Duration::from_secs(1);

/// Sends the signal, and insists on a clean end in time.
fn assert_ends(mut daemon: Daemon<'_>, signal: &str) {
    let begun = Instant::now();
    daemon.signal(signal);
    // Waited for longer than it may take, to say how long it took.
    let status = daemon.wait(LIMIT * 5);
    let elapsed = begun.elapsed();
    let status = status.unwrap_or_else(|| panic!("SIG{signal} does not end it:\n{}", daemon.log()));
    assert_eq!(status.code(), Some(0), "SIG{signal}: {status}\n{}", daemon.log());
    assert!(elapsed < LIMIT, "SIG{signal} took {elapsed:?}");
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

#[test]
fn it_ends_when_asked_to() {
    let host = listener::accepting_binds();
    for signal in ["TERM", "INT"] {
        assert_ends(Daemon::start_ready(&(config::hosts(&[host.address()]) + EACH_SECOND)), signal);
    }
}

#[test]
fn it_ends_while_probes_wait_for_servers_that_are_silent() {
    let silent = Scripted::silent();
    for signal in ["TERM", "INT"] {
        let configuration = config::hosts(&[silent.address()]) + "probe: {interval: 1m, timeout: 1m}\n";
        let daemon = Daemon::start(&configuration);
        // The connection is there before the answer that never comes is waited for.
        let remote = format!("{:04X}", silent.address().port());
        process::wait_until("the server is not connected to", || {
            let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux lists its connections");
            table.lines().any(|line| line.contains(&format!(":{remote} 01 ")))
        });
        assert_eq!(daemon.get("/-/ready").status, 503);
        assert_ends(daemon, signal);
    }
}

#[test]
fn it_ends_while_clients_hold_connections_open() {
    let host = listener::accepting_binds();
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + EACH_SECOND));
    let _idle = TcpStream::connect(daemon.address()).expect("the daemon listens");
    let mut begun = TcpStream::connect(daemon.address()).expect("the daemon listens");
    begun.write_all(b"GET /metrics HTTP/1.1\r\nHost: gr").expect("it takes bytes");
    assert_ends(daemon, "TERM");
}

#[test]
fn two_daemons_do_not_share_a_port() {
    let host = listener::accepting_binds();
    let first = Daemon::start_ready(&(config::hosts(&[host.address()]) + EACH_SECOND));
    let mut command = gracewatch();
    command.args(["serve", "--listen", &first.address().to_string()]);
    let second = run(command);
    assert_eq!((second.exit_code, second.stdout.as_str()), (Some(1), ""));
    let expected = format!("gracewatch: cannot listen on {}: ", first.address());
    assert!(second.stderr.contains(&expected), "{}", second.stderr);
    assert_eq!(first.get("/-/healthy").status, 200, "the first is not disturbed");
}

#[test]
fn a_configuration_that_is_wrong_is_refused_at_the_start() {
    let directory = TemporaryDirectory::new("ending");
    let file = directory.write("gracewatch.yaml", "probe:\n  intervall: 60s\n");
    let mut command = gracewatch();
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&file);
    let printed = run(command);
    assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(1), ""));
    let expected = format!("gracewatch: {}:2:3: `intervall`: unknown key; did you mean `interval`?\n", file.display());
    assert_eq!(printed.stderr, expected);
}

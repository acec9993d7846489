//! The log: one line when something changes, not one a probe.

use std::io::Write;
use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use crate::servers::port;
use crate::servers::process;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener::{self, BIND_ACK};
use crate::support::post::Sender;
use crate::support::status::{Kept, TOKEN};

#[test]
fn a_stage_is_logged_when_it_changes_and_not_while_it_stays() {
    let host = port::refusing();
    let daemon = Daemon::start_ready(&(config::hosts(&[host]) + EACH_SECOND));
    daemon.wait_for_rounds("tcp", 3);
    let fails = daemon.log_lines("stage fails");
    let [line] = fails.as_slice() else { panic!("not one line: {}", daemon.log()) };
    for part in ["WARN", "tcp", "refused", &host.to_string()] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let verdicts = daemon.log_lines("is blocked at");
    assert_eq!(verdicts.len(), 1, "{}", daemon.log());

    // The host comes up.
    let server = TcpListener::bind(host).expect("the port is free");
    thread::spawn(move || {
        for client in server.incoming() {
            let answered = client.and_then(|mut client| {
                client.write_all(&BIND_ACK)?;
                // Closed once the client has closed: closing first could take the answer back.
                std::io::copy(&mut client, &mut std::io::sink())
            });
            if answered.is_err() {
                return;
            }
        }
    });
    process::wait_until("nobody says that the stage passes", || !daemon.log_lines("stage passes").is_empty());
    daemon.wait_for_rounds("rpc", 3);
    assert_eq!(daemon.log_lines("stage passes").len(), 1, "{}", daemon.log());
    assert_eq!(daemon.log_lines("stage fails").len(), 1, "{}", daemon.log());
    assert_eq!(daemon.log_lines("works: its KMS host answers").len(), 1, "{}", daemon.log());
}

#[test]
fn the_log_is_json_on_request() {
    let host = listener::accepting_binds();
    let configuration = config::hosts(&[host.address(), port::refusing()]) + EACH_SECOND + "log: {format: json}\n";
    let daemon = Daemon::start_ready(&configuration);
    assert_eq!(daemon.post("/-/reload").status, 200);
    process::wait_until("the reload is not logged", || !daemon.log_lines("reloaded").is_empty());
    let mut levels = Vec::new();
    for line in daemon.log().lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(entry["timestamp"].is_string() && entry["message"].is_string(), "{line}");
        levels.push(entry["level"].as_str().expect("a level is a word").to_owned());
    }
    assert!(levels.contains(&"INFO".to_owned()) && levels.contains(&"WARN".to_owned()), "{levels:?}");
    let fails = daemon.log_lines("stage fails");
    let [line] = fails.as_slice() else { panic!("not one line: {}", daemon.log()) };
    let entry: Value = serde_json::from_str(line).expect("it was JSON just now");
    assert_eq!((&entry["path"], &entry["stage"], &entry["reason"]), (&"corp".into(), &"tcp".into(), &"refused".into()));
}

#[test]
fn the_level_leaves_out_what_is_less_severe() {
    let configuration = config::hosts(&[port::refusing()]) + EACH_SECOND + "log: {level: info}\n";
    let daemon = Daemon::start_ready(&configuration);
    assert!(!daemon.log_lines("INFO").is_empty(), "{}", daemon.log());
    daemon.rewrite(configuration.replace("info", "error"));
    assert_eq!(daemon.post("/-/reload").status, 200);
    let before = daemon.log();
    daemon.rewrite(configuration.replace("info", "nothing"));
    assert_eq!(daemon.post("/-/reload").status, 500);
    let log = daemon.log();
    let since = log.strip_prefix(&before).expect("a log only grows");
    assert!(since.lines().all(|line| line.contains("ERROR")) && since.lines().count() == 1, "{since}");
}

#[test]
fn what_is_posted_and_what_is_refused_is_logged_without_secrets() {
    let kept = Kept::new();
    let daemon = Daemon::start(&(kept.configuration() + "log: {level: debug}\n"));
    let wmi = r#"{"machine": "ws1.corp.example", "products": []}"#;
    Sender::with_token(daemon.address(), TOKEN).send(wmi);
    // All at once, since each has to wait.
    thread::scope(|scope| {
        for _ in 0..30 {
            let guess = || Sender::with_token(daemon.address(), "guessed-secret-of-mine").send("{}").status;
            scope.spawn(move || assert_eq!(guess(), 401));
        }
    });
    let posted = daemon.log_lines("reports are processed");
    let [line] = posted.as_slice() else { panic!("not one line: {}", daemon.log()) };
    for part in
        ["INFO", "token=\"everything\"", "accepted=", "machines=", "refused=", "peer=127.0.0.1", "id=", "status="]
    {
        assert!(line.contains(part), "{part}: {line}");
    }
    let denied = daemon.log_lines("a request is denied");
    assert!((1..=5).contains(&denied.len()), "one a second: {denied:?}");
    for part in ["WARN", "status=401", "token=\"(unknown)\"", "reason=\"token-unknown\""] {
        assert!(denied[0].contains(part), "{part}: {denied:?}");
    }
    assert_eq!(
        daemon.log_lines(" request ").iter().filter(|line| line.contains("DEBUG")).count(),
        31,
        "{}",
        daemon.log()
    );
    for secret in [TOKEN, "guessed-secret-of-mine", "ws1.corp.example"] {
        assert!(!daemon.log().contains(secret), "{secret}: {}", daemon.log());
    }
    assert!(!daemon.log_lines("planned").is_empty(), "{}", daemon.log());
}

#[test]
fn a_token_that_sends_often_has_one_line_a_minute() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let sender = Sender::with_token(daemon.address(), TOKEN);
    for number in 0..20 {
        let report = format!(r#"{{"machine": "ws{number}.corp.example", "products": []}}"#);
        assert_eq!(sender.send(report).status, 202);
    }
    let lines = daemon.log_lines("reports are processed");
    assert_eq!(lines.len(), 1, "{lines:?}");
}

/// Such as those that a nameserver makes up, others at each round.
#[test]
fn many_targets_have_so_many_lines_a_minute_and_no_more() {
    let port = port::refusing().port();
    let hosts: Vec<_> = (2..152).map(|number| format!("\"127.0.0.{number}:{port}\"")).collect();
    let daemon = Daemon::start_ready(&format!("paths: [{{name: corp, kms: {{hosts: [{}]}}}}]\n", hosts.join(", ")));
    let lines = daemon.log_lines("stage fails");
    assert_eq!(lines.len(), 100, "{lines:?}");
}

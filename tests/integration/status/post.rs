//! `POST /api/v1/status`: what is answered to whom, and what is kept of it.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::daemon::Daemon;
use crate::support::post::Sender;
use crate::support::reports::{Client, lines, minutes_ago};
use crate::support::status::{Kept, TOKEN, sender, text};

/// A token that speaks for the machines of one floor.
const FLOOR: &str = "0123456789abcdef-floor2";

/// One that comes later.
const NEW: &str = "0123456789abcdef-new";

fn tokens(lines: &[(&str, &str)]) -> String {
    let lines = lines.iter().map(|(token, patterns)| format!("{} {token} {patterns}", &token[17..]));
    lines.collect::<Vec<_>>().join("\n")
}

/// How many reports through WMI ended in this way.
fn counted(daemon: &Daemon<'_>, result: &str) -> Option<f64> {
    daemon.scrape().value("gracewatch_reports_total", &[("source", "wmi"), ("result", result)])
}

#[test]
fn what_was_accepted_is_reported_and_counted() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let sender = sender(daemon.address());
    let fleet = ["ws01", "ws02", "ws03"].map(Client::new);
    assert_eq!(sender.send(lines(&fleet)).outcome(), "202 stored 3 unchanged 0 outdated 0 refused 0");
    // Whoever got no answer sends again.
    assert_eq!(sender.send(lines(&fleet)).outcome(), "202 stored 0 unchanged 3 outdated 0 refused 0");

    let older = Client { reported_at: minutes_ago(100), license_status: 5, ..Client::new("ws01") };
    let nameless = Client::new("ws04").text().replace("\"machine\":\"ws04\",", "");
    let answer = sender.send(format!("{}\n{nameless}\n{}\n", older.text(), Client::new("ws05").text()));
    assert_eq!(answer.outcome(), "202 stored 1 unchanged 0 outdated 1 refused 0");
    assert_eq!((answer.count("accepted"), answer.count("not_understood")), (2, 1));
    let why = text(&answer.json["first_not_understood"]);
    assert!(why.contains("it names no machine, and others in this text do"), "{why}");
    // By itself it is refused.
    let answer = sender.send(nameless.clone());
    assert_eq!(answer.outcome(), "422 stored 0 unchanged 0 outdated 0 refused 1");
    let refusal = serde_json::json!({"report": 1, "reason": "it names no machine", "message": "it names no machine"});
    assert_eq!(answer.json["refusals"], serde_json::json!([refusal]));

    let results = ["stored", "unchanged", "outdated", "refused"].map(|result| counted(&daemon, result));
    assert_eq!(results, [Some(4.0), Some(3.0), Some(1.0), Some(1.0)]);
    let names = || {
        let mut names = kept.names();
        names.sort();
        names
    };
    assert_eq!(names(), ["ws01", "ws02", "ws03", "ws05"]);

    let answer = sender.send_to("?machine=WS04.corp.example", nameless);
    assert_eq!(answer.outcome(), "202 stored 1 unchanged 0 outdated 0 refused 0");
    assert!(names().contains(&"ws04.corp.example".to_owned()));
}

#[test]
fn a_token_speaks_for_its_machines_alone() {
    let kept = Kept::new();
    kept.directory().write_private("tokens", tokens(&[(FLOOR, "ws2* *.floor2.corp.example")]));
    let daemon = kept.serve();
    let sender = Sender::with_token(daemon.address(), FLOOR);

    let answer = sender.send(Client::new("ws11").text());
    assert_eq!((answer.status, answer.count("accepted")), (403, 0), "{answer:?}");
    assert_eq!(kept.names(), [""; 0]);

    let mixed = ["ws21", "ws11", "WS3.Floor2.corp.example", "ws2.floor1.corp.example.evil", "xws2"].map(Client::new);
    let answer = sender.send(lines(&mixed));
    // `ws2*` is a pattern of whole names.
    assert_eq!(answer.outcome(), "202 stored 3 unchanged 0 outdated 0 refused 2", "{answer:?}");
    let refusals = answer.json["refusals"].as_array().expect("there is a list of refusals");
    for (refusal, name) in refusals.iter().zip(["ws11", "xws2"]) {
        assert_eq!(text(&refusal["reason"]), format!("the token `floor2` may not report for {name}"));
    }
    // Nor can it do so in the address.
    let nameless = Client::new("ws04").text().replace("\"machine\":\"ws04\",", "");
    assert_eq!(sender.send_to("?machine=ws12", nameless).status, 403);
    assert!(!daemon.log().contains(FLOOR), "{}", daemon.log());
}

#[test]
fn tokens_follow_a_reload_and_a_bad_file_leaves_those_in_force() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let status = |token| Sender::with_token(daemon.address(), token).send(Client::new("ws01").text()).status;
    assert_eq!((status(TOKEN), status(NEW)), (202, 401));

    kept.directory().write_private("tokens", tokens(&[(NEW, "*")]));
    assert_eq!((status(TOKEN), status(NEW)), (202, 401));
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!((status(TOKEN), status(NEW)), (401, 202));

    kept.directory().write_private("tokens", "new short *\n");
    let response = daemon.post("/-/reload");
    assert_eq!(response.status, 500, "{}", response.body);
    assert!(response.body.contains("line 1: the token is shorter than 16 characters"), "{}", response.body);
    assert_eq!(status(NEW), 202);

    kept.directory().write_private("tokens", tokens(&[(TOKEN, "*")]));
    daemon.signal("HUP");
    crate::servers::process::wait_until("SIGHUP is not noticed", || status(TOKEN) == 202);
    assert_eq!(status(NEW), 401);

    fs::remove_file(kept.directory().path().join("tokens")).expect("it is ours");
    assert_eq!(daemon.post("/-/reload").status, 500);
    assert_eq!(status(TOKEN), 202);
    for token in [TOKEN, NEW] {
        assert!(!daemon.log().contains(token), "{}", daemon.log());
    }
}

#[test]
fn a_file_of_tokens_that_others_can_read_or_write_is_rejected() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let file = kept.directory().path().join("tokens");
    for mode in [0o644, 0o642, 0o646, 0o666] {
        kept.directory().set_mode("tokens", mode);
        let response = daemon.post("/-/reload");
        let command = format!("others can read or write it; close it by `chmod 640 {}`", file.display());
        assert!(response.status == 500 && response.body.contains(&command), "{mode:o}: {}", response.body);
    }
    for mode in [0o400, 0o440, 0o640, 0o660] {
        kept.directory().set_mode("tokens", mode);
        assert_eq!(daemon.post("/-/reload").status, 200, "{mode:o}");
    }
}

#[test]
fn patterns_without_number_cost_no_memory_for_each_report() {
    let kept = Kept::new();
    let patterns = (0..200).map(|number| format!("*.site{number}.corp.example")).collect::<Vec<_>>().join(" ");
    kept.directory().write_private("tokens", tokens(&[(FLOOR, &format!("{patterns} ws*"))]));
    let daemon = kept.serve();
    let fleet: Vec<_> = (0..7000).map(|number| Client::new(&format!("ws{number:04}"))).collect();
    let before = daemon.peak_memory();
    let begun = Instant::now();
    let answer = Sender::with_token(daemon.address(), FLOOR).send(lines(&fleet));
    assert_eq!(answer.outcome(), "202 stored 7000 unchanged 0 outdated 0 refused 0");
    // What is compiled once takes neither.
    let (took, grown) = (begun.elapsed(), (daemon.peak_memory() - before) >> 20);
    assert!(grown < 128 && took < Duration::from_secs(15), "{grown} MiB, {took:?}");
}

#[test]
fn names_that_too_many_machines_share_are_reported_once_a_minute() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let sender = sender(daemon.address());
    let fleet: Vec<_> = (0..=1000).map(|number| Client::new(&format!("ws.site{number}.corp.example"))).collect();
    assert_eq!(sender.send(lines(&fleet)).outcome(), "202 stored 1001 unchanged 0 outdated 0 refused 0");
    assert!(daemon.log_lines("share a short name").is_empty(), "{}", daemon.log());
    for status in [1, 5] {
        let short = Client { license_status: status, ..Client::new("ws") };
        assert_eq!(sender.send(lines(&[short])).status, 202);
    }
    let shown = daemon.log_lines("more than 1000 machines share a short name");
    let [line] = shown.as_slice() else { panic!("not one line: {}", daemon.log()) };
    assert!(line.contains("WARN") && line.contains("name=ws reports=1"), "{line}");
}

#[test]
fn a_body_that_goes_wrong_keeps_what_came_before() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let sender = sender(daemon.address());
    let whole = lines(&["ws01", "ws02"].map(Client::new));
    let third = Client::new("ws03").text();
    let answer = sender.send(format!("{whole}{}", &third[..third.len() / 2]));
    assert_eq!(answer.outcome(), "422 stored 2 unchanged 0 outdated 0 refused 0");
    assert!(answer.error().contains("it ends in the middle"), "{}", answer.error());
    let mut names = kept.names();
    names.sort();
    assert_eq!(names, ["ws01", "ws02"]);

    // A line in the middle that is cut is none of the others' business.
    let answer = sender.send(format!("{whole}{}\n{}\n", &third[..third.len() / 2], Client::new("ws04").text()));
    assert_eq!(answer.outcome(), "202 stored 1 unchanged 2 outdated 0 refused 0");
    assert_eq!(answer.count("not_understood"), 1);
    assert!(text(&answer.json["first_not_understood"]).starts_with("line 3, column "), "{answer:?}");
}

#[test]
fn a_body_of_nothing_that_is_known_is_rejected() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let sender = sender(daemon.address());
    for body in ["", "{}", "[]", "null", "{\"a\": 1}", "Dear all,", "\u{0}\u{1}\u{2}", "[[[[", "<Events></Events"] {
        let answer = sender.send(body);
        assert_eq!((answer.status, answer.count("accepted")), (422, 0), "{body:?}: {answer:?}");
    }
    // What is understood and says nothing of a machine is nothing either.
    let noise = "Microsoft (R) Windows Script Host Version 5.812\r\nCopyright (C) Microsoft Corporation. All rights \
                 reserved.\r\n\r\nC:\\>cscript slmgr.vbs /dlv\r\n";
    let event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider \
                 Name='Service Control Manager'/><EventID>7036</EventID><Computer>ws01</Computer></System></Event>";
    for (body, why) in [(noise, "it is in no format"), (event, "no report is in it")] {
        let answer = sender.send(body);
        assert_eq!(
            (answer.status, answer.count("accepted"), answer.count("not_understood")),
            (422, 0, 0),
            "{answer:?}"
        );
        assert!(answer.error().starts_with(why), "{answer:?}");
    }
    assert_eq!(sender.send(noise).count("noise"), 3);
    assert_eq!(kept.names(), [""; 0]);
    assert_eq!(sender.send(Client::new("ws01").text()).status, 202);
}

#[test]
fn many_senders_at_once_lose_nothing() {
    let kept = Kept::new();
    let daemon = kept.serve();
    thread::scope(|scope| {
        for thread in 0..8 {
            let sender = sender(daemon.address());
            scope.spawn(move || {
                for batch in 0..5 {
                    // Twenty machines of its own, and one that all of them report.
                    let own = (0..20).map(|number| Client::new(&format!("ws-{thread}-{batch}-{number}")));
                    let shared = Client { minutes: 200_000 + thread * 10 + batch, ..Client::new("shared") };
                    let fleet: Vec<_> = own.chain([shared]).collect();
                    let answer = sender.send(lines(&fleet));
                    assert_eq!((answer.status, answer.count("accepted")), (202, 21), "{answer:?}");
                }
            });
        }
    });
    let machines = kept.machines(&[]);
    assert_eq!(machines.len(), 8 * 5 * 20 + 1);
    let licenses = machines.iter().map(|machine| machine["licenses"].as_array().map_or(0, Vec::len));
    assert!(licenses.into_iter().all(|count| count == 1));
    let accepted = daemon.scrape().sum("gracewatch_reports_total", &[("source", "wmi")]);
    assert!((accepted - 840.0).abs() < 0.5, "{accepted}");
}

//! `POST /api/v1/enrol`: machines that get a token of their own, once, and speak by it for themselves alone.

use std::fs;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use gracewatch::config::tokens;
use serde_json::json;

use crate::servers::postgres::Postgres;
use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::post::{Answer, Sender};
use crate::support::program::{Printed, gracewatch, run};
use crate::support::reports::Client;
use crate::support::status::{Kept, TOKEN, sender};

/// A token that enrols the machines of one domain.
const SITE: &str = "0123456789abcdef-site";

const MACHINE: &str = "ws0417.corp.example";

fn tokens_of(kept: Kept) -> Kept {
    let text = format!("everything {TOKEN} *\nenrol: site {SITE} ws*.corp.example\n");
    kept.directory().write_private("tokens", text);
    kept
}

/// A token as an agent makes one.
fn made() -> String {
    tokens::make().expect("there are random numbers").reveal().to_owned()
}

fn enrol(address: SocketAddr, by: &str, machine: &str, token: &str) -> Answer {
    Sender::enrolling(address, by).send(json!({"machine": machine, "token": token}).to_string())
}

fn report(address: SocketAddr, token: &str, machine: &str) -> u16 {
    Sender::with_token(address, token).send(Client::new(machine).text()).status
}

/// Runs `gracewatch token`.
fn token(kept: &Kept, arguments: &[&str]) -> Printed {
    let mut command = gracewatch();
    let config = kept.directory().write("gracewatch.yaml", kept.configuration());
    command.arg("token").args(arguments).arg("--config").arg(config);
    run(command)
}

fn counted(daemon: &Daemon<'_>, name: &str, result: &str) -> Option<f64> {
    daemon.scrape().value(name, &[("token", "site"), ("result", result)])
}

/// All of it, in either database.
fn a_machine_enrols_once(kept: &Kept) {
    let daemon = kept.serve();
    let address = daemon.address();
    let (own, other) = (made(), made());
    assert_eq!(report(address, &own, MACHINE), 401);
    let answer = enrol(address, SITE, "WS0417.Corp.Example.", &own);
    assert_eq!((answer.status, answer.json), (201, json!({"machine": MACHINE})));

    // It speaks for itself by exactly this name.
    assert_eq!(report(address, &own, MACHINE), 202);
    for machine in ["ws0418.corp.example", "ws0417", "ws0417.corp.example.evil"] {
        assert_eq!(report(address, &own, machine), 403, "{machine}");
    }
    // Where an answer was lost, the same is sent again; nobody else gets in by its name.
    assert_eq!(enrol(address, SITE, MACHINE, &own).status, 200);
    let answer = enrol(address, SITE, MACHINE, &other);
    assert_eq!(answer.status, 409);
    assert!(answer.error().contains("gracewatch token revoke --enrol-again ws0417.corp.example"), "{answer:?}");
    assert_eq!(report(address, &other, MACHINE), 401);
    // A token is one machine's.
    assert_eq!(enrol(address, SITE, "ws0418.corp.example", &own).status, 400);
    // What enrols does not report, and what reports does not enrol.
    assert_eq!(report(address, SITE, MACHINE), 403);
    for by in [TOKEN, &own] {
        assert!([401, 403].contains(&enrol(address, by, "ws0419.corp.example", &other).status));
    }
    let denied = enrol(address, SITE, "srv01.corp.example", &other);
    assert_eq!(denied.status, 403);
    assert_eq!(denied.error(), "the token `site` may not enrol srv01.corp.example");
    // The file speaks on as it did.
    assert_eq!(report(address, TOKEN, "ws0418.corp.example"), 202);

    assert_eq!(counted(&daemon, "gracewatch_token_requests_total", "accepted"), Some(1.0));
    for (result, count) in [("enrolled", 1.0), ("repeated", 1.0), ("taken", 1.0), ("rejected", 1.0), ("denied", 1.0)] {
        assert_eq!(counted(&daemon, "gracewatch_enrolments_total", result), Some(count), "{result}");
    }
    let said = format!("token=\"site\" machine=\"{MACHINE}\"");
    let lines = daemon.log_lines("a machine is enrolled");
    assert!(lines.len() == 1 && lines[0].contains(&said), "{lines:?}");
    let lines = daemon.log_lines("reports are processed");
    assert!(lines[0].contains(&said), "{lines:?}");
    for secret in [&own, &other] {
        assert!(!daemon.log().contains(secret.as_str()));
    }

    // What was answered with 201 is there after a process that was killed.
    drop(daemon);
    let daemon = kept.serve();
    let address = daemon.address();
    assert_eq!((report(address, &own, MACHINE), enrol(address, SITE, MACHINE, &other).status), (202, 409));

    // Shut out while it runs, at once.
    let listed = token(kept, &["list", "--machines"]);
    assert_eq!(listed.exit_code, Some(0), "{listed:?}");
    assert!(
        listed.stdout.starts_with(&format!("{MACHINE}  site  2")) && listed.stdout.lines().count() == 1,
        "{listed:?}"
    );
    assert!(!listed.stdout.contains("shut out"), "{listed:?}");
    let revoked = token(kept, &["revoke", "--machine", "WS0417.corp.example"]);
    assert_eq!((revoked.exit_code, revoked.stdout.as_str()), (Some(0), ""), "{revoked:?}");
    assert_eq!(report(address, &own, MACHINE), 401);
    for token in [&own, &other] {
        assert_eq!(enrol(address, SITE, MACHINE, token).status, 410);
    }
    assert!(token(kept, &["list", "--machines"]).stdout.contains("shut out 2"));
    // A reload and a restart change nothing of that.
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!(report(address, &own, MACHINE), 401);

    // Set up anew, it enrols once more; whoever has its old token has nothing.
    let again = token(kept, &["revoke", "--enrol-again", MACHINE]);
    assert_eq!(again.exit_code, Some(0), "{again:?}");
    assert_eq!(token(kept, &["list", "--machines"]).stdout, "");
    assert_eq!((enrol(address, SITE, MACHINE, &other).status, report(address, &other, MACHINE)), (201, 202));
    assert_eq!((enrol(address, SITE, MACHINE, &own).status, report(address, &own, MACHINE)), (409, 401));
    let unknown = token(kept, &["revoke", "--machine", "ws0001.corp.example"]);
    assert!(unknown.exit_code == Some(1) && unknown.stderr.contains("is not enrolled"), "{unknown:?}");
    // The store holds up under what another program wrote to it.
    assert_eq!(report(address, TOKEN, "ws0419.corp.example"), 202);
    assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(1.0));

    // Without the token by which they did, machines that enrolled report on, and no other enrols.
    kept.directory().write_private("tokens", format!("everything {TOKEN} *\n"));
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!((report(address, &other, MACHINE), enrol(address, SITE, MACHINE, &other).status), (202, 401));
}

#[test]
fn a_machine_enrols_once_in_a_file() {
    let kept = tokens_of(Kept::new());
    a_machine_enrols_once(&kept);
    // No token is on any disk.
    let bytes = kept.all_bytes();
    assert!(!bytes.windows(b"gracewatch_".len()).any(|window| window == b"gracewatch_"));
}

#[test]
#[ignore = "needs postgresql"]
fn a_machine_enrols_once_on_a_server() {
    let postgres = Postgres::new();
    a_machine_enrols_once(&tokens_of(Kept::in_store(&postgres.url())));
}

#[test]
#[ignore = "needs postgresql"]
fn what_one_instance_enrols_or_shuts_out_the_others_know_at_once() {
    let mut postgres = Postgres::new();
    let kept = tokens_of(Kept::in_store(&postgres.url()));
    let (one, two) = (kept.serve(), kept.serve());
    let own = made();
    assert_eq!(enrol(one.address(), SITE, MACHINE, &own).status, 201);
    assert_eq!(report(two.address(), &own, MACHINE), 202);
    assert_eq!(enrol(two.address(), SITE, MACHINE, &made()).status, 409);
    assert_eq!(token(&kept, &["revoke", "--machine", MACHINE]).exit_code, Some(0));
    assert_eq!([&one, &two].map(|daemon| report(daemon.address(), &own, MACHINE)), [401, 401]);
    assert_eq!(token(&kept, &["revoke", "--enrol-again", MACHINE]).exit_code, Some(0));

    // Of many at once one is first.
    let all: Vec<_> = (0..8)
        .map(|number| {
            let address = if number % 2 == 0 { one.address() } else { two.address() };
            thread::spawn(move || enrol(address, SITE, MACHINE, &made()).status)
        })
        .collect();
    let mut statuses: Vec<_> = all.into_iter().map(|one| one.join().expect("it is answered")).collect();
    statuses.retain(|status| *status != 503);
    statuses.sort_unstable();
    assert!(statuses[0] == 201 && statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");

    // While the store is down nobody is told that a token is wrong, and nothing is promised.
    postgres.stop();
    let own = made();
    for answer in [enrol(one.address(), SITE, "ws1.corp.example", &own), {
        Sender::with_token(one.address(), &own).send(Client::new(MACHINE).text())
    }] {
        assert_eq!((answer.status, answer.retry_after.is_some()), (503, true), "{answer:?}");
    }
    postgres.start_again();
    wait_until("it does not enrol again", || enrol(one.address(), SITE, "ws1.corp.example", &own).status != 503);
    assert_eq!(enrol(one.address(), SITE, "ws1.corp.example", &own).status, 200);
}

#[test]
fn what_is_hostile_enrols_nobody() {
    let kept = tokens_of(Kept::new());
    let all = format!("enrol: all {SITE} *\n");
    kept.directory().write_private("tokens", all);
    let daemon = kept.serve();
    let own = made();
    let long = "a".repeat(254);
    for machine in [
        "",
        " ",
        "*",
        "ws*",
        "ws01\nws02",
        "ws01'; DROP TABLE enrolled; --",
        "../../etc/passwd",
        "ws01..corp.example",
        "10.0.0.1",
        "::1",
        "BCDFG-HJKMN-PQRTV-WXY23-46789",
        "ws01\u{202e}",
        "ws01\0",
        &long,
    ] {
        let answer = enrol(daemon.address(), SITE, machine, &own);
        assert_eq!(answer.status, 400, "{machine:?}: {answer:?}");
        assert!(machine.len() < 4 || !answer.error().contains(machine), "{answer:?}");
    }
    let form = own.trim_start_matches("gracewatch_");
    for token in ["", "short", SITE, form, &format!("{own}A"), &own[..own.len() - 1], &format!("{own} ")] {
        assert_eq!(enrol(daemon.address(), SITE, "ws01", token).status, 400, "{token:?}");
    }
    let sender = Sender::enrolling(daemon.address(), SITE);
    let more = json!({"machine": "ws01", "token": own, "patterns": ["*"]}).to_string();
    let long = json!({"machine": "ws01", "token": own}).to_string() + &" ".repeat(5000);
    for body in
        ["", "{}", "[]", "null", r#"{"machine": "ws01"}"#, &more, &long, "{\"machine\": \"ws01\", \"token\": [[[["]
    {
        let answer = sender.send(body);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(!answer.error().contains(form), "{answer:?}");
    }
    assert_eq!(Sender::anonymous(daemon.address()).send("{}").status, 401);
    // None of it is there, and it still works.
    assert_eq!(token(&kept, &["list", "--machines"]).stdout, "");
    assert_eq!(enrol(daemon.address(), SITE, "ws01", &own).status, 201);
    assert!(!daemon.log().contains(form));
}

#[test]
fn guesses_are_slow_and_keep_no_machine_waiting() {
    let kept = tokens_of(Kept::new());
    let daemon = kept.serve();
    let address = daemon.address();
    let own = made();
    assert_eq!((enrol(address, SITE, MACHINE, &own).status, report(address, &own, MACHINE)), (201, 202));
    let guessing: Vec<_> = (0..100)
        .map(|number| {
            thread::spawn(move || {
                // As reports, and to enrol.
                let guess = if number % 2 == 0 { Sender::with_token } else { Sender::enrolling }(address, &made());
                let begun = Instant::now();
                (guess.send("x").status, begun.elapsed())
            })
        })
        .collect();
    let known = Sender::with_token(address, &own);
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let begun = Instant::now();
        assert_eq!(known.send(Client::new(MACHINE).text()).status, 202);
        slowest = slowest.max(begun.elapsed());
    }
    for guess in guessing {
        let (status, took) = guess.join().expect("it is answered");
        assert!(status == 429 || (status == 401 && took >= Duration::from_millis(300)), "{status} {took:?}");
    }
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}

#[test]
fn tokens_that_enrol_are_made_and_listed_as_such() {
    let kept = Kept::new();
    let printed = token(&kept, &["add", "--enrol", "site", "ws*.corp.example", "srv1"]);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    let made = printed.stdout.trim();
    let text = fs::read_to_string(kept.directory().path().join("tokens")).expect("it is there");
    assert!(text.contains("\nenrol: site sha256:") && !text.contains(made), "{text}");
    let listed = token(&kept, &["list"]);
    assert_eq!(listed.stdout, "everything  *\nsite        enrol: ws*.corp.example srv1\n", "{listed:?}");
    // There is no store to ask yet, and none is made.
    let listed = token(&kept, &["list", "--machines"]);
    assert!(listed.exit_code == Some(1) && !kept.file().exists(), "{listed:?}");
    let daemon = kept.serve();
    assert_eq!(enrol(daemon.address(), made, "srv1", &self::made()).status, 201);
    assert_eq!(sender(daemon.address()).send(Client::new("srv1").text()).status, 202);
    assert_eq!(token(&kept, &["revoke", "site"]).exit_code, Some(0));
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!(enrol(daemon.address(), made, "srv1", &self::made()).status, 401);
}

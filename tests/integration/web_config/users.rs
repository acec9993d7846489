//! Users with passwords, tokens beside them, a limit of requests, and headers.

use std::thread;
use std::time::{Duration, Instant};

use super::{Guarded, HASH, configuration};
use crate::servers::directory::TemporaryDirectory;
use crate::support::curl::{Curl, Fetched};
use crate::support::daemon::Daemon;
use crate::support::reports;
use crate::support::status::{Kept, TOKEN};

fn users() -> String {
    format!("basic_auth_users:\n  alice: {HASH}\n")
}

/// `GET`s a path as a user.
fn get(guarded: &Guarded, path: &str, user: &str) -> Fetched {
    guarded.curl("http", path).with(["--user", user]).fetch()
}

#[test]
#[ignore = "needs curl"]
fn users_guard_everything_but_the_health() {
    let guarded = Guarded::start(&users(), |_| {});
    for path in ["/", "/metrics", "/api/v1/paths", "/sd", "/nowhere", "/-/healthy/", "//-/healthy"] {
        let fetched = guarded.curl("http", path).fetch();
        assert_eq!(fetched.status, 401, "{path}");
        assert_eq!(fetched.header("www-authenticate"), Some("Basic realm=\"gracewatch\", charset=\"UTF-8\""), "{path}");
        for wrong in ["alice:Secret", "alice:", "Alice:secret", "bob:secret", ":secret"] {
            assert_eq!(get(&guarded, path, wrong).status, 401, "{path} for {wrong}");
        }
        let expected = if path.starts_with("/nowhere") || path.contains("health") { 404 } else { 200 };
        assert_eq!(get(&guarded, path, "alice:secret").status, expected, "{path}");
    }
    assert_eq!(guarded.curl("http", "/-/healthy").fetch().status, 200);
    assert_ne!(guarded.curl("http", "/-/ready").fetch().status, 401);
    // A token is a password's equal for one request alone.
    let bearer = guarded.curl("http", "/metrics").with(["--header", "Authorization: Bearer alice"]).fetch();
    assert_eq!(bearer.status, 401);
    let log = guarded.daemon.log();
    assert!(log.contains("a request is denied") && !log.contains("secret") && !log.contains("Secret"), "{log}");
    let scrape = get(&guarded, "/metrics", "alice:secret").body;
    assert!(scrape.contains("gracewatch_logins_total{result=\"rejected\"} 35\n"), "{scrape}");
}

#[test]
#[ignore = "needs curl"]
fn reports_are_sent_with_a_token_in_place_of_a_password() {
    let (kept, files) = (Kept::new(), TemporaryDirectory::new("web"));
    let web = files.write("web.yaml", users());
    let daemon = Daemon::start(&format!("{}web: {{config_file: {}}}\n", kept.configuration(), web.display()));
    let report = reports::Client::new("ws1.corp.example").text();
    let post = |arguments: &[&str]| {
        let curl = Curl::new(&format!("http://{}/api/v1/status", daemon.address()));
        curl.with(["--data-binary", report.as_str()]).with(arguments).fetch()
    };
    let bearer = |token: &str| format!("Authorization: Bearer {token}");
    assert_eq!(post(&["--header", &bearer(TOKEN)]).status, 202);
    let unknown = post(&["--header", &bearer("0123456789abcdef-unknown")]);
    assert_eq!((unknown.status, unknown.header("www-authenticate")), (401, Some("Bearer")), "{unknown:?}");
    // Whoever has neither, or a password where a token is needed, learns what is missing.
    assert_eq!(post(&[]).status, 401);
    assert_eq!(post(&["--user", "alice:secret"]).status, 401);
    let read = Curl::new(&format!("http://{}/api/v1/machines", daemon.address()));
    assert_eq!(read.with(["--header", &bearer(TOKEN)]).fetch().status, 401);
}

#[test]
#[ignore = "needs curl"]
fn a_password_is_verified_once_and_wrong_ones_take_no_more_than_their_share() {
    // A cost that takes about a second in a build that is not optimized.
    let slow = "$2b$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u";
    let guarded = Guarded::start(&format!("basic_auth_users: {{alice: {slow}}}\n"), |_| {});
    // What it takes of the processor, which does not depend on what else the machine does.
    let time = |user: &str| {
        let before = guarded.daemon.processor_time();
        let status = get(&guarded, "/-/healthy/", user).status;
        (status, guarded.daemon.processor_time().saturating_sub(before))
    };
    let (status, first) = time("alice:secret");
    assert_eq!(status, 404);
    let (_, wrong) = time("alice:wrong");
    let (_, unknown) = time("nobody:wrong");
    let (status, again) = time("alice:secret");
    assert_eq!(status, 404);
    assert!(again < first / 2, "{again:?}, and {first:?} at first");
    assert!(wrong > first / 3 && unknown > first / 3, "{wrong:?} and {unknown:?}, where a right one takes {first:?}");

    let refused = thread::scope(|scope| {
        let flood: Vec<_> = (0..24)
            .map(|number| {
                let guarded = &guarded;
                scope.spawn(move || get(guarded, "/metrics", &format!("alice:wrong{number}")))
            })
            .collect();
        // Whoever was accepted before still is.
        let begun = Instant::now();
        let status = get(&guarded, "/-/healthy/", "alice:secret").status;
        assert_eq!(status, 404);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        flood.into_iter().map(|one| one.join().expect("it ends")).collect::<Vec<_>>()
    });
    let busy = refused.iter().filter(|fetched| fetched.status == 503).count();
    assert!(busy >= 8 && refused.iter().all(|fetched| [401, 503].contains(&fetched.status)), "{busy}");
    let one = refused.iter().find(|fetched| fetched.status == 503).expect("there are some");
    assert!(one.header("retry-after").is_some(), "{one:?}");
}

#[test]
#[ignore = "needs curl"]
fn requests_beyond_the_limit_learn_when_to_come_again() {
    let guarded = Guarded::start("rate_limit: {interval: 1h, burst: 3}\n", |_| {});
    let statuses: Vec<_> = (0..5).map(|_| guarded.curl("http", "/api/v1/paths").fetch().status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let refused = guarded.curl("http", "/metrics").fetch();
    let seconds: u32 = refused.header("retry-after").and_then(|value| value.parse().ok()).expect("it is answered");
    assert!((3500..=3600).contains(&seconds), "{refused:?}");
    assert_eq!(guarded.curl("http", "/-/healthy").fetch().status, 200);
}

#[test]
#[ignore = "needs curl"]
fn headers_are_on_each_answer() {
    let headers =
        "http_server_config:\n  headers: {X-Frame-Options: deny, Content-Security-Policy: \"default-src 'self'\"}\n";
    let guarded = Guarded::start(&format!("{headers}{}", users()), |_| {});
    for (path, user) in [("/", "alice:secret"), ("/", "bob:x"), ("/nowhere", "alice:secret"), ("/-/healthy", "x:x")] {
        let fetched = get(&guarded, path, user);
        assert_eq!(fetched.header("x-frame-options"), Some("deny"), "{fetched:?}");
        assert_eq!(fetched.header("content-security-policy"), Some("default-src 'self'"), "{fetched:?}");
    }
}

#[test]
#[ignore = "needs curl"]
fn the_flag_of_all_exporters_takes_precedence() {
    let files = TemporaryDirectory::new("web");
    let (open, guarded) = (files.write("open.yaml", ""), files.write("guarded.yaml", users()));
    let flag = format!("--web.config.file={}", guarded.display());
    let daemon = Daemon::start_with_arguments(&[&flag], &configuration(&open));
    assert_eq!(daemon.get("/metrics").status, 401);
}

//! The files are read again when they change, and a bad one leaves the good one in force.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use super::{Guarded, HASH, TLS, configuration, exchange};
use crate::servers::certificates::{Authority, Certificate, Validity};
use crate::servers::hanging::Hanging;
use crate::servers::process;
use crate::support::program::{gracewatch, run};
use crate::support::scrape::Scrape;

const SUCCESSFUL: &str = "gracewatch_web_config_last_reload_successful";
const UP: &str = "gracewatch_web_config_up";

fn scrape(guarded: &Guarded, authority: &Authority) -> Option<Scrape> {
    let fetched = guarded.curl("https", "/metrics").trusting(&authority.root()).fetch();
    (fetched.status == 200).then(|| Scrape::parse(fetched.body))
}

fn is_successful(guarded: &Guarded, authority: &Authority) -> Option<bool> {
    scrape(guarded, authority).map(|scrape| scrape.value(SUCCESSFUL, &[]) == Some(1.0))
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_certificate_is_exchanged_while_it_is_in_use() {
    let (old, new) = (Authority::new("Old Root"), Authority::new("New Root"));
    let guarded = Guarded::with_tls(&old, "");
    let ends = |authority: &Authority| {
        scrape(&guarded, authority)?.value("gracewatch_web_certificate_expiry_timestamp_seconds", &[])
    };
    let before = ends(&old).expect("it answers");
    assert!(ends(&new).is_none(), "nobody vouches for the old certificate");

    exchange(&guarded.files, &new.issue(&["127.0.0.1"], Validity::EndingIn(30)));
    process::wait_until("the new certificate is not shown", || ends(&new).is_some());
    assert!(ends(&old).is_none() && ends(&new).is_some_and(|ends| ends < before));
    assert!(guarded.daemon.log().contains("the web configuration is reloaded"), "{}", guarded.daemon.log());

    // A key that is not that of the certificate is refused, and the pair from before is shown on.
    let stranger = Certificate::self_signed(&["127.0.0.1"]);
    super::copy(&stranger.key, &guarded.files.path().join("server.key"));
    process::wait_until("the bad key goes unnoticed", || is_successful(&guarded, &new) == Some(false));
    assert!(guarded.daemon.log().contains("`server.key`: the key is not that of the certificate"));
    exchange(&guarded.files, &old.issue(&["127.0.0.1"], Validity::Good));
    process::wait_until("the good pair goes unnoticed", || is_successful(&guarded, &old) == Some(true));
}

#[test]
fn files_that_hang_are_reported_once_and_read_when_they_return() {
    let mut hanging = None;
    let guarded = Guarded::start_with(
        "",
        |_| (),
        |files, command| {
            hanging.insert(Hanging::new(files.path())).put_before(command);
        },
    );
    let hanging = hanging.expect("it is put before");
    let daemon = &guarded.daemon;
    let users = format!("basic_auth_users: {{alice: {HASH}}}\n");
    assert_eq!(daemon.scrape().value(UP, &[]), Some(1.0));

    hanging.hang();
    guarded.files.write("web.yaml", &users);
    daemon.scrape_until("it is not reported", |scrape| scrape.value(UP, &[]) == Some(0.0));
    let threads = || fs::read_dir(format!("/proc/{}/task", daemon.process_id())).expect("it runs").count();
    // It is looked at the files every three seconds. A thread or two may be begun for something else, and stay.
    let before = threads();
    daemon.wait_for_rounds("tcp", 12);
    assert!(threads() < before + 3, "threads pile up: {before}, then {}", threads());
    assert_eq!(daemon.log_lines("web configuration hang").len(), 1, "{}", daemon.log());

    hanging.go_on();
    process::wait_until("the change goes unnoticed", || daemon.get("/metrics").status == 401);
    assert_eq!(daemon.log_lines("can be read again").len(), 1, "{}", daemon.log());
    let fetched = guarded.curl("http", "/metrics").with(["--user", "alice:secret"]).fetch();
    assert!(fetched.body.contains("gracewatch_web_config_up 1\n"), "{fetched:?}");
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn tls_and_users_come_and_go_without_a_restart() {
    let authority = Authority::new("Corp Root");
    let guarded = Guarded::start("", |files| exchange(files, &authority.issue(&["127.0.0.1"], Validity::Good)));
    assert_eq!(guarded.daemon.get("/metrics").status, 200);
    guarded.files.write("web.yaml", format!("{TLS}basic_auth_users: {{alice: {HASH}}}\n"));
    let status = |user: &str| {
        let curl = guarded.curl("https", "/metrics").trusting(&authority.root());
        curl.with(["--user", user]).fetch().status
    };
    process::wait_until("TLS does not come", || status("alice:secret") == 200);
    assert_eq!(status("alice:wrong"), 401);
    guarded.files.write("web.yaml", "basic_auth_users: {alice: nothing}\n");
    process::wait_until("the bad file is not refused", || guarded.daemon.log().contains("web.yaml:1:27: the hash is"));
    assert_eq!(status("alice:secret"), 200);
    guarded.files.write("web.yaml", "");
    process::wait_until("TLS does not go", || guarded.curl("http", "/metrics").fetch().status == 200);
}

/// Whoever was accepted by a superseded configuration starts over.
#[test]
fn connections_end_with_the_configuration_they_came_about_by() {
    let guarded = Guarded::start("", |_| {});
    let mut stream = TcpStream::connect(guarded.daemon.address()).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket takes it");
    let ask = |stream: &mut TcpStream| {
        stream.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it is open");
        let mut answer = [0; 4096];
        let length = stream.read(&mut answer).expect("it answers");
        assert!(answer[..length].starts_with(b"HTTP/1.1 200 OK\r\n"));
    };
    ask(&mut stream);
    // A reload that changes nothing leaves it open.
    assert_eq!(guarded.daemon.post("/-/reload").status, 200);
    ask(&mut stream);
    guarded.files.write("web.yaml", format!("basic_auth_users: {{alice: {HASH}}}\n"));
    assert_eq!(stream.read(&mut [0; 16]).expect("it is closed in good order"), 0);
}

#[test]
fn a_reload_is_refused_whole_where_the_web_configuration_is_bad() {
    let guarded = Guarded::start("", |_| {});
    let file = guarded.files.path().join("web.yaml").display().to_string();
    guarded.files.write("web.yaml", "http_server_config: {http3: true}\n");
    let response = guarded.daemon.post("/-/reload");
    assert_eq!(response.status, 500, "{}", response.body);
    let expected = format!("{file}:1:22: `http3`: unknown key; did you mean `http2`?");
    assert!(response.body.contains(&expected), "{}", response.body);
    let scrape = guarded.daemon.scrape();
    assert_eq!(scrape.value("gracewatch_config_last_reload_successful", &[]), Some(0.0));
    assert_eq!(scrape.value(SUCCESSFUL, &[]), Some(0.0));

    guarded.files.write("web.yaml", "http_server_config: {headers: {X-Frame-Options: deny}}\n");
    assert_eq!(guarded.daemon.post("/-/reload").status, 200);
    let scrape = guarded.daemon.scrape();
    assert_eq!(scrape.value("gracewatch_config_last_reload_successful", &[]), Some(1.0));
    assert_eq!(scrape.value(SUCCESSFUL, &[]), Some(1.0));

    // Without a web configuration there is nothing to report of one.
    guarded.daemon.rewrite("{}\n");
    assert_eq!(guarded.daemon.post("/-/reload").status, 200);
    assert_eq!(guarded.daemon.scrape().value(SUCCESSFUL, &[]), None);
}

#[test]
fn a_bad_web_configuration_is_refused_at_the_start_and_by_config_check() {
    let files = crate::servers::directory::TemporaryDirectory::new("web");
    let web = files.write("web.yaml", "basic_auth_users:\n  alice: hunter2hunter2\n");
    let config = files.write("gracewatch.yaml", configuration(&web));
    let expected = format!(
        "gracewatch: {}:2:10: the hash is too short; a bcrypt hash is needed, as `htpasswd -nBC 10 USER` makes it\n",
        web.display()
    );
    let run_it = |arguments: &[&str]| {
        let mut command: Command = gracewatch();
        command.args(arguments).arg(&config);
        run(command)
    };
    for arguments in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0", "--config"]] {
        let printed = run_it(arguments);
        assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(1), expected.as_str()));
    }
    fs::write(&web, "rate_limit: {interval: 1s}\n").expect("it can be written");
    let printed = run_it(&["config", "check"]);
    assert_eq!(printed.exit_code, Some(0), "{}", printed.stderr);
    assert!(printed.stderr.contains("web.yaml:1:24: `burst` is 0, so every request is refused"), "{}", printed.stderr);
}

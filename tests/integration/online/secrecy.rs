//! A proxy's password shows nowhere: not in reports, not in logs, not in metrics, not in what is wrong with it.

use std::fmt::Debug;

use super::{NAME, Site, http, socks5};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::microsocks::Microsocks;
use crate::servers::squid::Squid;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::program::{Printed, gracewatch, run, run_with};

const PASSWORD: &str = "hunter2@Zq9";

/// The password and how it looks on its way: percent-encoded, and in base64 alone and behind `user:`.
const FORMS: [&str; 5] = [PASSWORD, "hunter2", "hunter2%40Zq9", "aHVudGVyMkBacTk", "dXNlcjpodW50ZXIyQFpxOQ"];

/// Insists that a text holds no password.
fn assert_keeps_it(what: impl Debug, text: &str) {
    for form in FORMS {
        assert!(!text.contains(form), "{what:?} holds {form}:\n{text}");
    }
}

/// Insists that nothing was printed that holds a password.
fn assert_prints_none(what: impl Debug, printed: &Printed) {
    assert_keeps_it(&what, &printed.stdout);
    assert_keeps_it(&what, &printed.stderr);
}

/// Every way to write a proxy's password, given what it is written for: `http://127.0.0.1:3128`.
fn ways(url: &str, directory: &TemporaryDirectory) -> [String; 4] {
    let file = directory.write("password", format!("{PASSWORD}\n"));
    let inside = url.replace("://", "://user:hunter2%40Zq9@");
    [
        inside,
        format!("{{url: \"{url}\", username: user, password: \"{PASSWORD}\"}}"),
        format!("{{url: \"{url}\", username: user, password: \"${{file:{}}}\"}}", file.display()),
        format!("{{url: \"{url}\", username: user, password: \"${{PROXY_PASSWORD}}\"}}"),
    ]
}

/// Insists that every report on a path over this proxy says these words, and no password.
fn assert_is_reported_without(site: &Site, url: &str, words: &str) {
    let directory = TemporaryDirectory::new("secrecy");
    for via in ways(url, &directory) {
        let path = config::online(&[site.url()]).via(&[&via]).trusting(site.authority.root());
        let file = directory.write("gracewatch.yaml", path.text() + "log: {level: debug}\n");
        for output in ["text", "json", "nagios"] {
            let mut command = gracewatch();
            command.env("PROXY_PASSWORD", PASSWORD).args(["check", "--output", output, "--config"]).arg(&file);
            let printed = run(command);
            assert_eq!(printed.exit_code, Some(2), "{via}: {printed:?}");
            assert!(printed.stdout.contains(words), "{via}: {printed:?}");
            assert_prints_none(&via, &printed);
        }
        let mut command = gracewatch();
        command.env("PROXY_PASSWORD", PASSWORD).args(["config", "check"]).arg(&file);
        let printed = run(command);
        assert_eq!(printed.exit_code, Some(0), "{via}: {printed:?}");
        assert_prints_none(&via, &printed);
    }
}

#[test]
#[ignore = "needs squid, microsocks, nginx, openssl, libfaketime"]
fn reports_hold_no_password_that_is_right() {
    let site = Site::start();
    let (squid, microsocks) = (Squid::basic("user", PASSWORD), Microsocks::with_password("user", PASSWORD));
    for url in [http(squid.address()), socks5(microsocks.address())] {
        assert_is_reported_without(&site, &url, "with the credentials configured here, ");
    }
}

#[test]
#[ignore = "needs squid, microsocks, nginx, openssl, libfaketime"]
fn reports_hold_no_password_that_is_wrong() {
    let site = Site::start();
    let (squid, microsocks) = (Squid::basic("user", "secret"), Microsocks::with_password("user", "secret"));
    for url in [http(squid.address()), socks5(microsocks.address())] {
        assert_is_reported_without(&site, &url, "rejects the credentials configured here");
    }
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_daemon_holds_its_passwords_back_wherever_it_is_asked() {
    let (site, directory) = (Site::start(), TemporaryDirectory::new("secrecy"));
    for (proxy, result) in [(Squid::basic("user", PASSWORD), "ok"), (Squid::basic("user", "secret"), "auth_rejected")] {
        let [inside, beside, from_file, _] = ways(&http(proxy.address()), &directory);
        for via in [inside, beside, from_file] {
            let path = config::online(&[site.url()]).via(&[&via]).trusting(site.authority.root());
            let daemon = Daemon::start_ready(&(path.text() + EACH_SECOND + "log: {level: debug}\n"));
            let labels = [("path", "corp"), ("stage", "proxy"), ("result", result)];
            let probed = daemon.scrape().value("gracewatch_probes_total", &labels);
            assert!(probed >= Some(1.0), "{via}: {}", daemon.scrape().text);
            for page in ["/metrics", "/api/v1/paths", "/", "/-/healthy", "/-/ready"] {
                assert_keeps_it((&via, page), &daemon.get(page).body);
            }
            assert_keeps_it(&via, &daemon.post("/-/reload").body);
            daemon.wait_for_rounds("proxy", 1);
            assert!(daemon.log().contains("corp"), "{}", daemon.log());
            assert_keeps_it(&via, &daemon.log());
        }
    }
}

/// What may be under `online` and holds a password, each with something that is wrong.
const WRONG: [&str; 24] = [
    "endpoints: ['127.0.0.1:1'], proxies: ['http://user:hunter2@Zq9@proxy.example']",
    "endpoints: ['127.0.0.1:1'], proxies: ['ftp://user:hunter2@Zq9@proxy.example:1']",
    "endpoints: ['127.0.0.1:1'], proxies: ['http://user:hunter2@Zq9@proxy.example:99999']",
    "endpoints: ['127.0.0.1:1'], proxies: ['http://user:hunter2@Zq9@proxy.example:3128/path']",
    "endpoints: ['127.0.0.1:1'], proxies: ['user:hunter2@Zq9@proxy.example:3128']",
    "endpoints: ['127.0.0.1:1'], proxies: ['http://user:hunter2@Zq9@proxy example:3128']",
    "endpoints: ['127.0.0.1:1'], proxies: ['http://user:hunter2@Zq9@:3128']",
    "endpoints: ['127.0.0.1:1'], proxies: ['http://user:hunter2@Zq9@p..x:3128']",
    "endpoints: ['127.0.0.1:1'], proxies: ['http://u:hunter2@Zq9@p:1', 'http://v:hunter2@Zq9@p:1']",
    "endpoints: ['127.0.0.1:1'], proxies: 'http://user:hunter2@Zq9@proxy.example'",
    "endpoints: ['127.0.0.1:1'], proxies: [['http://user:hunter2@Zq9@proxy.example:3128']]",
    "endpoints: ['127.0.0.1:1'], proxies: [{url: 'http://p', username: user, password: 'hunter2@Zq9'}]",
    "endpoints: ['127.0.0.1:1'], proxies: [{url: 'http://p:1', username: user, passwort: 'hunter2@Zq9'}]",
    "endpoints: ['127.0.0.1:1'], proxies: [{url: 'http://p:1', password: 'hunter2@Zq9'}]",
    "endpoints: ['127.0.0.1:1'], proxies: [{url: 'http://p:1', username: user, password: ['hunter2@Zq9']}]",
    "endpoints: ['127.0.0.1:1'], proxies: [{url: 'http://p:1', username: user, password: {is: 'hunter2@Zq9'}}]",
    "endpoints: ['127.0.0.1:1'], proxies: [{url: 'socks5://p', username: '', password: 'hunter2@Zq9'}]",
    "endpoints: ['127.0.0.1:1'], proxies: [{url: 'http://p:1', username: u, password: 'hunter2@Zq9', auth: basik}]",
    "endpoints: ['127.0.0.1:1'], proxies: [{url: 'http://p:1', username: u, password: 'hunter2@Zq9', kdc: 'a b'}]",
    "endpoints: ['127.0.0.1:1'], proxies: [{url: 'http://p:1', username: user, password: 'hunter2@Zq9\"}]",
    "endpoints: ['https://user:hunter2@Zq9@activation.example']",
    "endpoints: ['user:hunter2@Zq9@activation.example']",
    "endpoints: [{url: 'https://user:hunter2@Zq9@activation.example', role: licensing}]",
    "endpoints: 'https://user:hunter2@Zq9@activation.example'",
];

#[test]
fn what_is_wrong_with_a_configuration_is_said_without_the_password_in_it() {
    let directory = TemporaryDirectory::new("secrecy");
    for wrong in WRONG {
        let text = format!("paths:\n- name: corp\n  online: {{{wrong}}}\n");
        let file = directory.write("gracewatch.yaml", text).display().to_string();
        for (arguments, exit_code) in [
            (&["config", "check", &file][..], 1),
            (&["check", "--config", &file], 3),
            (&["serve", "--config", &file], 1),
        ] {
            let printed = run_with(arguments);
            assert_eq!(printed.exit_code, Some(exit_code), "{wrong}: {printed:?}");
            assert!(printed.stderr.contains("gracewatch.yaml:"), "{wrong}: {printed:?}");
            assert_prints_none(wrong, &printed);
        }
    }
}

#[test]
fn a_reload_that_is_refused_is_reported_without_the_password() {
    let daemon = Daemon::start_ready(&(config::online(&["http://127.0.0.1:1"]).text() + "log: {level: debug}\n"));
    for wrong in WRONG {
        daemon.rewrite(format!("paths:\n- name: corp\n  online: {{{wrong}}}\nlog: {{level: debug}}\n"));
        let response = daemon.post("/-/reload");
        assert_eq!(response.status, 500, "{wrong}: {}", response.body);
        assert_keeps_it(wrong, &response.body);
    }
    assert!(daemon.log().contains("gracewatch.yaml:3:"), "{}", daemon.log());
    assert_keeps_it("the log", &daemon.log());
}

/// It is in the list of processes already, and need not be in a log as well.
#[test]
fn what_is_wrong_with_a_proxy_among_the_arguments_is_said_without_its_password() {
    for proxy in [
        "http://user:hunter2@Zq9@proxy.example",
        "ftp://user:hunter2@Zq9@proxy.example",
        "http://user:hunter2@Zq9@proxy.example:3128/path",
        "user:hunter2@Zq9@proxy.example:3128",
    ] {
        let printed = run_with(&["check", &format!("https://{NAME}"), "--proxy", proxy]);
        assert_eq!(printed.exit_code, Some(3), "{printed:?}");
        assert!(printed.stderr.contains("--proxy"), "{printed:?}");
        assert_prints_none(proxy, &printed);
    }
}

#[test]
fn what_is_wrong_with_a_url_among_the_arguments_is_said_without_a_password_in_it() {
    for target in [
        "https://user:hunter2@Zq9@activation.example",
        "ftp://user:hunter2@Zq9@activation.example",
        "https://user:hunter2@Zq9@:443",
    ] {
        let printed = run_with(&["check", target]);
        assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(3), ""), "{printed:?}");
        assert!(!printed.stderr.is_empty(), "{printed:?}");
        assert_prints_none(target, &printed);
    }
}

#[test]
#[ignore = "needs squid"]
fn a_password_given_as_an_argument_is_in_no_report() {
    let proxy = Squid::basic("user", "secret");
    let via = format!("http://user:hunter2%40Zq9@{}", proxy.address());
    for output in ["text", "json", "nagios"] {
        let printed = run_with(&["check", "https://127.0.0.1:1", "--proxy", &via, "--output", output]);
        assert_eq!(printed.exit_code, Some(2), "{printed:?}");
        assert!(printed.stdout.contains("rejects the credentials configured here"), "{printed:?}");
        assert_prints_none(output, &printed);
    }
}

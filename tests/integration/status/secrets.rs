//! A secret in every configured place shows nowhere: not in what is printed, logged, answered or counted.

use crate::support::daemon::Daemon;
use crate::support::post::Sender;
use crate::support::program::{Printed, gracewatch, run};
use crate::support::reports::Client;
use crate::support::status::Kept;

const SECRET: &str = "hunter2Zq9Zq9";

/// A token with it.
const TOKEN: &str = "0123456789abcdef-hunter2Zq9Zq9";

/// Configurations in which it is, each with something that is wrong.
fn wrong() -> Vec<String> {
    let store = |url: &str| format!("status: {{store: '{url}'}}\n");
    vec![
        store("postgres://watch:hunter2Zq9Zq9@db:port/x"),
        store("postgres://watch:hunter2Zq9Zq9@db:70000/x"),
        store("postgres://watch:1/hunter2Zq9Zq9@db/x"),
        store("postgres://watch:a/hunter2Zq9Zq9@db/x"),
        store("postgres://watch:1#hunter2Zq9Zq9@db/x"),
        store("postgres://watch:a#hunter2Zq9Zq9@db/x"),
        store("postgres://watch:1?hunter2Zq9Zq9@db/x"),
        store("postgres://watch@db/x?sslmode=hunter2Zq9Zq9"),
        store("postgress://watch:hunter2Zq9Zq9@db/x"),
        store("watch:hunter2Zq9Zq9@db/x"),
        store("postgres://watch:${hunter2Zq9Zq9@db/x"),
        store("postgres://watch:${hunter2Zq9Zq9-}@db/x"),
        store("postgres://watch:${SECRET}@db:port/x"),
        store("${SECRET}"),
        "status: 'postgres://watch:hunter2Zq9Zq9@db/x'\n".to_owned(),
        "status: {store:postgres://watch:hunter2Zq9Zq9@db/x}\n".to_owned(),
        "status: {store: [hunter2Zq9Zq9]}\n".to_owned(),
        "listen: '${SECRET}'\n".to_owned(),
        "probe: {interval: '${SECRET}'}\n".to_owned(),
        "log: {level: '${SECRET}'}\n".to_owned(),
        "status: {store: sqlite:x.db, tokens_file: '/nonexistent/${SECRET}'}\n".to_owned(),
        "paths: [{name: a, online: {endpoints: ['https://${SECRET}', 'https://${SECRET}']}}]\n".to_owned(),
        "paths: [{name: a, online: {endpoints: microsoft, ca_file: '/nonexistent/${SECRET}'}}]\n".to_owned(),
        "paths: [{name: a, kms: {domain: '${SECRET}..x'}}]\n".to_owned(),
        // Pasted where no secret belongs.
        "paths: [{name: a, kms: {hosts: ['watch:hunter2Zq9Zq9@kms01']}}]\n".to_owned(),
        "paths: [{name: a, kms: {hosts: ['kms01:hunter2Zq9Zq9']}}]\n".to_owned(),
        "paths: [{name: a, kms: {domain: 'https://watch:hunter2Zq9Zq9@corp.example'}}]\n".to_owned(),
        "paths: [{name: 'https://watch:hunter2Zq9Zq9@corp.example', kms: {hosts: [kms01]}}]\n".to_owned(),
        "listen: 'watch:hunter2Zq9Zq9@127.0.0.1:10688'\n".to_owned(),
        "clock: {ntp: ['ntp.example:hunter2Zq9Zq9']}\n".to_owned(),
        "probe: {interval: 'password=hunter2Zq9Zq9'}\n".to_owned(),
        "status: {store: 'sqlite:x.db', inbox: 'https://watch:hunter2Zq9Zq9@corp.example'}\n".to_owned(),
    ]
}

/// Files of tokens in which something is wrong.
const WRONG_TOKENS: [&str; 9] = [
    TOKEN,
    "0123456789abcdef-hunter2Zq9Zq9 *",
    "0123456789abcdef-hunter2Zq9Zq9 *.corp.example.of.ours",
    "0123456789abcdef-hunter2Zq9Zq9 *.corp.example.of.ours ws*",
    "a 0123456789abcdef-hunter2Zq9Zq9",
    "a * 0123456789abcdef-hunter2Zq9Zq9",
    "a sha256:hunter2Zq9Zq9 *",
    "a SHA-256:0123456789abcdef-hunter2Zq9Zq9 *",
    "a 0123456789abcdef-hunter2Zq9Zq9 *\nb 0123456789abcdef-hunter2Zq9Zq9 *",
];

fn assert_keeps_it(what: &str, text: &str) {
    assert!(!text.to_lowercase().contains(&SECRET.to_lowercase()), "{what} holds it:\n{text}");
}

fn printed(kept: &Kept, arguments: &[&str], configuration: &str) -> Printed {
    let file = kept.directory().write("wrong.yaml", configuration);
    let mut command = gracewatch();
    command.env("SECRET", SECRET).args(arguments).arg(file);
    run(command)
}

#[test]
fn what_is_wrong_is_said_without_the_secret_in_it() {
    let kept = Kept::new();
    let mut all = wrong();
    for (number, tokens) in WRONG_TOKENS.into_iter().enumerate() {
        let file = kept.directory().write_private(&format!("tokens{number}"), tokens);
        all.push(format!("status: {{store: 'sqlite:x.db', tokens_file: {}}}\n", file.display()));
    }
    for configuration in &all {
        for arguments in [
            &["config", "check"][..],
            &["serve", "--config"],
            &["machines", "--config"],
            &["token", "list", "--config"],
        ] {
            // Who only reads needs no tokens.
            if arguments[0] == "machines" && configuration.contains("tokens_file") {
                continue;
            }
            let printed = printed(&kept, arguments, configuration);
            assert!(
                printed.exit_code == Some(1) && !printed.stderr.is_empty(),
                "{arguments:?} {configuration}: {printed:?}"
            );
            assert_keeps_it(configuration, &printed.stderr);
            assert_keeps_it(configuration, &printed.stdout);
        }
    }

    let daemon = Daemon::start_with(
        {
            let mut command = gracewatch();
            command.env("SECRET", SECRET);
            command
        },
        &(kept.configuration() + "log: {level: trace}\n"),
    );
    for configuration in &all {
        daemon.rewrite(
            format!("{configuration}log: {{level: trace}}\n").replace("log: {level: '${SECRET}'}\nlog", "log"),
        );
        let response = daemon.post("/-/reload");
        if response.status != 200 {
            assert_keeps_it(configuration, &response.body);
        }
    }
    assert!(daemon.log().contains("the running one stays"), "{}", daemon.log());
    assert_keeps_it("the log", &daemon.log());
}

#[test]
fn what_is_right_keeps_its_secrets_as_well() {
    let kept = Kept::new().with_paths(
        "paths:\n- name: corp\n  online:\n    endpoints: ['http://127.0.0.1:1']\n    proxies:\n    \
         - {url: 'http://127.0.0.1:1', username: '${SECRET}', password: '${SECRET}'}\n",
    );
    kept.directory().write_private("tokens", format!("all {TOKEN} *\n"));
    let mut command = gracewatch();
    command.env("SECRET", SECRET);
    let daemon = Daemon::start_with(command, &(kept.configuration() + "log: {level: trace}\n"));
    daemon.wait_until_ready();
    assert_eq!(Sender::with_token(daemon.address(), TOKEN).send(Client::new("ws01").text()).status, 202);
    assert_eq!(Sender::with_token(daemon.address(), &format!("{TOKEN}x")).send("x").status, 401);
    for page in ["/metrics", "/", "/api/v1/paths", "/api/v1/machines", "/sd", "/-/ready"] {
        assert_keeps_it(page, &daemon.get(page).body);
    }
    assert_keeps_it("the answer", &daemon.post("/-/reload").body);
    assert_keeps_it("the log", &daemon.log());
    for arguments in [&["config", "example"][..], &["config", "schema"], &["serve", "--help"]] {
        let mut command = gracewatch();
        command.env("GRACEWATCH_CONFIG", SECRET).args(arguments);
        let printed = run(command);
        assert_eq!(printed.exit_code, Some(0), "{printed:?}");
        assert_keeps_it("what is printed", &printed.stdout);
    }
}

/// A store that cannot be reached is named, and its password is not.
#[test]
fn a_server_that_cannot_be_reached_is_named_without_its_password() {
    let kept = Kept::in_store(&format!("postgres://watch:{SECRET}@127.0.0.1:1/x?application_name={SECRET}"));
    let daemon = Daemon::start(&(kept.configuration() + "log: {level: trace}\n"));
    crate::servers::process::wait_until("nothing is said", || daemon.log().contains("the store is unavailable"));
    assert_keeps_it("the log", &daemon.log());
    assert_keeps_it("the answer", &daemon.get("/api/v1/machines").body);
    let printed = run(kept.command("machines"));
    assert!(printed.stderr.contains("postgres://127.0.0.1:1/x"), "{printed:?}");
    assert_keeps_it("what is printed", &printed.stderr);
}

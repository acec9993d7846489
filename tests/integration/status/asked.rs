//! A daemon that is asked over its API: by its address from any desk, or because it runs on this machine.

use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::{fs, iter};

use jiff::SignedDuration;
use serde_json::Value;

use crate::servers::certificates::{Authority, Validity};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::port;
use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::program::{Printed, gracewatch, run};
use crate::support::reports::{Client, lines, minutes_ago, now};
use crate::support::status::{Kept, text, text_of};

const DAY: i64 = 1440;

/// `secret`, hashed at the least cost there is.
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

/// A store with three machines, of which one was activated and is not any more.
fn kept() -> Kept {
    let kept = Kept::new();
    let hour = SignedDuration::from_hours(1);
    let host = |client: Client| Client { kms_host: "127.0.0.1".to_owned(), ..client };
    let before = host(Client { reported_at: now() - hour, ..Client::new("ws0417.corp.example") });
    let after = Client { license_status: 5, minutes: 0, reported_at: now(), ..before.clone() };
    let others = [
        host(Client { minutes: 20 * DAY, ..Client::new("soon.corp.example") }),
        host(Client { reported_at: minutes_ago(9 * DAY), ..Client::new("silent.corp.example") }),
    ];
    for clients in [[before].as_slice(), &[after], &others] {
        let printed = kept.import_text("fleet.ndjson", lines(clients));
        assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    }
    kept
}

/// Runs the program without a configuration, asking a daemon.
fn ask(server: &str, arguments: &[&str]) -> Printed {
    let mut command = gracewatch();
    command.args(arguments).args(["--server", server]);
    run(command)
}

fn of_daemon(daemon: &Daemon<'_>) -> String {
    format!("http://{}", daemon.address())
}

/// What is printed in JSON, without what changes from second to second.
fn json(printed: &Printed) -> Value {
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
    let mut json: Value = serde_json::from_str(&printed.stdout).expect("it is JSON");
    if let Some(machines) = json["machines"].as_array_mut() {
        for license in machines.iter_mut().filter_map(|machine| machine["licenses"].as_array_mut()).flatten() {
            for key in ["grace_remaining_seconds", "renewal_overdue_seconds"] {
                license[key] = license[key].is_null().into();
            }
        }
    }
    json
}

#[test]
fn a_daemon_answers_what_its_store_holds() {
    let kept = kept();
    let daemon = kept.serve();
    daemon.wait_until_ready();
    let server = of_daemon(&daemon);
    for filters in [&[][..], &["--lost"], &["--within", "30d"], &["--stale", "--sort", "name"], &["--limit", "1"]] {
        let arguments = [&["machines", "--output", "json"], filters].concat();
        let mut command = kept.command("machines");
        command.args(&arguments[1..]);
        assert_eq!(json(&ask(&server, &arguments)), json(&run(command)), "{filters:?}");
    }
    wait_until("the fleet is not aggregated", || daemon.get("/api/v1/runway").status == 200);
    let list = ask(&server, &["machines"]);
    assert_eq!((list.exit_code, list.stderr.as_str()), (Some(0), ""));
    assert!(list.stdout.starts_with("3 machines, 1 expiring within 30 days, 1 lost"), "{}", list.stdout);
    let refused = ask(&server, &["machines", "--path", "nowhere"]);
    assert!(refused.exit_code == Some(1) && refused.stderr.contains("no path has this name"), "{refused:?}");
}

#[test]
fn one_machine_is_shown_whole() {
    let kept = kept();
    let daemon = kept.serve();
    daemon.wait_until_ready();
    let mut command = kept.command("machines");
    command.arg("WS0417");
    for printed in [ask(&of_daemon(&daemon), &["machines", "ws0417"]), run(command)] {
        assert_eq!(printed.exit_code, Some(0), "{printed:?}");
        let shown = &printed.stdout;
        assert!(shown.starts_with("ws0417.corp.example\n  Last report "), "{shown}");
        for part in [
            "\n✗ Windows(R), ServerStandard edition (VOLUME_KMSCLIENT)\n    State: notification",
            "\n    The key ends in VDYBN.",
            "\nWhat changed:\n  ✗ ",
            "Windows(R), ServerStandard edition: licensed → notification",
            "\nWhat to do first:\n  1. ",
        ] {
            assert!(shown.contains(part), "{part:?} in {shown}");
        }
    }
    let missing = ask(&of_daemon(&daemon), &["machines", "corp"]);
    assert_eq!(missing.exit_code, Some(1));
    for part in ["`corp`: ", "did you mean", "soon.corp.example"] {
        assert!(missing.stderr.contains(part), "{part} in {missing:?}");
    }
    let mut command = kept.command("machines");
    command.arg("nobody");
    assert!(run(command).stderr.contains("`nobody`: no machine has this name"));
}

#[test]
fn how_the_kms_host_of_a_machine_is_comes_from_the_daemon() {
    let host = port::refusing();
    let kept = Kept::new().with_paths(&format!("paths: [{{name: corp, kms: {{hosts: [\"{host}\"]}}}}]\n"));
    let client = Client { kms_host: host.ip().to_string(), ..Client::new("ws1.corp.example") };
    let mut report = client.json();
    report["products"][0]["DiscoveredKeyManagementServiceMachinePort"] = host.port().into();
    assert_eq!(kept.import_text("ws1.json", report.to_string()).exit_code, Some(0));
    let daemon = kept.serve();
    daemon.wait_until_ready();
    let shown = ask(&of_daemon(&daemon), &["machines", "ws1"]).stdout;
    assert!(shown.contains(&format!("    ✗ KMS host {host} (127.0.0.1) fails at tcp: refused.\n")), "{shown}");
    assert!(shown.contains("  Path corp is blocked at tcp: "), "{shown}");
    let reported: Value = serde_json::from_str(&daemon.get("/api/v1/machines/ws1").body).expect("it is JSON");
    assert_eq!(
        (&reported["kms_hosts"][0]["works"], &reported["path_status"]["verdict"]),
        (&false.into(), &"blocked".into())
    );
}

#[test]
fn changes_are_those_that_are_kept_and_those_of_verdicts() {
    let kept = kept();
    let daemon = kept.serve();
    daemon.wait_until_ready();
    let kinds = |printed: &Printed| {
        let json = json(printed);
        let changes = json["changes"].as_array().expect("there is a list").clone();
        changes.iter().map(|change| text(&change["kind"]).to_owned()).collect::<Vec<_>>()
    };
    let mut command = kept.command("changes");
    command.args(["--since", "2d", "--output", "json"]);
    // That a machine appeared and what its report changed fall into one second, in either order.
    let sorted = |mut kinds: Vec<String>| {
        kinds.sort();
        kinds
    };
    assert_eq!(sorted(kinds(&run(command))), ["appeared", "appeared", "appeared", "license", "silent"]);
    let asked = ask(&of_daemon(&daemon), &["changes", "--since", "2d", "--output", "json"]);
    assert_eq!(sorted(kinds(&asked)), ["appeared", "appeared", "appeared", "license", "silent", "verdict"]);
    assert!(json(&asked)["verdicts_since"].is_string(), "{asked:?}");
    let mut command = kept.command("changes");
    command.args(["--since", "2d"]);
    let stored = run(command).stdout;
    assert!(stored.contains("only a running daemon knows them"), "{stored}");
    let shown = ask(&of_daemon(&daemon), &["changes", "--since", "2d"]).stdout;
    assert!(shown.starts_with("6 changes since "), "{shown}");
    for part in [
        "path corp",
        "blocked at tcp: refused",
        "licensed → notification",
        "silent; last report ",
        "ws0417.corp.example  first report",
        "Verdicts are known since ",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert_eq!(kinds(&ask(&of_daemon(&daemon), &["changes", "--since", "1ms", "--output", "json"])), [""; 0]);
    let refused = ask(&of_daemon(&daemon), &["changes", "--since", "soon"]);
    assert!(refused.exit_code == Some(1) && refused.stderr.contains("a span such as 1d"), "{refused:?}");
    for query in ["?since=soon", "?until=1d"] {
        assert_eq!(daemon.get(&format!("/api/v1/changes{query}")).status, 400, "{query}");
    }
}

#[test]
fn what_a_daemon_saw_last_is_shown_as_a_check_shows_it() {
    let kept = kept();
    let daemon = kept.serve();
    daemon.wait_until_ready();
    let server = of_daemon(&daemon);
    wait_until("the fleet is not aggregated", || daemon.get("/api/v1/runway").status == 200);
    let last = ask(&server, &["check", "--last"]);
    assert_eq!((last.exit_code, last.stderr.as_str()), (Some(2), ""), "{last:?}");
    assert!(last.stdout.starts_with("corp: blocked at tcp: refused\nPath corp is blocked at tcp: "), "{last:?}");
    assert!(last.stdout.contains("\nWhat to do first:\n  1. "), "{last:?}");
    assert!(last.stdout.contains("\n  ✗ tcp "), "{last:?}");
    assert_eq!(ask(&server, &["check", "--last", "corp", "--output", "json"]).exit_code, Some(2));
    let nagios = ask(&server, &["check", "--last", "--output", "nagios"]).stdout;
    assert!(nagios.starts_with("GRACEWATCH CRITICAL - Path corp is blocked "), "{nagios}");
    assert!(nagios.contains("'corp_lost'=") && nagios.contains("'corp_7d'="), "{nagios}");
    let japanese = ask(&server, &["check", "--last", "--lang", "ja"]).stdout;
    assert!(japanese.contains("最初に行うこと:\n  1. "), "{japanese}");
    let missing = ask(&server, &["check", "--last", "branch"]);
    assert!(missing.exit_code == Some(3) && missing.stderr.contains("`branch`: no path has this name"), "{missing:?}");
}

#[test]
fn a_daemon_says_which_machines_report_a_code_and_what_its_probes_see() {
    let kept = kept();
    let daemon = kept.serve();
    daemon.wait_until_ready();
    let printed = ask(&of_daemon(&daemon), &["explain", "0xC004F074"]);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));
    assert!(printed.stdout.contains("\nMachines that report it (0): none\n"), "{}", printed.stdout);
    assert!(printed.stdout.contains("\ncorp: blocked at tcp: refused\n  ✗ tcp "), "{}", printed.stdout);
}

#[test]
fn the_daemon_on_this_machine_is_asked_where_it_has_the_store_of_the_configuration() {
    let kept = kept();
    let listen = format!("127.0.0.1:{}", port::free(Ipv4Addr::LOCALHOST.into()));
    let configuration = kept.configuration() + &format!("listen: {listen}\n");
    let file = kept.directory().write("local.yaml", &configuration);
    let daemon = Daemon::start_where_configured(&configuration);
    daemon.wait_until_ready();
    let machines = |file: &Path| {
        let mut command = gracewatch();
        command.args(["machines", "--output", "json", "--config"]).arg(file);
        json(&run(command))["total"].clone()
    };
    let requests =
        || daemon.scrape().sum("gracewatch_http_requests_total", &[("route", "/api/v1/machines")]).to_string();
    assert_eq!((machines(&file), &*requests()), (3.into(), "1"));
    // Another store is not the daemon's.
    let other = configuration.replace("gracewatch.db", "other.db");
    let other = kept.directory().write("other.yaml", other);
    let mut command = gracewatch();
    command.args(["machines", "--output", "json", "--config"]).arg(&other);
    let printed = run(command);
    assert!(printed.exit_code == Some(0) && printed.stderr.contains("does not exist yet"), "{printed:?}");
    assert_eq!(requests(), "1");
    // Where no daemon answers, the store does.
    drop(daemon);
    assert_eq!(machines(&file), 3);
}

#[test]
#[ignore = "needs openssl"]
fn a_daemon_with_tls_and_users_is_asked_by_one_of_them() {
    let (kept, files) = (kept(), TemporaryDirectory::new("web"));
    let authority = Authority::new("Gracewatch Test Root");
    let certificate = authority.issue(&["127.0.0.1"], Validity::Good);
    let web = format!(
        "tls_server_config: {{cert_file: {}, key_file: {}}}\nbasic_auth_users:\n  alice: {HASH}\n",
        certificate.chain.display(),
        certificate.key.display()
    );
    let web = files.write("web.yaml", web);
    let daemon = Daemon::start(&(kept.configuration() + &format!("web: {{config_file: {}}}\n", web.display())));
    let server = format!("https://{}", daemon.address());
    let [right, wrong] = ["secret", "hunter2"].map(|word| files.write_private(word, format!("{word}\n")));
    let root = authority.root();
    let asked = |more: &[&str]| ask(&server, &[&["machines", "--output", "json"], more].concat());
    let [root, right, wrong] = [&root, &right, &wrong].map(|file| file.to_str().expect("the path is text"));
    let user = ["--user", "alice", "--ca-file", root, "--password-file"];
    assert_eq!(json(&asked(&[&user[..], &[right]].concat()))["total"], 3);
    let denied = asked(&[&user[..], &[wrong]].concat());
    assert!(denied.exit_code == Some(1) && denied.stderr.contains("accepts only known users"), "{denied:?}");
    assert!(asked(&["--ca-file", root]).stderr.contains("accepts only known users"));
    let untrusted = asked(&["--user", "alice", "--password-file", right]);
    assert!(untrusted.exit_code == Some(1) && untrusted.stderr.contains("cannot be reached"), "{untrusted:?}");
    let in_sight = asked(&["--user", "alice:secret", "--ca-file", root]);
    assert!(in_sight.stderr.contains("does not belong on the command line"), "{in_sight:?}");
    for printed in [&denied, &untrusted, &in_sight] {
        assert!(!printed.stderr.contains("hunter2") && !printed.stderr.contains("secret"), "{printed:?}");
    }
    let mut command = gracewatch();
    command.args(["machines", "--server", &server, "--user", "alice", "--ca-file", root, "--output", "json"]);
    command.env("GRACEWATCH_PASSWORD", "secret");
    assert_eq!(json(&run(command))["total"], 3);
}

#[test]
#[ignore = "needs openssl"]
fn a_daemon_with_tls_on_this_machine_is_found_by_its_configuration() {
    let (kept, files) = (kept(), TemporaryDirectory::new("web"));
    // Its certificate is for a name by which it is not asked here, and by an authority that nobody knows.
    let certificate = Authority::new("Gracewatch Test Root").issue(&["gracewatch.corp.example"], Validity::Good);
    let (chain, key) = (certificate.chain.display(), certificate.key.display());
    let tls = format!("tls_server_config: {{cert_file: {chain}, key_file: {key}}}\n");
    let users = format!("{tls}basic_auth_users:\n  alice: {HASH}\n");
    for (web, is_asked) in [(tls, true), (users, false)] {
        let web = files.write("web.yaml", web);
        let listen = format!("127.0.0.1:{}", port::free(Ipv4Addr::LOCALHOST.into()));
        let settings = format!("listen: {listen}\nweb: {{config_file: {}}}\n", web.display());
        let configuration = kept.configuration() + &settings;
        let file = kept.directory().write("local.yaml", &configuration);
        let daemon = Daemon::start_where_configured(&configuration);
        let run = |arguments: &[&str]| {
            let mut command = gracewatch();
            command.args(arguments).arg("--config").arg(&file);
            run(command)
        };
        let machines = run(&["machines", "--output", "json"]);
        assert_eq!(machines.exit_code, Some(0), "{machines:?}");
        let hint = format!("name it with --server https://{listen}");
        assert_eq!(machines.stderr.contains(&hint), !is_asked, "{machines:?}");
        // Verdicts are known to the daemon alone.
        let changes = run(&["changes"]).stdout;
        assert_eq!(changes.contains("only a running daemon knows them"), !is_asked, "{changes}");
        drop(daemon);
    }
}

#[test]
fn where_nothing_answers_that_is_said_at_once_and_without_a_number_of_the_system() {
    let server = format!("http://{}", port::refusing());
    for arguments in [&["machines"][..], &["machines", "ws1"], &["changes"], &["explain", "0xC004F074"]] {
        let printed = ask(&server, arguments);
        assert_eq!(printed.exit_code, Some(1), "{printed:?}");
        assert!(printed.stderr.contains(&format!("{server} cannot be reached: ")), "{printed:?}");
        assert!(!printed.stderr.contains("os error") && !printed.stderr.contains("hyper"), "{printed:?}");
    }
    for wrong in [
        "ftp://gracewatch",
        "http://",
        "http://alice:hunter2@127.0.0.1:1",
        "alice:hunter2@127.0.0.1:1",
        "http://127.0.0.1:1?token=hunter2",
        "127.0.0.1:1/?token=hunter2",
        "http://127.0.0.1:1/#hunter2",
        "http://127.0.0.1:99999/hunter2",
        "hunter2 hunter2",
    ] {
        let printed = ask(wrong, &["machines"]);
        assert!(printed.exit_code == Some(1) && printed.stderr.contains("--server: "), "{printed:?}");
        assert!(!printed.stderr.contains("hunter2"), "{printed:?}");
    }
    let mut command = gracewatch();
    command.args(["check", "--last", "--config"]).arg("/dev/null");
    assert_eq!(run(command).exit_code, Some(3));
}

#[test]
fn a_password_goes_to_a_daemon_that_was_named_alone_and_whoever_sends_it_unencrypted_is_warned() {
    let files = TemporaryDirectory::new("password");
    let word = files.write_private("word", "hunter2\n");
    let word = word.to_str().expect("the path is text");
    for login in [&["--user", "alice", "--password-file", word][..], &["--token-file", word]] {
        let mut command = gracewatch();
        command.args(["machines", "--config", "/dev/null"]).args(login);
        let unnamed = run(command);
        assert!(unnamed.exit_code == Some(3) && unnamed.stderr.contains("--server"), "{unnamed:?}");
        let warning = "anyone on the network can read the password";
        let port = port::refusing().port();
        // To connect to no address at all is to connect to this machine.
        let there = ask(&format!("http://0.0.0.0:{port}"), &[&["machines"], login].concat());
        assert_eq!(there.stderr.matches(warning).count(), 1, "{there:?}");
        for server in
            [format!("http://127.0.0.1:{port}"), format!("localhost:{port}"), format!("https://0.0.0.0:{port}")]
        {
            let printed = ask(&server, &[&["machines"], login].concat());
            assert!(printed.exit_code == Some(1) && !printed.stderr.contains(warning), "{printed:?}");
        }
    }
    assert!(!ask(&format!("http://0.0.0.0:{}", port::refusing().port()), &["machines"]).stderr.contains("password"));
}

#[test]
fn what_no_machine_can_be_called_asks_for_nothing_else() {
    let kept = Kept::new();
    assert_eq!(kept.import_text("ws1.ndjson", lines(&[Client::new("ws1.corp.example")])).exit_code, Some(0));
    let daemon = kept.serve();
    daemon.wait_until_ready();
    for name in ["..", ".", "", " ", "...", "../paths", "%2e%2e", "a/b", "a?b#c"] {
        let mut command = kept.command("machines");
        command.arg(name);
        for printed in [ask(&of_daemon(&daemon), &["machines", name]), run(command)] {
            assert_eq!((printed.exit_code, &*printed.stdout), (Some(1), ""), "{name}: {printed:?}");
            // Whether it is no name at all, or nobody has it.
            let said = [": no machine ", "does not identify one machine"];
            assert!(said.iter().any(|said| printed.stderr.contains(said)), "{name}: {printed:?}");
        }
    }
    for path in ["..%2Fpaths", "%20", "..."] {
        assert_eq!(daemon.get(&format!("/api/v1/machines/{path}")).status, 404, "{path}");
    }
}

#[test]
fn what_is_no_file_of_bounded_length_is_refused_at_once() {
    let files = TemporaryDirectory::new("endless");
    let pipe = files.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("it runs").success());
    let huge = files.path().join("huge");
    fs::File::create(&huge).and_then(|file| file.set_len(1 << 40)).expect("it takes no room");
    let good = files.write_private("good", "word\n");
    let server = format!("https://{}", port::refusing());
    let [good, folder] = [&good, files.path()].map(|path| path.to_str().expect("the path is text"));
    let endless = [("/dev/zero", "is not a file"), (folder, "is not a file")];
    let endless = endless.into_iter().chain([(text_of(&pipe), "is not a file"), (text_of(&huge), "is too long")]);
    for (file, said) in endless {
        let options = [
            &["--user", "alice", "--password-file", file][..],
            &["--token-file", file],
            &["--ca-file", file],
            &["--client-cert", file, "--client-key", good],
        ];
        for option in options {
            let printed = ask(&server, &[&["machines"], option].concat());
            assert!(printed.exit_code == Some(1) && printed.stderr.contains(said), "{option:?}: {printed:?}");
        }
        for arguments in [
            &["machines", "--config", file][..],
            &["config", "check", file],
            &["serve", "--config", file],
            &["check", "--ca-file", file, "https://127.0.0.1:1/"],
        ] {
            let mut command = gracewatch();
            command.args(arguments);
            let printed = run(command);
            assert!(printed.exit_code != Some(0) && printed.stderr.contains(said), "{arguments:?}: {printed:?}");
        }
        let mut command = gracewatch();
        command.args(["machines", "--server", &server]).env("SSL_CERT_FILE", file);
        assert!(run(command).stderr.contains("cannot be reached"), "{file}");
        if file != text_of(&huge) {
            let configuration = files.write("store.yaml", format!("status: {{store: 'sqlite:{file}'}}\n"));
            for arguments in [&["machines"][..], &["changes"], &["backup", "copy.db"], &["import", good]] {
                let mut command = gracewatch();
                command.args(arguments).arg("--config").arg(&configuration);
                assert_eq!(run(command).exit_code, Some(1), "{arguments:?} {file}");
            }
        }
        let configuration = format!("status: {{store: 'sqlite:{folder}/x.db', tokens_file: '{file}'}}\n");
        let configuration = files.write("tokens.yaml", configuration);
        for arguments in [&["list"][..], &["add", "floor2", "ws*"], &["revoke", "floor2"]] {
            let mut command = gracewatch();
            command.arg("token").args(arguments).arg("--config").arg(&configuration);
            let printed = run(command);
            assert!(printed.exit_code == Some(1) && printed.stderr.contains(said), "{arguments:?}: {printed:?}");
        }
    }
}

/// Another user, who may read the store and write nothing.
#[test]
#[ignore = "needs root"]
fn to_list_machines_takes_no_right_to_write() {
    let kept = kept();
    let file = kept.directory().write("gracewatch.yaml", kept.configuration());
    let store = kept.file();
    let folders = iter::successors(store.parent(), |folder| folder.parent()).take(2);
    folders.for_each(|folder| allow(folder, 0o755));
    for path in [&store, &file] {
        allow(path, 0o444);
    }
    let listed = || {
        let mut command: Command = gracewatch();
        command.args(["machines", "--output", "json", "--config"]).arg(&file).uid(65534).gid(65534);
        run(command)
    };
    // The tokens are for the daemon alone.
    assert_eq!(json(&listed())["total"], 3);
    let names = || fs::read_dir(store.parent().expect("it is in a folder")).expect("it can be listed").count();
    let before = names();
    assert_eq!(json(&listed())["total"], 3);
    assert_eq!(names(), before, "nothing is made beside it");
    allow(&store, 0o400);
    let denied = listed();
    assert!(denied.exit_code == Some(1) && denied.stderr.contains("this user may not read it"), "{denied:?}");
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

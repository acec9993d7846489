//! What goes wrong on the way: each outcome has a name and an exit code, and nothing is lost for it.

use std::fs;

use crate::agent::{MACHINE, World, rows};
use crate::servers::certificates::Authority;
use crate::servers::mount::Mount;
use crate::servers::plain::PlainHttp;
use crate::servers::process::wait_until;
use crate::support::program::{Printed, run};

/// The exit code, and the first line on stderr.
fn outcome(printed: &Printed) -> (Option<i32>, &str) {
    let line = printed.stderr.lines().next().unwrap_or_default();
    (printed.exit_code, line.strip_prefix("gracewatch: ").unwrap_or(line))
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_token_that_is_revoked_keeps_reports_until_there_is_another() {
    let world = World::new();
    let daemon = world.serve();
    let tokens = |text: &str| world.kept.directory().write_private("tokens", text);
    tokens("others 0123456789abcdef-others *\n");
    daemon.signal("HUP");
    let file = world.record(&rows("127.0.0.1:9", 1, 250_000));
    wait_until("the token is not revoked", || world.report(&file).exit_code == Some(31));
    let printed = world.report(&file);
    assert!(outcome(&printed).1.starts_with("the server rejects the token"), "{printed:?}");
    let waiting = world.files("spool").len();
    assert!(waiting > 0 && world.files("refused").is_empty());

    world.machine.write_private("token", "0123456789abcdef-others\n");
    let printed = world.report(&file);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    assert!(world.files("spool").is_empty());
    assert_eq!(world.known(MACHINE)["machine"], MACHINE);
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_token_for_other_machines_keeps_reports_until_it_may() {
    let world = World::new();
    world.kept.directory().write_private("tokens", "floor2 0123456789abcdef-everything ws2*\n");
    let daemon = world.serve();
    let file = world.record(&rows("127.0.0.1:9", 1, 250_000));
    let printed = world.report(&file);
    let said = format!("the token may not report for this machine: the token `floor2` may not report for {MACHINE}");
    assert_eq!(outcome(&printed), (Some(32), said.as_str()), "{printed:?}");
    assert_eq!(world.report(&file).exit_code, Some(32));
    assert_eq!(world.files("spool").len(), 2);
    world.kept.directory().write_private("tokens", "floor2 0123456789abcdef-everything ws*\n");
    daemon.signal("HUP");
    wait_until("the token is not what it is", || world.report(&file).exit_code == Some(0));
    assert!(world.files("spool").is_empty());
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_connection_that_is_intercepted_is_sent_nothing() {
    let world = World::new();
    let daemon = world.serve();
    let file = world.record(&rows("127.0.0.1:9", 1, 250_000));
    let other = Authority::new("Somebody Else");
    let mut command = world.agent_trusting(&other.root());
    command.arg("--once").arg("--from").arg(&file);
    let printed = run(command);
    assert_eq!(printed.exit_code, Some(33), "{printed:?}");
    assert!(
        outcome(&printed).1.starts_with("the server's certificate is not trusted: somebody intercepts"),
        "{printed:?}"
    );
    assert_eq!((world.files("spool").len(), world.counted("stored")), (1, None));
    assert_eq!(world.report(&file).exit_code, Some(0));
    // Of two reports of one second the second brings nothing new.
    let counted = ["stored", "unchanged"].map(|result| world.counted(result).unwrap_or_default());
    assert_eq!(Some(counted.iter().sum()), Some(2.0));
    drop(daemon);
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn what_the_server_refuses_is_kept_aside_and_the_rest_is_sent() {
    let world = World::new();
    let good = world.record(&rows("127.0.0.1:9", 1, 250_000));
    assert_eq!(world.report(&good).exit_code, Some(40));
    let bad = world.machine.write("ws1.txt", "This is no report.\n");
    assert_eq!(world.report(&bad).exit_code, Some(40));
    let _daemon = world.serve();
    let printed = world.report(&good);
    assert_eq!(printed.exit_code, Some(36), "{printed:?}");
    assert!(printed.stdout.starts_with("2 reports sent"), "{printed:?}");
    assert_eq!((world.files("spool").len(), world.files("refused").len()), (0, 1));
    // It is not tried again.
    assert_eq!(world.report(&good).exit_code, Some(0));
}

#[test]
#[ignore = "needs curl, openssl, libfaketime, python3"]
fn who_answers_and_is_no_gracewatch_is_named() {
    let world = World::new();
    let web = PlainHttp::start(0);
    let file = world.record(&rows("127.0.0.1:9", 1, 250_000));
    let mut command = world.agent_to(&format!("http://{}", web.address()));
    command.args(["--once", "--from"]).arg(&file);
    let printed = run(command);
    assert!(matches!(printed.exit_code, Some(35 | 41)), "{printed:?}");
    assert_eq!(world.files("spool").len(), 1);
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn without_a_token_or_a_file_it_says_so() {
    let world = World::new();
    let _daemon = world.serve();
    let file = world.record(&rows("127.0.0.1:9", 1, 250_000));
    fs::remove_file(world.machine.path().join("token")).expect("it is ours");
    assert_eq!(world.report(&file).exit_code, Some(30));
    world.machine.write_private("token", "0123456789abcdef-everything\n");
    let printed = world.report(&world.machine.path().join("none.json"));
    assert_eq!(printed.exit_code, Some(13), "{printed:?}");
    // What waited is sent all the same.
    assert!(world.files("spool").is_empty());
    let printed = world.report(&world.record(&serde_json::json!({"SoftwareLicensingProduct": []})));
    assert_eq!(printed.exit_code, Some(12), "{printed:?}");
}

#[test]
#[ignore = "needs root, curl, openssl, libfaketime"]
fn where_the_disk_is_full_reports_are_sent_all_the_same() {
    let world = World::new();
    let state = world.machine.subdirectory("state");
    let disk = Mount::of_memory(&state, "size=64k");
    let file = world.record(&rows("127.0.0.1:9", 1, 250_000));
    assert_eq!(world.report(&file).exit_code, Some(40));
    let _ = fs::write(state.join("filler"), vec![0; 128 * 1024]);
    let printed = world.report(&file);
    assert_eq!(printed.exit_code, Some(20), "{printed:?}");
    assert!(outcome(&printed).1.starts_with("the disk is full"), "{printed:?}");
    let daemon = world.serve();
    let printed = world.report(&file);
    // The one that waited, and the one that could not.
    assert!(printed.stdout.starts_with("2 reports sent"), "{printed:?}");
    assert_eq!((printed.exit_code, world.files("spool").len()), (Some(20), 0));
    fs::remove_file(state.join("filler")).expect("it is ours");
    assert_eq!(world.report(&file).exit_code, Some(0));
    drop((daemon, disk));
}

//! Machines that enrol by themselves, and what becomes of them: each outcome, and nothing is lost for it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::agent::{MACHINE, World, rows};
use crate::servers::certificates::Authority;
use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::program::{Printed, gracewatch, run};

/// A token that enrols.
const SITE: &str = "0123456789abcdef-site";

/// A world in which the machine has a token that enrols, and no other.
fn world(patterns: &str) -> World {
    let world = World::new();
    world.kept.directory().write_private("tokens", format!("enrol: site {SITE} {patterns}\n"));
    world.machine.write_private("enrol", format!("{SITE}\n"));
    world
}

fn agent(world: &World, folder: &str, file: &Path) -> Printed {
    let mut command = enrolling(world, folder, &world.authority);
    command.arg("--once").arg("--from").arg(file);
    run(command)
}

/// The agent, with its token that enrols.
fn enrolling(world: &World, folder: &str, authority: &Authority) -> Command {
    let mut command = gracewatch();
    let path = |name: &str| world.machine.path().join(name);
    let config = world.machine.write("agent.yaml", "probe: {timeout: 500ms}\nclock: {host_clocks: off}\n");
    command.arg("agent").arg("--config").arg(config).arg("--server").arg(format!("https://{}", world.listen));
    command.arg("--enrol-token-file").arg(path("enrol")).arg("--folder").arg(path(folder));
    command.arg("--ca-file").arg(authority.root());
    command
}

fn report(world: &World) -> Printed {
    agent(world, "state", &world.record(&rows("127.0.0.1:9", 1, 250_000)))
}

fn own(world: &World, folder: &str) -> PathBuf {
    world.machine.path().join(folder).join("enrolled.json")
}

fn kept(world: &World, folder: &str) -> Value {
    let text = fs::read(own(world, folder)).expect("it is there");
    serde_json::from_slice(&text).expect("it is whole")
}

fn token(world: &World, arguments: &[&str]) {
    let mut command = gracewatch();
    let config = world.kept.directory().write("token.yaml", world.kept.configuration());
    command.arg("token").args(arguments).arg("--config").arg(config);
    let printed = run(command);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
}

fn first_line(printed: &Printed) -> &str {
    printed.stderr.lines().next().unwrap_or_default()
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_machine_enrols_by_itself_and_reports_by_its_own_token_from_then_on() {
    let world = world("ws*.corp.example");
    // It has its token before the server does, and keeps its report.
    let printed = report(&world);
    assert_eq!(printed.exit_code, Some(40), "{printed:?}");
    let made = kept(&world, "state");
    assert_eq!((&made["machine"], &made["is_enrolled"]), (&MACHINE.into(), &false.into()));
    assert_eq!(fs::metadata(own(&world, "state")).expect("it is there").mode() & 0o777, 0o600);
    let daemon = world.serve();
    let printed = report(&world);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
    assert!(printed.stdout.starts_with("2 reports sent"), "{printed:?}");
    let enrolled = kept(&world, "state");
    assert_eq!((&enrolled["token"], &enrolled["is_enrolled"]), (&made["token"], &true.into()));
    assert_eq!(world.known(MACHINE)["machine"], MACHINE);

    // The token that enrols is not needed any more, after a restart of either.
    fs::remove_file(world.machine.path().join("enrol")).expect("it is ours");
    assert_eq!(report(&world).exit_code, Some(0));
    drop(daemon);
    let daemon = world.serve();
    assert_eq!(report(&world).exit_code, Some(0));
    assert_eq!(daemon.log_lines("a machine is enrolled").len(), 0);
    assert!(!daemon.log().contains(enrolled["token"].as_str().expect("a text")));
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn where_an_answer_is_lost_or_the_store_the_same_token_is_enrolled_again() {
    let world = world("ws*.corp.example");
    let daemon = world.serve();
    assert_eq!(report(&world).exit_code, Some(0));
    let enrolled = kept(&world, "state");
    // The server has it, and the agent never heard so.
    let mut lost = enrolled.clone();
    lost["is_enrolled"] = false.into();
    fs::write(own(&world, "state"), lost.to_string()).expect("it is ours");
    assert_eq!(report(&world).exit_code, Some(0));
    assert_eq!(kept(&world, "state"), enrolled);
    // The agent has it, and the server does not any more, as where an older copy is put back.
    token(&world, &["revoke", "--enrol-again", MACHINE]);
    assert_eq!(report(&world).exit_code, Some(0));
    assert_eq!(kept(&world, "state"), enrolled);
    assert_eq!(daemon.log_lines("a machine is enrolled").len(), 2);
    // Without the token that enrols there is no more to say than that.
    token(&world, &["revoke", "--enrol-again", MACHINE]);
    fs::remove_file(world.machine.path().join("enrol")).expect("it is ours");
    assert_eq!(report(&world).exit_code, Some(31));
    assert!(!world.files("spool").is_empty());
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_machine_that_may_not_enrol_or_has_or_is_shut_out_is_told_so() {
    let world = world("srv*");
    let daemon: Daemon<'_> = world.serve();
    let printed = report(&world);
    assert_eq!(printed.exit_code, Some(38), "{printed:?}");
    let said = format!("this machine cannot enrol: the token `site` may not enrol {MACHINE}");
    assert!(first_line(&printed).contains(&said), "{printed:?}");
    let tokens = |text: &str| {
        world.kept.directory().write_private("tokens", text);
        daemon.signal("HUP");
    };
    tokens("others 0123456789abcdef-others *\n");
    wait_until("the token is not revoked", || first_line(&report(&world)).contains("the token is not known"));
    tokens(&format!("enrol: site {SITE} ws*.corp.example\n"));
    wait_until("the token is not what it is", || report(&world).exit_code == Some(0));
    // What waited is sent.
    assert!(world.files("spool").is_empty() && world.files("refused").is_empty());

    // The same machine, set up anew.
    let file = world.record(&rows("127.0.0.1:9", 1, 250_000));
    let printed = agent(&world, "anew", &file);
    assert_eq!(printed.exit_code, Some(39), "{printed:?}");
    assert!(first_line(&printed).contains("gracewatch token revoke --enrol-again ws0417.corp.example"), "{printed:?}");
    token(&world, &["revoke", "--enrol-again", MACHINE]);
    assert_eq!(agent(&world, "anew", &file).exit_code, Some(0));
    assert_eq!(report(&world).exit_code, Some(39));

    // Shut out while it runs.
    token(&world, &["revoke", "--machine", MACHINE]);
    let printed = agent(&world, "anew", &file);
    assert_eq!(printed.exit_code, Some(42), "{printed:?}");
    assert!(first_line(&printed).contains("this machine may not report any more"), "{printed:?}");
    token(&world, &["revoke", "--enrol-again", MACHINE]);
    assert_eq!(agent(&world, "anew", &file).exit_code, Some(0));
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_machine_that_is_renamed_enrols_by_its_new_name() {
    let world = world("ws*.corp.example");
    let daemon = world.serve();
    assert_eq!(report(&world).exit_code, Some(0));
    let before = kept(&world, "state");
    let mut renamed = rows("127.0.0.1:9", 1, 250_000);
    renamed["Win32_ComputerSystem"][0]["DNSHostName"] = "WS0500".into();
    let printed = agent(&world, "state", &world.record(&renamed));
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    let after = kept(&world, "state");
    assert_eq!(after["machine"], "ws0500.corp.example");
    assert_ne!(before["token"], after["token"]);
    assert_eq!(world.known("ws0500.corp.example")["machine"], "ws0500.corp.example");
    drop(daemon);
}

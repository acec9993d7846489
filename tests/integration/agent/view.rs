//! What the server makes of it that a machine sees its own path, and that two machines have one name.

use serde_json::Value;

use crate::agent::{MACHINE, World, rows};
use crate::servers::process::wait_until;
use crate::servers::rpc::RpcServer;
use crate::support::program::run;
use crate::support::status::Kept;

/// The path `corp`, as the server shows it.
fn path(world: &World) -> Value {
    world.json("/api/v1/paths")["paths"][0].clone()
}

#[test]
#[ignore = "needs curl, openssl, libfaketime, python3-impacket"]
fn a_machine_that_is_cut_off_from_a_host_that_passes_from_here_is_named() {
    let kms = RpcServer::start(0);
    let paths =
        format!("paths: [{{name: corp, kms: {{hosts: [\"{}\"]}}}}]\nclock: {{host_clocks: off}}\n", kms.address());
    let world = World::with(Kept::new().with_paths(&paths));
    let _daemon = world.serve();
    // Another port of the same host, where nobody listens: as behind a firewall.
    assert_eq!(world.report(&world.record(&rows("127.0.0.1:9", 1, 250_000))).exit_code, Some(0));
    wait_until("the path is fine", || path(&world)["verdict"] == "degraded");
    let shown = path(&world);
    assert_eq!((&shown["stage"], &shown["reason"]), (&"tcp".into(), &"elsewhere".into()), "{shown:#}");
    let problem = &shown["problems"][0];
    assert_eq!(problem["machine_names"], serde_json::json!([MACHINE]), "{problem:#}");
    assert_eq!(problem["subject"]["failing"]["is_own_view"], true, "{problem:#}");
    let summary = problem["summary"].as_str().unwrap_or_default();
    assert!(summary.contains("fails at tcp by its own check, though tcp passes from here"), "{summary}");

    let healthy = world.record(&rows(&kms.address().to_string(), 1, 250_000));
    wait_until("it is still cut off", || {
        assert_eq!(world.report(&healthy).exit_code, Some(0));
        path(&world)["verdict"] == "ok"
    });
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn two_machines_of_one_name_are_named_to_both_and_in_the_log() {
    let world = World::new();
    let daemon = world.serve();
    let file = world.record(&rows("127.0.0.1:9", 1, 250_000));
    let report = |folder: &str| {
        let mut command = world.agent_with(&world.authority.root(), folder, &format!("https://{}", world.listen));
        command.arg("--once").arg("--from").arg(&file);
        run(command)
    };
    // One that was set up anew takes the place of the one before.
    assert_eq!([report("state"), report("clone")].map(|printed| printed.exit_code), [Some(0), Some(0)]);
    let printed = report("state");
    assert_eq!(printed.exit_code, Some(37), "{printed:?}");
    assert!(printed.stderr.contains("another machine reports by the same name"), "{printed:?}");
    assert!(printed.stdout.starts_with("1 report sent"), "{printed:?}");
    assert_eq!(report("clone").exit_code, Some(37));
    let log = daemon.log();
    let line = format!("two agents report by one name in turn: 1 ({MACHINE})");
    assert_eq!(log.matches(&line).count(), 1, "{log}");
}

//! The first commands of the README, on a machine whose domain has a KMS host.

use std::net::SocketAddr;

use super::blocks::blocks;
use super::root;
use super::run::path;
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::place::Place;
use crate::servers::rpc::{Interface, RpcServer};
use crate::support::program::run;

const MARK: &str = "checked by tests/integration/documents/quick_start.rs";

/// The commands of a page that this is about, but for those that build.
fn commands(page: &str) -> Vec<String> {
    let blocks = blocks(&root().join(page));
    let ours = blocks.iter().filter(|block| block.mark.as_deref() == Some(MARK));
    let lines = ours.map(|block| block.text.lines().filter(|line| !line.starts_with("cargo ")));
    lines.map(|lines| lines.collect::<Vec<_>>().join("\n")).collect()
}

#[test]
#[ignore = "needs curl, iproute2, knot, python3-impacket"]
fn the_first_commands_lead_to_a_verdict() {
    let namespace = Namespace::new();
    let within = |port| Place::within(&namespace, SocketAddr::from(([127, 0, 0, 1], port)));
    let _server = RpcServer::start_at(&within(1688), Interface::Kms);
    // A record must not lead to loopback, unless the nameserver is there as well.
    let zone = Zone::new("corp.example", "_vlmcs._tcp SRV 0 0 1688 kms01\nkms01 A 127.0.0.1");
    let _dns = Knot::start_at(&within(53), &[zone]);
    namespace.resolve_and_search([127, 0, 0, 1].into(), "corp.example");
    let shell = |text: &str| {
        let mut command = namespace.command("bash");
        command.args(["-euo", "pipefail", "-c", text]).env("PATH", path()).env("LC_ALL", "C.UTF-8");
        command.env_remove("GRACEWATCH_CONFIG");
        run(command)
    };
    let [check, serve] = &commands("README.md")[..] else { panic!("the README has other blocks") };
    let printed = shell(check);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    assert!(printed.stdout.contains("corp.example") && printed.stdout.contains(": ok"), "{}", printed.stdout);

    // A reader takes longer than the daemon to get ready.
    let ready = "until curl -sf -o /dev/null http://localhost:10688/-/ready; do sleep 0.1; done";
    let serve = serve.replace("gracewatch serve &", &format!("trap 'kill %1' EXIT; gracewatch serve & {ready}"));
    let printed = shell(&serve);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    assert!(printed.stdout.contains("gracewatch_path_up{path=\"default\"} 1"), "{}", printed.stdout);
}

#[test]
fn both_first_pages_begin_alike() {
    let readme = commands("README.md").concat();
    for command in commands("docs/index.md") {
        assert!(readme.contains(command.trim()), "{command}");
    }
}

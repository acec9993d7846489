//! Hosts that the machine's hosts file names.

use std::fs;

use crate::servers::netns::Namespace;
use crate::servers::process;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;

#[test]
#[ignore = "needs iproute2"]
fn a_hosts_file_is_followed_as_it_changes_and_a_bad_byte_costs_its_word_alone() {
    let namespace = Namespace::new();
    namespace.resolve_through([127, 0, 0, 1].into());
    let file = namespace.write_hosts(b"# \xfcberholt\n127.0.0.7 caf\xe9 kms01.corp.example\n127.0.0.8 \xff\n");
    let daemon =
        Daemon::start_in(&namespace, &(config::hosts(&["kms01.corp.example", "kms02.corp.example"]) + EACH_SECOND));
    let has = |target: &str, address: &str| {
        let labels = [("target", target), ("address", address), ("stage", "tcp")];
        daemon.scrape().value("gracewatch_stage_up", &labels).is_some()
    };
    process::wait_until("the file is not read", || has("kms01.corp.example:1688", "127.0.0.7"));
    assert!(!has("kms02.corp.example:1688", "127.0.0.9"), "{}", daemon.scrape().text);
    // In place: whoever has a file mounted sees that one alone.
    fs::write(file, "127.0.0.6 kms01.corp.example\n127.0.0.9 kms02.corp.example # a second host\n").expect("a file");
    process::wait_until("the change is not seen", || {
        has("kms01.corp.example:1688", "127.0.0.6") && has("kms02.corp.example:1688", "127.0.0.9")
    });
}

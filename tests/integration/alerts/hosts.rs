//! What KMS hosts report of themselves: that they count too few, that nobody asks them, that their license has lapsed.

use super::fleet;
use super::watch::Watch;
use super::world::{KMS_HOST, SRV_RECORD, World};
use crate::servers::netns::Namespace;

/// The hosts beside the first, all at its address.
const OTHERS: [&str; 4] = ["kms02", "kms03", "kms04", "kms05"];

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn what_is_wrong_with_kms_hosts_is_told_of_each_by_what_it_reports() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let names = OTHERS.map(|host| format!(", {host}.corp.example"));
    world.configure(&[("[kms01.corp.example]", &format!("[kms01.corp.example{}]", names.concat()))]);
    let others = OTHERS.map(|host| format!("_vlmcs._tcp 1 SRV 0 0 1688 {host}\n{host} A {KMS_HOST}\n"));
    world.publish(&(SRV_RECORD.to_owned() + &others.concat()));
    world.stop();
    world.start();
    let watch = Watch::over(&network);

    // Windows 10 takes a host that counts 25.
    world.import_all(&[
        fleet::site("serves counts 26; 2 desktops", "kms02.corp.example"),
        fleet::site("serves counts 10; 2 desktops", "kms03.corp.example"),
        fleet::site("serves counts 50, unlicensed", "kms04.corp.example"),
        fleet::site("serves counts 50, asked 9d ago; 3 clients, overdue", "kms05.corp.example"),
    ]);
    for (line, sentence, first) in [
        (
            "GracewatchKmsHostCountTooLow",
            "KMS host kms03.corp.example counts 10 clients for Windows, and needs 25 before it activates \
             all who ask it for that.",
            "Look for clients cloned from one image",
        ),
        (
            "GracewatchKmsHostUnlicensed",
            "The license of KMS host kms04.corp.example itself for Windows is not in force. Such a host activates nobody \
             for that.",
            "On the KMS host: `slmgr /dlv` shows the state of its KMS host key.",
        ),
        (
            "GracewatchKmsHostCountLow",
            "KMS host kms02.corp.example counts 26 clients for Windows, and needs 25: with fewer, it no longer \
             activates all who ask it for that.",
            "On the KMS host, `slmgr /dlv` shows the count",
        ),
        (
            "GracewatchKmsHostIdle corp",
            "A KMS host of path corp has clients, and none has asked it for more than 8 days: kms05.corp.example was \
             asked last 9d …s ago.",
            "On a client: `slmgr /dlv` shows the KMS host it asks",
        ),
    ] {
        let told = watch.wait_until_told(&format!("ticket firing {line}"));
        // Of a path, whom it hurts comes after that.
        assert!(told.says(sentence) || told.says_first(sentence), "{told:?}");
        assert!(told.description.starts_with(first), "{told:?}");
    }

    // The clients of the host that nobody asks are those that are late.
    let late = watch.wait_until_told("ticket firing GracewatchMachinesNotActivated corp");
    assert!(late.summary.starts_with("3 machines on path corp fail though it works. Path corp works"), "{late:?}");
    // The key of a host is activated by Microsoft, over any of the paths that lead there.
    watch
        .wait_until_told("ticket firing GracewatchLicenseLost")
        .assert_says("1 machine has lost activation, of 553 known, among them kms04.corp.example.");
    for path in ["microsoft", "lab"] {
        let told = watch.wait_until_told(&format!("ticket firing GracewatchMachinesNotActivated {path}"));
        let sentence = format!("1 machine on path {path} fails though it works. {}", world.words(path));
        told.assert_says(&sentence);
    }

    world.import_all(&[
        fleet::site("serves counts 50", "kms02.corp.example"),
        fleet::site("serves counts 50", "kms03.corp.example"),
        fleet::site("serves counts 50", "kms04.corp.example"),
        fleet::site("serves counts 50, asked 1h ago; 3 clients", "kms05.corp.example"),
    ]);
    watch.assert_all_over(&[
        ("ticket", "GracewatchLicenseLost", ""),
        ("ticket", "GracewatchMachinesNotActivated", "corp"),
        ("ticket", "GracewatchMachinesNotActivated", "microsoft"),
        ("ticket", "GracewatchMachinesNotActivated", "lab"),
        ("ticket", "GracewatchKmsHostCountTooLow", ""),
        ("ticket", "GracewatchKmsHostUnlicensed", ""),
        ("ticket", "GracewatchKmsHostCountLow", ""),
        ("ticket", "GracewatchKmsHostIdle", "corp"),
    ]);
    watch.assert_fired(&[
        "GracewatchLicenseLost warning",
        "GracewatchMachinesNotActivated warning microsoft",
        "GracewatchMachinesNotActivated warning lab",
        "GracewatchMachinesNotActivated warning corp",
        "GracewatchKmsHostCountTooLow warning",
        "GracewatchKmsHostUnlicensed warning",
        "GracewatchKmsHostCountLow warning",
        "GracewatchKmsHostIdle warning corp",
    ]);
}

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_host_is_reported_for_the_application_of_which_it_counts_too_few_and_for_no_other() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let hosts = ["kms02", "kms03"];
    let names = hosts.map(|host| format!(", {host}.corp.example"));
    world.configure(&[("[kms01.corp.example]", &format!("[kms01.corp.example{}]", names.concat()))]);
    let others = hosts.map(|host| format!("_vlmcs._tcp 1 SRV 0 0 1688 {host}\n{host} A {KMS_HOST}\n"));
    world.publish(&(SRV_RECORD.to_owned() + &others.concat()));
    world.stop();
    world.start();
    let watch = Watch::over(&network);

    world.import_all(&[
        fleet::site("serves counts 10, office 50; 2 desktops; 2 offices", "kms02.corp.example"),
        fleet::site("serves counts 50, office 3; 2 desktops; 2 offices", "kms03.corp.example"),
    ]);
    for sentence in [
        "KMS host kms02.corp.example counts 10 clients for Windows, and needs 25 before it activates all who ask it for \
         that.",
        "KMS host kms03.corp.example counts 3 clients for Office, and needs 5 before it activates all who ask it for \
         that.",
    ] {
        watch.wait_until_said("ticket firing GracewatchKmsHostCountTooLow", sentence);
    }
    world.import_all(&[
        fleet::site("serves counts 50, office 50; 2 desktops; 2 offices", "kms02.corp.example"),
        fleet::site("serves counts 50, office 50; 2 desktops; 2 offices", "kms03.corp.example"),
    ]);
    watch.assert_all_over(&[("ticket", "GracewatchKmsHostCountTooLow", "")]);
    watch.assert_fired(&["GracewatchKmsHostCountTooLow warning"]);
}

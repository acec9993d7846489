//! Machines whose faults are their own: keys, images, evaluations, and where in the network they stand.

use super::fleet;
use super::history;
use super::watch::Watch;
use super::world::{KMS_HOST, SRV_RECORD, World};
use crate::servers::netns::Namespace;
use crate::support::reports::{self, Client, FULL};

/// A day ago, and a while before and after it.
const A_DAY_AGO: (i64, i64) = (87_300, 85_500);

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn what_is_wrong_with_machines_themselves_is_told_by_what_is_to_be_done() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    // A second host, at the same address, that does not say how many it counts.
    let second = format!("_vlmcs._tcp 1 SRV 0 0 1688 kms02\nkms02 A {KMS_HOST}\n");
    world.publish(&(SRV_RECORD.to_owned() + &second));
    let both = ("[kms01.corp.example]", "[kms01.corp.example, kms02.corp.example]");
    world.configure(&[both]);
    world.stop();
    world.start();
    let lost = history::series("gracewatch_machines_lost", "", &[(A_DAY_AGO.0, A_DAY_AGO.1, 1.0)]);
    let watch = Watch::over_after(&network, &history::of(&[lost]));

    // A site that has no way to Microsoft.
    let microsoft = world.configured("- {name: microsoft", "\n");
    let lab = world.configured("- {name: lab", "\n");
    world.configure(&[both, (&microsoft, ""), (&lab, "")]);
    world.reload();
    world.import_all(&[
        fleet::site("4 clients, asked 0xC004F074; 40 clients, overdue; 1 clients, key 63DFG", "kms01.corp.example"),
        fleet::site("3 clients, one ID; 3 MAK, notified; 2 evaluations, ends in 10d", "kms02.corp.example"),
    ]);
    watch.wait_until_told("ticket firing GracewatchLicenseLost").assert_says(
        "3 machines have lost activation, of 594 known, among them m1-0.kms02.corp.example, m1-1.kms02.corp.example, \
         m1-2.kms02.corp.example",
    );
    world.import_all(&[fleet::site("9 virtual, notified", "kms03.corp.example")]);
    let page = watch.wait_until_told("page firing GracewatchLicenseLost");
    page.assert_says("11 more machines have lost activation than a day ago, 12 in all");
    for (line, sentence) in [
        (
            "GracewatchMachinesElsewhere corp",
            "4 machines on path corp report that tcp fails, while it passes from gracewatch.corp.example:10688: they are \
             elsewhere in the network; 553 machines depend on the path",
        ),
        (
            "GracewatchDuplicateMachineIds corp",
            "3 machines on path corp share client machine IDs, and their KMS host counts those with the same one once \
             and may not count enough; 553 machines depend on the path",
        ),
        (
            "GracewatchWrongKey corp",
            "1 machine on path corp has the published key of another edition; 553 machines depend on the path",
        ),
        (
            "GracewatchWrongKey corp",
            "3 machines on path corp have a MAK or retail key that is not activated, and no path leads to Microsoft; \
             553 machines depend on the path",
        ),
        (
            "GracewatchEvaluationEnding",
            "The evaluation of 2 machines ends or is over: m2-0.kms02.corp.example in 9d 23h …, \
             m2-1.kms02.corp.example in 9d 23h …; Windows then shuts down every hour",
        ),
        // The same two: they are machines that are about to lose activation.
        ("GracewatchGraceExpires30Days", "2 machines in all lose activation in 7 to 30 days unless renewed"),
        (
            "GracewatchRenewalOverdue corp",
            "40 machines on path corp have not renewed in time, of 553; the first of all loses activation in 167d 23h …",
        ),
        (
            "GracewatchMachinesNotActivated corp",
            "40 machines on path corp are not activated or renewed, though the path works; 553 machines depend on the \
             path",
        ),
    ] {
        watch.wait_until_said(&format!("ticket firing {line}"), sentence);
    }

    // What failed an hour ago is over with a renewal that is later.
    let renewed =
        (0..4).map(|number| Client { minutes: FULL, ..Client::new(&format!("m0-{number}.kms01.corp.example")) });
    let renewed: Vec<_> = renewed.collect();
    world.import_all(&[
        vec![reports::lines(&renewed)],
        fleet::site("0 clients; 40 clients; 1 clients", "kms01.corp.example"),
        fleet::site("3 clients; 3 MAK; 2 evaluations", "kms02.corp.example"),
        fleet::site("9 virtual", "kms03.corp.example"),
    ]);
    watch.assert_all_over(&[
        ("page", "GracewatchLicenseLost", ""),
        ("ticket", "GracewatchLicenseLost", ""),
        ("ticket", "GracewatchMachinesElsewhere", "corp"),
        ("ticket", "GracewatchDuplicateMachineIds", "corp"),
        ("ticket", "GracewatchWrongKey", "corp"),
        ("ticket", "GracewatchEvaluationEnding", ""),
        ("ticket", "GracewatchGraceExpires30Days", ""),
        ("ticket", "GracewatchRenewalOverdue", "corp"),
        ("ticket", "GracewatchMachinesNotActivated", "corp"),
    ]);
    watch.assert_fired(&[
        "GracewatchLicenseLost critical",
        "GracewatchLicenseLost warning",
        "GracewatchMachinesElsewhere warning corp",
        "GracewatchDuplicateMachineIds warning corp",
        "GracewatchWrongKey warning corp",
        "GracewatchEvaluationEnding warning",
        "GracewatchGraceExpires30Days warning",
        "GracewatchRenewalOverdue warning corp",
        "GracewatchMachinesNotActivated warning corp",
    ]);
}

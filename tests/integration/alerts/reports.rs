//! Reports do not come, or come and cannot be kept.

use std::fs;
use std::net::Ipv4Addr;

use super::fleet::{self, DAY};
use super::history;
use super::watch::Watch;
use super::world::World;
use crate::servers::netns::Namespace;
use crate::servers::postgres::Postgres;
use crate::support::reports::{self, Client, FULL};
use crate::support::status::filed;

/// In seconds.
const HOUR: i64 = 3600;

/// A KMS host of another site.
const BRANCH_HOST: &str = "kms01.branch.corp.example";

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid, postgresql"]
fn reports_that_do_not_come_or_cannot_be_kept_are_told() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let mut store = Postgres::start_at(&world.place(Ipv4Addr::LOCALHOST, 5432));
    let inbox = world.directory().subdirectory("inbox");
    let sqlite = world.configured("\"sqlite:", "\"");
    let inventory = world.directory().path().join("inventory.txt");
    let status = format!("\"{}\", inbox: \"{}\", inventory: \"{}\"", store.url(), inbox.display(), inventory.display());
    world.configure(&[(&sqlite, &status)]);
    world.import(&fleet::healthy());
    // Its store has been gone for a quarter of an hour when the daemon is started anew.
    store.stop();
    world.stop();
    world.start();
    let added_up = reports::minutes_ago(16).as_second();
    #[expect(clippy::cast_precision_loss, reason = "no time of ours is that far away")]
    let added_up = [(HOUR, 30, added_up as f64)];
    let added_up = history::series("gracewatch_fleet_last_added_up_timestamp_seconds", "", &added_up);
    let watch = Watch::over_ill(&network, &history::of(&[added_up]));

    let outdated = watch.wait_until_told("ticket firing GracewatchFleetOutdated");
    outdated.assert_says("The figures of machines at gracewatch.corp.example:10688 are … old.");
    assert!(outdated.description.starts_with("Its store does not answer"), "{outdated:?}");
    let failing = watch.wait_until_told("ticket firing GracewatchStoreFailing");
    failing.assert_says(
        "Gracewatch at gracewatch.corp.example:10688 cannot use its store. Reports of machines are rejected.",
    );
    store.start_again();
    watch.wait_until_told("ticket resolved GracewatchStoreFailing");
    watch.wait_until_told("ticket resolved GracewatchFleetOutdated");

    // A floor has been silent for nine days, and the host of another site for four.
    let floor = |days: i64| {
        let silent =
            |number| Client { reported_at: reports::minutes_ago(days * DAY), ..fleet::client(number, FULL - DAY) };
        reports::lines(&(500..700).map(silent).collect::<Vec<_>>())
            + &reports::kms_host(BRANCH_HOST, reports::minutes_ago(days.min(4) * DAY), 1, 50)
    };
    world.import(&floor(9));
    fs::write(inbox.join("letter.txt"), "Dear all,\nplease activate your machines.\n").expect("the inbox takes a file");
    let failed = watch.wait_until_told("ticket firing GracewatchInboxFilesFailed");
    failed.assert_says(
        "In the last hour, a file of the inbox at gracewatch.corp.example:10688 could not be imported, or only in part.",
    );
    assert!(filed(&inbox, "failed", "letter.txt.reason.txt").is_some(), "{failed:?}");
    assert!(failed.description.contains("in a file that ends in `.reason.txt`"), "{failed:?}");

    // The disk with all of it is gone.
    fs::remove_dir_all(&inbox).expect("it is ours");
    let failing = watch.wait_until_told("ticket firing GracewatchInboxFailing");
    failing.assert_says(
        "Gracewatch at gracewatch.corp.example:10688 cannot process its inbox. Reports of machines wait there.",
    );
    assert!(
        failing.description.starts_with("Its log (see the runbook) shows why, in lines with `inbox`."),
        "{failing:?}"
    );
    fs::create_dir(&inbox).expect("it can be created");
    watch.wait_until_told("ticket resolved GracewatchInboxFailing");

    let stale = watch.wait_until_told("ticket firing GracewatchReportsStale");
    stale.assert_says("200 machines have not reported for too long at gracewatch.corp.example:10688, of 742 known.");
    let late = watch.wait_until_told("ticket firing GracewatchKmsHostReportLate");
    late.assert_says(
        "KMS host kms01.branch.corp.example last reported 4d …s ago. Its count and license will soon be unknown.",
    );

    // The directory knows that floor, and another that has never reported.
    let names = |numbers: std::ops::Range<u32>| {
        numbers.map(|number| format!("ws{number:04}.corp.example\n")).collect::<Vec<_>>().concat()
    };
    fs::write(&inventory, names(500..740)).expect("it can be written");
    let missing = watch.wait_until_told("ticket firing GracewatchMachinesMissing");
    missing.assert_says(
        "40 expected machines have never reported at gracewatch.corp.example:10688, of 240 in the inventory.",
    );

    world.import(&floor(0));
    fs::write(&inventory, names(500..700)).expect("it can be written");
    for alert in ["GracewatchReportsStale", "GracewatchKmsHostReportLate", "GracewatchMachinesMissing"] {
        watch.wait_until_told(&format!("ticket resolved {alert}"));
    }
    // That a file failed is told for an hour, whose end is seen in another scene.
    watch.assert_told(&[
        "ticket firing GracewatchInboxFilesFailed",
        "ticket firing GracewatchInboxFailing",
        "ticket firing GracewatchStoreFailing",
        "ticket firing GracewatchFleetOutdated",
        "ticket firing GracewatchReportsStale",
        "ticket firing GracewatchKmsHostReportLate",
        "ticket firing GracewatchMachinesMissing",
        "ticket resolved GracewatchInboxFailing",
        "ticket resolved GracewatchStoreFailing",
        "ticket resolved GracewatchFleetOutdated",
        "ticket resolved GracewatchReportsStale",
        "ticket resolved GracewatchKmsHostReportLate",
        "ticket resolved GracewatchMachinesMissing",
    ]);
    watch.assert_fired(&[
        "GracewatchInboxFilesFailed warning",
        "GracewatchInboxFailing warning",
        "GracewatchStoreFailing warning",
        "GracewatchFleetOutdated warning",
        "GracewatchReportsStale warning",
        "GracewatchKmsHostReportLate warning",
        "GracewatchMachinesMissing warning",
    ]);
}

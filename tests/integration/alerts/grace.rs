//! Machines run out of time, some in weeks, some in days and some in hours, though the path works.

use super::fleet::{self, DAY};
use super::watch::Watch;
use super::world::World;
use crate::servers::netns::Namespace;
use crate::support::reports;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn machines_that_do_not_renew_are_told_by_the_time_they_have_left() {
    let network = Namespace::new();
    let world = World::within(&network);
    let watch = Watch::over(&network);

    let weeks = (10..17).map(|number| fleet::client(number, 20 * DAY));
    let days = (20..23).map(|number| fleet::client(number, 4 * DAY));
    let hours = (30..32).map(|number| fleet::client(number, DAY / 2));
    let late: Vec<_> = weeks.chain(days).chain(hours).collect();
    world.import(&reports::lines(&late));
    let told = watch.wait_until_told("page firing GracewatchGraceExpires1Day corp");
    told.assert_says(
        "2 machines on path corp lose activation within a day unless renewed: ws0030.corp.example (in 11h …), \
         ws0031.corp.example (in 11h …).",
    );
    assert!(told.description.starts_with("On each: `slmgr /ato`; if that fails, activate it by phone"), "{told:?}");
    for (line, sentence) in [
        (
            "GracewatchGraceExpires7Days corp",
            "3 machines on path corp lose activation in 1 to 7 days unless renewed: ws0020.corp.example (in 3d …), \
             ws0021.corp.example (in 3d …), ws0022.corp.example (in 3d …).",
        ),
        (
            "GracewatchGraceExpires30Days corp",
            "7 machines on path corp lose activation in 7 to 30 days unless renewed: ws0010.corp.example (in 19d …), \
             ws0011.corp.example (in 19d …), ws0012.corp.example (in 19d …), and others.",
        ),
        // That they are late was told before: months before, had it been so.
        (
            "GracewatchRenewalOverdueForLong",
            "Of the machines most at risk 12 have been due to renew for more than 30d 0h 0m 0s, the longest: \
             ws0020.corp.example, ws0030.corp.example, ws0031.corp.example.",
        ),
        (
            "GracewatchMachinesNotActivated corp",
            &format!("12 machines on path corp fail though it works. {}", world.words("corp")),
        ),
    ] {
        watch.wait_until_told(&format!("ticket firing {line}")).assert_says(sentence);
    }

    let renewed: Vec<_> = (10..32).map(fleet::renewed).collect();
    world.import(&reports::lines(&renewed));
    let alerts = [
        ("page", "GracewatchGraceExpires1Day corp"),
        ("ticket", "GracewatchGraceExpires7Days corp"),
        ("ticket", "GracewatchGraceExpires30Days corp"),
        ("ticket", "GracewatchRenewalOverdueForLong"),
        ("ticket", "GracewatchMachinesNotActivated corp"),
    ];
    let lines = ["firing", "resolved"].map(|status| alerts.map(|(who, alert)| format!("{who} {status} {alert}")));
    for line in &lines[1] {
        watch.wait_until_told(line);
    }
    watch.assert_told(&lines.as_flattened().iter().map(String::as_str).collect::<Vec<_>>());
    watch.assert_fired(&[
        "GracewatchGraceExpires1Day critical corp",
        "GracewatchGraceExpires7Days warning corp",
        "GracewatchGraceExpires30Days warning corp",
        "GracewatchRenewalOverdueForLong warning",
        "GracewatchMachinesNotActivated warning corp",
    ]);
}

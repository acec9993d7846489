//! Machines run out of time, some in weeks, some in days and some in hours, though the way is fine.

use super::fleet;
use super::world::World;
use crate::servers::netns::Namespace;
use crate::support::reports;

const DAY: i64 = 1440;

#[test]
#[ignore = "needs all servers that a world is made of, see tests/run"]
fn machines_that_do_not_renew_are_told_by_the_time_they_have_left() {
    let network = Namespace::new();
    let world = World::within(&network);

    let weeks = (10..17).map(|number| fleet::client(number, 20 * DAY));
    let days = (20..23).map(|number| fleet::client(number, 4 * DAY));
    let hours = (30..32).map(|number| fleet::client(number, DAY / 2));
    let late: Vec<_> = weeks.chain(days).chain(hours).collect();
    world.import(&reports::lines(&late));
    for line in [
        "page firing GracewatchGraceExpires1Day corp",
        "ticket firing GracewatchGraceExpires7Days corp",
        "ticket firing GracewatchGraceExpires30Days corp",
        "ticket firing GracewatchRenewalOverdueForLong",
    ] {
        println!("{:#?}", world.wait_until_told(line));
    }

    let renewed: Vec<_> = (10..32).map(fleet::renewed).collect();
    world.import(&reports::lines(&renewed));
    for line in [
        "page resolved GracewatchGraceExpires1Day corp",
        "ticket resolved GracewatchGraceExpires7Days corp",
        "ticket resolved GracewatchGraceExpires30Days corp",
        "ticket resolved GracewatchRenewalOverdueForLong",
    ] {
        println!("{:#?}", world.wait_until_told(line));
    }
    println!("{:#?}", crate::alerts::told::lines(&world.told()));
}

//! The clock of the KMS host goes wrong, which Windows takes for up to four hours.

use super::world::World;
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs all servers that a world is made of, see tests/run"]
fn a_clock_that_drifts_is_a_ticket_then_pages_and_then_the_path_is_blocked() {
    let network = Namespace::new();
    let mut world = World::within(&network);

    set_clock(&mut world, Some("+5400s"));
    let ticket = world.wait_until_told("ticket firing GracewatchKmsHostClock corp");
    println!("{ticket:#?}");

    set_clock(&mut world, Some("-12600s"));
    let page = world.wait_until_told("page firing GracewatchKmsHostClock corp");
    println!("{page:#?}");

    set_clock(&mut world, Some("+18000s"));
    let blocked = world.wait_until_told("ticket firing GracewatchPathBlocked corp");
    println!("{blocked:#?}");

    set_clock(&mut world, None);
    world.wait_until_told("page resolved GracewatchKmsHostClock corp");
    world.wait_until_told("ticket resolved GracewatchKmsHostClock corp");
    world.wait_until_told("ticket resolved GracewatchPathBlocked corp");
    println!("{:#?}", crate::alerts::told::lines(&world.told()));
}

/// A host is asked for its time once a minute at most; a daemon that starts asks at once.
fn set_clock(world: &mut World<'_>, offset: Option<&str>) {
    world.set_clock(offset);
    world.stop();
    world.start();
}

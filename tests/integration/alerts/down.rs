//! The daemon itself is gone. Then that is told, and nothing of what it showed last.

use super::world::{SRV_RECORD, World};
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs all servers that a world is made of, see tests/run"]
fn a_daemon_that_is_killed_pages_and_silences_the_rest() {
    let network = Namespace::new();
    let mut world = World::within(&network);

    world.publish("");
    world.wait_until_told("ticket firing GracewatchPathBlocked corp");
    world.kill();
    let down = world.wait_until_told("page firing GracewatchDown");
    println!("{down:#?}");
    world.wait_until_silenced("GracewatchNoKmsHostInDns", "corp");

    world.publish(SRV_RECORD);
    world.start();
    world.wait_until_told("page resolved GracewatchDown");
    world.wait_until_told("ticket resolved GracewatchPathBlocked corp");
    println!("{:#?}", crate::alerts::told::lines(&world.told()));
}

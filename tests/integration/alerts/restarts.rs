//! The daemon is started anew, as with each new version, and nobody is told of that.

use super::world::World;
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs all servers that a world is made of, see tests/run"]
fn restarts_are_told_to_nobody() {
    let network = Namespace::new();
    let mut world = World::within(&network);

    for _ in 0..3 {
        world.stop();
        world.start();
        world.wait_for_scrapes(5);
    }
    // By now an alert that waits for half an hour would be told.
    world.wait_for_scrapes(70);
    world.assert_told(&[]);
    world.assert_fired(&[]);
}

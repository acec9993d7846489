//! The daemon is started anew, as with each new version, and nobody is told of that.

use super::watch::Watch;
use super::world::World;
use crate::servers::netns::Namespace;

/// In so many scrapes an alert that waits for half an hour is told.
const HALF_AN_HOUR: u32 = 2 * 30 + 10;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn restarts_are_told_to_nobody() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let watch = Watch::over(&network);

    for _ in 0..3 {
        world.stop();
        // It takes its time, and is missed in two scrapes.
        watch.wait_for_scrapes(2);
        world.start();
        watch.wait_for_scrapes(5);
    }
    watch.wait_for_scrapes(HALF_AN_HOUR);
    watch.assert_told(&[]);
    watch.assert_fired(&[]);
}

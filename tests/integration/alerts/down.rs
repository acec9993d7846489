//! The daemon itself is gone. That is told, and nothing any more of what it showed last.

use super::watch::Watch;
use super::world::{SRV_RECORD, World};
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_daemon_that_is_killed_pages_and_silences_the_rest() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let watch = Watch::over(&network);

    // What this leads to is about to be told when nobody is left to say whether it still is so.
    world.publish("");
    watch.wait_until_told("ticket firing GracewatchPathBlocked corp");
    world.kill();
    let down = watch.wait_until_told("page firing GracewatchDown");
    down.assert_says(
        "Gracewatch at gracewatch.corp.example:10688 has not answered for 5 minutes. Nobody watches the paths to \
         activation.",
    );
    assert!(down.description.contains("`journalctl -u gracewatch -n 50`"), "{down:?}");
    watch.wait_until_silenced("GracewatchNoKmsHostInDns", "corp");
    watch.wait_until_silenced("GracewatchPathBlocked", "corp");

    world.publish(SRV_RECORD);
    world.start();
    watch.wait_until_told("page resolved GracewatchDown");
    watch.wait_until_told("ticket resolved GracewatchPathBlocked corp");
    watch.assert_told(&[
        "ticket firing GracewatchPathBlocked corp",
        "page firing GracewatchDown",
        "page resolved GracewatchDown",
        "ticket resolved GracewatchPathBlocked corp",
    ]);
    watch.assert_fired(&[
        "GracewatchPathBlocked warning corp",
        "GracewatchNoKmsHostInDns warning corp",
        "GracewatchDown critical",
    ]);
}

//! The SRV record by which clients find the KMS host is lost.

use super::watch::Watch;
use super::world::{SRV_RECORD, World};
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_lost_record_is_told_once_with_the_path_that_it_blocks() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let watch = Watch::over(&network);

    world.publish("");
    let blocked = watch.wait_until_told("ticket firing GracewatchPathBlocked corp");
    blocked.assert_says(&world.words("corp"));
    assert!(blocked.summary.contains("_vlmcs._tcp.corp.example"), "{blocked:?}");
    watch.wait_until_silenced("GracewatchNoKmsHostInDns", "corp");

    world.publish(SRV_RECORD);
    watch.wait_until_told("ticket resolved GracewatchPathBlocked corp");
    watch.assert_told(&["ticket firing GracewatchPathBlocked corp", "ticket resolved GracewatchPathBlocked corp"]);
    watch.assert_fired(&["GracewatchPathBlocked warning corp", "GracewatchNoKmsHostInDns warning corp"]);
}

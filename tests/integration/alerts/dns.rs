//! The SRV record by which clients find the KMS host is lost.

use super::watch::Watch;
use super::world::{SRV_RECORD, World};
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_lost_record_is_told_beside_the_path_that_it_blocks() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let watch = Watch::over(&network);

    world.publish("");
    let blocked = watch.wait_until_told("ticket firing GracewatchPathBlocked corp");
    blocked.assert_says(
        "Path corp is blocked at srv: nxdomain; clients show 0x8007232B; 500 machines depend on it, and the first \
         loses activation in 177d 23h …",
    );
    let lost = watch.wait_until_told("ticket firing GracewatchNoKmsHostInDns corp");
    lost.assert_says(
        "No KMS host is in DNS for path corp: the nameserver that answers has no SRV record; 500 machines depend on \
         the path",
    );
    assert!(lost.description.contains("publish the record again: `slmgr /sdns`"), "{lost:?}");

    world.publish(SRV_RECORD);
    watch.wait_until_told("ticket resolved GracewatchPathBlocked corp");
    watch.wait_until_told("ticket resolved GracewatchNoKmsHostInDns corp");
    watch.assert_told(&[
        "ticket firing GracewatchPathBlocked corp",
        "ticket firing GracewatchNoKmsHostInDns corp",
        "ticket resolved GracewatchPathBlocked corp",
        "ticket resolved GracewatchNoKmsHostInDns corp",
    ]);
    watch.assert_fired(&["GracewatchPathBlocked warning corp", "GracewatchNoKmsHostInDns warning corp"]);

    // One mail tells of both: it is about one path.
    let together = |mail: &String| {
        ["PathBlocked", "NoKmsHostInDns"].iter().all(|name| mail.contains(&format!("Gracewatch{name})")))
    };
    assert!(watch.mails().iter().any(together), "{:#?}", watch.mails());
}

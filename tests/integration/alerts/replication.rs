//! One of two nameservers still has what was taken out of the zone: the record of a host that is no more.

use std::net::Ipv4Addr;

use super::watch::Watch;
use super::world::{self, NAMESERVER, SRV_RECORD, World, ZONE};
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;

const SECOND_NAMESERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 2);

/// Nobody listens there.
const OLD_HOST: &str = "_vlmcs._tcp 1 SRV 0 0 1688 kms-old\nkms-old A 127.0.16.9\n";

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_zone_that_is_not_replicated_is_told_with_the_host_it_still_names() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let zones = [Zone::new(ZONE, &world::zone(SRV_RECORD))];
    let mut second = Knot::start_at(&world.place(SECOND_NAMESERVER, 53), &zones);
    let nameservers = format!("domain: {ZONE}, nameservers: [{NAMESERVER}, {SECOND_NAMESERVER}]");
    world.configure(&[("domain: corp.example", &nameservers)]);
    world.stop();
    world.start();
    let watch = Watch::over(&network);

    second.replace_zone(ZONE, &world::zone(&(SRV_RECORD.to_owned() + OLD_HOST)));
    for (line, sentence, first) in [
        (
            "GracewatchUnexpectedKmsHost corp",
            "DNS lists kms-old.corp.example as a KMS host on path corp, and it is not expected.",
            "Find out who runs kms-old.corp.example.",
        ),
        (
            "GracewatchNameserversDisagree corp",
            "The nameservers of path corp do not list the same KMS hosts: 127.0.53.1:53 gives 1 record, 127.0.53.2:53 \
             gives 2 records.",
            "Find the owner of kms-old.corp.example.",
        ),
    ] {
        let told = watch.wait_until_told(&format!("ticket firing {line}"));
        assert!(told.summary.starts_with(sentence), "{told:?}");
        assert!(told.summary.contains("500 machines depend on path corp."), "{told:?}");
        assert!(told.description.starts_with(first), "{told:?}");
    }

    second.replace_zone(ZONE, &world::zone(SRV_RECORD));
    // That nobody listens there is no fault of the path: what DNS says of it is, and that has alerts of its own.
    let alerts = ["GracewatchUnexpectedKmsHost", "GracewatchNameserversDisagree"];
    watch.assert_all_over(&alerts.map(|alert| ("ticket", alert, "corp")));
    watch.assert_fired(&["GracewatchUnexpectedKmsHost warning corp", "GracewatchNameserversDisagree warning corp"]);
}

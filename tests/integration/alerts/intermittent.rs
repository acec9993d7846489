//! A load balancer in front of the KMS host sends every second connection to a member that is dead.

use std::net::Ipv4Addr;

use super::watch::Watch;
use super::world::{KMS_HOST, World};
use crate::servers::netns::Namespace;

/// Nobody listens there.
const DEAD_MEMBER: Ipv4Addr = Ipv4Addr::new(127, 0, 16, 9);

#[test]
#[ignore = "needs chrony, knot, libfaketime, nftables, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_dead_member_behind_a_load_balancer_is_reported_though_every_second_probe_passes() {
    let network = Namespace::new();
    let world = World::within(&network);
    let watch = Watch::over(&network);

    network.nft(&format!(
        "table ip balancer {{\nchain leaving {{\ntype nat hook output priority -100\n\
         ip daddr {KMS_HOST} tcp dport 1688 dnat to numgen inc mod 2 map {{ 0 : {KMS_HOST}, 1 : {DEAD_MEMBER} }}\n}}\n}}\n"
    ));
    let told = watch.wait_until_told("ticket firing GracewatchTargetIntermittent corp");
    let sentence = "A target of path corp fails now and then at tcp: kms01.corp.example:1688 at 127.0.16.1 (refused).";
    assert!(told.summary.starts_with(sentence), "{told:?}");
    assert!(world.words("corp").starts_with("Path corp works"), "{}", world.words("corp"));
    assert!(told.description.contains("a load balancer with a dead member"), "{told:?}");

    // It looks a quarter of an hour back, so that its end is not waited for.
    watch.assert_told(&["ticket firing GracewatchTargetIntermittent corp"]);
    watch.assert_fired(&["GracewatchTargetIntermittent warning corp"]);
}

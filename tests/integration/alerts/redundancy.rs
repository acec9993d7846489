//! One of two KMS hosts is gone. Everyone is still activated, and one more fault ends that.

use std::net::Ipv4Addr;

use super::watch::Watch;
use super::world::{SRV_RECORD, World};
use crate::servers::netns::Namespace;
use crate::servers::rpc::{Interface, RpcServer};

const SECOND_HOST: Ipv4Addr = Ipv4Addr::new(127, 0, 16, 2);

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_kms_host_of_two_that_is_gone_is_a_ticket_with_the_name_of_the_host() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let place = world.place(SECOND_HOST, 1688);
    let second = || RpcServer::start_at(&place, Interface::Kms);
    let running = second();
    world.configure(&[("[kms01.corp.example]", "[kms01.corp.example, kms02.corp.example]")]);
    world.publish(&format!("{SRV_RECORD}_vlmcs._tcp 1 SRV 0 0 1688 kms02\nkms02 A {SECOND_HOST}\n"));
    world.stop();
    world.start();
    let watch = Watch::over(&network);

    drop(running);
    let degraded = watch.wait_until_told("ticket firing GracewatchPathDegraded corp");
    let words = world.words("corp");
    degraded.assert_says(&words);
    let first =
        "Path corp works through 1 of 2 KMS targets, but kms02.corp.example:1688 (127.0.16.2) refuses connections.";
    assert!(words.starts_with(first), "{words}");
    assert!(words.contains("500 machines depend on path corp."), "{words}");
    assert!(degraded.description.starts_with("On kms02.corp.example, check whether it listens"), "{degraded:?}");

    let _running = second();
    watch.assert_all_over(&[("ticket", "GracewatchPathDegraded", "corp")]);
    watch.assert_fired(&["GracewatchPathDegraded warning corp"]);
}

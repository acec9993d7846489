//! The SRV record by which clients find the KMS host is lost.

use super::world::{SRV_RECORD, World};
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs all servers that a world is made of, see tests/run"]
fn a_lost_record_is_told_with_the_path_that_it_blocks() {
    let network = Namespace::new();
    let mut world = World::within(&network);

    world.publish("");
    let blocked = world.wait_until_told("ticket firing GracewatchPathBlocked corp");
    let lost = world.wait_until_told("ticket firing GracewatchNoKmsHostInDns corp");
    println!("{blocked:#?} {lost:#?}");

    world.publish(SRV_RECORD);
    world.wait_until_told("ticket resolved GracewatchPathBlocked corp");
    world.wait_until_told("ticket resolved GracewatchNoKmsHostInDns corp");
    println!("{:#?}", crate::alerts::told::lines(&world.told()));
}

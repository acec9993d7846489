//! A proxy begins to ask for credentials, of which Windows gives none when it activates.

use super::world::World;
use crate::servers::netns::Namespace;
use crate::servers::squid::Access;

#[test]
#[ignore = "needs all servers that a world is made of, see tests/run"]
fn a_proxy_that_asks_for_credentials_blocks_where_there_is_no_way_past_it() {
    let network = Namespace::new();
    let mut world = World::within(&network);

    world.replace_proxy(Access::Basic { user: "user", password: "secret" });
    let blocked = world.wait_until_told("ticket firing GracewatchPathBlocked microsoft");
    let asks = world.wait_until_told("ticket firing GracewatchProxyAsksForCredentials microsoft");
    let beside = world.wait_until_told("ticket firing GracewatchProxyAsksForCredentials lab");
    println!("{blocked:#?} {asks:#?} {beside:#?}");

    world.replace_proxy(Access::Open);
    world.wait_until_told("ticket resolved GracewatchPathBlocked microsoft");
    world.wait_until_told("ticket resolved GracewatchProxyAsksForCredentials microsoft");
    world.wait_until_told("ticket resolved GracewatchProxyAsksForCredentials lab");
    println!("{:#?}", crate::alerts::told::lines(&world.told()));
}

//! The port of the KMS host is closed. That is a ticket while everyone has half a year, and pages once somebody has days.

use super::fleet;
use super::world::World;
use crate::servers::netns::Namespace;
use crate::support::reports;

#[test]
#[ignore = "needs all servers that a world is made of, see tests/run"]
fn a_closed_port_is_a_ticket_and_pages_when_time_is_short() {
    let network = Namespace::new();
    let mut world = World::within(&network);

    world.close_port();
    let ticket = world.wait_until_told("ticket firing GracewatchPathBlocked corp");
    println!("{ticket:#?}");

    let late = fleet::client(7, 5 * 1440);
    world.import(&late.text());
    let page = world.wait_until_told("page firing GracewatchPathBlocked corp");
    println!("{page:#?}");

    let printed = world.run("check", &[]);
    println!("{printed:#?}");
    let printed = world.run("machines", &["--at-risk"]);
    println!("{printed:#?}");

    world.import(&reports::lines(&[fleet::renewed(7)]));
    world.open_port();
    world.wait_until_told("page resolved GracewatchPathBlocked corp");
    world.wait_until_told("ticket resolved GracewatchPathBlocked corp");
    world.assert_told(&[
        "ticket firing GracewatchPathBlocked corp",
        "page firing GracewatchPathBlocked corp",
        "page resolved GracewatchPathBlocked corp",
        "ticket resolved GracewatchPathBlocked corp",
    ]);
    world.assert_fired(&["GracewatchPathBlocked warning corp", "GracewatchPathBlocked critical corp"]);
    println!("{:#?}\n{}", world.chat(), world.mails().join("\n=====\n"));
}

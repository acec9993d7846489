//! The clock of the KMS host goes wrong, of which Windows takes up to four hours.

use super::watch::Watch;
use super::world::World;
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_clock_that_goes_wrong_is_a_ticket_then_pages_and_then_nobody_is_activated() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let watch = Watch::over(&network);

    set_clock(&mut world, Some("+5400s"));
    let ticket = watch.wait_until_told("ticket firing GracewatchKmsHostClock corp");
    ticket.assert_says(&format!(
        "The clock of kms01.corp.example:1688 is at least 1h 29m …s ahead of true time. From 4 hours on, it activates \
         nobody on path corp. {}",
        impact(&world)
    ));
    assert!(
        ticket.description.starts_with("On kms01.corp.example: `w32tm /query /status` shows its time source"),
        "{ticket:?}"
    );

    set_clock(&mut world, Some("-12600s"));
    let page = watch.wait_until_told("page firing GracewatchKmsHostClock corp");
    page.assert_says(&format!(
        "The clock of kms01.corp.example:1688 is at least 3h 29m …s behind true time. From 4 hours on, it activates \
         nobody on path corp. {}",
        impact(&world)
    ));
    watch.wait_until_silenced("GracewatchKmsHostClock", "corp");

    // Whoever was woken by the clock is not woken again by what comes of it, while everyone has half a year.
    set_clock(&mut world, Some("+18000s"));
    let blocked = watch.wait_until_told("ticket firing GracewatchPathBlocked corp");
    assert!(blocked.summary.starts_with("Path corp is blocked at clock: "), "{blocked:?}");
    assert!(blocked.summary.ends_with(&impact(&world)), "{blocked:?}");

    set_clock(&mut world, None);
    watch.wait_until_told("page resolved GracewatchKmsHostClock corp");
    watch.wait_until_told("ticket resolved GracewatchKmsHostClock corp");
    watch.wait_until_told("ticket resolved GracewatchPathBlocked corp");
    watch.assert_told(&[
        "ticket firing GracewatchKmsHostClock corp",
        "page firing GracewatchKmsHostClock corp",
        "ticket firing GracewatchPathBlocked corp",
        "page resolved GracewatchKmsHostClock corp",
        "ticket resolved GracewatchKmsHostClock corp",
        "ticket resolved GracewatchPathBlocked corp",
    ]);
    watch.assert_fired(&[
        "GracewatchKmsHostClock warning corp",
        "GracewatchKmsHostClock critical corp",
        "GracewatchPathBlocked warning corp",
    ]);
}

/// Whom it hurts, as the daemon says it. How far the clock is off changes with each round.
fn impact(world: &World<'_>) -> String {
    let words = world.words("corp");
    words.split_once("500 machines").map(|(_, rest)| format!("500 machines{rest}")).expect("500 machines depend on it")
}

/// A host is asked for its time once a minute at most. A daemon that starts asks at once, and nobody is told of that.
fn set_clock(world: &mut World<'_>, offset: Option<&str>) {
    world.set_clock(offset);
    world.stop();
    world.start();
}

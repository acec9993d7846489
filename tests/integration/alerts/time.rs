//! The clocks by which the daemon knows the time: its time servers, and its own.

use super::watch::Watch;
use super::world::World;
use crate::servers::chrony::Clock;
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn time_servers_that_lie_or_are_silent_are_told_and_so_is_a_clock_of_its_own_that_is_wrong() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    // Of three one lies and one has no time. It is so from the start: what is known is taken for known for ten minutes.
    world.replace_time_server(1, Clock::Faked("+1200s"));
    world.replace_time_server(2, Clock::Unsynchronised);
    world.stop();
    world.start();
    let watch = Watch::over_ill(&network, "");

    let unknown = watch.wait_until_told("ticket firing GracewatchOwnClockUnknown");
    unknown.assert_says(
        "True time is not known at gracewatch.corp.example:10688: 2 of 3 time servers give the time, and not enough of \
         them agree.",
    );
    assert!(unknown.description.starts_with("Run `gracewatch check` there"), "{unknown:?}");

    // The one that had none has the time again, so that two agree, and it shows who is wrong.
    world.replace_time_server(2, Clock::Right);
    world.stop();
    world.start_shifted("-600s");
    watch.wait_until_told("ticket resolved GracewatchOwnClockUnknown");
    let wrong = watch.wait_until_told("ticket firing GracewatchOwnClockWrong");
    wrong.assert_says(
        "The clock of the machine on which Gracewatch runs, gracewatch.corp.example:10688, is at least 9m 59s off \
         true time.",
    );
    assert!(wrong.description.starts_with("Set it: on Linux `chronyc makestep`"), "{wrong:?}");
    let liar = watch.wait_until_told("ticket firing GracewatchNtpFalseticker");
    liar.assert_says(
        "Time server ntp2.corp.example:123 (127.0.123.2) disagrees with most: it is … ahead of the clock \
         of gracewatch.corp.example:10688.",
    );
    assert!(liar.description.starts_with("On ntp2.corp.example:123: `chronyc tracking`"), "{liar:?}");

    world.replace_time_server(1, Clock::Right);
    world.stop();
    world.start();
    let alerts = ["GracewatchOwnClockUnknown", "GracewatchOwnClockWrong", "GracewatchNtpFalseticker"];
    watch.assert_all_over(&alerts.map(|alert| ("ticket", alert, "")));
    watch.assert_fired(&[
        "GracewatchOwnClockUnknown warning",
        "GracewatchOwnClockWrong warning",
        "GracewatchNtpFalseticker warning",
    ]);
}

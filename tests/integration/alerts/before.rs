//! What began long before: a path has been blocked for three days, and a file failed an hour ago.

use super::history;
use super::watch::Watch;
use super::world::World;
use crate::servers::netns::Namespace;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// So many seconds into the scene the three days are over, and then the hour.
const THREE_DAYS_OVER: i64 = 70;
const HOUR_OVER: i64 = 110;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_path_that_has_long_been_blocked_pages_and_a_file_that_failed_is_forgotten_after_an_hour() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    // Nobody reports here, so it is not known who depends on the path.
    let status = world.configured("status: ", "\n");
    world.configure(&[(&status, "")]);
    world.close_port();
    world.stop();
    world.start();
    let since = 3 * DAY - THREE_DAYS_OVER;
    let up = history::series("gracewatch_path_up", r#",path="corp""#, &[(since, 30, 0.0)]);
    let why = r#",path="corp",stage="tcp",reason="refused",code="0xC004F074""#;
    let blocked = history::series("gracewatch_path_blocked_info", why, &[(since, 30, 1.0)]);
    let failed = [(2 * HOUR - HOUR_OVER, HOUR - HOUR_OVER, 0.0), (HOUR - HOUR_OVER - 1, 30, 1.0)];
    let failed = history::series("gracewatch_inbox_files_total", r#",result="failed""#, &failed);
    let watch = Watch::over_ill(&network, &history::of(&[up, blocked, failed]));

    watch.wait_until_told("ticket firing GracewatchInboxFilesFailed").assert_says(
        "In the last hour, a file of the inbox at gracewatch.corp.example:10688 could not be imported, or only in part.",
    );
    let ticket = watch.wait_until_told("ticket firing GracewatchPathBlocked corp");
    ticket.assert_says(&world.words("corp"));
    let page = watch.wait_until_told("page firing GracewatchPathBlocked corp");
    page.assert_says(&world.words("corp"));
    assert!(page.description.contains("Time is short, or not known"), "{page:?}");
    watch.wait_until_silenced("GracewatchPathBlocked", "corp");

    world.open_port();
    watch.assert_all_over(&[
        ("page", "GracewatchPathBlocked", "corp"),
        ("ticket", "GracewatchPathBlocked", "corp"),
        ("ticket", "GracewatchInboxFilesFailed", ""),
    ]);
    watch.assert_fired(&[
        "GracewatchPathBlocked warning corp",
        "GracewatchPathBlocked critical corp",
        "GracewatchInboxFilesFailed warning",
    ]);
}

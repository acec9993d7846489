//! The port of the KMS host is closed. That is a ticket while everyone has half a year, and pages once somebody has only
//! days.

use super::fleet;
use super::watch::Watch;
use super::world::World;
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_closed_port_is_a_ticket_and_pages_once_time_is_short() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let watch = Watch::over(&network);

    world.close_port();
    let ticket = watch.wait_until_told("ticket firing GracewatchPathBlocked corp");
    ticket.assert_says(&world.words("corp"));
    for part in ["kms01.corp.example", "refuses connections", "500 machines depend on path corp", "The next, ws"] {
        assert!(ticket.summary.contains(part), "{part:?} is not in {ticket:?}");
    }

    // One of them has not renewed for long.
    world.import(&fleet::client(7, 5 * fleet::DAY).text());
    let page = watch.wait_until_told("page firing GracewatchPathBlocked corp");
    page.assert_says(&world.words("corp"));
    assert!(page.summary.contains("Unless it renews, ws0007.corp.example loses activation within 7 days"), "{page:?}");
    assert_leads_to_what_to_do(&world, &page.description);

    // A restart ends nothing, and so tells nothing anew.
    world.stop();
    watch.wait_for_scrapes(2);
    world.start();
    watch.wait_for_scrapes(4);

    world.open_port();
    world.import(&fleet::renewed(7).text());
    watch.wait_until_told("page resolved GracewatchPathBlocked corp");
    watch.wait_until_told("ticket resolved GracewatchPathBlocked corp");
    watch.assert_told(&[
        "ticket firing GracewatchPathBlocked corp",
        "page firing GracewatchPathBlocked corp",
        "page resolved GracewatchPathBlocked corp",
        "ticket resolved GracewatchPathBlocked corp",
    ]);
    watch.assert_fired(&["GracewatchPathBlocked warning corp", "GracewatchPathBlocked critical corp"]);
    assert_reads_well(&watch);
}

/// Does what a description says: it shows the same fault and the machine whose time is short.
fn assert_leads_to_what_to_do(world: &World<'_>, description: &str) {
    assert!(description.starts_with("On kms01.corp.example, check whether it listens"), "{description}");
    let link = "All steps are at http://gracewatch.corp.example:10688/api/v1/paths, or run `gracewatch check`";
    assert!(description.contains(link), "{description}");
    let check = world.run("check", &[]);
    assert_eq!(check.exit_code, Some(2), "{check:?}");
    assert!(check.stdout.contains("kms01.corp.example:1688 (127.0.16.1) refuses connections"), "{}", check.stdout);
    assert!(
        check.stdout.contains("What to do first:\n  1. On kms01.corp.example, check whether it listens"),
        "{}",
        check.stdout
    );

    assert!(description.ends_with("`gracewatch machines --at-risk` lists them."), "{description}");
    let machines = world.run("machines", &["--at-risk"]);
    assert!(machines.stdout.contains("the next to lose activation is ws0007.corp.example"), "{}", machines.stdout);
}

/// The page was a chat's as well, and the ticket a mail, each once: what became of the ticket was not another.
fn assert_reads_well(watch: &Watch) {
    let chat = watch.chat(2);
    let [alarm, relief] = &chat[..] else { panic!("{chat:#?}") };
    assert!(alarm.starts_with("URGENT: Path corp is blocked at tcp: kms01.corp.example"), "{alarm}");
    assert!(alarm.contains("\nWhat to do first: On kms01.corp.example, check "), "{alarm}");
    assert!(alarm.trim_end().ends_with("docs/alerts.md#gracewatchpathblocked|Runbook>"), "{alarm}");
    assert!(relief.starts_with("Over: Path corp is blocked at tcp: kms01.corp.example"), "{relief}");

    let mails = watch.mails(2);
    let [alarm, relief] = &mails[..] else { panic!("{mails:#?}") };
    for part in [
        "Subject: Path corp is blocked at tcp: kms01.corp.example",
        "\n  What to do first: On kms01.corp.example, check ",
        "docs/alerts.md#gracewatchpathblocked\n  Since 20",
        "as seen from gracewatch.corp.example:10688 (GracewatchPathBlocked).\n",
        "<p><b>What to do first:</b> On kms01.corp.example, check ",
    ] {
        assert!(alarm.contains(part), "{part:?} is not in\n{alarm}");
    }
    assert!(relief.contains("Subject: Over: Path corp is blocked at tcp: kms01.corp.example"), "{relief}");
    assert!(!relief.contains("What to do first"), "{relief}");
}

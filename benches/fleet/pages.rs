//! How long it takes to list machines.

use crate::bounds::Bounds;
use crate::daemon::{Daemon, Place};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Pages of all kinds: of few machines and many, at the start and in the middle, in each order, with each filter.
const PAGES: [&str; 12] = [
    "",
    "?limit=1000",
    "?limit=1000&offset=50000",
    "?sort=name&limit=1000&offset=99000",
    "?sort=reported&limit=100",
    "?sort=overdue&limit=100",
    "?at_risk=true&limit=1000",
    "?lost=true&stale=false",
    "?within=90&sort=name",
    "?name=ws0999&limit=1000",
    "?product=office&channel=volume_kmsclient&status=1",
    "?path=corp&limit=1000",
];

/// How often each is asked for.
const TIMES: usize = 15;

/// Asks for pages, and bounds the median of the slowest.
pub(crate) fn measure(daemon: &Daemon, bounds: &mut Bounds) {
    let medians = PAGES.map(|page| (daemon.page(&format!("/api/v1/machines{page}"), TIMES), page));
    let (slowest, page) = medians.into_iter().max_by(|one, other| one.0.total_cmp(&other.0)).expect("there are pages");
    bounds.at_most(&format!("page {page}"), slowest, "ms", 20.0);
}

/// Pages for people, and how long each may take, in milliseconds.
const FOR_PEOPLE: [(&str, f64); 6] = [
    ("/", 20.0),
    ("/machines", 20.0),
    ("/machines?sort=name&offset=99000", 20.0),
    ("/machines?name=ws0999", 20.0),
    ("/machines/ws050000.corp.example", 5.0),
    ("/machines?format=csv", 1500.0),
];

/// How long a page may be, in kilobytes.
const LONGEST: f64 = 200.0;

/// How many browsers have a page open, how often each asks for it again, and for how long that is measured.
const BROWSERS: u32 = 50;
const REFRESH: Duration = Duration::from_secs(30);
const WATCHED: Duration = Duration::from_secs(20);

/// How much of a processor that may take, in percent, and how much memory a sheet of all machines, in megabytes.
const SHARE: f64 = 2.0;
const SHEET: f64 = 20.0;

/// The same for the pages that people read.
pub(crate) fn measure_for_people(daemon: &Daemon, bounds: &mut Bounds) {
    let (before, _) = daemon.memory();
    daemon.page("/machines?format=csv", 1);
    bounds.at_most("sheet of all, memory more after it", daemon.memory().0 - before, "MB", SHEET);
    for page in ["/", "/machines"] {
        let share = daemon.open_in_browsers(page, REFRESH / BROWSERS, WATCHED);
        bounds.at_most(&format!("page {page} in {BROWSERS} browsers"), share * 100.0, "%", SHARE);
    }
    for (page, most) in FOR_PEOPLE {
        let is_sheet = page.ends_with("csv");
        bounds.at_most(&format!("page {page}"), daemon.page(page, if is_sheet { 3 } else { TIMES }), "ms", most);
        if !is_sheet {
            bounds.at_most(&format!("page {page}, length"), daemon.length(page), "kB", LONGEST);
        }
    }
}

/// Lists all machines by the command, and checks that all are there.
pub(crate) fn whole_list(place: &Place, machines: usize) -> Duration {
    let mut command = place.command("machines");
    command.args(["--output", "json"]).stderr(Stdio::inherit());
    let begun = Instant::now();
    let output = command.output().expect("it can be run");
    let time = begun.elapsed();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.matches("\"machine\": ").count(), machines);
    time
}

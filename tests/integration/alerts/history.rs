//! What Prometheus remembers from before a scene, where a rule looks back for longer than a scene can wait: samples as
//! it would have scraped them.

use std::fmt::Write as _;

use crate::support::reports;

/// From one sample to the next.
const STEP: i64 = 60;

/// A series of the daemon, with what it was from so many seconds ago until so many seconds ago, both included.
pub fn series(name: &str, labels: &str, values: &[(i64, i64, f64)]) -> String {
    let now = reports::now().as_second();
    let mut text = format!("# TYPE {name} unknown\n");
    for &(from, until, value) in values {
        for ago in (until..=from).rev().filter(|ago| (from - ago) % STEP == 0) {
            writeln!(
                text,
                r#"{name}{{job="gracewatch",instance="gracewatch.corp.example:10688"{labels}}} {value} {}"#,
                now - ago
            )
            .expect("a string takes it");
        }
    }
    text
}

/// All that is remembered.
pub fn of(series: &[String]) -> String {
    series.concat() + "# EOF\n"
}

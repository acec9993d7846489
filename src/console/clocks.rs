//! The clocks: those that are not as they should be, and a sentence about this machine's.

use super::table::{self, Row, sign};
use crate::report::Report;
use crate::report::clock::{ClockJson, SourceJson};
use crate::report::mark::Mark;
use crate::text::{self, Words, say};
use crate::words::milliseconds;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::time::Duration;

/// How many hosts whose clocks cannot be read for the same reason get a line each.
const LISTED: usize = 3;

/// The stage at which clocks are compared.
const CLOCK: &str = "clock";

/// True where clocks are part of what is wrong: one is off, a time server fails, or a path has a problem with one. That a
/// host shows its time to nobody is none of it.
pub(super) fn matter(report: &Report<'_>) -> bool {
    let is_wrong = |source: &SourceJson<'_>| source.mark != Mark::Ok && source.kind.is_some();
    report.clock.mark != Mark::Ok
        || report.clock.sources.iter().any(is_wrong)
        || report.paths.iter().flat_map(|path| &path.verdict.problems).any(|problem| problem.stage == CLOCK)
}

/// The clocks: how each was read, whose it is, how far from ours, and what is wrong with it.
pub(super) fn write(
    words: Words,
    out: &mut String,
    clock: &ClockJson<'_>,
    is_whole: bool,
    width: usize,
) -> fmt::Result {
    let rows = rows(words, clock, is_whole);
    writeln!(out, "{}", say!(words, "clocks-title"))?;
    table::write(out, &[], &rows, width)?;
    writeln!(out, "  {}", super::broken(&clock.summary, width, 2))
}

/// The clocks that are read, and then those that cannot be.
fn rows(words: Words, clock: &ClockJson<'_>, is_whole: bool) -> Vec<Row> {
    let read = clock.sources.iter().filter(|source| source.kind.is_some());
    let shown = read.filter(|source| is_whole || source.mark != Mark::Ok).map(|source| row(words, source, 0));
    shown.chain(unread(words, clock)).collect()
}

/// The hosts whose clocks cannot be read, of which nothing is known, which is no fault. Many that do not answer for the same reason,
/// commonly a firewall, share one line.
fn unread(words: Words, clock: &ClockJson<'_>) -> Vec<Row> {
    let mut by_detail: BTreeMap<&str, Vec<&SourceJson<'_>>> = BTreeMap::new();
    for source in clock.sources.iter().filter(|source| source.kind.is_none()) {
        by_detail.entry(&source.detail).or_default().push(source);
    }
    let alike = by_detail.into_values().flat_map(|hosts| match (hosts.first(), hosts.len().saturating_sub(1)) {
        (Some(first), more) if more >= LISTED => vec![row(words, first, more)],
        _ => hosts.iter().map(|host| row(words, host, 0)).collect(),
    });
    alike.collect()
}

fn row(words: Words, clock: &SourceJson<'_>, more: usize) -> Row {
    // The address is shown where the source does not name it.
    let address = clock.address.map(|address| address.to_string()).filter(|known| !clock.source.contains(known));
    let source = clock.source.to_string() + &address.map(|address| format!(" ({address})")).unwrap_or_default();
    let source = if more == 0 { source } else { say!(words, "name-and-more", name = source, more = more) };
    let offset = clock.offset_seconds.zip(clock.error_seconds);
    let offset = offset.map(|(offset, bound)| format!("{} ± {}", signed(words, offset), seconds(words, bound)));
    let kind = clock.kind.as_ref().map_or_else(|| say!(words, "clock-kind-unknown"), ToString::to_string);
    Row { sign: sign(clock.mark), cells: vec![kind, source, offset.unwrap_or_default(), clock.detail.to_string()] }
}

/// An offset with its sign and unit: `+0.2 µs`, `-4 h 5 min`.
fn signed(words: Words, offset: f64) -> String {
    let sign = if offset < 0.0 { '-' } else { '+' };
    format!("{sign}{}", seconds(words, offset.abs()))
}

fn seconds(words: Words, value: f64) -> String {
    let duration = Duration::try_from_secs_f64(value).unwrap_or(Duration::MAX);
    match value {
        value if value < 1e-3 => format!("{:.1} µs", value * 1e6),
        value if value < 1.0 => milliseconds(duration),
        value if value < 10.0 => format!("{value:.1} s"),
        _ => text::span(words, duration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock_report::{ClockReport, ClockSource, HostTime};
    use crate::observation::{Failure, Observation, Reason, Stage};
    use std::net::IpAddr;

    /// So many hosts that cannot be read, each for its reason.
    fn unread(reasons: &[&'static str]) -> Vec<String> {
        let host = |(number, detail): (u8, &&'static str)| {
            let failure = Failure::new(Reason::Refused, *detail);
            let clock = ClockSource {
                source: format!("kms{number}"),
                address: None,
                kind: None,
                observation: Observation::failed(Stage::Clock, failure, Duration::ZERO),
                offset: None,
            };
            (IpAddr::from([192, 0, 2, number]).into(), HostTime { clock, comparison: None })
        };
        let hosts = (1..).zip(reasons).map(host).collect();
        let clocks = ClockReport { hosts, ..ClockReport::default() };
        let rows = rows(Words::ENGLISH, &ClockJson::new(&clocks, Words::ENGLISH), false);
        rows.into_iter().map(|row| format!("{}: {}", row.cells[1], row.cells[3])).collect()
    }

    #[test]
    fn hosts_that_cannot_be_read_for_one_reason_share_a_line_where_they_are_many() {
        assert_eq!(unread(&["no", "no", "why"]), ["kms1: no", "kms2: no", "kms3: why"]);
        assert_eq!(unread(&["no"; 3]).len(), 3);
        assert_eq!(unread(&["no", "why", "no", "no", "no"]), ["kms1 and 3 more: no", "kms2: why"]);
    }

    #[test]
    fn offsets_have_a_sign_and_the_digits_that_matter() {
        let signed = |offset| signed(Words::ENGLISH, offset);
        assert_eq!([signed(-14_700.0), signed(9.52), signed(-0.25)], ["-4 h 5 min", "+9.5 s", "-250 ms"]);
        assert_eq!([signed(0.0042), signed(0.000_04)], ["+4.2 ms", "+40.0 µs"]);
    }
}

//! The clocks: a line to each, and a sentence about this machine's.

use super::{Mark, columns, milliseconds, padded};
use crate::clock::comparison::Standing;
use crate::clock_report::{ClockReport, ClockSource};
use crate::observation::Detail;
use crate::text::{self, Words, say};
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::time::Duration;

/// How many hosts whose clocks cannot be read for the same reason get a line each.
const TOLD: usize = 3;

/// Every clock: how it was read, whose it is, how far from ours, and what is wrong with it.
pub(super) fn write(words: Words, out: &mut String, clocks: &ClockReport) -> fmt::Result {
    let lines = clock_lines(words, clocks);
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}\n", say!(words, "clocks-title"))?;
    let width = |text: fn(&ClockLine) -> &str| lines.iter().map(|line| columns(text(line))).max().unwrap_or(0);
    let (source_width, offset_width) = (width(|line| &line.source), width(|line| &line.offset));
    for ClockLine { mark, kind, source, offset, detail } in &lines {
        let (style, sign) = mark.sign();
        let line =
            [padded(kind, 9), padded(source, source_width), padded(offset, offset_width), detail.clone()].join("  ");
        writeln!(out, "  {style}{sign}{style:#} {}", line.trim_end())?;
    }
    writeln!(out, "\n{}\n", text::clock_summary(words, clocks))
}

/// One line of the clocks.
struct ClockLine {
    mark: Mark,
    kind: String,
    source: String,
    offset: String,
    detail: String,
}

impl ClockLine {
    fn new(words: Words, clock: &ClockSource, mark: Mark) -> Self {
        // The address is shown where the source does not name it.
        let address = clock.address.map(|address| address.to_string()).filter(|known| !clock.source.contains(known));
        let offset =
            clock.offset.map(|offset| format!("{} ± {}", signed(words, offset.seconds), seconds(words, offset.bound)));
        Self {
            mark,
            kind: clock.kind.map_or_else(|| say!(words, "clock-kind-unknown"), str::to_owned),
            source: clock.source.clone() + &address.map(|address| format!(" ({address})")).unwrap_or_default(),
            offset: offset.unwrap_or_default(),
            detail: text::detail(words, &clock.observation.detail),
        }
    }
}

/// The time servers, then the KMS hosts.
fn clock_lines(words: Words, clocks: &ClockReport) -> Vec<ClockLine> {
    let servers = clocks
        .servers
        .iter()
        .map(|server| ClockLine::new(words, server, if server.observation.is_ok() { Mark::Good } else { Mark::Bad }));
    let read = clocks.hosts.values().filter_map(|host| {
        let mark = match host.comparison?.standing {
            Standing::Right => Mark::Good,
            Standing::Drifted => Mark::Doubtful,
            Standing::Skewed => Mark::Bad,
        };
        Some(ClockLine::new(words, &host.clock, mark))
    });
    servers.chain(read).chain(unread_lines(words, clocks)).collect()
}

/// The hosts whose clocks cannot be read, of which nothing is known, which is no fault. Many that do not answer for the same reason,
/// commonly a firewall, share one line.
fn unread_lines(words: Words, clocks: &ClockReport) -> Vec<ClockLine> {
    let mut by_detail: BTreeMap<&Detail, Vec<&ClockSource>> = BTreeMap::new();
    for host in clocks.hosts.values().filter(|host| host.comparison.is_none()) {
        by_detail.entry(&host.clock.observation.detail).or_default().push(&host.clock);
    }
    let mut lines = Vec::new();
    for hosts in by_detail.into_values() {
        let each = hosts.iter().map(|host| ClockLine::new(words, host, Mark::Unknown));
        match hosts.len().checked_sub(1).filter(|more| *more >= TOLD) {
            Some(more) => lines.extend(each.take(1).map(|line| ClockLine {
                source: say!(words, "name-and-more", name = line.source.as_str(), more = more),
                ..line
            })),
            None => lines.extend(each),
        }
    }
    lines
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
    use crate::clock_report::HostTime;
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
            (IpAddr::from([192, 0, 2, number]), HostTime { clock, comparison: None })
        };
        let hosts = (1..).zip(reasons).map(host).collect();
        let lines = unread_lines(Words::ENGLISH, &ClockReport { hosts, ..ClockReport::default() });
        lines.into_iter().map(|line| format!("{}: {}", line.source, line.detail)).collect()
    }

    #[test]
    fn hosts_that_cannot_be_read_for_one_reason_are_told_together_where_they_are_many() {
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

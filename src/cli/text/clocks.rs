//! The clocks: a line to each, and a sentence about this machine's.

use super::{Mark, milliseconds};
use crate::clock::comparison::Standing;
use crate::clock_report::{ClockReport, ClockSource};
use crate::words::in_words;
use std::fmt::{self, Write};
use std::time::Duration;

/// Every clock: how it was read, whose it is, how far from ours, and what is wrong with it.
pub(super) fn write(out: &mut String, clocks: &ClockReport) -> fmt::Result {
    let lines = clock_lines(clocks);
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "Clocks, against this machine's:\n")?;
    let width = |text: fn(&ClockLine) -> &str| lines.iter().map(|line| text(line).chars().count()).max().unwrap_or(0);
    let (source_width, offset_width) = (width(|line| &line.source), width(|line| &line.offset));
    for ClockLine { mark, kind, source, offset, detail } in &lines {
        let (style, sign) = mark.sign();
        let line = format!("{kind:<9}  {source:source_width$}  {offset:offset_width$}  {detail}");
        writeln!(out, "  {style}{sign}{style:#} {}", line.trim_end())?;
    }
    writeln!(out, "\n{}\n", clocks.summary())
}

/// One line of the clocks.
struct ClockLine {
    mark: Mark,
    kind: &'static str,
    source: String,
    offset: String,
    detail: String,
}

impl ClockLine {
    fn new(clock: &ClockSource, mark: Mark) -> Self {
        // The address is told where the source does not name it.
        let address = clock.address.map(|address| address.to_string()).filter(|known| !clock.source.contains(known));
        let offset = clock.offset.map(|offset| format!("{} ± {}", signed(offset.seconds), seconds(offset.bound)));
        Self {
            mark,
            kind: clock.kind.unwrap_or("unknown"),
            source: clock.source.clone() + &address.map(|address| format!(" ({address})")).unwrap_or_default(),
            offset: offset.unwrap_or_default(),
            detail: clock.observation.detail.clone(),
        }
    }
}

/// The time servers, then the KMS hosts. A host whose clock cannot be read is in doubt only.
fn clock_lines(clocks: &ClockReport) -> Vec<ClockLine> {
    let servers = clocks
        .servers
        .iter()
        .map(|server| ClockLine::new(server, if server.observation.is_ok() { Mark::Good } else { Mark::Bad }));
    let hosts = clocks.hosts.values().map(|host| {
        let mark = match host.comparison.map(|comparison| comparison.standing) {
            Some(Standing::Right) => Mark::Good,
            Some(Standing::Drifted) | None => Mark::Doubtful,
            Some(Standing::Skewed) => Mark::Bad,
        };
        ClockLine::new(&host.clock, mark)
    });
    servers.chain(hosts).collect()
}

/// An offset with its sign and unit: `+0.2 µs`, `-4 h 5 min`.
fn signed(offset: f64) -> String {
    let sign = if offset < 0.0 { '-' } else { '+' };
    format!("{sign}{}", seconds(offset.abs()))
}

fn seconds(value: f64) -> String {
    let duration = Duration::try_from_secs_f64(value).unwrap_or(Duration::MAX);
    match value {
        value if value < 1e-3 => format!("{:.1} µs", value * 1e6),
        value if value < 1.0 => milliseconds(duration),
        value if value < 10.0 => format!("{value:.1} s"),
        _ => in_words(duration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_have_a_sign_and_the_digits_that_matter() {
        assert_eq!([signed(-14_700.0), signed(9.52), signed(-0.25)], ["-4 h 5 min", "+9.5 s", "-250 ms"]);
        assert_eq!([signed(0.0042), signed(0.000_04)], ["+4.2 ms", "+40.0 µs"]);
    }
}

//! Machines for a person: what they add up to, then a line to each license, the first to end first.

use crate::cli::text::{BAD, DOUBTFUL, FAINT, GOOD, columns, padded};
use crate::fleet::known::KnownLicense;
use crate::fleet::{AT_RISK_DAYS, Aggregate, Machine, MachinePage, Runway, WITHIN};
use crate::license::{License, Remaining};
use crate::text::{self, Words, say};
use crate::words::day_of;
use anstyle::Style;
use jiff::{SignedDuration, Timestamp};
use std::fmt::{self, Write};
use std::time::Duration;

/// The columns.
const HEADS: [&str; COLUMNS] = ["machine", "path", "product", "channel", "status", "ends", "renewal"];
const COLUMNS: usize = 7;

/// One line, with the sign before it.
struct Line {
    style: Style,
    sign: char,
    cells: [String; COLUMNS],
}

/// The sums, and the machines of a page.
pub(super) fn report(
    words: Words,
    fleet: &Aggregate,
    page: &MachinePage,
    now: Timestamp,
) -> Result<String, fmt::Error> {
    let mut text = summary(words, &fleet.totals) + "\n";
    for (path, runway) in &fleet.paths {
        writeln!(text, "  {}", say!(words, "path-fleet", path = &**path, summary = summary(words, runway)))?;
    }
    let lines: Vec<Line> = page.machines.iter().flat_map(|machine| lines(words, machine, now)).collect();
    if !lines.is_empty() {
        writeln!(text)?;
        write_lines(words, &mut text, &lines)?;
    }
    let more = page.total.saturating_sub(page.machines.len() as u64);
    if more > 0 {
        let machines = say!(words, "machines-counted", count = more);
        writeln!(text, "\n{}", say!(words, "machines-not-shown", machines = machines))?;
    }
    Ok(text)
}

/// What machines add up to, in a sentence without an end.
fn summary(words: Words, runway: &Runway) -> String {
    let within = WITHIN.iter().zip(runway.expiring).find(|(_, count)| *count > 0);
    let (days, expiring) = within.map_or((0, 0), |((_, days), count)| (*days, count));
    let next = runway.first_expiry.zip(runway.first_machine.as_deref());
    say!(
        words,
        "fleet-summary",
        machines = say!(words, "machines-counted", count = runway.machines),
        expiring = expiring,
        days = days,
        lost = runway.lost,
        overdue = runway.renewal_overdue,
        stale = runway.stale,
        machine = next.map_or("none", |(_, machine)| machine).to_owned(),
        day = next.map(|(moment, _)| day_of(moment)).unwrap_or_default(),
    )
}

fn lines(words: Words, machine: &Machine, now: Timestamp) -> Vec<Line> {
    let path = machine.path.as_deref().unwrap_or_default();
    let name = machine.machine.name.as_str();
    let with_staleness = |status: String| {
        let day = || day_of(machine.machine.reported_at);
        if machine.stale { say!(words, "stale-since", status = status, day = day()) } else { status }
    };
    if machine.licenses.is_empty() {
        let status = with_staleness(say!(words, "no-license"));
        let cells = [name, path, "", "", &status, "", ""].map(str::to_owned);
        return vec![Line { style: DOUBTFUL, sign: '!', cells }];
    }
    let line = |known: &KnownLicense| {
        let license = &known.license;
        let reason = license.reason_code.or(license.last_error).filter(|code| code.is_failure());
        let (style, sign) = mark(known, machine.stale, now);
        Line {
            style,
            sign,
            cells: [
                name.to_owned(),
                path.to_owned(),
                product(words, license),
                license.channel.as_ref().map(ToString::to_string).unwrap_or_default(),
                with_staleness(text::license_status(words, license.status, reason)),
                end(words, known, now),
                overdue(words, known, now),
            ],
        }
    };
    machine.licenses.iter().map(line).collect()
}

/// What a license is of, as far as that is known.
fn product(words: Words, license: &License) -> String {
    let by_sku = || license.sku.map(|sku| format!("SKU {sku}"));
    license.product.clone().or_else(by_sku).unwrap_or_else(|| say!(words, "unknown-product"))
}

fn mark(known: &KnownLicense, is_stale: bool, now: Timestamp) -> (Style, char) {
    let soon = now + SignedDuration::from_hours(24 * AT_RISK_DAYS);
    if known.validity().is_lost(now) {
        (BAD, '✗')
    } else if is_stale
        || known.license.status.is_none()
        || known.expires_at().is_some_and(|end| end <= soon)
        || known.validity().renewal_overdue_seconds(now).is_some_and(|seconds| seconds > 0)
    {
        (DOUBTFUL, '!')
    } else {
        (GOOD, '✓')
    }
}

/// When it ends, and in what time that is.
fn end(words: Words, known: &KnownLicense, now: Timestamp) -> String {
    match (known.expires_at(), known.validity().grace_remaining_seconds(now)) {
        _ if known.license.remaining == Some(Remaining::Permanent) && !known.validity().is_lost(now) => {
            say!(words, "license-never-ends")
        }
        (Some(end), Some(0)) => say!(words, "license-ended", day = day_of(end)),
        (None, Some(0)) => say!(words, "license-lost"),
        (Some(end), Some(seconds)) => {
            let span = text::span(words, Duration::from_secs(seconds));
            say!(words, "license-ends", day = day_of(end), span = span)
        }
        _ => say!(words, "license-end-unknown"),
    }
}

fn overdue(words: Words, known: &KnownLicense, now: Timestamp) -> String {
    match known.validity().renewal_overdue_seconds(now) {
        None => String::new(),
        Some(0) => say!(words, "renewal-in-time"),
        Some(seconds) => {
            say!(words, "renewal-overdue", span = text::span(words, Duration::from_secs(seconds)))
        }
    }
}

fn write_lines(words: Words, out: &mut String, lines: &[Line]) -> fmt::Result {
    let heads = HEADS.map(|column| say!(words, "column", column = column));
    let mut widths = heads.each_ref().map(|head| columns(head));
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(&line.cells) {
            *width = (*width).max(columns(cell));
        }
    }
    let row = |cells: &[&str]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| padded(cell, width));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    writeln!(out, "  {FAINT}  {}{FAINT:#}", row(&heads.each_ref().map(String::as_str)))?;
    for Line { style, sign, cells } in lines {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        writeln!(out, "  {style}{sign}{style:#} {}", row(&cells))?;
    }
    Ok(())
}

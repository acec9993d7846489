//! Machines for a person: what they add up to, then a line to each license, the first to end first.

use crate::cli::text::{BAD, DOUBTFUL, FAINT, GOOD};
use crate::fleet::known::KnownLicense;
use crate::fleet::{AT_RISK_DAYS, Aggregate, Machine, MachinePage, Runway, WITHIN};
use crate::license::{License, Remaining};
use crate::words::{counted, day_of, in_words};
use anstyle::Style;
use jiff::{SignedDuration, Timestamp};
use std::fmt::{self, Write};
use std::time::Duration;

/// The heads of the columns.
const HEADS: [&str; COLUMNS] = ["machine", "path", "product", "channel", "status", "ends", "renewal"];
const COLUMNS: usize = 7;

/// One line, with the sign before it.
struct Line {
    style: Style,
    sign: char,
    cells: [String; COLUMNS],
}

/// The sums, and the machines of a page.
pub(super) fn report(fleet: &Aggregate, page: &MachinePage, now: Timestamp) -> Result<String, fmt::Error> {
    let mut text = summary(&fleet.totals) + "\n";
    for (path, runway) in &fleet.paths {
        writeln!(text, "  path {path}: {}", summary(runway))?;
    }
    let lines: Vec<Line> = page.machines.iter().flat_map(|machine| lines(machine, now)).collect();
    if !lines.is_empty() {
        writeln!(text)?;
        write_lines(&mut text, &lines)?;
    }
    let more = page.total.saturating_sub(page.machines.len() as u64);
    if more > 0 {
        writeln!(text, "\n{} not shown; see --limit, --name, --path and --at-risk", machines(more))?;
    }
    Ok(text)
}

/// What machines add up to, in a sentence without an end.
fn summary(runway: &Runway) -> String {
    let mut told = vec![machines(runway.machines)];
    let within = WITHIN.iter().zip(runway.expiring).find(|(_, count)| *count > 0);
    if let Some(((_, days), count)) = within {
        told.push(format!("{count} expiring within {}", counted(usize::try_from(*days).unwrap_or(0), "day")));
    }
    let rest = [(runway.lost, "lost"), (runway.renewal_overdue, "overdue"), (runway.stale, "stale")];
    told.extend(rest.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    if let (Some(first), Some(machine)) = (runway.first_expiry, &runway.first_machine) {
        told.push(format!("the first to fall is {machine} on {}", day_of(first)));
    }
    told.join(", ")
}

fn machines(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "machine")
}

fn lines(machine: &Machine, now: Timestamp) -> Vec<Line> {
    let path = machine.path.as_deref().unwrap_or_default();
    let name = machine.machine.name.as_str();
    let silent =
        if machine.stale { format!("stale since {}", day_of(machine.machine.reported_at)) } else { String::new() };
    if machine.licenses.is_empty() {
        let status = if silent.is_empty() { "no license".to_owned() } else { format!("no license; {silent}") };
        let cells = [name, path, "", "", &status, "", ""].map(str::to_owned);
        return vec![Line { style: DOUBTFUL, sign: '!', cells }];
    }
    let line = |known: &KnownLicense| {
        let license = &known.license;
        let status = license.status.map_or("unknown", |status| status.as_str());
        let reason = license.reason_code.or(license.last_error).filter(|code| code.is_failure());
        let reason = reason.map(|code| format!(" ({code})")).unwrap_or_default();
        let silent = if silent.is_empty() { String::new() } else { format!("; {silent}") };
        let (style, sign) = mark(known, machine.stale, now);
        Line {
            style,
            sign,
            cells: [
                name.to_owned(),
                path.to_owned(),
                product(license),
                license.channel.as_ref().map(ToString::to_string).unwrap_or_default(),
                format!("{status}{reason}{silent}"),
                end(known, now),
                overdue(known, now),
            ],
        }
    };
    machine.licenses.iter().map(line).collect()
}

/// What a license is of, as far as that is known.
fn product(license: &License) -> String {
    let by_sku = || license.sku.map(|sku| format!("SKU {sku}"));
    license.product.clone().or_else(by_sku).unwrap_or_else(|| "unknown".to_owned())
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
fn end(known: &KnownLicense, now: Timestamp) -> String {
    match (known.expires_at(), known.validity().grace_remaining_seconds(now)) {
        _ if known.license.remaining == Some(Remaining::Permanent) && !known.validity().is_lost(now) => {
            "never".to_owned()
        }
        (Some(end), Some(0)) => format!("ended {}", day_of(end)),
        (None, Some(0)) => "lost".to_owned(),
        (Some(end), Some(seconds)) => format!("{}, in {}", day_of(end), in_words(Duration::from_secs(seconds))),
        _ => "not known".to_owned(),
    }
}

fn overdue(known: &KnownLicense, now: Timestamp) -> String {
    match known.validity().renewal_overdue_seconds(now) {
        None => String::new(),
        Some(0) => "in time".to_owned(),
        Some(seconds) => format!("overdue for {}", in_words(Duration::from_secs(seconds))),
    }
}

fn write_lines(out: &mut String, lines: &[Line]) -> fmt::Result {
    let mut widths = HEADS.map(|head| head.chars().count());
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(&line.cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let row = |cells: &[&str]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    writeln!(out, "  {FAINT}  {}{FAINT:#}", row(&HEADS))?;
    for Line { style, sign, cells } in lines {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        writeln!(out, "  {style}{sign}{style:#} {}", row(&cells))?;
    }
    Ok(())
}

//! Machines for a person: their totals, then a line to each, the first to lose activation first.

use crate::cli::text::table::{self, Row};
use crate::cli::text::{BAD, DOUBTFUL, GOOD, broken};
use crate::fleet::AT_RISK_DAYS;
use crate::license::LicenseStatus;
use crate::report::machines::{LicenseJson, MachineJson, MachinesReport, RunwayJson, RunwayReport};
use crate::text::{self, Words, say};
use crate::words::day_of;
use anstyle::Style;
use std::cmp::Reverse;
use std::fmt::{self, Write};
use std::time::Duration;

/// The port that every KMS host has by default.
const USUAL_PORT: &str = ":1688";

const DAY: u64 = 24 * 60 * 60;

/// The totals, and the machines of a page. Of those with several licenses the worst is shown; where a product is asked
/// for, the worst of that product.
pub(super) fn report(
    words: Words,
    totals: Option<&RunwayReport<'_>>,
    page: &MachinesReport<'_>,
    product: Option<&str>,
    width: usize,
) -> Result<String, fmt::Error> {
    let mut text = String::new();
    if let Some(totals) = totals {
        writeln!(text, "{}", broken(&summary(words, &totals.fleet), width, 0))?;
        for (path, runway) in totals.paths.iter().filter(|(_, runway)| runway.machines > 0) {
            let line = say!(words, "path-fleet", path = &**path, summary = summary(words, runway));
            writeln!(text, "  {}", broken(&line, width, 2))?;
        }
    }
    if !page.machines.is_empty() {
        writeln!(text)?;
        let heads = ["machine", "state", "left", "late", "host", "reason"];
        let heads = heads.map(|column| say!(words, "column", column = column));
        let rows: Vec<Row> = page.machines.iter().map(|machine| row(words, machine, product)).collect();
        table::write(&mut text, &heads, &rows, width)?;
    }
    let more = page.total.saturating_sub(page.machines.len() as u64);
    if more > 0 {
        let machines = say!(words, "machines-counted", count = more);
        writeln!(text, "\n{}", broken(&say!(words, "machines-not-shown", machines = machines), width, 0))?;
    }
    Ok(text)
}

/// The totals of machines, in a sentence without an end.
fn summary(words: Words, runway: &RunwayJson<'_>) -> String {
    let (days, expiring) = runway.expiring.first().unwrap_or((0, 0));
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
        day = next.map(|(moment, _)| day_of(moment.0)).unwrap_or_default(),
    )
}

/// The license that is lost first.
fn worst<'a>(machine: &'a MachineJson<'a>, product: Option<&str>) -> Option<&'a LicenseJson<'a>> {
    let product = product.map(str::to_lowercase);
    let is_meant = |license: &&LicenseJson<'_>| {
        let own = license.product.as_deref().unwrap_or_default().to_lowercase();
        product.as_ref().is_none_or(|product| own.contains(product.as_str()))
    };
    let by_end = |license: &&LicenseJson<'_>| {
        let left = license.grace_remaining_seconds.unwrap_or(u64::MAX);
        (license.addon, left, Reverse(license.renewal_overdue_seconds))
    };
    machine.licenses.iter().filter(is_meant).min_by_key(by_end).or_else(|| machine.licenses.first())
}

fn row(words: Words, machine: &MachineJson<'_>, product: Option<&str>) -> Row {
    let name = machine.machine.to_string();
    let stale = machine.stale.then(|| say!(words, "stale-since", day = day_of(machine.reported_at.0)));
    let Some(license) = worst(machine, product) else {
        let (status, reason) = (say!(words, "no-license"), stale.unwrap_or_default());
        return Row {
            sign: (DOUBTFUL, '!'),
            cells: vec![name, status, String::new(), String::new(), String::new(), reason],
        };
    };
    let own = machine.licenses.iter().filter(|license| !license.addon).count();
    let product = license.product.as_deref().filter(|_| own > 1 || license.addon).map(str::to_owned);
    let code = license.failure().map(|code| text::code_with_meaning(words, code));
    let reason = [product, code, stale].into_iter().flatten();
    Row {
        sign: sign(license, machine.stale),
        cells: vec![
            name,
            state(words, license),
            left(words, license),
            late(words, license),
            host(license.kms_host.as_deref()),
            text::joined(words, reason),
        ],
    }
}

/// A KMS host without the port that all have.
pub(super) fn host(host: Option<&str>) -> String {
    let host = host.unwrap_or_default();
    host.strip_suffix(USUAL_PORT).unwrap_or(host).to_owned()
}

/// The status of a license; what is lost although its status is from before is called so.
pub(super) fn state(words: Words, license: &LicenseJson<'_>) -> String {
    let is_lost_since = license.is_lost() && !license.status().is_some_and(LicenseStatus::is_lost);
    if is_lost_since { say!(words, "license-lost") } else { text::license_status(words, license.status(), None) }
}

/// In what time it is lost.
pub(super) fn left(words: Words, license: &LicenseJson<'_>) -> String {
    match (license.grace_remaining_seconds, license.expires_at) {
        _ if license.permanent && !license.is_lost() => say!(words, "license-never-ends"),
        (Some(0), Some(end)) => say!(words, "license-ended", day = day_of(end.0)),
        (Some(0), None) => say!(words, "license-none-left"),
        (Some(seconds), _) => text::span(words, Duration::from_secs(seconds)),
        (None, _) => say!(words, "license-end-unknown"),
    }
}

/// For how long it should have been renewed.
pub(super) fn late(words: Words, license: &LicenseJson<'_>) -> String {
    match license.renewal_overdue_seconds {
        None | Some(0) => String::new(),
        Some(seconds) => text::span(words, Duration::from_secs(seconds)),
    }
}

pub(super) fn sign(license: &LicenseJson<'_>, is_stale: bool) -> (Style, char) {
    let soon = u64::try_from(AT_RISK_DAYS).unwrap_or_default() * DAY;
    if license.is_lost() {
        (BAD, '✗')
    } else if is_stale
        || license.license_status.is_none()
        || license.grace_remaining_seconds.is_some_and(|seconds| seconds <= soon)
        || license.renewal_overdue_seconds > Some(0)
    {
        (DOUBTFUL, '!')
    } else {
        (GOOD, '✓')
    }
}

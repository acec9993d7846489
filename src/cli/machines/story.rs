//! Everything about one machine, for a person.

use crate::console::changes::lines as change_lines;
use crate::console::table::sign;
use crate::console::{BAD, FAINT, GOOD, broken, write_steps};
use crate::report::licenses::{self, host, late, left};
use crate::report::machine::{HostJson, MachineReport};
use crate::report::machines::LicenseJson;
use crate::text::{self, Words, say};
use crate::words::{day_of, minute_of};
use jiff::Timestamp;
use std::fmt::{self, Write};
use std::time::Duration;

/// How far what is said of a license is from the left.
const INDENT: usize = 4;

/// The machine, its licenses, the KMS hosts that they use, what its codes mean, what changed, and what to do.
pub(super) fn report(words: Words, report: &MachineReport<'_>, width: usize) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let machine = &report.machine;
    writeln!(out, "{}", broken(&machine.machine, width, 0))?;
    let ago = span_since(words, machine.reported_at.0, report.as_of.0);
    let stale = if machine.stale { "yes" } else { "no" };
    let day = minute_of(machine.reported_at.0);
    let source = &*machine.source;
    let reported = say!(words, "machine-reported", moment = day, ago = ago, source = source, stale = stale);
    writeln!(out, "  {}", broken(&reported, width, 2))?;
    let path = match (&report.path_status, &machine.path) {
        (Some(status), _) => status.summary.clone(),
        (None, Some(path)) => say!(words, "machine-on-path", path = &**path),
        (None, None) => say!(words, "machine-on-no-path"),
    };
    writeln!(out, "  {}", broken(&path, width, 2))?;
    if let Some(rearms) = machine.remaining_windows_rearms {
        writeln!(out, "  {}", broken(&say!(words, "machine-rearms", count = rearms), width, 2))?;
    }
    for counts in machine.kms_host.iter().flat_map(|own| &own.applications) {
        writeln!(out, "  {}", broken(&licenses::counted(words, counts), width, 2))?;
    }
    if machine.licenses.is_empty() {
        writeln!(out, "\n{}", broken(&say!(words, "no-license"), width, 0))?;
    }
    for license in &machine.licenses {
        writeln!(out)?;
        write_license(words, &mut out, license, report, width)?;
    }
    if !report.codes.is_empty() {
        writeln!(out, "\n{}", say!(words, "codes-title"))?;
        for known in &report.codes {
            writeln!(out, "  {}", broken(&format!("{}: {}", known.code, known.meaning), width, INDENT))?;
        }
    }
    writeln!(out, "\n{}", say!(words, "history-title"))?;
    if report.history.is_empty() {
        writeln!(out, "  {}", broken(&say!(words, "history-empty"), width, 2))?;
    }
    change_lines(words, &mut out, &report.history, false, width)?;
    if !report.next_steps.is_empty() {
        writeln!(out, "\n{}", say!(words, "first-steps-title"))?;
        write_steps(&mut out, &report.next_steps, width)?;
    }
    Ok(out)
}

fn write_license(
    words: Words,
    out: &mut String,
    license: &LicenseJson<'_>,
    report: &MachineReport<'_>,
    width: usize,
) -> fmt::Result {
    let (style, sign) = sign(licenses::mark(license, report.machine.stale));
    writeln!(out, "{style}{sign}{style:#} {}", broken(&licenses::title(words, license), width, 2))?;
    let mut line = |text: String| writeln!(out, "    {}", broken(&text, width, INDENT));
    let status = licenses::state_and_code(words, license);
    line(say!(words, "license-state", state = status, left = left(words, license)))?;
    if let Some(end) = license.expires_at.filter(|_| !license.is_lost()) {
        line(say!(words, "license-until", day = day_of(end.0)))?;
    }
    if let Some(renewed) = license.last_renewed_at {
        let late = late(words, license);
        let late = if late.is_empty() { "no".to_owned() } else { late };
        line(say!(words, "license-renewed", day = day_of(renewed.0), late = late))?;
    }
    if let Some(error) = license.last_error {
        line(say!(words, "license-last-error", code = text::code_with_meaning(words, error)))?;
    }
    if let Some(key) = &license.partial_product_key {
        line(say!(words, "license-key", key = &**key))?;
    }
    if license.activated_by_domain == Some(true) {
        line(say!(words, "license-by-domain"))?;
    }
    if let Some(used) = &license.kms_host {
        let known: Vec<&HostJson<'_>> = report.kms_hosts.iter().filter(|host| host.host == *used).collect();
        if known.is_empty() {
            line(say!(words, "license-kms-host", host = host(Some(used))))?;
        }
        for known in known {
            let (style, sign) = if known.works { (GOOD, '✓') } else { (BAD, '✗') };
            let address = known.address.as_ref().map(|address| format!(" ({address})")).unwrap_or_default();
            let name = host(Some(used)) + &address;
            let failure = known.stage.as_deref().zip(known.reason.as_deref());
            let state = if let Some((stage, reason)) = failure {
                say!(words, "kms-host-fails", host = name, stage = stage, reason = reason)
            } else {
                say!(words, "kms-host-serves", host = name)
            };
            writeln!(out, "    {style}{sign}{style:#} {}", broken(&state, width, INDENT + 2))?;
        }
    }
    if license.addon {
        writeln!(out, "    {FAINT}{}{FAINT:#}", broken(&say!(words, "license-addon"), width, INDENT))?;
    }
    Ok(())
}

fn span_since(words: Words, then: Timestamp, now: Timestamp) -> String {
    let seconds = u64::try_from(now.as_second().saturating_sub(then.as_second())).unwrap_or(0);
    text::span(words, Duration::from_secs(seconds))
}

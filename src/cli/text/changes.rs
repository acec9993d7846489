//! What changed, a line to each change.

use super::table::{self, Row};
use super::{BAD, DOUBTFUL, GOOD};
use crate::license::LicenseStatus;
use crate::report::changes::ChangeJson;
use crate::text::{self, Words, say};
use crate::verdict::Status;
use anstyle::Style;
use jiff::Timestamp;
use std::fmt;

/// A moment to the minute, in UTC.
pub(in crate::cli) fn minute_of(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}

/// A line to each change; with the machine where they are not all of one.
pub(in crate::cli) fn lines(
    words: Words,
    out: &mut String,
    changes: &[ChangeJson<'_>],
    with_machine: bool,
    width: usize,
) -> fmt::Result {
    let row = |change: &ChangeJson<'_>| {
        let (sign, who, what) = shown(words, change);
        let who = if with_machine { who } else { String::new() };
        Row { sign, cells: vec![minute_of(change.at().0), who, what] }
    };
    table::write(out, &[], &changes.iter().map(row).collect::<Vec<_>>(), width)
}

/// How a change is to be taken, what changed, and how.
fn shown(words: Words, change: &ChangeJson<'_>) -> ((Style, char), String, String) {
    match change {
        ChangeJson::License { machine, product, from_status, to_status, reason_code, .. } => {
            let status = |number: Option<u8>| number.and_then(|number| LicenseStatus::from_number(number.into()));
            let code = reason_code.filter(|code| code.is_failure());
            let from = text::license_status(words, status(*from_status), None);
            let to = text::license_status(words, status(*to_status), code);
            let product = product.as_deref().map_or_else(|| say!(words, "unknown-product"), str::to_owned);
            let sign = match status(*to_status) {
                Some(LicenseStatus::Licensed) => (GOOD, '✓'),
                Some(status) if status.is_lost() => (BAD, '✗'),
                _ => (DOUBTFUL, '!'),
            };
            (sign, machine.to_string(), say!(words, "change-license", product = product, from = from, to = to))
        }
        ChangeJson::Silent { machine, reported_at, .. } => {
            let what = say!(words, "change-silent", day = minute_of(reported_at.0));
            ((DOUBTFUL, '!'), machine.to_string(), what)
        }
        ChangeJson::Appeared { machine, .. } => ((GOOD, '+'), machine.to_string(), say!(words, "change-appeared")),
        ChangeJson::Gone { machine, .. } => ((DOUBTFUL, '!'), machine.to_string(), say!(words, "change-gone")),
        ChangeJson::Verdict { path, from_verdict, verdict, stage, reason, .. } => {
            let word = |status: Status| say!(words, "status-word", status = status.as_str());
            let status = word(*verdict);
            let what = if let Some((stage, reason)) = stage.as_deref().zip(reason.as_deref()) {
                say!(words, "change-verdict-at", status = status, stage = stage, reason = reason)
            } else {
                say!(words, "change-verdict", status = status)
            };
            let what = match from_verdict {
                Some(before) => say!(words, "change-from", before = word(*before), since = what),
                None => what,
            };
            let sign = match verdict {
                Status::Ok => (GOOD, '✓'),
                Status::Blocked => (BAD, '✗'),
                Status::Degraded | Status::Unknown => (DOUBTFUL, '!'),
            };
            (sign, say!(words, "change-path", path = &**path), what)
        }
    }
}

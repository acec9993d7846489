//! A machine's licenses in a few words each, as tables show them: at a terminal and on the pages.

use super::machines::{CountsJson, LicenseJson, MachineJson, RunwayJson};
use super::mark::Mark;
use crate::fleet::AT_RISK_DAYS;
use crate::license::{Application, LicenseStatus};
use crate::text::{self, Words, say};
use crate::words::day_of;
use std::cmp::Reverse;
use std::time::Duration;

/// The port that every KMS host has by default.
const USUAL_PORT: &str = ":1688";

const DAY: u64 = 24 * 60 * 60;

/// The totals of machines, in a sentence without an end.
pub fn summary(words: Words, runway: &RunwayJson<'_>) -> String {
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

/// The license that is lost first; where a product is asked for, of those of that product.
pub fn worst<'a>(machine: &'a MachineJson<'a>, product: Option<&str>) -> Option<&'a LicenseJson<'a>> {
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

/// Why a license is as it is: its product where the machine has several, its code, and that nothing is reported any
/// more.
pub fn reason(words: Words, machine: &MachineJson<'_>, license: &LicenseJson<'_>) -> String {
    let own = machine.licenses.iter().filter(|license| !license.addon).count();
    let product = license.product.as_deref().filter(|_| own > 1 || license.addon).map(str::to_owned);
    let code = license.failure().map(|code| text::code_with_meaning(words, code));
    text::joined(words, [product, code, stale(words, machine)].into_iter().flatten())
}

/// That nothing is reported any more, where that is so.
pub fn stale(words: Words, machine: &MachineJson<'_>) -> Option<String> {
    machine.stale.then(|| say!(words, "stale-since", day = day_of(machine.reported_at.0)))
}

/// What a KMS host counts of an application.
pub fn counted(words: Words, counts: &CountsJson) -> String {
    let shown = |count: Option<u32>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
    let application = Application::from_word(&counts.application).map_or("?", Application::name);
    let (count, required) = (shown(counts.current_count), shown(counts.required_count));
    say!(words, "machine-is-kms-host", application = application, clients = count, required = required)
}

/// A KMS host without the port that all have.
pub fn host(host: Option<&str>) -> String {
    let host = host.unwrap_or_default();
    host.strip_suffix(USUAL_PORT).unwrap_or(host).to_owned()
}

/// What a license is of, with how it is activated.
pub fn title(words: Words, license: &LicenseJson<'_>) -> String {
    let product = license.product.as_deref().map_or_else(
        || license.sku.as_ref().map_or_else(|| say!(words, "unknown-product"), |sku| format!("SKU {sku}")),
        str::to_owned,
    );
    match &license.channel {
        Some(channel) => say!(words, "license-title", product = product, channel = &**channel),
        None => product,
    }
}

/// The status of a license; what is lost although its status is from before is called so.
pub fn state(words: Words, license: &LicenseJson<'_>) -> String {
    if is_lost_since(license) {
        say!(words, "license-lost")
    } else {
        text::license_status(words, license.status(), None)
    }
}

/// The same with the code that says why.
pub fn state_and_code(words: Words, license: &LicenseJson<'_>) -> String {
    let code = license.failure().filter(|_| !is_lost_since(license));
    code.map_or_else(|| state(words, license), |code| text::license_status(words, license.status(), Some(code)))
}

fn is_lost_since(license: &LicenseJson<'_>) -> bool {
    license.is_lost() && !license.status().is_some_and(LicenseStatus::is_lost)
}

/// In what time it is lost.
pub fn left(words: Words, license: &LicenseJson<'_>) -> String {
    match (license.grace_remaining_seconds, license.expires_at) {
        _ if license.permanent && !license.is_lost() => say!(words, "license-never-ends"),
        (Some(0), Some(end)) => say!(words, "license-ended", day = day_of(end.0)),
        (Some(0), None) => say!(words, "license-none-left"),
        (Some(seconds), _) => text::span(words, Duration::from_secs(seconds)),
        (None, _) => say!(words, "license-end-unknown"),
    }
}

/// For how long it should have been renewed.
pub fn late(words: Words, license: &LicenseJson<'_>) -> String {
    match license.renewal_overdue_seconds {
        None | Some(0) => String::new(),
        Some(seconds) => text::span(words, Duration::from_secs(seconds)),
    }
}

/// How a license is to be taken.
pub fn mark(license: &LicenseJson<'_>, is_stale: bool) -> Mark {
    let soon = u64::try_from(AT_RISK_DAYS).unwrap_or_default() * DAY;
    if license.is_lost() {
        Mark::Failed
    } else if is_stale
        || license.license_status.is_none()
        || license.grace_remaining_seconds.is_some_and(|seconds| seconds <= soon)
        || license.renewal_overdue_seconds > Some(0)
    {
        Mark::Doubtful
    } else {
        Mark::Ok
    }
}

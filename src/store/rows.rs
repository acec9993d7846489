//! What is known, as rows: every column with its name, in the order in which it is written. What Rust computed is in
//! columns of its own, for people who read the store and for its views; it is not read back.

use super::connection::Value;
use crate::fleet::known::{KnownLicense, KnownMachine};
use crate::fleet::merge::StatusChange;
use crate::license::{HostKey, KmsHost, LicenseStatus, MachineName, Published, Remaining};
use jiff::Timestamp;
use std::fmt::Display;

/// A row: its columns and what is in them.
pub(super) type Columns = Vec<(&'static str, Value)>;

/// A machine as of a revision. `is_kms_host` is true for one that has the KMS host license of a KMS host, or reports itself as
/// one.
pub(super) fn machine(machine: &KnownMachine, is_kms_host: bool, revision: i64) -> Columns {
    let nothing = KmsHost::default();
    let facts = machine.kms_host.as_ref().unwrap_or(&nothing);
    vec![
        ("name", text(&machine.name)),
        ("short_name", machine.name.short().into()),
        ("reported_at", machine.reported_at.as_second().into()),
        ("received_at", machine.received_at.as_second().into()),
        ("source", machine.source.as_str().into()),
        ("complete_at", seconds(machine.complete_at)),
        ("client_machine_id", optional(machine.client_machine_id)),
        ("remaining_windows_rearms", number(machine.remaining_windows_rearms)),
        ("service_version", machine.service_version.clone().into()),
        ("is_kms_host", i64::from(is_kms_host).into()),
        ("kms_host_reported_at", seconds(machine.kms_host_reported_at)),
        ("listening_port", number(facts.listening_port)),
        ("publishes_dns", number(facts.publishes_dns)),
        ("last_request_at", seconds(facts.last_request_at)),
        ("failed_start_at", seconds(facts.failed_start.map(|failed| failed.at))),
        ("failed_start_code", number(facts.failed_start.and_then(|failed| failed.code).map(|code| code.0))),
        ("requests_known_at", seconds(machine.requests_known_at)),
        ("requests_grew_at", seconds(machine.requests_grew_at)),
        ("last_asked_at", seconds(machine.last_asked_at())),
        ("has_short_name", i64::from(machine.has_short_name).into()),
        ("revision", revision.into()),
    ]
}

/// What a machine counts as a KMS host, a row for each of its keys.
pub(super) fn counts(machine: &KnownMachine) -> impl Iterator<Item = Columns> {
    let counts = machine.kms_host.iter().flat_map(|host| &host.counts);
    counts.map(|(key, counts)| {
        let [r0, r1, r2, r3, r4, r5, r6] = counts.requests_by_status.map(number);
        let reported_at = machine.counted_at.get(key).copied().unwrap_or(machine.reported_at);
        vec![
            ("machine", text(&machine.name)),
            ("application", key.application.as_str().into()),
            ("sku", kept_sku(*key)),
            ("reported_at", reported_at.as_second().into()),
            ("current_count", number(counts.current)),
            ("required_count", number(counts.required)),
            ("requests", number(counts.requests)),
            ("failed_requests", number(counts.failed_requests)),
            ("requests_status_0", r0),
            ("requests_status_1", r1),
            ("requests_status_2", r2),
            ("requests_status_3", r3),
            ("requests_status_4", r4),
            ("requests_status_5", r5),
            ("requests_status_6", r6),
        ]
    })
}

/// In which domains a machine published itself as a KMS host, or could not.
pub(super) fn publications(machine: &KnownMachine) -> impl Iterator<Item = Columns> {
    let publications = machine.kms_host.iter().flat_map(|host| &host.publications);
    publications.map(|(domain, last)| {
        let (is_published, code) = match last.outcome {
            Published::Succeeded => (1_i64, None),
            Published::Failed(code) => (0, code),
        };
        vec![
            ("machine", text(&machine.name)),
            ("domain", domain.as_str().into()),
            ("at", last.at.as_second().into()),
            ("is_published", is_published.into()),
            ("code", number(code.map(|code| code.0))),
        ]
    })
}

pub(super) fn license(machine: &MachineName, id: &str, known: &KnownLicense) -> Columns {
    let license = &known.license;
    let by_sku = || license.sku.map(|sku| format!("SKU {sku}"));
    let product = license.product.clone().or_else(by_sku).unwrap_or_else(|| crate::fleet::UNKNOWN.to_owned());
    let minutes = match license.remaining {
        Some(Remaining::Minutes(minutes)) => Some(minutes),
        Some(Remaining::Permanent) | None => None,
    };
    vec![
        ("machine", text(machine)),
        ("license_id", id.into()),
        ("sku", optional(license.sku)),
        ("application", optional(license.application)),
        ("product", license.product.clone().into()),
        ("channel", optional(license.channel.as_ref())),
        ("partial_product_key", optional(license.partial_product_key)),
        ("is_addon", number(license.is_addon)),
        ("license_status", number(license.status.map(LicenseStatus::number))),
        ("reason_code", number(license.reason_code.map(|code| code.0))),
        ("minutes", number(minutes)),
        ("is_permanent", number(license.remaining.map(|remaining| remaining == Remaining::Permanent))),
        ("status_at", seconds(known.status_at)),
        ("status_source", known.status_source.map(|source| source.as_str().to_owned()).into()),
        ("evaluation_end", seconds(license.evaluation_end)),
        ("expires_at", seconds(known.expires_at())),
        ("last_renewed_at", seconds(known.last_renewed_at())),
        ("overdue_since", seconds(known.overdue_since())),
        ("lost_at", seconds(known.lost_at())),
        ("last_error", number(license.last_error.map(|code| code.0))),
        ("last_error_at", seconds(known.last_error_at)),
        ("configured_host", optional(license.configured_host.as_ref())),
        ("discovered_host", optional(license.discovered_host.as_ref())),
        ("kms_host_name", license.kms_host().map(|host| host.host.to_string().to_lowercase()).into()),
        ("activated_by_domain", number(license.activated_by_domain)),
        ("activation_interval", number(license.activation_interval)),
        ("renewal_interval", number(license.renewal_interval)),
        ("required_count", number(license.required_count)),
        ("remaining_sku_rearms", number(license.remaining_sku_rearms)),
        ("remaining_app_rearms", number(license.remaining_app_rearms)),
        ("reported_at", known.reported_at.as_second().into()),
        ("source", known.source.as_str().into()),
        ("shown_product", Some(product).into()),
        ("shown_channel", optional(license.channel.as_ref())),
        ("shown_is_addon", i64::from(license.is_addon == Some(true)).into()),
    ]
}

/// A change of the status of a license.
pub(super) fn status_change(machine: &MachineName, change: &StatusChange) -> Columns {
    vec![
        ("at", change.at.as_second().into()),
        ("machine", text(machine)),
        ("license_id", change.license_id.as_str().into()),
        ("product", change.product.clone().into()),
        ("from_status", i64::from(change.from.number()).into()),
        ("to_status", i64::from(change.to.number()).into()),
        ("reason_code", number(change.reason_code.map(|code| code.0))),
    ]
}

/// That a machine reported for the first time. It is a part of its history, and of none of its licenses.
pub(super) fn appeared(machine: &MachineName, at: Timestamp) -> Columns {
    let no_status: Value = (-1_i64).into();
    vec![
        ("at", at.as_second().into()),
        ("machine", text(machine)),
        ("license_id", NO_LICENSE.into()),
        ("product", None::<String>.into()),
        ("from_status", no_status.clone()),
        ("to_status", no_status),
        ("reason_code", number(None::<u32>)),
    ]
}

/// What is in place of the ID of a license where a machine appeared.
pub(super) const NO_LICENSE: &str = "";

/// A machine that is gone as of a revision.
pub(super) fn gone(machine: &MachineName, at: Timestamp, revision: i64) -> Columns {
    vec![("machine", text(machine)), ("revision", revision.into()), ("at", at.as_second().into())]
}

/// The columns of a machine in the order in which [`super::read`] takes them.
pub(super) const MACHINE: &str = "name, revision, reported_at, received_at, source, complete_at, client_machine_id, \
     remaining_windows_rearms, service_version, has_short_name";

/// The columns that few machines have, in the same way.
pub(super) const KMS_HOST: &str = "name, kms_host_reported_at, requests_known_at, requests_grew_at, listening_port, \
     publishes_dns, last_request_at, failed_start_at, failed_start_code";

/// What a KMS host counts, and where it published itself, in the same way.
pub(super) const COUNTS: &str = "machine, application, sku, reported_at, current_count, required_count, requests, \
     failed_requests, requests_status_0, requests_status_1, requests_status_2, requests_status_3, requests_status_4, \
     requests_status_5, requests_status_6";
pub(super) const PUBLICATIONS: &str = "machine, domain, at, is_published, code";

/// The columns of a license in the order in which [`super::read`] takes them.
pub(super) const LICENSE: &str = "machine, license_id, sku, application, product, channel, partial_product_key, is_addon, \
     license_status, reason_code, minutes, discovered_host, activated_by_domain, activation_interval, \
     renewal_interval, required_count, remaining_sku_rearms, remaining_app_rearms, reported_at, source";

/// The columns that few licenses have, in the same way, and which of these have any: most have their status from the last
/// report.
pub(super) const RARE: &str = "machine, license_id, status_at, status_source, is_permanent, evaluation_end, last_error, last_error_at, configured_host";
pub(super) const HAS_RARE: &str = "(is_permanent = 1 OR evaluation_end IS NOT NULL OR last_error IS NOT NULL \
     OR configured_host IS NOT NULL OR status_at IS DISTINCT FROM reported_at OR status_source IS DISTINCT FROM source)";

/// The SKU of a key as it is kept: a part of what identifies a row, it is never null.
pub(super) fn kept_sku(key: HostKey) -> Value {
    Value::Text(Some(key.sku.map(|sku| sku.to_string()).unwrap_or_default()))
}

/// A moment as it is kept.
fn seconds(moment: Option<Timestamp>) -> Value {
    moment.map(Timestamp::as_second).into()
}

fn number(number: Option<impl Into<i64>>) -> Value {
    number.map(Into::into).into()
}

fn text(value: &impl Display) -> Value {
    Value::Text(Some(value.to_string()))
}

fn optional(value: Option<impl Display>) -> Value {
    Value::Text(value.map(|value| value.to_string()))
}

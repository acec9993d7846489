//! Rows of the store, and what they are in the program: written here, read in [`read`].

mod read;

pub(super) use read::{Fields, LICENSES, known, packed, select};

use crate::fleet::known::{KnownLicense, KnownMachine};
use crate::license::{KmsHost, MachineName, Remaining, Source};
use jiff::Timestamp;
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

/// A query with its parameters.
pub(super) type Statement<'q> = Query<'q, Any, AnyArguments>;

/// The columns of `machine`, in the order in which they are bound.
pub(super) const MACHINE: [&str; 27] = [
    "name",
    "short_name",
    "reported_at",
    "received_at",
    "source",
    "complete_at",
    "client_machine_id",
    "remaining_windows_rearms",
    "service_version",
    "is_kms_host",
    "kms_host_reported_at",
    "current_count",
    "required_count",
    "listening_port",
    "publishes_dns",
    "last_request_at",
    "requests",
    "failed_requests",
    "requests_status_0",
    "requests_status_1",
    "requests_status_2",
    "requests_status_3",
    "requests_status_4",
    "requests_status_5",
    "requests_status_6",
    "requests_known_at",
    "requests_grew_at",
];

/// The columns of `license`, in the order in which they are bound.
pub(super) const LICENSE: [&str; 30] = [
    "machine",
    "license_id",
    "sku",
    "application",
    "product",
    "channel",
    "partial_product_key",
    "is_addon",
    "license_status",
    "reason_code",
    "minutes",
    "is_permanent",
    "status_at",
    "status_source",
    "evaluation_end",
    "expires_at",
    "last_renewed_at",
    "overdue_since",
    "last_error",
    "last_error_at",
    "configured_host",
    "discovered_host",
    "kms_host_name",
    "activation_interval",
    "renewal_interval",
    "required_count",
    "remaining_sku_rearms",
    "remaining_app_rearms",
    "reported_at",
    "source",
];

/// Binds a machine. `is_kms_host` is true for one that has the license of a KMS host, or tells of itself as one.
pub(super) fn bind_machine<'q>(query: Statement<'q>, machine: &KnownMachine, is_kms_host: bool) -> Statement<'q> {
    let nothing = KmsHost::default();
    let facts = machine.kms_host.as_ref().unwrap_or(&nothing);
    let mut query = query
        .bind(machine.name.to_string())
        .bind(machine.name.short().to_owned())
        .bind(machine.reported_at.as_second())
        .bind(machine.received_at.as_second())
        .bind(machine.source.as_str())
        .bind(seconds(machine.complete_at))
        .bind(machine.client_machine_id.map(|id| id.to_string()))
        .bind(machine.remaining_windows_rearms.map(i64::from))
        .bind(machine.service_version.clone())
        .bind(i64::from(is_kms_host))
        .bind(seconds(machine.kms_host_reported_at))
        .bind(facts.current_count.map(i64::from))
        .bind(facts.required_count.map(i64::from))
        .bind(facts.listening_port.map(i64::from))
        .bind(facts.publishes_dns.map(i64::from))
        .bind(seconds(facts.last_request_at))
        .bind(facts.requests.map(i64::from))
        .bind(facts.failed_requests.map(i64::from));
    for requests in facts.requests_by_status {
        query = query.bind(requests.map(i64::from));
    }
    query.bind(seconds(machine.requests_known_at)).bind(seconds(machine.requests_grew_at))
}

/// Binds a license of a machine.
pub(super) fn bind_license<'q>(
    query: Statement<'q>,
    machine: &MachineName,
    id: &str,
    known: &KnownLicense,
) -> Statement<'q> {
    let license = &known.license;
    let minutes = match license.remaining {
        Some(Remaining::Minutes(minutes)) => Some(minutes),
        Some(Remaining::Permanent) | None => None,
    };
    query
        .bind(machine.to_string())
        .bind(id.to_owned())
        .bind(license.sku.map(|sku| sku.to_string()))
        .bind(license.application.map(|application| application.to_string()))
        .bind(license.product.clone())
        .bind(license.channel.as_ref().map(ToString::to_string))
        .bind(license.partial_product_key.map(|key| key.to_string()))
        .bind(license.is_addon.map(i64::from))
        .bind(license.status.map(|status| i64::from(status.number())))
        .bind(license.reason_code.map(|code| i64::from(code.0)))
        .bind(minutes.map(i64::from))
        .bind(license.remaining.map(|remaining| i64::from(remaining == Remaining::Permanent)))
        .bind(seconds(known.status_at))
        .bind(known.status_source.map(Source::as_str))
        .bind(seconds(license.evaluation_end))
        .bind(seconds(known.expires_at()))
        .bind(seconds(known.last_renewed_at()))
        .bind(seconds(known.overdue_since()))
        .bind(license.last_error.map(|code| i64::from(code.0)))
        .bind(seconds(known.last_error_at))
        .bind(license.configured_host.as_ref().map(ToString::to_string))
        .bind(license.discovered_host.as_ref().map(ToString::to_string))
        .bind(license.kms_host().map(|host| host.host.to_string().to_lowercase()))
        .bind(license.activation_interval.map(i64::from))
        .bind(license.renewal_interval.map(i64::from))
        .bind(license.required_count.map(i64::from))
        .bind(license.remaining_sku_rearms.map(i64::from))
        .bind(license.remaining_app_rearms.map(i64::from))
        .bind(known.reported_at.as_second())
        .bind(known.source.as_str())
}

/// A moment as it is kept.
fn seconds(moment: Option<Timestamp>) -> Option<i64> {
    moment.map(Timestamp::as_second)
}

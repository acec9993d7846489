//! Rows of the store, and what they are in the program.

use super::known::{KnownLicense, KnownMachine};
use crate::codes::Code;
use crate::host::{HostPort, KMS_PORT};
use crate::license::{Channel, KmsHost, License, LicenseStatus, MachineName, PartialProductKey, Remaining, Source};
use jiff::Timestamp;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};
use std::str::FromStr;

/// A query with its parameters.
pub(super) type Statement<'q> = Query<'q, Any, AnyArguments>;

/// The columns of `machine`, in the order in which they are bound.
pub(super) const MACHINE: [&str; 25] = [
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
    query
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

/// Reads a machine.
pub(super) fn machine(row: &AnyRow) -> sqlx::Result<KnownMachine> {
    let kms_host_reported_at = moment(row, "kms_host_reported_at")?;
    let kms_host = match kms_host_reported_at {
        Some(_) => Some(kms_host(row)?),
        None => None,
    };
    Ok(KnownMachine {
        name: needed(parsed(row, "name")?, "name")?,
        reported_at: needed(moment(row, "reported_at")?, "reported_at")?,
        received_at: needed(moment(row, "received_at")?, "received_at")?,
        source: needed(source(row, "source")?, "source")?,
        complete_at: moment(row, "complete_at")?,
        client_machine_id: parsed(row, "client_machine_id")?,
        remaining_windows_rearms: number(row, "remaining_windows_rearms")?,
        service_version: row.try_get("service_version")?,
        kms_host,
        kms_host_reported_at,
    })
}

/// Reads what is known of a machine as a KMS host.
fn kms_host(row: &AnyRow) -> sqlx::Result<KmsHost> {
    let mut facts = KmsHost {
        current_count: number(row, "current_count")?,
        required_count: number(row, "required_count")?,
        listening_port: number(row, "listening_port")?,
        publishes_dns: flag(row, "publishes_dns")?,
        last_request_at: moment(row, "last_request_at")?,
        requests: number(row, "requests")?,
        failed_requests: number(row, "failed_requests")?,
        requests_by_status: [None; 7],
    };
    let columns = MACHINE.iter().filter(|column| column.starts_with("requests_status_"));
    for (requests, column) in facts.requests_by_status.iter_mut().zip(columns) {
        *requests = number(row, column)?;
    }
    Ok(facts)
}

/// Reads a license with its machine and what identifies it there.
pub(super) fn license(row: &AnyRow) -> sqlx::Result<(MachineName, String, KnownLicense)> {
    let remaining = match (flag(row, "is_permanent")?, number(row, "minutes")?) {
        (Some(true), _) => Some(Remaining::Permanent),
        (_, minutes) => minutes.map(Remaining::Minutes),
    };
    let license = License {
        sku: parsed(row, "sku")?,
        application: parsed(row, "application")?,
        product: row.try_get("product")?,
        channel: channel(row)?,
        partial_product_key: text(row, "partial_product_key")?.and_then(PartialProductKey::new),
        is_addon: flag(row, "is_addon")?,
        status: status(row, "license_status")?,
        reason_code: number(row, "reason_code")?.map(Code),
        remaining,
        evaluation_end: moment(row, "evaluation_end")?,
        last_error: number(row, "last_error")?.map(Code),
        configured_host: host(row, "configured_host")?,
        discovered_host: host(row, "discovered_host")?,
        activation_interval: number(row, "activation_interval")?,
        renewal_interval: number(row, "renewal_interval")?,
        required_count: number(row, "required_count")?,
        remaining_sku_rearms: number(row, "remaining_sku_rearms")?,
        remaining_app_rearms: number(row, "remaining_app_rearms")?,
    };
    let known = KnownLicense {
        license,
        status_at: moment(row, "status_at")?,
        status_source: source(row, "status_source")?,
        last_error_at: moment(row, "last_error_at")?,
        reported_at: needed(moment(row, "reported_at")?, "reported_at")?,
        source: needed(source(row, "source")?, "source")?,
    };
    Ok((needed(parsed(row, "machine")?, "machine")?, row.try_get("license_id")?, known))
}

/// A moment as it is kept.
pub(super) fn seconds(moment: Option<Timestamp>) -> Option<i64> {
    moment.map(Timestamp::as_second)
}

/// Reads a moment.
pub(super) fn moment(row: &AnyRow, column: &str) -> sqlx::Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.and_then(|second| Timestamp::from_second(second).ok()))
}

/// Reads a number; one that is out of its range is not known.
pub(super) fn number<T: TryFrom<i64>>(row: &AnyRow, column: &str) -> sqlx::Result<Option<T>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.and_then(|number| T::try_from(number).ok()))
}

/// Reads a status.
pub(super) fn status(row: &AnyRow, column: &str) -> sqlx::Result<Option<LicenseStatus>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.and_then(LicenseStatus::from_number))
}

/// Reads what a text stands for; one that stands for nothing is not known.
pub(super) fn parsed<T: FromStr>(row: &AnyRow, column: &str) -> sqlx::Result<Option<T>> {
    Ok(text(row, column)?.and_then(|text| text.parse().ok()))
}

/// What must be there, and is not in a store that something else has written to.
pub(super) fn needed<T>(value: Option<T>, column: &str) -> sqlx::Result<T> {
    value.ok_or_else(|| sqlx::Error::Decode(format!("{column} is missing, or is not what belongs there").into()))
}

/// Reads a channel.
fn channel(row: &AnyRow) -> sqlx::Result<Option<Channel>> {
    Ok(text(row, "channel")?.and_then(Channel::new))
}

fn host(row: &AnyRow, column: &str) -> sqlx::Result<Option<HostPort>> {
    Ok(text(row, column)?.and_then(|text| HostPort::parse(text, KMS_PORT).ok()))
}

fn source(row: &AnyRow, column: &str) -> sqlx::Result<Option<Source>> {
    Ok(text(row, column)?.and_then(Source::from_word))
}

fn flag(row: &AnyRow, column: &str) -> sqlx::Result<Option<bool>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(|flag| flag != 0))
}

fn text<'r>(row: &'r AnyRow, column: &str) -> sqlx::Result<Option<&'r str>> {
    row.try_get(column)
}

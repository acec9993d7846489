//! Rows as they are read: all columns of a row in one text.

use super::{LICENSE, MACHINE};
use crate::codes::Code;
use crate::fleet::known::{KnownLicense, KnownMachine};
use crate::fleet::merge::Known;
use crate::host::{HostPort, KMS_PORT};
use crate::license::{Channel, KmsHost, License, LicenseStatus, MachineName, PartialProductKey, Remaining, Source};
use crate::words::told;
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::str::{FromStr, Split};

/// What stands between two licenses of a machine, and between the columns of a license. No text in the store has a
/// control character.
pub(in super::super) const LICENSES: char = '\u{1e}';
pub(in super::super) const COLUMNS: char = '\u{1f}';

/// The columns that follow from others, or from what is asked for: they are written for people and for statements, and
/// not read. The others are read in the order in which they are bound.
const NOT_READ: [&str; 7] =
    ["short_name", "is_kms_host", "machine", "expires_at", "last_renewed_at", "overdue_since", "kms_host_name"];

/// The columns among these that are read.
fn read_of(columns: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    columns.iter().copied().filter(|column| !NOT_READ.contains(column))
}

/// Columns as one text. It is far quicker to read than as many values, of each of which the driver makes a thing of its
/// own.
pub(in super::super) fn packed(columns: impl IntoIterator<Item = String>) -> String {
    let texts: Vec<_> = columns.into_iter().map(|column| format!("COALESCE(CAST({column} AS TEXT), '')")).collect();
    texts.join(&format!(" || '{COLUMNS}' || "))
}

/// A statement that reads machines, `m`, that fulfil a condition, with their licenses. Where `named` is true, what a
/// license does not tell of its product is told by its SKU.
pub(in super::super) fn select(condition: &str, named: bool) -> String {
    let machine = packed(read_of(&MACHINE).map(|column| format!("m.{column}")));
    let license = packed(read_of(&LICENSE).map(|column| match column {
        "product" | "channel" | "application" | "is_addon" if named => format!("COALESCE(l.{column}, s.{column})"),
        column => format!("l.{column}"),
    }));
    let join = if named { "LEFT JOIN sku AS s ON s.sku = l.sku" } else { "" };
    format!(
        "SELECT {machine} AS machine, (SELECT STRING_AGG({license}, '{LICENSES}') FROM license AS l {join} \
         WHERE l.machine = m.name) AS licenses FROM machine AS m WHERE {condition}"
    )
}

/// Reads what [`select`] selects.
pub(in super::super) fn known(row: &AnyRow) -> sqlx::Result<Known> {
    let machine: &str = row.try_get(0)?;
    let licenses: Option<&str> = row.try_get(1)?;
    let licenses = licenses.into_iter().flat_map(|licenses| licenses.split(LICENSES)).map(license);
    let machine = machine_of(Fields::of(machine)).ok_or_else(|| damaged("machine", machine))?;
    Ok(Known { machine: Some(machine), licenses: licenses.collect::<sqlx::Result<_>>()? })
}

fn license(text: &str) -> sqlx::Result<(String, KnownLicense)> {
    license_of(Fields::of(text)).ok_or_else(|| damaged("license", text))
}

/// The error for what something else has written to the store.
fn damaged(what: &str, text: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("a {what} is not as it was written: {}", told(text)).into())
}

/// The columns of a row in one text.
pub(in super::super) struct Fields<'a>(Split<'a, char>);

impl<'a> Fields<'a> {
    pub(in super::super) fn of(text: &'a str) -> Self {
        Self(text.split(COLUMNS))
    }

    /// The next column; `None` where it is not known.
    pub(in super::super) fn text(&mut self) -> Option<&'a str> {
        self.0.next().filter(|text| !text.is_empty())
    }

    /// The next column, of a type that is read from a text. What is no value of it is not known.
    pub(in super::super) fn parsed<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }

    fn moment(&mut self) -> Option<Timestamp> {
        Timestamp::from_second(self.parsed()?).ok()
    }

    fn flag(&mut self) -> Option<bool> {
        self.text().map(|text| text != "0")
    }

    fn code(&mut self) -> Option<Code> {
        self.parsed().map(Code)
    }

    fn host(&mut self) -> Option<HostPort> {
        HostPort::parse(self.text()?, KMS_PORT).ok()
    }

    fn source(&mut self) -> Option<Source> {
        Source::from_word(self.text()?)
    }
}

/// Reads a machine; `None` where something is missing that every machine has.
fn machine_of(mut fields: Fields<'_>) -> Option<KnownMachine> {
    let machine = KnownMachine {
        name: MachineName::known(fields.text()?),
        reported_at: fields.moment()?,
        received_at: fields.moment()?,
        source: fields.source()?,
        complete_at: fields.moment(),
        client_machine_id: fields.parsed(),
        remaining_windows_rearms: fields.parsed(),
        service_version: fields.text().map(str::to_owned),
        kms_host: None,
        kms_host_reported_at: fields.moment(),
        requests_known_at: None,
        requests_grew_at: None,
    };
    let facts = KmsHost {
        current_count: fields.parsed(),
        required_count: fields.parsed(),
        listening_port: fields.parsed(),
        publishes_dns: fields.flag(),
        last_request_at: fields.moment(),
        requests: fields.parsed(),
        failed_requests: fields.parsed(),
        requests_by_status: std::array::from_fn(|_| fields.parsed()),
    };
    Some(KnownMachine {
        kms_host: (facts != KmsHost::default()).then_some(facts),
        requests_known_at: fields.moment(),
        requests_grew_at: fields.moment(),
        ..machine
    })
}

/// Reads a license with what identifies it; `None` where something is missing that every license has.
fn license_of(mut fields: Fields<'_>) -> Option<(String, KnownLicense)> {
    let id = fields.text()?.to_owned();
    let mut license = License {
        sku: fields.parsed(),
        application: fields.parsed(),
        product: fields.text().map(str::to_owned),
        channel: fields.text().and_then(Channel::new),
        partial_product_key: fields.text().and_then(PartialProductKey::new),
        is_addon: fields.flag(),
        status: fields.parsed().and_then(LicenseStatus::from_number),
        reason_code: fields.code(),
        ..License::default()
    };
    let minutes = fields.parsed();
    license.remaining = match fields.flag() {
        Some(true) => Some(Remaining::Permanent),
        _ => minutes.map(Remaining::Minutes),
    };
    let (status_at, status_source) = (fields.moment(), fields.source());
    license.evaluation_end = fields.moment();
    license.last_error = fields.code();
    let last_error_at = fields.moment();
    license.configured_host = fields.host();
    license.discovered_host = fields.host();
    license.activation_interval = fields.parsed();
    license.renewal_interval = fields.parsed();
    license.required_count = fields.parsed();
    license.remaining_sku_rearms = fields.parsed();
    license.remaining_app_rearms = fields.parsed();
    let (reported_at, source) = (fields.moment()?, fields.source()?);
    Some((id, KnownLicense { license, status_at, status_source, last_error_at, reported_at, source }))
}

//! A license, as far as it matters for counting.

use super::super::rows::Fields;
use super::super::standing::{ADDON, CHANNEL, Moment, PRODUCT};
use crate::license::LicenseStatus;
use crate::status::dependents::Need;
use crate::status::fleet::AT_RISK_DAYS;

/// A license, as far as it matters for counting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) product: &'a str,
    pub(super) channel: &'a str,
    pub(super) status: Option<u8>,
    pub(super) end: Option<i64>,
    pub(super) renewed_at: Option<i64>,
    pub(super) overdue_since: Option<i64>,
    pub(super) kms_host: Option<&'a str>,
    pub(super) required_count: Option<u32>,
    pub(super) is_addon: bool,
}

/// The columns of a license that are counted, in the order in which they are read.
pub(in super::super) const LINE: [&str; 9] = [
    PRODUCT,
    CHANNEL,
    "l.license_status",
    "l.expires_at",
    "l.last_renewed_at",
    "l.overdue_since",
    "l.kms_host_name",
    "l.required_count",
    ADDON,
];

impl<'a> Line<'a> {
    /// Reads a license; `None` where there is none.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let mut fields = Fields::of(text);
        Some(Self {
            product: fields.text()?,
            channel: fields.text()?,
            status: fields.parsed(),
            end: fields.parsed(),
            renewed_at: fields.parsed(),
            overdue_since: fields.parsed(),
            kms_host: fields.text(),
            required_count: fields.parsed(),
            is_addon: fields.text() == Some("1"),
        })
    }

    /// What it tells of the paths its machine depends on.
    pub(super) fn need(&self) -> Need<'a> {
        Need {
            kms_host: self.kms_host,
            channel: Some(self.channel),
            status: self.known_status(),
            ends: self.end.is_some(),
            is_addon: self.is_addon,
        }
    }

    fn known_status(&self) -> Option<LicenseStatus> {
        self.status.and_then(|number| LicenseStatus::from_number(number.into()))
    }

    /// True where its status says that it is lost.
    fn has_lost_status(&self) -> bool {
        self.known_status().is_some_and(LicenseStatus::is_lost)
    }

    /// True where it is lost, by its status or because its end has passed.
    pub(super) fn is_lost(&self, moment: Moment) -> bool {
        self.has_lost_status() || self.end.is_some_and(|end| end <= moment.now.as_second())
    }

    /// True where it should have been renewed.
    pub(super) fn is_overdue(&self, moment: Moment) -> bool {
        !self.is_lost(moment) && self.overdue_since.is_some_and(|since| since <= moment.overdue_before())
    }

    /// Its part and its place among the licenses at risk; `None` where nothing can be said of its end.
    pub(super) fn risk(&self, moment: Moment) -> Option<(u8, i64)> {
        if self.has_lost_status() {
            return Some((1, 0));
        }
        let end = self.end?;
        Some(match self.overdue_since.filter(|_| self.is_overdue(moment)) {
            _ if end <= moment.now.as_second() => (2, end),
            _ if end <= moment.days_ahead(AT_RISK_DAYS) => (0, end),
            Some(since) => (3, since),
            None => (4, end),
        })
    }
}

//! A license, as far as it matters for counting.

use super::super::rows::Fields;
use super::super::standing::{ADDON, CHANNEL, Moment, PRODUCT};
use crate::codes::Code;
use crate::fleet::AT_RISK_DAYS;
use crate::fleet::dependents::Need;
use crate::license::{ChannelKind, LicenseStatus, RETRY_INTERVAL};

/// A day, in seconds.
const DAY: i64 = 86_400;

/// How many days before its end a grace period was long enough to be activated in.
const ENDING_GRACE_DAYS: i64 = 7;

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
    pub(super) last_five: Option<&'a str>,
    pub(super) status_at: Option<i64>,
    pub(super) reason_code: Option<u32>,
    pub(super) last_error: Option<u32>,
    pub(super) last_error_at: Option<i64>,
}

/// The columns of a license that are counted, in the order in which they are read.
pub(in super::super) const LINE: [&str; 14] = [
    PRODUCT,
    CHANNEL,
    "l.license_status",
    "l.expires_at",
    "l.last_renewed_at",
    "l.overdue_since",
    "l.kms_host_name",
    "l.required_count",
    ADDON,
    "l.partial_product_key",
    "l.status_at",
    "l.reason_code",
    "l.last_error",
    "l.last_error_at",
];

impl<'a> Line<'a> {
    /// One of which nothing is known but its channel.
    #[cfg(test)]
    pub(super) const fn of(channel: &'a str) -> Self {
        Self {
            product: "Windows",
            channel,
            status: None,
            end: None,
            renewed_at: None,
            overdue_since: None,
            kms_host: None,
            required_count: None,
            is_addon: false,
            last_five: None,
            status_at: None,
            reason_code: None,
            last_error: None,
            last_error_at: None,
        }
    }

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
            last_five: fields.text(),
            status_at: fields.parsed(),
            reason_code: fields.parsed(),
            last_error: fields.parsed(),
            last_error_at: fields.parsed(),
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

    /// How it stands, where that is known.
    pub(super) fn known_status(&self) -> Option<LicenseStatus> {
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

    /// What it means for activation.
    pub(super) fn kind(&self) -> ChannelKind {
        ChannelKind::of(self.channel)
    }

    /// True where it fails to be activated or renewed.
    ///
    /// Where its way was mended, it is told of no failure from before that: a client that fails tries again every two
    /// hours, and reports the outcome later still. An evaluation that is over cannot be activated again, and is told as
    /// that.
    pub(super) fn fails(&self, moment: Moment, mended_at: Option<i64>) -> bool {
        if self.kind() == ChannelKind::Evaluation && self.is_lost(moment) {
            return false;
        }
        let is_recent = self.last_error_at.is_some_and(|at| at > moment.days_ahead(-1));
        let is_in_trouble = self.is_lost(moment)
            || self.is_overdue(moment)
            || match self.known_status() {
                Some(LicenseStatus::OotGrace | LicenseStatus::NonGenuineGrace) => true,
                // A first grace is for activating, which takes hours where all is well.
                Some(LicenseStatus::OobGrace | LicenseStatus::ExtendedGrace) => {
                    self.end.is_some_and(|end| end <= moment.days_ahead(ENDING_GRACE_DAYS))
                }
                _ => false,
            };
        let had_time = i64::from(RETRY_INTERVAL) * 60;
        is_recent && self.error(moment, mended_at).is_some()
            || is_in_trouble && is_told_since(mended_at, self.status_at, had_time, moment)
    }

    /// The code that it reports with its failure.
    pub(super) fn failure_code(&self, moment: Moment, mended_at: Option<i64>) -> Option<Code> {
        let reason = self.reason_code.map(Code).filter(|code| code.is_failure());
        let error = self.error(moment, mended_at);
        // A client that fails tries again every two hours. An attempt long before its state was told is not its last one.
        let is_old = self.last_error_at.zip(self.status_at).is_some_and(|(tried_at, told_at)| told_at - tried_at > DAY);
        if is_old { reason.or(error) } else { error.or(reason) }
    }

    /// What its last attempt ended with.
    fn error(&self, moment: Moment, mended_at: Option<i64>) -> Option<Code> {
        self.last_error.filter(|_| is_told_since(mended_at, self.last_error_at, 0, moment)).map(Code)
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

/// True for what was told more than so many seconds after the way was mended, or where that is so long ago that what was told
/// before is stale.
fn is_told_since(mended_at: Option<i64>, told_at: Option<i64>, delay: i64, moment: Moment) -> bool {
    let mended_at = mended_at.filter(|mended_at| *mended_at > moment.stale_before());
    mended_at.is_none_or(|mended_at| told_at.is_some_and(|at| at > mended_at.saturating_add(delay)))
}

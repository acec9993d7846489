//! When a figure of the fleet changes next though nothing is reported, since time passes.

use super::super::moment::{AHEAD, DAY, Moment, PUBLICATION_VALID};
use super::super::record::Record;
use super::super::validity::OVERDUE_TOLERANCE;
use super::super::{AT_RISK_DAYS, ENDING_GRACE_DAYS, WITHIN};
use jiff::Timestamp;

/// The first moment after that of the question at which a figure changes, in seconds since 1970.
#[derive(Debug)]
pub(super) struct NextChange {
    moment: Moment,
    first: Option<i64>,
}

impl NextChange {
    pub(super) const fn new(moment: Moment) -> Self {
        Self { moment, first: None }
    }

    /// Notes all moments at which a machine is judged otherwise.
    pub(super) fn note_machine(&mut self, record: &Record) {
        self.note_stale(record.reported_at);
        for at in record.kms_host_moments() {
            self.note_stale(at.as_second());
            self.note(at.as_second().saturating_add(PUBLICATION_VALID.as_secs()).saturating_add(1));
        }
        for license in &record.licenses {
            self.note_stale(license.reported_at);
            if let Some(end) = license.validity.expires_at {
                let days = WITHIN.iter().map(|(_, days)| *days).chain([0, AT_RISK_DAYS, ENDING_GRACE_DAYS]);
                days.for_each(|days| self.note(end.saturating_sub(days * DAY)));
            }
            if let Some(since) = license.validity.overdue_since {
                self.note(since.saturating_add(OVERDUE_TOLERANCE.as_secs()));
            }
            if let Some(at) = license.last_error_at {
                self.note(at.saturating_add(DAY));
            }
        }
    }

    /// Notes when what a machine saw of its path counts no more.
    pub(super) fn note_view(&mut self, at: i64) {
        self.note(at.saturating_add(DAY));
    }

    /// Notes when what was reported before paths recovered is stale.
    pub(super) fn note_recoveries(&mut self, recoveries: impl Iterator<Item = Timestamp>) {
        recoveries.for_each(|recovered_at| self.note_stale(recovered_at.as_second()));
    }

    /// Notes when what was reported at this moment is stale.
    fn note_stale(&mut self, reported_at: i64) {
        self.note(reported_at.saturating_add(self.moment.stale_after.as_secs()).saturating_add(1));
        // What is still to come is not believed before.
        self.note(reported_at.saturating_sub(AHEAD.as_secs()));
    }

    fn note(&mut self, second: i64) {
        if second > self.moment.now.as_second() && self.first.is_none_or(|first| second < first) {
            self.first = Some(second);
        }
    }

    pub(super) fn finish(self) -> Option<Timestamp> {
        self.first.and_then(|second| Timestamp::from_second(second).ok())
    }
}

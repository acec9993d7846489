//! Whether a license fails to be activated or renewed, and with which code.

use super::super::moment::{DAY, Moment};
use super::super::outage::Excuses;
use super::super::record::{LicenseRecord, Record};
use super::super::{AT_RISK_DAYS, ENDING_GRACE_DAYS};
use crate::codes::Code;
use crate::license::{ChannelKind, LicenseStatus};

impl LicenseRecord {
    /// True where it fails to be activated or renewed.
    ///
    /// What an outage of its path explains that is over does not count: a client that fails tries again every two
    /// hours, and reports the outcome later still. One that is lost is never excused. An evaluation that is over cannot
    /// be activated again, and is reported as that.
    pub(super) fn fails(&self, moment: Moment, excuses: Excuses<'_>) -> bool {
        let validity = &self.validity;
        let is_lost = validity.is_lost(moment.now);
        if self.terms.kind == Some(ChannelKind::Evaluation) && is_lost {
            return false;
        }
        let is_recent = self.last_error_at.is_some_and(|at| at > moment.days_ahead(-1) && !moment.is_to_come(at));
        let is_overdue = validity.is_overdue(moment.now);
        let is_in_trouble = is_overdue
            || match self.status() {
                Some(LicenseStatus::OotGrace | LicenseStatus::NonGenuineGrace) => true,
                // A first grace is for activating, which takes hours where nothing is broken.
                Some(LicenseStatus::OobGrace | LicenseStatus::ExtendedGrace) => {
                    validity.expires_at.is_some_and(|end| end <= moment.days_ahead(ENDING_GRACE_DAYS))
                }
                _ => false,
            };
        let since = validity.overdue_since.filter(|_| is_overdue);
        is_lost
            || is_recent && self.error(moment, excuses).is_some()
            || is_in_trouble && !excuses.explain_status(since, self.status_at, moment)
    }

    /// The code that it reports with its failure.
    pub(super) fn failure_code(&self, moment: Moment, excuses: Excuses<'_>) -> Option<Code> {
        let reason = self.reason_code.filter(|code| code.is_failure());
        let error = self.error(moment, excuses);
        // A client that fails tries again every two hours. An attempt long before its status is not its last one.
        let is_old =
            self.last_error_at.zip(self.status_at).is_some_and(|(tried_at, status_at)| status_at - tried_at > DAY);
        if is_old { reason.or(error) } else { error.or(reason) }
    }

    /// What its last attempt ended with.
    fn error(&self, moment: Moment, excuses: Excuses<'_>) -> Option<Code> {
        let is_lost = self.validity.is_lost(moment.now);
        self.last_error.filter(|code| is_lost || !excuses.explain(self.last_error_at, *code, moment))
    }

    /// True for one that is not activated and whose key is one for Microsoft's own service.
    pub(super) fn needs_microsoft(&self) -> bool {
        let is_activated = self.status().is_none_or(|status| status == LicenseStatus::Licensed);
        let is_by_microsoft = matches!(self.terms.kind, Some(ChannelKind::Mak | ChannelKind::Other));
        !is_activated && self.terms.reported.license.partial_product_key.is_some() && is_by_microsoft
    }

    /// True for an evaluation that is over, or ends soon. One that is yet to be activated has an end as well, by which
    /// it has to be.
    pub(super) fn is_evaluation_ending(&self, moment: Moment) -> bool {
        let is_pending = self.status() == Some(LicenseStatus::OobGrace);
        let soon = moment.days_ahead(AT_RISK_DAYS);
        let ends_soon = !is_pending && self.validity.expires_at.is_some_and(|end| end <= soon);
        self.terms.kind == Some(ChannelKind::Evaluation) && (ends_soon || self.validity.is_lost(moment.now))
    }
}

impl Record {
    /// True for a machine with a license that no path can help: for a key that no KMS host activates where no
    /// other path leads to Microsoft, one for another edition, or an evaluation that ends.
    pub(in crate::fleet) fn is_beyond_help(&self, moment: Moment, has_other_path: bool) -> bool {
        !moment.is_stale(self.reported_at)
            && self.licenses.iter().filter(|license| !license.terms.is_addon).any(|license| {
                license.is_evaluation_ending(moment)
                    || license.terms.wrong_key.is_some()
                    || !has_other_path && license.needs_microsoft()
            })
    }
}

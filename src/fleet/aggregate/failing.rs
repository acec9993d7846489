//! Whether a license fails to be activated or renewed, and with which code.

use super::super::moment::{DAY, Moment};
use super::super::record::LicenseRecord;
use super::super::{AT_RISK_DAYS, ENDING_GRACE_DAYS};
use crate::codes::Code;
use crate::license::{ChannelKind, LicenseStatus, RETRY_INTERVAL};

impl LicenseRecord {
    /// True where it fails to be activated or renewed.
    ///
    /// Where its path recovered, no failure from before that counts: a client that fails tries again every two hours, and
    /// reports the outcome later still. An evaluation that is over cannot be activated again, and is reported as that.
    pub(super) fn fails(&self, moment: Moment, recovered_at: Option<i64>) -> bool {
        let validity = &self.validity;
        let is_lost = validity.is_lost(moment.now);
        if self.terms.kind == Some(ChannelKind::Evaluation) && is_lost {
            return false;
        }
        let is_recent = self.last_error_at.is_some_and(|at| at > moment.days_ahead(-1) && !moment.is_to_come(at));
        let is_in_trouble = is_lost
            || validity.is_overdue(moment.now)
            || match self.status() {
                Some(LicenseStatus::OotGrace | LicenseStatus::NonGenuineGrace) => true,
                // A first grace is for activating, which takes hours where all is well.
                Some(LicenseStatus::OobGrace | LicenseStatus::ExtendedGrace) => {
                    validity.expires_at.is_some_and(|end| end <= moment.days_ahead(ENDING_GRACE_DAYS))
                }
                _ => false,
            };
        let had_time = i64::from(RETRY_INTERVAL) * 60;
        is_recent && self.error(moment, recovered_at).is_some()
            || is_in_trouble && is_since(recovered_at, self.status_at, had_time, moment)
    }

    /// The code that it reports with its failure.
    pub(super) fn failure_code(&self, moment: Moment, recovered_at: Option<i64>) -> Option<Code> {
        let reason = self.reason_code.filter(|code| code.is_failure());
        let error = self.error(moment, recovered_at);
        // A client that fails tries again every two hours. An attempt long before its status is not its last one.
        let is_old =
            self.last_error_at.zip(self.status_at).is_some_and(|(tried_at, status_at)| status_at - tried_at > DAY);
        if is_old { reason.or(error) } else { error.or(reason) }
    }

    /// What its last attempt ended with.
    fn error(&self, moment: Moment, recovered_at: Option<i64>) -> Option<Code> {
        self.last_error.filter(|_| is_since(recovered_at, self.last_error_at, 0, moment))
    }

    /// True for one that is not activated and whose key is one for Microsoft's own service.
    pub(super) fn needs_microsoft(&self) -> bool {
        let is_activated = self.status().is_none_or(|status| status == LicenseStatus::Licensed);
        let is_by_microsoft = matches!(self.terms.kind, Some(ChannelKind::Mak | ChannelKind::Other));
        !is_activated && self.terms.reported.license.partial_product_key.is_some() && is_by_microsoft
    }

    /// True for an evaluation that is over, or ends soon. One that is yet to be activated has an end as well, by which it
    /// has to be.
    pub(super) fn is_evaluation_ending(&self, moment: Moment) -> bool {
        let is_pending = self.status() == Some(LicenseStatus::OobGrace);
        let soon = moment.days_ahead(AT_RISK_DAYS);
        let ends_soon = !is_pending && self.validity.expires_at.is_some_and(|end| end <= soon);
        self.terms.kind == Some(ChannelKind::Evaluation) && (ends_soon || self.validity.is_lost(moment.now))
    }
}

/// True for what was reported more than so many seconds after the path recovered, or where that is so long ago that what
/// was reported before is stale.
fn is_since(recovered_at: Option<i64>, reported_at: Option<i64>, delay: i64, moment: Moment) -> bool {
    // One that is still to come was never.
    let recovered_at = recovered_at.filter(|at| *at > moment.stale_before() && !moment.is_to_come(*at));
    recovered_at.is_none_or(|recovered_at| reported_at.is_some_and(|at| at > recovered_at.saturating_add(delay)))
}

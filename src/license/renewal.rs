//! What follows from a report for the day on which a license ends: from minutes, intervals and the time of the report,
//! never from rounded days.

use super::{
    ChannelKind, License, LicenseStatus, RENEWAL_INTERVAL, RETRY_INTERVAL, Remaining, Source, VOLUME_VALIDITY,
};
use jiff::{SignedDuration, Timestamp};

impl License {
    /// When activation is lost unless it is renewed; `None` where it holds without end, is lost already, or where that
    /// is not known.
    pub fn expires_at(&self, reported_at: Timestamp) -> Option<Timestamp> {
        if self.status.is_some_and(LicenseStatus::is_lost) {
            return None;
        }
        match self.remaining {
            // Without minutes a license that is not permanent has an unknown end.
            Some(Remaining::Minutes(minutes)) => later(reported_at, self.at_most(minutes).into()),
            Some(Remaining::Permanent) | None => self.evaluation_end,
        }
    }

    /// When it was last renewed, for a license that renews: activations by volume hold for [`VOLUME_VALIDITY`].
    pub fn last_renewed_at(&self, reported_at: Timestamp) -> Option<Timestamp> {
        match self.remaining {
            Some(Remaining::Minutes(minutes)) if self.renews() && minutes <= VOLUME_VALIDITY => {
                later(reported_at, i64::from(minutes) - i64::from(VOLUME_VALIDITY))
            }
            _ => None,
        }
    }

    /// When it should be renewed next, for a license that renews.
    pub fn renewal_due_at(&self, reported_at: Timestamp) -> Option<Timestamp> {
        let interval = i64::from(self.renewal_interval.unwrap_or(RENEWAL_INTERVAL));
        later(self.last_renewed_at(reported_at)?, interval)
    }

    /// From when on its renewal is overdue, where it is by more than [`RETRY_INTERVAL`], after which a client tries
    /// again.
    ///
    /// A machine that reports itself is overdue only as of its report. One that a KMS host reports has just asked for
    /// its renewal: it is overdue where it missed a whole interval before, and where the host has no more requests of
    /// it.
    pub fn renewal_overdue_since(&self, reported_at: Timestamp, source: Source) -> Option<Timestamp> {
        let interval = i64::from(self.renewal_interval.unwrap_or(RENEWAL_INTERVAL));
        let due = self.renewal_due_at(reported_at)?;
        let is_late_by = |minutes| later(due, minutes).is_some_and(|limit| limit < reported_at);
        match source {
            Source::HostEvents if is_late_by(interval) => Some(due),
            Source::HostEvents => later(reported_at, interval),
            _ => is_late_by(RETRY_INTERVAL.into()).then_some(due),
        }
    }

    /// As many of these minutes as a license may have left: one that a KMS host activates is never activated for
    /// longer.
    fn at_most(&self, minutes: u32) -> u32 {
        let is_client = self.channel.as_ref().is_some_and(|channel| channel.kind() == ChannelKind::KmsClient);
        if is_client { minutes.min(VOLUME_VALIDITY) } else { minutes }
    }

    /// True for a license that must be renewed again and again, and is now activated.
    fn renews(&self) -> bool {
        let is_renewing_channel = match &self.channel {
            Some(channel) => channel.kind() == ChannelKind::KmsClient,
            // Only clients of KMS hosts have events about them, which do not name the channel.
            None => self.required_count.is_some(),
        };
        is_renewing_channel && self.status == Some(LicenseStatus::Licensed)
    }
}

/// A moment so many minutes after another; `None` beyond what can be expressed.
fn later(moment: Timestamp, minutes: i64) -> Option<Timestamp> {
    moment.checked_add(SignedDuration::from_mins(minutes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::license::Channel;

    const DAY: u32 = 24 * 60;

    fn noon() -> Timestamp {
        "2026-12-03T12:00:00Z".parse().unwrap()
    }

    fn days_after(days: i64) -> Timestamp {
        noon() + SignedDuration::from_hours(24 * days)
    }

    fn client(minutes: u32) -> License {
        License {
            channel: Channel::new("VOLUME_KMSCLIENT"),
            status: Some(LicenseStatus::Licensed),
            remaining: Some(Remaining::Minutes(minutes)),
            ..License::default()
        }
    }

    #[test]
    fn a_client_that_renewed_two_days_ago_is_not_overdue() {
        let license = client(178 * DAY);
        assert_eq!(license.expires_at(noon()), Some(days_after(178)));
        assert_eq!(license.last_renewed_at(noon()), Some(days_after(-2)));
        assert_eq!(license.renewal_overdue_since(noon(), Source::Wmi), None);
    }

    #[test]
    fn a_client_with_160_days_left_has_been_overdue_for_13() {
        let license = client(160 * DAY);
        assert_eq!(license.renewal_overdue_since(noon(), Source::Wmi), Some(days_after(-13)));
    }

    #[test]
    fn the_interval_of_the_client_is_the_one_that_counts() {
        let license = License { renewal_interval: Some(15 * DAY), ..client(160 * DAY) };
        assert_eq!(license.renewal_overdue_since(noon(), Source::Slmgr), Some(days_after(-5)));
    }

    #[test]
    fn silence_is_telling_where_the_host_reports() {
        let license = License { channel: None, required_count: Some(25), ..client(174 * DAY) };
        assert_eq!(license.renewal_overdue_since(noon(), Source::HostEvents), Some(days_after(7)));
        assert_eq!(license.renewal_overdue_since(noon(), Source::ClientEvents), None);
    }

    #[test]
    fn a_client_that_has_just_asked_is_not_overdue_for_being_a_little_late() {
        let asked = |minutes| License { channel: None, required_count: Some(25), ..client(minutes) };
        for minutes in [249_115, 249_060, 244_800, 239_040] {
            let since = asked(minutes).renewal_overdue_since(noon(), Source::HostEvents);
            assert_eq!(since, Some(days_after(7)), "{minutes}");
        }
        let since = asked(160 * DAY).renewal_overdue_since(noon(), Source::HostEvents);
        assert_eq!(since, Some(days_after(-13)), "it missed a whole renewal");
        assert_eq!(client(249_115).renewal_overdue_since(noon(), Source::Wmi), None, "about to renew");
    }

    #[test]
    fn what_a_kms_host_activates_holds_for_180_days_at_the_most() {
        assert_eq!(client(200 * DAY).expires_at(noon()), Some(days_after(180)));
        let mak = License { channel: Channel::new("VOLUME_MAK"), ..client(200 * DAY) };
        assert_eq!(mak.expires_at(noon()), Some(days_after(200)));
    }

    #[test]
    fn what_does_not_renew_is_not_overdue() {
        let mak = License { channel: Channel::new("VOLUME_MAK"), ..client(100 * DAY) };
        let grace = License { status: Some(LicenseStatus::OobGrace), ..client(10 * DAY) };
        for license in [mak, grace] {
            assert_eq!(license.renewal_overdue_since(noon(), Source::Wmi), None);
            assert!(license.expires_at(noon()).is_some());
        }
    }

    #[test]
    fn what_is_lost_permanent_or_unknown_has_no_end_to_come() {
        let lost = License { status: Some(LicenseStatus::Notification), ..client(5) };
        let permanent = License { remaining: Some(Remaining::Permanent), ..client(5) };
        let unknown = License { remaining: None, ..client(5) };
        for license in [lost, permanent, unknown] {
            assert_eq!(license.expires_at(noon()), None);
            assert_eq!(license.renewal_overdue_since(noon(), Source::Wmi), None);
        }
    }

    #[test]
    fn an_evaluation_ends_on_its_day_where_no_minutes_are_reported() {
        let license = License { remaining: None, evaluation_end: Some(days_after(30)), ..client(0) };
        assert_eq!(license.expires_at(noon()), Some(days_after(30)));
    }
}

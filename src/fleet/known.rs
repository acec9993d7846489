//! What is known of a machine and its licenses, put together from its reports.

use super::moment::AHEAD;
use super::validity::Validity;
use crate::license::{ChannelKind, HostKey, KmsHost, License, LicenseStatus, MachineName, Report, Source};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is known of a machine, put together from its reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMachine {
    pub name: MachineName,
    /// When it last reported, by its own clock.
    pub reported_at: Timestamp,
    /// When the last report that brought something new came in.
    pub received_at: Timestamp,
    /// Where its last report came from.
    pub source: Source,
    /// When a report last listed every license.
    pub complete_at: Option<Timestamp>,
    /// The ID by which a KMS host counts it (CMID).
    pub client_machine_id: Option<Uuid>,
    /// How often the grace periods of Windows can still be reset.
    pub remaining_windows_rearms: Option<u32>,
    /// The version of the licensing service.
    pub service_version: Option<String>,
    /// What is known of it as a KMS host.
    pub kms_host: Option<KmsHost>,
    /// When that was last reported.
    pub kms_host_reported_at: Option<Timestamp>,
    /// When what it counts by each key was.
    pub counted_at: BTreeMap<HostKey, Timestamp>,
    /// When it first reported how many requests it received.
    pub requests_known_at: Option<Timestamp>,
    /// When it last reported another number of requests than before; `None` where it never did.
    pub requests_grew_at: Option<Timestamp>,
    /// True once somebody reported it who may speak for its short name as well: a report without a domain may be about
    /// it then.
    pub has_short_name: bool,
}

impl KnownMachine {
    /// When a client is last known to have asked it as a KMS host: by its events, or because it had counted more
    /// requests. `None` where neither is known.
    pub fn last_asked_at(&self) -> Option<Timestamp> {
        let by_events = self.kms_host.as_ref().and_then(|host| host.last_request_at);
        by_events.max(self.requests_grew_at)
    }

    /// Since when no client is known to have asked it as a KMS host: since the last did, or since the number of its
    /// requests is known, where that has not grown. `None` where nothing can be said.
    pub fn idle_since(&self) -> Option<Timestamp> {
        self.last_asked_at().or(self.requests_known_at)
    }
}

/// What is known of a license, put together from reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLicense {
    /// What is known of it. How long it holds is as of `status_at`.
    pub license: License,
    /// When its status and its minutes were reported; `None` where they never were.
    pub status_at: Option<Timestamp>,
    /// Which source reported them.
    pub status_source: Option<Source>,
    /// When the last failed attempt to activate was reported.
    pub last_error_at: Option<Timestamp>,
    /// When it was last reported.
    pub reported_at: Timestamp,
    /// Where that report came from.
    pub source: Source,
}

impl KnownMachine {
    /// A machine of which nothing is known but that it reported.
    pub(crate) fn new(name: &MachineName, received: &Received) -> Self {
        Self {
            name: name.clone(),
            reported_at: received.reported_at,
            received_at: received.received_at,
            source: received.report.source,
            complete_at: None,
            client_machine_id: None,
            remaining_windows_rearms: None,
            service_version: None,
            kms_host: None,
            kms_host_reported_at: None,
            counted_at: BTreeMap::new(),
            requests_known_at: None,
            requests_grew_at: None,
            has_short_name: false,
        }
    }
}

impl KnownLicense {
    /// What follows for its end.
    pub fn validity(&self) -> Validity {
        Validity {
            status: self.license.status,
            expires_at: self.expires_at().map(Timestamp::as_second),
            last_renewed_at: self.last_renewed_at().map(Timestamp::as_second),
            overdue_since: self.overdue_since().map(Timestamp::as_second),
        }
    }

    /// When activation is lost unless it is renewed; as [`License::expires_at`].
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.license.expires_at(self.counted_from())
    }

    /// When it was last renewed; as [`License::last_renewed_at`].
    pub fn last_renewed_at(&self) -> Option<Timestamp> {
        self.license.last_renewed_at(self.counted_from())
    }

    /// When it should be renewed next; as [`License::renewal_due_at`].
    pub fn renewal_due_at(&self) -> Option<Timestamp> {
        self.license.renewal_due_at(self.counted_from())
    }

    /// From when on its renewal is overdue; as [`License::renewal_overdue_since`].
    pub fn overdue_since(&self) -> Option<Timestamp> {
        self.license.renewal_overdue_since(self.counted_from(), self.status_source.unwrap_or(self.source))
    }

    /// When activation was lost, or will be unless it is renewed; `None` where it holds without end or that is not
    /// known.
    pub fn lost_at(&self) -> Option<Timestamp> {
        if self.license.status.is_some_and(LicenseStatus::is_lost) {
            return Some(self.counted_from());
        }
        self.expires_at()
    }

    /// True for the KMS host license of a KMS host as such.
    pub fn is_of_kms_host(&self) -> bool {
        self.license.channel.as_ref().is_some_and(|channel| channel.kind() == ChannelKind::KmsHost)
    }

    /// The moment from which its minutes count.
    fn counted_from(&self) -> Timestamp {
        self.status_at.unwrap_or(self.reported_at)
    }
}

/// A machine with its licenses, by what identifies them on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The machine; `None` where nothing is known of it.
    pub machine: Option<KnownMachine>,
    pub licenses: BTreeMap<String, KnownLicense>,
}

impl Known {
    /// The same, where what is known is of moments that were still to come when this report came in: by a clock that
    /// was wrong. It is taken to have held until the report.
    pub(crate) fn until(&self, received: &Received) -> Cow<'_, Self> {
        let (latest, at) = (received.received_at + AHEAD, received.reported_at);
        if self.machine.as_ref().is_none_or(|machine| machine.received_at.max(machine.reported_at) <= latest) {
            return Cow::Borrowed(self);
        }
        let mut known = self.clone();
        let bound = |moment: &mut Timestamp| {
            if *moment > latest {
                *moment = at;
            }
        };
        let bound_some = |moment: &mut Option<Timestamp>| {
            if let Some(moment) = moment {
                bound(moment);
            }
        };
        if let Some(machine) = &mut known.machine {
            bound(&mut machine.reported_at);
            bound(&mut machine.received_at);
            bound_some(&mut machine.complete_at);
            bound_some(&mut machine.kms_host_reported_at);
            bound_some(&mut machine.requests_known_at);
            bound_some(&mut machine.requests_grew_at);
            machine.counted_at.values_mut().for_each(bound);
            if let Some(host) = &mut machine.kms_host {
                bound_some(&mut host.last_request_at);
                if let Some(failed) = &mut host.failed_start {
                    bound(&mut failed.at);
                }
                host.publications.values_mut().for_each(|publication| bound(&mut publication.at));
            }
        }
        for license in known.licenses.values_mut() {
            bound(&mut license.reported_at);
            bound_some(&mut license.status_at);
            bound_some(&mut license.last_error_at);
        }
        Cow::Owned(known)
    }
}

/// A report that came in, with what it did not say filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Whom it is about. The name in the report itself is not looked at any more.
    pub machine: MachineName,
    /// When it held, and not later than it came in.
    pub reported_at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
    pub report: Report,
}

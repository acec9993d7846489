//! What a KMS host says of itself.

use super::{Application, License};
use crate::codes::Code;
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// In how many domains a KMS host may publish itself, as far as that is kept.
pub const MAX_PUBLICATIONS: usize = 16;

/// Of how many of its keys what a KMS host counts is kept.
pub const MAX_HOST_KEYS: usize = 16;

/// What a KMS host says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KmsHost {
    /// The TCP port it listens on.
    pub listening_port: Option<u16>,
    /// False where it does not publish itself in DNS.
    pub publishes_dns: Option<bool>,
    /// When a client last asked, by its events.
    pub last_request_at: Option<Timestamp>,
    /// What it counts, by its keys.
    pub counts: BTreeMap<HostKey, KmsCounts>,
    /// What a client saw it count for a license of which only the SKU is known. What the SKU is called says which
    /// application that is; where nobody knows, it is of no use.
    pub counted_for: Option<(Uuid, u32)>,
    /// The last time that it could not start, by its events.
    pub failed_start: Option<FailedStart>,
    /// The last time that it published itself in each domain, or could not, by its events.
    pub publications: BTreeMap<String, Publication>,
}

/// A key of a KMS host: for an application, and known by the license that it belongs to. The last five characters do not
/// tell two keys apart, so they are no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostKey {
    pub application: Application,
    /// The SKU of its license, which Windows calls the activation ID; `None` where that is not reported.
    pub sku: Option<Uuid>,
}

/// What a KMS host counts by one of its keys. Counters run since the key was installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KmsCounts {
    /// How many clients it counts; it stops at 50, or at 10 where only servers or Office ask.
    pub current: Option<u32>,
    /// How many it must count before it activates anyone.
    pub required: Option<u32>,
    /// Requests it received.
    pub requests: Option<u32>,
    pub failed_requests: Option<u32>,
    /// Those by the status the client had when it asked, by the number of that status (0 to 6).
    pub requests_by_status: [Option<u32>; 7],
}

/// A KMS host could not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailedStart {
    pub at: Timestamp,
    /// Why, where the event says so.
    pub code: Option<Code>,
}

/// A KMS host published itself in a domain, or tried to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Publication {
    pub at: Timestamp,
    pub outcome: Published,
}

/// How that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Published {
    /// It could not, for a reason that the event gives or not.
    Failed(Option<Code>),
    Succeeded,
}

impl KmsHost {
    /// What it counts by one of its keys.
    pub fn counting(key: impl Into<HostKey>, counts: KmsCounts) -> Self {
        Self { counts: BTreeMap::from([(key.into(), counts)]), ..Self::default() }
    }

    /// What it counts by a key.
    pub fn count_of(&self, key: impl Into<HostKey>) -> KmsCounts {
        self.counts.get(&key.into()).copied().unwrap_or_default()
    }

    /// Adds what another key of the same host says: each counts by itself.
    pub fn add(&mut self, other: Self) {
        self.listening_port = self.listening_port.or(other.listening_port);
        self.publishes_dns = self.publishes_dns.or(other.publishes_dns);
        for (key, counts) in other.counts {
            let known = self.counts.entry(key).or_default();
            *known = known.or_more(counts);
        }
    }

    /// The last time that it could not start, unless something shows that it runs since: it answered a client, or
    /// went about publishing itself.
    pub fn last_failed_start(&self) -> Option<FailedStart> {
        let runs_at = self.publications.values().map(|publication| publication.at).chain(self.last_request_at).max();
        self.failed_start.filter(|failed| runs_at.is_none_or(|at| at < failed.at))
    }

    /// True where nothing but its events says this: these say nothing of what it counts.
    pub fn is_of_events(&self) -> bool {
        let Self { last_request_at, failed_start, publications, .. } = self;
        let by_events = Self {
            last_request_at: *last_request_at,
            failed_start: *failed_start,
            publications: publications.clone(),
            ..Self::default()
        };
        *self == by_events
    }
}

impl HostKey {
    /// The key of a license of a KMS host; `None` where nobody knows for which application it is.
    pub fn of(license: &License) -> Option<Self> {
        Application::of(license).map(|application| Self { application, sku: license.sku })
    }
}

impl From<Application> for HostKey {
    /// Whichever key the host has for an application.
    fn from(application: Application) -> Self {
        Self { application, sku: None }
    }
}

impl KmsCounts {
    /// The same of the same key in another part of the report: whichever counted more.
    #[must_use]
    pub fn or_more(self, other: Self) -> Self {
        let mut requests_by_status = self.requests_by_status;
        for (one, other) in requests_by_status.iter_mut().zip(other.requests_by_status) {
            *one = (*one).max(other);
        }
        Self {
            current: self.current.max(other.current),
            required: self.required.max(other.required),
            requests: self.requests.max(other.requests),
            failed_requests: self.failed_requests.max(other.failed_requests),
            requests_by_status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_host_that_did_something_since_has_started() {
        let failed = KmsHost { failed_start: Some(FailedStart { at: second(5), code: None }), ..KmsHost::default() };
        assert_eq!(failed.last_failed_start(), failed.failed_start);
        let asked = |at| KmsHost { last_request_at: Some(second(at)), ..failed.clone() };
        assert_eq!([4, 5].map(|at| asked(at).last_failed_start().is_some()), [true, false]);
        let publication = Publication { at: second(6), outcome: Published::Failed(None) };
        let tried = KmsHost { publications: [("corp.example".to_owned(), publication)].into(), ..failed };
        assert_eq!(tried.last_failed_start(), None, "it runs, though it cannot publish itself");
    }
}

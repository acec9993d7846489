//! A machine as the fleet keeps it: what it has in common with others is shared, and times are whole seconds.

use super::known::{Known, KnownLicense, KnownMachine};
use super::moment::Moment;
use super::terms::{AllTerms, Reported, Terms};
use super::validity::Validity;
use crate::codes::Code;
use crate::license::{HostKey, KmsHost, License, LicenseStatus, MachineName, Remaining, Source};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// A machine. All times are seconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) licenses: Box<[LicenseRecord]>,
    pub(super) reported_at: i64,
    received_at: i64,
    complete_at: Option<i64>,
    /// The revision of the store in which it was last written.
    pub(super) revision: i64,
    pub(super) client_machine_id: Option<Uuid>,
    pub(super) has_short_name: bool,
    service_version: Option<Arc<str>>,
    remaining_windows_rearms: Option<u32>,
    source: Source,
    /// What few machines have.
    host: Option<Box<HostRecord>>,
}

/// What is known of a machine as a KMS host.
#[derive(Debug, Clone)]
struct HostRecord {
    facts: Option<KmsHost>,
    reported_at: Option<Timestamp>,
    counted_at: BTreeMap<HostKey, Timestamp>,
    requests_known_at: Option<Timestamp>,
    requests_grew_at: Option<Timestamp>,
}

/// A license. All times are seconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct LicenseRecord {
    pub(super) terms: Arc<Terms>,
    pub(super) validity: Validity,
    pub(super) status_at: Option<i64>,
    pub(super) last_error_at: Option<i64>,
    pub(super) reported_at: i64,
    pub(super) reason_code: Option<Code>,
    pub(super) last_error: Option<Code>,
    remaining: Option<Remaining>,
    status_source: Option<Source>,
    source: Source,
}

/// What records share.
#[derive(Debug, Default)]
pub(super) struct SharedParts {
    pub(super) terms: AllTerms,
    versions: HashSet<Arc<str>>,
}

impl Record {
    /// Keeps what is known of a machine.
    pub(super) fn new(
        machine: &KnownMachine,
        licenses: impl IntoIterator<Item = (String, KnownLicense)>,
        revision: i64,
        parts: &mut SharedParts,
    ) -> Self {
        let host = HostRecord {
            facts: machine.kms_host.clone(),
            reported_at: machine.kms_host_reported_at,
            counted_at: machine.counted_at.clone(),
            requests_known_at: machine.requests_known_at,
            requests_grew_at: machine.requests_grew_at,
        };
        let licenses = licenses.into_iter().map(|(id, known)| LicenseRecord::new(id, known, &mut parts.terms));
        Self {
            licenses: licenses.collect(),
            reported_at: machine.reported_at.as_second(),
            received_at: machine.received_at.as_second(),
            complete_at: machine.complete_at.map(Timestamp::as_second),
            revision,
            client_machine_id: machine.client_machine_id,
            has_short_name: machine.has_short_name,
            service_version: machine.service_version.as_deref().map(|version| parts.version(version)),
            remaining_windows_rearms: machine.remaining_windows_rearms,
            source: machine.source,
            host: (!host.is_empty()).then(|| Box::new(host)),
        }
    }

    /// What is known of the machine with this name.
    pub(super) fn machine(&self, name: &MachineName) -> KnownMachine {
        let host = self.host.as_deref();
        KnownMachine {
            name: name.clone(),
            reported_at: moment(self.reported_at),
            received_at: moment(self.received_at),
            source: self.source,
            complete_at: self.complete_at.map(moment),
            client_machine_id: self.client_machine_id,
            remaining_windows_rearms: self.remaining_windows_rearms,
            service_version: self.service_version.as_deref().map(str::to_owned),
            kms_host: host.and_then(|host| host.facts.clone()),
            kms_host_reported_at: host.and_then(|host| host.reported_at),
            counted_at: host.map(|host| host.counted_at.clone()).unwrap_or_default(),
            requests_known_at: host.and_then(|host| host.requests_known_at),
            requests_grew_at: host.and_then(|host| host.requests_grew_at),
            has_short_name: self.has_short_name,
        }
    }

    /// What is known of the machine with this name, and of its licenses.
    pub(super) fn known(&self, name: &MachineName) -> Known {
        let licenses = self.licenses.iter().map(|license| (license.terms.reported.id.clone(), license.known()));
        Known { machine: Some(self.machine(name)), licenses: licenses.collect() }
    }

    /// The same where its licenses count from a moment that is still to come: as if they had been reported now. `None`
    /// where they do not.
    pub(super) fn believed(&self, moment: Moment) -> Option<Self> {
        let is_to_come = |license: &LicenseRecord| moment.is_to_come(license.counted_from());
        if !self.licenses.iter().any(is_to_come) {
            return None;
        }
        let licenses = self
            .licenses
            .iter()
            .map(|license| if is_to_come(license) { license.reported(moment.now) } else { license.clone() });
        Some(Self { licenses: licenses.collect(), ..self.clone() })
    }

    /// When the last report on it that brought something new came in, in seconds since 1970.
    pub(super) const fn received_at(&self) -> i64 {
        self.received_at
    }

    /// The moments at which what is known of it as a KMS host was reported, each of which is stale some day.
    pub(super) fn kms_host_moments(&self) -> impl Iterator<Item = Timestamp> {
        let host = self.host.as_deref();
        let facts = host.and_then(|host| host.facts.as_ref());
        let failed = facts.and_then(KmsHost::last_failed_start).map(|failed| failed.at);
        let publications = facts.into_iter().flat_map(|facts| facts.publications.values().map(|known| known.at));
        let counted = host.into_iter().flat_map(|host| host.counted_at.values().copied());
        host.and_then(|host| host.reported_at).into_iter().chain(counted).chain(failed).chain(publications)
    }

    /// True for a KMS host: it reports itself as one, or has the KMS host license of one.
    pub(super) fn is_kms_host(&self) -> bool {
        let reports_itself = self.host.as_ref().is_some_and(|host| host.facts.is_some());
        reports_itself || self.licenses.iter().any(LicenseRecord::is_of_kms_host)
    }
}

impl HostRecord {
    fn is_empty(&self) -> bool {
        let Self { facts, reported_at, counted_at, requests_known_at, requests_grew_at } = self;
        facts.is_none()
            && counted_at.is_empty()
            && [reported_at, requests_known_at, requests_grew_at].iter().all(|moment| moment.is_none())
    }
}

impl LicenseRecord {
    fn new(id: String, known: KnownLicense, terms: &mut AllTerms) -> Self {
        let validity = known.validity();
        let License { reason_code, remaining, last_error, .. } = known.license;
        Self {
            terms: terms.intern(Reported::of(id, known.license)),
            validity,
            status_at: known.status_at.map(Timestamp::as_second),
            last_error_at: known.last_error_at.map(Timestamp::as_second),
            reported_at: known.reported_at.as_second(),
            reason_code,
            last_error,
            remaining,
            status_source: known.status_source,
            source: known.source,
        }
    }

    /// The moment from which its minutes count.
    fn counted_from(&self) -> i64 {
        self.status_at.unwrap_or(self.reported_at)
    }

    /// The same, as if its status had been reported now.
    fn reported(&self, now: Timestamp) -> Self {
        let known = KnownLicense { status_at: Some(now), ..self.known() };
        Self { validity: known.validity(), status_at: Some(now.as_second()), ..self.clone() }
    }

    pub(super) fn known(&self) -> KnownLicense {
        KnownLicense {
            license: License {
                status: self.validity.status,
                reason_code: self.reason_code,
                remaining: self.remaining,
                last_error: self.last_error,
                ..self.terms.reported.license.clone()
            },
            status_at: self.status_at.map(moment),
            status_source: self.status_source,
            last_error_at: self.last_error_at.map(moment),
            reported_at: moment(self.reported_at),
            source: self.source,
        }
    }

    /// The same, with what its SKU is called where it does not say so itself.
    pub(super) fn shown(&self) -> KnownLicense {
        let known = self.known();
        KnownLicense { license: self.terms.complete(known.license), ..known }
    }

    /// Its status, where that is known.
    pub(super) const fn status(&self) -> Option<LicenseStatus> {
        self.validity.status
    }

    /// True for the KMS host license of a KMS host as such, by what is reported of itself.
    pub(super) fn is_of_kms_host(&self) -> bool {
        use crate::license::ChannelKind::KmsHost;
        self.terms.reported.license.channel.is_some() && self.terms.kind == Some(KmsHost)
    }
}

impl SharedParts {
    fn version(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.versions.get(text) {
            return Arc::clone(known);
        }
        let version = Arc::<str>::from(text);
        self.versions.insert(Arc::clone(&version));
        version
    }

    /// Forgets what no record has any more.
    pub(super) fn tidy(&mut self) {
        self.terms.tidy();
        self.versions.retain(|version| Arc::strong_count(version) > 1);
    }
}

/// A moment that was kept in seconds.
pub(super) fn moment(second: i64) -> Timestamp {
    // It was made from one.
    Timestamp::from_second(second).unwrap_or_default()
}

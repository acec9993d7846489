//! The last two stages of a walk to a KMS host, which cannot be probed without activating: whether the host is licensed
//! itself, and whether it counts enough clients. Both are taken from what hosts and clients report.

use super::{Host, publishing};
use crate::codes::Code;
use crate::fleet::{ApplicationStatus, KeyStatus, KmsHostStatus};
use crate::host;
use crate::license::{Application, HostKey, LicenseStatus, RENEWAL_INTERVAL};
use crate::observation::{Detail, Failure, Observation, Reason, Stage, detail};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// The fewest clients with which any product is activated: servers and Office.
const LEAST: u32 = 5;

/// For how long no client may ask a KMS host that has some: they renew every week, with a day for those that are late.
const QUIET: SignedDuration = SignedDuration::from_mins(RENEWAL_INTERVAL as i64 + 24 * 60);

/// What KMS hosts report of themselves, found by the names they have on a path.
#[derive(Debug, Clone, Default)]
pub struct HostReports {
    by_target: HashMap<String, KmsHostStatus>,
    /// The hosts that do not publish themselves in DNS, or cannot.
    pub(super) unpublished: Vec<KmsHostStatus>,
    /// The moment up to which reports are taken into account.
    pub as_of: Timestamp,
}

impl HostReports {
    /// What these hosts report, as of a moment.
    pub fn new(hosts: &[KmsHostStatus], as_of: Timestamp) -> Self {
        let is_idle = |since: &Timestamp| as_of.duration_since(*since) > QUIET;
        let mut candidates: HashMap<&str, Vec<&KmsHostStatus>> = HashMap::new();
        for host in hosts {
            for target in &host.targets {
                candidates.entry(target).or_default().push(host);
            }
        }
        let found = candidates.into_iter().filter_map(|(target, candidates)| {
            let host = one_of(target, &candidates)?;
            let has_clients = host.applications.values().any(|application| application.clients > 0);
            let idle_since = host.idle_since.filter(|_| has_clients).filter(is_idle);
            Some((target.to_owned(), KmsHostStatus { idle_since, ..host.clone() }))
        });
        let by_target: HashMap<String, KmsHostStatus> = found.collect();
        let speaks_for = |host: &KmsHostStatus, target: &String| {
            by_target.get(target).is_some_and(|known| known.machine == host.machine)
        };
        let unpublished = hosts.iter().filter(|host| publishing::is_troubled(host)).map(|host| {
            let targets = host.targets.iter().filter(|target| speaks_for(host, target)).cloned().collect();
            KmsHostStatus { targets, ..host.clone() }
        });
        let unpublished = unpublished.collect();
        Self { by_target, unpublished, as_of }
    }

    /// True where the others say the same of each host, as of whatever moment.
    pub fn agree(&self, others: &Self) -> bool {
        self.by_target == others.by_target && self.unpublished == others.unpublished
    }

    /// The report of a host that has this name on a path. Machines report under names and never under addresses.
    pub fn of(&self, host: &host::Host) -> Option<&KmsHostStatus> {
        let host::Host::Name(name) = host else { return None };
        self.by_target.get(name.as_str())
    }
}

/// Of the hosts that may be the one with this name on a path, the one that reports under it, or else the only one.
/// Which of several it is nobody knows, and none is taken for it.
fn one_of<'a>(target: &str, candidates: &[&'a KmsHostStatus]) -> Option<&'a KmsHostStatus> {
    let exact = candidates.iter().find(|host| host.machine.as_str() == target);
    exact.or(candidates.first().filter(|_| candidates.len() == 1)).copied()
}

/// What a host that serves reports of itself for one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    pub application: Application,
    /// How many machines use it for this application; 0 where none is known to, for any.
    pub clients: u64,
    /// Its own license, where that is reported.
    pub license: Option<OwnLicense>,
    /// That of another of its keys for this application, which is not in force while the first is: the clients that ask
    /// for what this key is for are not activated.
    pub lapsed: Option<LapsedKey>,
    /// Its count, where that is reported.
    pub count: Option<Count>,
}

/// The license of a KMS host itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnLicense {
    pub status: LicenseStatus,
    /// Why, as Windows puts it.
    pub reason_code: Option<Code>,
}

/// A key of a KMS host whose license is not in force, while that of another for the same application is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LapsedKey {
    /// What its license is called, else the SKU of that.
    pub product: String,
    pub license: OwnLicense,
}

/// The count of a KMS host, against what its clients need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub application: Application,
    /// How many clients it counts.
    pub current: u32,
    /// How many must be counted before it activates any client of this path, and before it activates all of them.
    pub required: (u32, u32),
    pub state: CountState,
}

/// How a count compares with what is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CountState {
    /// All clients are activated.
    Enough,
    /// All are, but with few clients fewer, or none to spare, they would not be.
    Low,
    /// Servers are; Windows clients are not.
    TooLowForSome,
    /// No client is.
    TooLow,
}

impl Served {
    fn new(application: Application, status: &ApplicationStatus, host: &KmsHostStatus) -> Self {
        let required = || status.required(application).unwrap_or((LEAST, LEAST));
        let current = status.counts.and_then(|counts| counts.current).filter(|_| !status.stale);
        Self {
            application,
            clients: status.clients,
            license: status.own_license.map(|license| OwnLicense { status: license, reason_code: status.own_reason }),
            lapsed: status.lapsed.and_then(|key| LapsedKey::new(key, host.keys.get(&key)?)),
            count: current.map(|current| Count::new(application, current, required())),
        }
    }

    /// The stage at which no client of this application gets further.
    pub fn fails_at(&self) -> Option<Stage> {
        let is_unlicensed = self.license.is_some_and(|license| license.status != LicenseStatus::Licensed);
        let is_short = self.count.is_some_and(|count| count.state == CountState::TooLow);
        is_unlicensed.then_some(Stage::Host).or(is_short.then_some(Stage::Count))
    }
}

impl LapsedKey {
    /// `None` where the status of its license is not known, or nothing that it is called.
    fn new(key: HostKey, known: &KeyStatus) -> Option<Self> {
        let product = known.product.clone().or_else(|| key.sku.map(|sku| sku.to_string()))?;
        let license = OwnLicense { status: known.license?, reason_code: known.reason };
        Some(Self { product, license })
    }
}

impl OwnLicense {
    /// The license of the host of this name.
    fn detail(self, host: String, application: Application) -> Detail {
        let application = application.name();
        if self.status == LicenseStatus::Licensed {
            return detail!("host-licensed", host = host, application = application);
        }
        let status = detail!("license-status", status = self.status.label());
        match self.reason_code {
            Some(code) => {
                let code = code.to_string();
                detail!("host-unlicensed-code", host = host, application = application, status = status, code = code)
            }
            None => detail!("host-license-problem", host = host, application = application, status = status),
        }
    }
}

impl Count {
    /// A count of an application, against the fewest and the most that its clients need.
    pub(crate) fn new(application: Application, current: u32, required: (u32, u32)) -> Self {
        let (least, most) = required;
        let state = if current < least {
            CountState::TooLow
        } else if current < most {
            CountState::TooLowForSome
        } else if current < most.saturating_add(most / 5) {
            CountState::Low
        } else {
            CountState::Enough
        };
        Self { application, current, required, state }
    }

    /// The count of the host of this name, against what is needed.
    pub fn detail(&self, host: String) -> Detail {
        let Self { application, current, required: (least, most), state } = *self;
        let state = match state {
            CountState::Enough => "enough",
            CountState::Low => "low",
            CountState::TooLowForSome => "too_low_for_some",
            CountState::TooLow => "too_low",
        };
        detail!(
            "client-count-problem",
            standing = state,
            host = host,
            application = application.name(),
            current = current,
            least = least,
            most = most
        )
    }
}

/// Adds the stages to a target whose walk got this far. Where nothing is reported of the host, or too long ago, there
/// is nothing to add, which is no failure. Clients of one application care for nothing but that: a host fails where it
/// activates none of those that use it.
pub(super) fn add(target: &mut Host, host: &KmsHostStatus) {
    if let Some(failure) = target.failure() {
        // One that answers has started, whatever its events say.
        let is_unserved = matches!(failure.stage, Stage::Tcp | Stage::Rpc) && !failure.is_local();
        target.failed_start = host.failed_start.filter(|_| is_unserved);
        return;
    }
    target.idle_since = host.idle_since;
    target.served = served(host);
    // No system lacks the years in which reports are made.
    let observed_at = SystemTime::try_from(host.reported_at).unwrap_or(SystemTime::UNIX_EPOCH);
    let name = target.name().to_string();
    let failing = target.served.iter().map(Served::fails_at).collect::<Option<Vec<_>>>();
    // Where the applications stop at different stages, that is where the one that got furthest does.
    let fails_at = failing.and_then(|stages| stages.into_iter().max());
    let licenses = target.served.iter().filter_map(|served| {
        let license = served.license?;
        Some((license.status == LicenseStatus::Licensed, license.detail(name.clone(), served.application)))
    });
    let counts = target.counts().map(|count| (count.state != CountState::TooLow, count.detail(name.clone())));
    let licenses = details(licenses, fails_at == Some(Stage::Host));
    let counts = details(counts, fails_at == Some(Stage::Count));
    let stages = [(Stage::Host, Reason::Unlicensed, licenses), (Stage::Count, Reason::TooLow, counts)];
    for (stage, reason, detail) in stages {
        let Some(detail) = detail else { continue };
        let is_failure = fails_at == Some(stage);
        let outcome = if is_failure { Err(Failure::new(reason, detail)) } else { Ok(detail) };
        let observation = Observation::new(stage, outcome, Duration::ZERO);
        target.stages.push(Observation { observed_at, ..observation });
        if is_failure {
            return;
        }
    }
}

/// What a host reports for the applications that its clients use it for; where it is not known to have any, for all.
fn served(host: &KmsHostStatus) -> Vec<Served> {
    let has_clients = host.applications.values().any(|status| status.clients > 0);
    let used = host.applications.iter().filter(|(_, status)| !has_clients || status.clients > 0);
    let served = used.map(|(application, status)| Served::new(*application, status, host));
    served.filter(|served| served.license.is_some() || served.count.is_some()).collect()
}

/// What is seen at a stage of the applications that fail there, or else of those that pass.
fn details(seen: impl Iterator<Item = (bool, Detail)>, is_failure: bool) -> Option<Detail> {
    let (passed, failed): (Vec<_>, Vec<_>) = seen.partition(|(is_ok, _)| *is_ok);
    let shown = if is_failure || passed.is_empty() { failed } else { passed };
    let mut shown: Vec<_> = shown.into_iter().map(|(_, detail)| detail).collect();
    shown.dedup();
    (!shown.is_empty()).then(|| Detail::joined(shown))
}

#[cfg(test)]
mod tests;

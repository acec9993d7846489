//! What a problem is about: facts, from which [`text`](crate::text) makes sentences and steps, and JSON shows the rest.

mod kms;
mod machines;
mod online;

pub use kms::{
    ClientCount, FailedStart, Host, HostClock, HostLicense, IdleHost, Nameserver, OwnClock, UnexpectedHosts,
};
pub use machines::{Evaluations, Example, Failing, Reporters, SharedIds, WrongKey};
pub use online::{CertificateClock, Certificates, Endpoints, Extent, Lookup, PastLogin, Proxy};

use crate::clock::comparison::{Clocks, Comparison};
use crate::host::{self, DnsName, HostPort};
use crate::observation::{Reason, Stage};
use crate::walk;
use crate::walk::kms::{CountState, Disagreement, Flaw, Lack, LeftOut, Unpublished};
use serde::{Serialize, Serializer};
use std::fmt::Display;
use std::sync::Arc;

/// How much JSON shows of a list that others can make long.
pub const MAX_LISTED: usize = 10;

/// What a problem is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// What a nameserver answers, or does not.
    #[serde(rename = "nameservers", serialize_with = "listed")]
    Nameserver(Nameserver),
    /// A KMS host at one of its addresses.
    #[serde(rename = "hosts", serialize_with = "listed")]
    Host(Host),
    /// The clock of a KMS host, or ours in its stead.
    HostClock(HostClock),
    /// The license of a KMS host itself.
    HostLicense(HostLicense),
    /// How many clients a KMS host counts.
    ClientCount(ClientCount),
    /// A KMS host that could not start.
    FailedStart(FailedStart),
    /// A KMS host that does not publish itself in DNS.
    #[serde(serialize_with = "kms::unpublished")]
    Unpublished(Unpublished),
    /// A KMS host that no client asks.
    IdleHost(IdleHost),
    /// This machine's clock.
    OwnClock(OwnClock),
    /// Hosts in DNS that are not expected.
    #[serde(serialize_with = "unexpected")]
    UnexpectedHosts(UnexpectedHosts),
    /// Expected hosts that are not in DNS.
    #[serde(serialize_with = "shown")]
    MissingHosts(Arc<[DnsName]>),
    /// Nameservers that answer differently.
    #[serde(serialize_with = "pairs")]
    Disagreements(Arc<[Disagreement]>),
    /// SRV records that are not as they should be, beside others.
    #[serde(rename = "records", serialize_with = "all")]
    Flaws(Arc<[Flaw]>),
    /// What DNS leads to and is not probed.
    #[serde(serialize_with = "kms::left_out")]
    LeftOut(Arc<LeftOut>),
    /// What fails now and then.
    Intermittent(Intermittent),
    /// Endpoints that cannot be reached, or asked.
    Endpoints(Endpoints),
    /// The name of an endpoint or a proxy that cannot be looked up.
    Lookup(Lookup),
    Proxy(Proxy),
    /// Certificates of endpoints, or of a proxy.
    Certificates(Certificates),
    /// Machines that fail, by the codes they report.
    Failing(Failing),
    /// Machines that share client machine IDs.
    SharedIds(SharedIds),
    /// Machines whose keys no KMS host activates.
    NotVolume(Example),
    /// Machines with the published key of another edition.
    WrongKey(WrongKey),
    /// Machines whose evaluation ends.
    Evaluations(Evaluations),
}

/// What fails now and then.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Intermittent {
    pub target: Unsteady,
    /// At which stage it failed last.
    pub stage: Stage,
    /// Why it failed then.
    pub reason: Reason,
    /// In how many of its last rounds it failed.
    pub failures: u32,
    /// How many rounds these are.
    pub of: u32,
}

/// What can fail now and then.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsteady {
    Nameserver(Nameserver),
    /// A KMS host at one of its addresses.
    Host(Host),
    /// Endpoints over one proxy; the figures are those of the first.
    Endpoints(Endpoints),
}

impl Subject {
    /// The KMS host of which it says how it serves, where it is about one.
    pub fn host(&self) -> Option<&host::Host> {
        let host = match self {
            Self::HostClock(clock) if clock.comparison.clocks != Clocks::OursAndTrueTime => &clock.host,
            Self::HostLicense(license) => &license.host,
            Self::ClientCount(count) => &count.host,
            Self::FailedStart(failed) => &failed.host,
            Self::IdleHost(idle) => &idle.host,
            _ => return None,
        };
        Some(&host.host.host)
    }

    /// How much of what it lists is left out of JSON.
    pub fn unlisted(&self) -> usize {
        let listed = match self {
            Self::UnexpectedHosts(unexpected) => unexpected.hosts.len(),
            Self::MissingHosts(missing) => missing.len(),
            Self::LeftOut(left_out) => left_out.ports.len() + left_out.addresses.len(),
            Self::Failing(failing) => failing.codes.len() + failing.more_codes,
            _ => 0,
        };
        listed.saturating_sub(MAX_LISTED)
    }
}

impl Subject {
    /// The KMS host that fails, where it is about one.
    pub fn failing_host(&self) -> Option<&HostPort> {
        match self {
            Self::Host(host) => Some(&host.host),
            Self::HostClock(clock) => Some(&clock.host.host),
            Self::HostLicense(license) => Some(&license.host.host),
            Self::ClientCount(count) if count.count.state == CountState::TooLow => Some(&count.host.host),
            _ => None,
        }
    }
}

impl Intermittent {
    /// What fails now and then, and how often it does.
    pub const fn new(target: Unsteady, figures: walk::Intermittent) -> Self {
        let walk::Intermittent { stage, reason, failures, of } = figures;
        Self { target, stage, reason, failures, of }
    }
}

/// A list of one, so that readers of JSON need not distinguish one from many.
fn listed<T: Serialize, S: Serializer>(only: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq([only])
}

/// A list of what is shown as text, up to its bound.
fn shown<T: Display, S: Serializer>(all: &Arc<[T]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter().take(MAX_LISTED).map(ToString::to_string))
}

fn unexpected<S: Serializer>(unexpected: &UnexpectedHosts, serializer: S) -> Result<S::Ok, S::Error> {
    shown(&unexpected.hosts, serializer)
}

/// A list of plain data.
fn all<T: Serialize, S: Serializer>(all: &Arc<[T]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter())
}

/// One thing that is shown as text.
fn text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Two nameservers, the name for which they answer differently, and what each lacks.
#[derive(Serialize)]
struct Pair {
    name: String,
    nameservers: [String; 2],
    lacks: Vec<LackJson>,
}

/// What a nameserver lacks.
#[derive(Serialize)]
struct LackJson {
    nameserver: String,
    hosts: Vec<String>,
}

impl LackJson {
    fn new(lack: &Lack) -> Self {
        let hosts = lack.hosts.iter().map(ToString::to_string).collect();
        Self { nameserver: lack.nameserver.to_string(), hosts }
    }
}

fn pairs<S: Serializer>(pairs: &Arc<[Disagreement]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(pairs.iter().map(|pair| Pair {
        name: pair.domain.srv_name(),
        nameservers: [pair.one, pair.other].map(|nameserver| nameserver.to_string()),
        lacks: pair.lacks.iter().map(LackJson::new).collect(),
    }))
}

/// Two clocks.
#[derive(Serialize)]
struct Compared {
    clocks: &'static str,
    /// The one minus the other, in seconds.
    offset_seconds: f64,
    /// The bound of that.
    error_seconds: f64,
}

fn compared<S: Serializer>(comparison: &Comparison, serializer: S) -> Result<S::Ok, S::Error> {
    let clocks = match comparison.clocks {
        Clocks::HostAndTrueTime => "host_and_true_time",
        Clocks::HostAndOurs => "host_and_own",
        Clocks::OursAndTrueTime => "own_and_true_time",
    };
    let (offset_seconds, error_seconds) = (comparison.offset.seconds, comparison.offset.bound);
    Compared { clocks, offset_seconds, error_seconds }.serialize(serializer)
}

//! What problems of machines on a path are about.

use crate::codes::Code;
use crate::fleet::{Affected, Urgency};
use crate::host::{DnsName, HostPort};
use crate::license::{Network, PartialProductKey};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// One of the machines, for whoever wants to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The machine; `None` where none is named.
    pub example: Option<Arc<str>>,
}

/// Machines that fail, by the codes they report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failing {
    /// How urgent it is.
    pub urgency: Urgency,
    /// The codes, those of the most machines first; never empty, and up to [`MAX_LISTED`](super::MAX_LISTED).
    #[serde(serialize_with = "super::all")]
    pub codes: Arc<[Reporters]>,
    /// How many more codes there are.
    #[serde(skip)]
    pub more_codes: usize,
    /// True where the stage was seen to pass from here.
    pub passes_here: bool,
    /// True where the clock of a KMS host was read, and it is not judged by ours.
    #[serde(skip)]
    pub is_host_clock_known: bool,
    /// A KMS host that works from here.
    #[serde(skip)]
    pub working_host: Option<HostPort>,
    /// The domain in which DNS names KMS hosts on this path; the first where there are several.
    #[serde(skip)]
    pub domain: Option<DnsName>,
    /// True where machines saw themselves where they fail.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_own_view: bool,
    /// The networks in which those are, as far as they are known.
    #[serde(skip_serializing_if = "<[Network]>::is_empty", serialize_with = "networks")]
    pub networks: Arc<[Network]>,
}

fn networks<S: Serializer>(networks: &[Network], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(networks.iter().map(ToString::to_string))
}

/// The machines that report one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reporters {
    /// The code; `None` where they report none.
    pub code: Option<Code>,
    pub machines: u64,
    #[serde(flatten)]
    pub example: Example,
}

/// Machines that share client machine IDs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedIds {
    /// How many IDs they have among them.
    pub ids: u64,
    #[serde(flatten)]
    pub example: Example,
}

/// Machines with the published key of another edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrongKey {
    /// What is installed on the first of them, as Windows names it.
    pub product: String,
    /// What its key is for.
    pub edition: &'static str,
    /// The end of its key.
    #[serde(serialize_with = "super::text")]
    pub last_five: PartialProductKey,
    /// The machine.
    #[serde(flatten)]
    pub example: Example,
}

/// Machines whose evaluation ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evaluations {
    /// When the first ends, or ended; `None` where it is over and the day is not known.
    #[serde(serialize_with = "moment")]
    pub first_end: Option<Timestamp>,
    /// The machine on which it is.
    #[serde(flatten)]
    pub example: Example,
}

impl From<&Affected> for Example {
    fn from(affected: &Affected) -> Self {
        Self { example: affected.names().next().map(Into::into) }
    }
}

#[expect(clippy::ref_option, reason = "serde hands it over so")]
fn moment<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    moment.map(|moment| moment.to_string()).serialize(serializer)
}

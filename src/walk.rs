//! The findings on a path, laid out as a client would walk: one target after the other, stage by stage.

pub mod kms;
pub mod online;

use crate::clock::comparison::Comparison;
use crate::clock_report::ClockReport;
use crate::findings::PathFindings;
use crate::fleet::KmsHostStatus;
use crate::observation::{Observation, Reason, Stage};
use crate::path::{Path, Way};
use jiff::Timestamp;

/// All that was observed on a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Walk {
    /// To KMS hosts.
    Kms(kms::Walk),
    /// To online endpoints.
    Online(online::Walk),
}

impl Walk {
    /// Lays out the findings on a path.
    pub fn new(path: &Path, findings: &PathFindings, clocks: &ClockReport) -> Self {
        match &path.way {
            Way::Kms(kms) => Self::Kms(kms::Walk::new(kms, findings, clocks)),
            Way::Online(online) => Self::Online(online::Walk::new(online, findings, clocks)),
        }
    }

    /// Takes in what KMS hosts say of themselves, as of now.
    pub fn hear(&mut self, hosts: &[KmsHostStatus], now: Timestamp) {
        match self {
            Self::Kms(walk) => walk.hear(hosts, now),
            Self::Online(_) => {}
        }
    }

    /// The word for what the path leads to, in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Kms(_) => "kms",
            Self::Online(_) => "online",
        }
    }

    /// Every target: lookups and KMS hosts, or endpoints over proxies.
    pub fn targets(&self) -> Vec<Walked<'_>> {
        match self {
            Self::Kms(walk) => walk.targets.iter().map(|target| target.walked()).collect(),
            Self::Online(walk) => walk.targets.iter().map(online::Target::walked).collect(),
        }
    }

    /// The targets that clients have to reach: KMS hosts, or endpoints over proxies.
    pub fn destinations(&self) -> Vec<Walked<'_>> {
        match self {
            Self::Kms(walk) => walk.hosts().map(kms::Host::walked).collect(),
            Self::Online(_) => self.targets(),
        }
    }
}

/// What the targets of all walks have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Walked<'a> {
    /// The target by its name, unique on its path together with the address.
    pub target: String,
    /// Where it is, as it is shown: for a lookup the nameserver that was asked.
    pub address: Option<String>,
    /// The stages in the order of the walk: all that passed, and the one that failed.
    pub stages: &'a [Observation],
    /// True where a client gets through as well.
    pub works: bool,
}

/// A target that fails now and then, and never often enough in a row to count as failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intermittent {
    /// The stage at which it failed last.
    pub stage: Stage,
    /// Why it failed then.
    pub reason: Reason,
    /// In how many of its last rounds it failed.
    pub failures: u32,
    /// How many rounds these are.
    pub of: u32,
}

/// This machine's clock against true time.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnClock {
    /// How the two compare.
    pub comparison: Comparison,
    /// The time server whose word alone true time is.
    pub alone: Option<String>,
}

impl OwnClock {
    /// What is known of it; `None` where true time is not known.
    fn new(clocks: &ClockReport) -> Option<Self> {
        let reference = clocks.reference.as_ref()?;
        Some(Self { comparison: reference.comparison, alone: reference.alone().map(str::to_owned) })
    }
}

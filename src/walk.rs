//! The findings on a path, laid out as a client would walk: one target after the other, stage by stage.

pub mod kms;
pub mod online;

pub use crate::findings::Intermittent;

use crate::clock::comparison::{ClockState, Comparison};
use crate::clock_report::ClockReport;
use crate::config::Damping;
use crate::findings::{PathFindings, Replaced};
use crate::observation::{Observation, Stage};
use crate::path::{Kind, Kms, Path};
use crate::probe::Job;
use kms::HostReports;
use std::time::SystemTime;

/// All that was observed on a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Walk {
    /// To KMS hosts.
    Kms(kms::Walk),
    /// To online endpoints.
    Online(online::Walk),
}

/// A walk that is kept up to date.
#[derive(Debug)]
pub enum Layout {
    /// To KMS hosts.
    Kms(kms::Layout),
    /// To online endpoints.
    Online(online::Layout),
}

/// What a finding changed of a walk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// True where the verdict may be another.
    pub is_weighty: bool,
    /// The targets that work and failed, or the other way round, or fail at another stage.
    pub turns: Vec<Turn>,
}

/// A target that works and failed, or the other way round, or fails at another stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The target by its name, and its address.
    pub target: (String, Option<String>),
    /// Where it fails now; `None` where it works.
    pub fails_at: Option<Stage>,
    /// When it was seen to work last; `None` where it was not before this.
    pub worked_at: Option<SystemTime>,
}

impl Turn {
    /// What became of a target; `None` where that is the same as before.
    fn between(before: &Walked<'_>, after: &Walked<'_>) -> Option<Self> {
        let (failed_at, fails_at) = (before.fails_at(), after.fails_at());
        (failed_at != fails_at).then(|| Self {
            target: (after.target.clone(), after.address.clone()),
            fails_at,
            worked_at: before.worked_at(),
        })
    }
}

impl Change {
    /// This change and another.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.turns.extend(other.turns);
        Self { is_weighty: self.is_weighty || other.is_weighty, ..self }
    }
}

/// What a walk is laid out of.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// What is configured of the path.
    pub path: &'a Path,
    /// What was found on it.
    pub findings: &'a PathFindings,
    pub clocks: &'a ClockReport,
    /// When a target that fails now and then is intermittent.
    pub damping: Damping,
    /// What KMS hosts report of themselves.
    pub reports: &'a HostReports,
}

impl<'a> Sources<'a> {
    const fn of_kms(self, kms: &'a Kms) -> kms::KmsSources<'a> {
        let Self { findings, clocks, damping, reports, .. } = self;
        kms::KmsSources { kms, findings, clocks, damping, reports }
    }
}

impl Layout {
    /// Lays out the findings on a path.
    pub fn new(sources: Sources<'_>) -> Self {
        let Sources { path, findings, clocks, damping, .. } = sources;
        match &path.kind {
            Kind::Kms(kms) => Self::Kms(kms::Layout::new(sources.of_kms(kms))),
            Kind::Online(online) => Self::Online(online::Layout::new(online, findings, clocks, damping)),
        }
    }

    /// Lays out what a job found in place of `replaced`, and that leads to the same targets. `None` where it does not,
    /// and everything is to be laid out again.
    pub fn update(&mut self, job: &Job, replaced: &Replaced, sources: Sources<'_>) -> Option<Change> {
        let Sources { path, findings, clocks, damping, .. } = sources;
        match (self, &path.kind) {
            (Self::Kms(layout), Kind::Kms(kms)) => layout.update(job, replaced, sources.of_kms(kms)),
            (Self::Online(layout), Kind::Online(_)) => layout.update(job, findings, clocks, damping),
            _ => None,
        }
    }

    /// The walk as it is now.
    pub fn walk(&self) -> Walk {
        match self {
            Self::Kms(layout) => Walk::Kms(layout.walk().clone()),
            Self::Online(layout) => Walk::Online(layout.walk().clone()),
        }
    }
}

impl Walk {
    /// A walk on which nothing was observed yet.
    pub fn empty(kind: &Kind) -> Self {
        match kind {
            Kind::Kms(_) => Self::Kms(kms::Walk::default()),
            Kind::Online(_) => Self::Online(online::Walk::default()),
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

    /// This machine's clock, where true time is known.
    pub const fn own_clock(&self) -> Option<&OwnClock> {
        match self {
            Self::Kms(walk) => walk.own_clock.as_ref(),
            Self::Online(walk) => walk.own_clock.as_ref(),
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

impl Walked<'_> {
    /// The stage at which a client comes to a halt; `None` where it gets through.
    pub fn fails_at(&self) -> Option<Stage> {
        // What we got past for a login stops a client there.
        let failed = || self.stages.iter().find(|seen| !seen.is_ok()).map_or(Stage::Proxy, |seen| seen.stage);
        (!self.works).then(failed)
    }

    /// When it was seen to work; `None` where it does not.
    pub fn worked_at(&self) -> Option<SystemTime> {
        self.stages.iter().map(|seen| seen.observed_at).max().filter(|_| self.works)
    }
}

/// This machine's clock against true time.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnClock {
    /// How the two compare.
    pub comparison: Comparison,
    /// The time server whose word alone true time is.
    pub alone: Option<String>,
    /// A time server that contradicts the others in favour of this clock.
    pub supporter: Option<String>,
}

impl OwnClock {
    /// True where it is not off by so much that it is reported.
    pub fn is_right(&self) -> bool {
        self.comparison.state == ClockState::Right
    }

    /// What is known of it; `None` where true time is not known.
    fn new(clocks: &ClockReport) -> Option<Self> {
        let reference = clocks.reference.as_ref()?;
        let (alone, supporter) = (reference.alone().map(str::to_owned), reference.supporter.clone());
        Some(Self { comparison: reference.comparison, alone, supporter })
    }
}

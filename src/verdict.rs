//! The judgement of the observations of a path: data, without a sentence. A pure function: no I/O and no clock of its
//! own.
//!
//! Whoever shows a verdict has its words made by [`text`](crate::text).

mod grouping;
mod judgement;
pub mod kms;
mod machines;
mod online;
pub mod subject;

use crate::codes::Code;
use crate::fleet::{Runway, Symptoms};
use crate::observation::{Detail, Reason, Stage};
use crate::online::Target;
use crate::online::endpoint::Endpoint;
use crate::walk::Walk;
use crate::walk::kms::LeftOut;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use subject::Subject;

/// The status of a path. The order is that in which a status waits for rounds to confirm it: see `monitor::damping`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every target passes.
    Ok,
    /// A client still gets activated, but something is wrong.
    Degraded,
    /// No target works.
    Blocked,
    /// The path could not be measured, for a reason of this machine or this program.
    Unknown,
}

impl Status {
    /// The word for this status in JSON and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

/// The verdict on a path. What may be long in it is shared, so that a copy is cheap.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The status of the path.
    pub status: Status,
    /// The stage that is to blame; `None` when ok, and where nothing was measured yet.
    pub stage: Option<Stage>,
    /// Why; `None` when ok, and where nothing was measured yet.
    pub reason: Option<Reason>,
    /// The Windows error code clients show. `None` unless blocked, or where no source says.
    pub code: Option<Code>,
    /// The code in a client's event 12288, where it is another one.
    pub inner_code: Option<Code>,
    /// How much of the path works, or why that is unknown.
    pub coverage: Coverage,
    /// All that is wrong, what is blamed first; no more than twenty. Empty when ok or unknown.
    pub problems: Arc<[Problem]>,
    /// How many more problems there are.
    pub more: More,
    /// How many targets could not be measured from this machine, where the others decide.
    pub unmeasured: usize,
    /// The KMS hosts that serve, and whose clocks were asked for and not read.
    pub unread_clocks: Arc<[Arc<str>]>,
    /// The machines that depend on the path; `None` when ok, where there are none, and where they are not known.
    pub dependents: Option<Dependents>,
}

/// How much of a path works.
#[derive(Debug, Clone, PartialEq)]
pub enum Coverage {
    /// Of a path to KMS hosts.
    Kms {
        /// How many KMS hosts work, each address on its own.
        working: usize,
        /// How many of those that were measured should.
        expected: usize,
    },
    /// Of a path to online endpoints.
    Online {
        /// How many targets work: endpoints, each over each proxy.
        working: usize,
        measured: usize,
        /// The only endpoint; `None` where there are several.
        only: Option<Arc<Endpoint>>,
        endpoints: usize,
        /// The proxies, in the order of the configuration.
        proxies: Arc<[Arc<str>]>,
        /// What is lost to clients.
        loss: Loss,
    },
    Unknown(Cause),
}

/// What clients lose with the endpoints that they cannot reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Nothing that any of them needs for activation.
    None,
    /// Some of their paths to activation, and not the last.
    Redundancy,
    /// The activation of MAK and retail keys.
    MakAndRetailKeys,
    /// The activation of digital and subscription licenses.
    DigitalLicenses,
    /// Activation altogether.
    Activation,
    /// All that the path leads to, which is not activation.
    Rest,
}

/// Why the status of a path is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Nothing was measured yet.
    NotMeasured,
    /// This machine could not do its part at a stage.
    LocalError { stage: Stage, reason: Reason, detail: Detail },
    /// This program could not do what Windows can.
    Limit {
        stage: Stage,
        reason: Reason,
        /// Where.
        target: Arc<Target>,
    },
    /// Nothing that DNS leads to may be probed.
    LeftOut {
        /// The stage that leads there.
        stage: Stage,
        left_out: Arc<LeftOut>,
    },
    /// The part of this program failed that monitors the path.
    MonitorFailed {
        /// What happened, in a few words.
        detail: Arc<str>,
    },
}

/// One thing that is wrong with a path, or with machines on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub stage: Stage,
    pub reason: Reason,
    /// How many machines it is about; `None` for what is wrong with the path, which concerns all of them.
    pub machines: Option<u64>,
    /// The names of these machines, the worst first, up to ten.
    pub names: Arc<[Arc<str>]>,
    /// What it is about.
    pub subject: Subject,
    /// True where it blocks the path as well as what is blamed.
    pub contributes: bool,
}

/// Problems that are counted and not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct More {
    pub problems: usize,
}

/// The machines that depend on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependents {
    /// How many there are; at least one.
    pub machines: u64,
    /// How many of them have already lost activation.
    pub lost: u64,
    /// When the next of them loses it; `None` where that is not known.
    pub next_loss: Option<Timestamp>,
    pub next_machine: Option<Arc<str>>,
    /// How many of those that are not lost will be within 7 days.
    pub within_week: u64,
    /// The first of these; no more than three.
    pub soonest: Arc<[Arc<str>]>,
    /// When the first of these loses activation; `None` where there are none.
    pub first_within_week: Option<Timestamp>,
}

/// What is known of the machines on a path.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reported<'a> {
    /// How long they stay activated.
    pub runway: Option<&'a Runway>,
    /// What they report that no probe sees.
    pub symptoms: Option<&'a Symptoms>,
    /// The stages at which something passed again since that was gathered: what it says of machines that failed for
    /// them is from before.
    pub recovered: Option<&'a BTreeSet<Stage>>,
}

impl Verdict {
    /// The verdict on a path on which nothing was measured yet.
    pub fn not_measured() -> Self {
        Self::unknown(Cause::NotMeasured)
    }

    /// The verdict on a path whose monitor failed, which is a fault of this program. `detail` says in a few words what
    /// happened.
    pub fn monitor_failed(detail: &str) -> Self {
        Self::unknown(Cause::MonitorFailed { detail: detail.into() })
    }

    fn unknown(cause: Cause) -> Self {
        judgement::Judgement::unknown(cause).finish(None)
    }
}

/// Judges a walk along a path, with what the machines on it report.
pub fn judge(walk: &Walk, reported: Reported<'_>) -> Verdict {
    let mut judgement = match walk {
        Walk::Kms(walk) => kms::judge(walk),
        Walk::Online(walk) => online::judge(walk),
    };
    if let Some(symptoms) = reported.symptoms {
        machines::consider(&mut judgement, walk, symptoms, reported.recovered.unwrap_or(&BTreeSet::new()));
    }
    judgement.finish(reported.runway)
}

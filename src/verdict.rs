//! What the observations of a path add up to. A pure function: no I/O and no clock of its own.

mod judgement;
pub mod kms;
mod machines;
mod online;

use crate::codes::Code;
use crate::fleet::{Runway, Symptoms};
use crate::observation::{Reason, Stage};
use crate::walk::Walk;
use serde::Serialize;

/// How many problems, hosts or endpoints of one kind are told; the rest are counted.
const TOLD: usize = 3;

/// What helps a client that has a MAK or retail key and no way to Microsoft.
const BY_PHONE: &str = "Until then, a MAK or retail key can be activated by phone: `slui 4`, or without a desktop `slmgr \
                        /dti` and `slmgr /atp CONFIRMATION-ID`";

/// What helps many of them.
const BY_PROXY: &str = "Where machines have no way to the Internet, activate them by proxy with VAMT, from a machine that \
                        has one: select them, `Activate`, `Proxy activate`";

/// How a path stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every target passes.
    Ok,
    /// A client still gets activated, but something is wrong.
    Degraded,
    /// No target works.
    Blocked,
}

impl Status {
    /// The word for this status in JSON and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Blocked => "blocked",
        }
    }
}

/// The verdict on a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// How the path stands.
    #[serde(rename = "verdict")]
    pub status: Status,
    /// The stage that is to blame; `None` when ok.
    pub stage: Option<Stage>,
    /// Why; `None` when ok.
    pub reason: Option<Reason>,
    /// The Windows error code clients show. `None` unless blocked, or where no source tells.
    pub code: Option<Code>,
    /// The code in a client's event 12288, where it is another one.
    pub inner_code: Option<Code>,
    /// What is broken, who depends on it and what to do first, in one sentence.
    pub summary: String,
    /// What to do about what is blamed, first things first. Empty when ok.
    pub next_steps: Vec<String>,
    /// All that is wrong, what is blamed first; no more than twenty.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with a path, or with machines on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The stage it is at.
    pub stage: Stage,
    /// Why.
    pub reason: Reason,
    /// How many machines it is about; `None` for what is wrong with the way, which concerns all of them.
    pub machines: Option<u64>,
    /// What is wrong, as a clause that can stand in a sentence.
    pub summary: String,
    /// What to do about it, first things first.
    pub next_steps: Vec<String>,
}

/// What is known of the machines on a path.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reported<'a> {
    /// How long they stay activated.
    pub runway: Option<&'a Runway>,
    /// What they report that no probe sees.
    pub symptoms: Option<&'a Symptoms>,
    /// True where the way was mended since that was gathered: what it tells of failing machines is from before.
    pub is_outdated: bool,
}

/// Judges a walk along the path called `name`, with what the machines on it report.
pub fn judge(name: &str, walk: &Walk, reported: Reported<'_>) -> Verdict {
    let mut judgement = match walk {
        Walk::Kms(walk) => kms::judge(name, walk),
        Walk::Online(walk) => online::judge(name, walk),
    };
    if let Some(symptoms) = reported.symptoms {
        machines::consider(&mut judgement, walk, symptoms, reported.is_outdated);
    }
    judgement.finish(reported.runway)
}

//! What the observations of a path add up to. A pure function: no I/O and no clock of its own.

pub mod kms;
mod online;

use crate::codes::{Code, Prediction};
use crate::observation::{Reason, Stage};
use crate::walk::Walk;
use serde::Serialize;

/// How many problems, hosts or endpoints of one kind are told; the rest are counted.
const TOLD: usize = 3;

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
    /// What is broken, in one sentence.
    pub summary: String,
    /// What to do, first things first. Empty when ok.
    pub next_steps: Vec<String>,
}

impl Verdict {
    /// A verdict that blames a stage for a reason, if any, with what clients show for it.
    fn new(
        status: Status,
        blamed: Option<(Stage, Reason)>,
        prediction: Prediction,
        summary: String,
        next_steps: Vec<String>,
    ) -> Self {
        let (stage, reason) = blamed.unzip();
        let Prediction { code, inner_code } = prediction;
        Self { status, stage, reason, code, inner_code, summary, next_steps }
    }
}

/// Judges a walk along the path called `name`.
pub fn judge(name: &str, walk: &Walk) -> Verdict {
    match walk {
        Walk::Kms(walk) => kms::judge(name, walk),
        Walk::Online(walk) => online::judge(name, walk),
    }
}

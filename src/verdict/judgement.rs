//! A verdict in the making: first from the path alone, then from what machines on it report.

use super::{Cause, Coverage, Dependents, More, Problem, Status, Verdict};
use crate::codes::Prediction;
use crate::fleet::Runway;
use crate::observation::Reason;
use std::sync::Arc;

/// The most problems of a path that are listed.
pub(super) const MAX_PROBLEMS: usize = 20;

/// What is known so far.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) status: Status,
    pub(super) coverage: Coverage,
    /// What is wrong; the one that is blamed first. About [`MAX_PROBLEMS`] at the most.
    pub(super) problems: Vec<Problem>,
    pub(super) more: More,
    /// What clients show.
    pub(super) prediction: Prediction,
    /// How many targets could not be measured, where the others decide.
    pub(super) unmeasured: usize,
    /// The KMS hosts that serve, and whose clocks could not be read.
    pub(super) unread_clocks: Vec<Arc<str>>,
}

impl Judgement {
    /// A path that cannot be judged.
    pub(super) fn unknown(cause: Cause) -> Self {
        Self {
            status: Status::Unknown,
            coverage: Coverage::Unknown(cause),
            problems: Vec::new(),
            more: More::default(),
            prediction: Prediction::default(),
            unmeasured: 0,
            unread_clocks: Vec::new(),
        }
    }

    /// Adds what is wrong beside the path. A path that is blocked stays that, and the path is blamed first.
    pub(super) fn add(&mut self, problems: Vec<Problem>) {
        if !problems.is_empty() {
            self.status = self.status.max(Status::Degraded);
        }
        // Of many targets that fail alike the last are left out, and not what machines report.
        let room = MAX_PROBLEMS.saturating_sub(problems.len()).max(1).min(self.problems.len());
        let left_out = self.problems.split_off(room);
        self.more.problems += left_out.len();
        self.problems.extend(problems);
    }

    /// The verdict, with who depends on the path where something is wrong with it.
    pub(super) fn finish(self, runway: Option<&Runway>) -> Verdict {
        let Self { status, coverage, problems, more, prediction, unmeasured, unread_clocks } = self;
        let (stage, reason) = match (&coverage, problems.first()) {
            (Coverage::Unknown(Cause::LocalError { stage, reason, .. } | Cause::Limit { stage, reason, .. }), _) => {
                (Some(*stage), Some(*reason))
            }
            (Coverage::Unknown(Cause::LeftOut { stage, .. }), _) => (Some(*stage), Some(Reason::LeftOut)),
            (_, blamed) => blamed.map(|problem| (problem.stage, problem.reason)).unzip(),
        };
        Verdict {
            status,
            stage,
            reason,
            code: prediction.code,
            inner_code: prediction.inner_code,
            coverage,
            problems: problems.into(),
            more,
            unmeasured,
            unread_clocks: unread_clocks.into(),
            dependents: runway.filter(|_| status != Status::Ok).and_then(Dependents::new),
        }
    }
}

impl Dependents {
    /// Who they are; `None` where there are none.
    fn new(runway: &Runway) -> Option<Self> {
        let is_any_left = runway.lost < runway.machines;
        let [_, within_week, ..] = runway.expiring;
        let soonest = runway.soonest.iter().take(usize::try_from(within_week).unwrap_or(usize::MAX));
        (runway.machines > 0).then(|| Self {
            machines: runway.machines,
            lost: runway.lost,
            next_loss: runway.first_expiry.filter(|_| is_any_left),
            next_machine: runway.first_machine.as_deref().filter(|_| is_any_left).map(Into::into),
            within_week,
            soonest: soonest.map(|(_, machine)| machine.as_str().into()).collect(),
            first_within_week: runway.soonest.first().filter(|_| within_week > 0).map(|(moment, _)| *moment),
        })
    }
}

//! What the observations of a path add up to. A pure function: no I/O and no clock of its own.

pub mod kms;
mod online;

use crate::codes::{Code, Prediction};
use crate::observation::{Reason, Stage};
use crate::status::fleet::Runway;
use crate::walk::Walk;
use crate::words::day_of;
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

impl Verdict {
    /// The same, with who depends on the path where something is wrong with it.
    #[must_use]
    pub fn concerning(mut self, runway: Option<&Runway>) -> Self {
        let Some(runway) = runway.filter(|runway| runway.machines > 0 && self.status != Status::Ok) else {
            return self;
        };
        let sentence = self.summary.strip_suffix('.').unwrap_or(&self.summary);
        self.summary = format!("{sentence}; {}.", dependents(runway));
        self
    }
}

/// Who depends on a path, and when the first of them falls, as a clause.
fn dependents(runway: &Runway) -> String {
    let depend = match runway.machines {
        1 => "1 machine depends on it".to_owned(),
        machines => format!("{machines} machines depend on it"),
    };
    let lost = match runway.lost {
        0 => String::new(),
        lost if lost == runway.machines => return format!("{depend} and lost activation already"),
        lost => format!(", of which {lost} lost activation already"),
    };
    let Some(first) = runway.first_expiry else { return depend + &lost };
    let day = day_of(first);
    let next = if lost.is_empty() { "first" } else { "next" };
    let machine = runway.first_machine.as_ref().map(|machine| format!(", {machine},")).unwrap_or_default();
    format!("{depend}{lost}; the {next}{machine} loses activation on {day}")
}

/// Judges a walk along the path called `name`.
pub fn judge(name: &str, walk: &Walk) -> Verdict {
    match walk {
        Walk::Kms(walk) => kms::judge(name, walk),
        Walk::Online(walk) => online::judge(name, walk),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(status: Status, runway: &Runway) -> String {
        let verdict = Verdict::new(status, None, Prediction::default(), "It is blocked.".into(), Vec::new());
        verdict.concerning(Some(runway)).summary
    }

    fn runway(machines: u64, lost: u64, first: Option<&str>) -> Runway {
        Runway {
            machines,
            lost,
            first_expiry: first.map(|moment| moment.parse().unwrap()),
            first_machine: first.map(|_| "ws0417".to_owned()),
            ..Runway::default()
        }
    }

    #[test]
    fn who_depends_on_a_path_is_told_with_what_is_wrong_with_it() {
        let first = Some("2026-12-03T04:10:00Z");
        let expected = [
            (runway(412, 0, first), "412 machines depend on it; the first, ws0417, loses activation on 2026-12-03"),
            (runway(1, 0, None), "1 machine depends on it"),
            (
                runway(9, 2, first),
                "9 machines depend on it, of which 2 lost activation already; the next, ws0417, loses activation on \
                 2026-12-03",
            ),
            (runway(2, 2, None), "2 machines depend on it and lost activation already"),
        ];
        for (runway, clause) in expected {
            assert_eq!(summary(Status::Blocked, &runway), format!("It is blocked; {clause}."));
        }
        assert_eq!(summary(Status::Blocked, &runway(0, 0, None)), "It is blocked.");
        assert_eq!(summary(Status::Ok, &runway(5, 0, first)), "It is blocked.");
    }
}

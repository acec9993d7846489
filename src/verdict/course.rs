//! How the verdict on a path goes on after a restart: what is shown, what could take its place, and what failed lately.
//! It is kept as JSON, of which an older program leaves out what it does not know.

use super::past::{Numbered, PastVerdict};
use crate::fleet::Outage;
use crate::observation::Stage;
use crate::words::millis;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most targets that fail of which it is kept since when: of more, their recovery is not seen across a restart.
pub const MAX_LASTING: usize = 256;

/// How the verdict on a path goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// What the path leads to, in words: with another by the same name nothing compares.
    #[serde(default)]
    pub kind: String,
    /// What is shown; `at` is when its status began.
    pub shown: PastVerdict,
    /// How long ago it worsened to that status, as a moment; `None` where it did not.
    #[serde(default)]
    pub worsened_at: Option<Moment>,
    /// True where machines report what is blamed, and no probe sees it.
    #[serde(default)]
    pub is_of_machines: bool,
    /// The rounds in a row that ended with each worse status.
    #[serde(default)]
    pub failing: Vec<FailingRounds>,
    /// What passes again, the last at the end.
    #[serde(default)]
    pub outages: Vec<Outage>,
    /// What fails.
    #[serde(default)]
    pub lasting: Vec<Lasting>,
}

/// Rounds in a row that ended with a status, or a worse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingRounds {
    /// The newest verdict of just that status; `at` is since when they fail.
    pub verdict: PastVerdict,
    pub rounds: u32,
}

/// A target that fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lasting {
    pub target: String,
    pub address: Option<String>,
    /// When it was seen to pass last.
    pub began_at: Moment,
    /// The stages at which it failed since.
    pub stages: BTreeSet<Stage>,
}

/// A moment, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(#[serde(with = "millis")] pub Timestamp);

/// What a store kept of the paths of one instance.
#[derive(Debug, Default)]
pub struct KeptPast {
    /// When it was last written; `None` where it never was.
    pub seen_at: Option<Timestamp>,
    /// In the order of their paths and numbers.
    pub verdicts: Vec<Numbered>,
    pub courses: Vec<(Arc<str>, Course)>,
}

impl Course {
    /// As it is kept.
    ///
    /// # Errors
    /// Never for what is in it; the library checks that.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// What was kept.
    ///
    /// # Errors
    /// Where another program wrote what this one does not understand.
    pub fn from_json(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::Code;
    use crate::observation::Reason;
    use crate::verdict::Status;

    #[test]
    fn what_is_kept_is_read_as_it_was_also_by_programs_that_know_less_or_more() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let shown = PastVerdict {
            at: at(10),
            status: Status::Blocked,
            stage: Some(Stage::Tcp),
            reason: Some(Reason::Refused),
            code: Some(Code(0xC004_F074)),
        };
        let course = Course {
            kind: "the KMS hosts of corp.example".to_owned(),
            shown,
            worsened_at: Some(Moment(at(11))),
            is_of_machines: false,
            failing: vec![FailingRounds { verdict: PastVerdict { status: Status::Unknown, ..shown }, rounds: 3 }],
            outages: vec![Outage { began_at: at(1), ended_at: at(2), stages: [Stage::Srv].into() }],
            lasting: vec![Lasting {
                target: "kms1:1688".to_owned(),
                address: None,
                began_at: Moment(at(3)),
                stages: [Stage::Tcp].into(),
            }],
        };
        let text = course.to_json().unwrap();
        assert_eq!(Course::from_json(&text).unwrap(), course);
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value["of_the_future"] = 1.into();
        assert_eq!(Course::from_json(&value.to_string()).unwrap(), course);
        let least = r#"{"shown": {"at": 10000, "status": "ok", "stage": null, "reason": null, "code": null}}"#;
        assert_eq!(Course::from_json(least).unwrap().shown.status, Status::Ok);
        for text in ["", "{}", r#"{"shown": {"at": 1, "status": "odd", "stage": null, "reason": null, "code": null}}"#]
        {
            assert!(Course::from_json(text).is_err(), "{text}");
        }
    }
}

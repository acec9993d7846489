//! Explanations as JSON: what `explain --output json` prints, and `/api/v1/explain` answers for one.

use super::StageJson;
use super::seen::{Seen, seen};
use crate::codes::Code;
use crate::knowledge::facts::{Confidence, Subject};
use crate::knowledge::{Answer, Language};
use crate::observation::{Reason, Stage};
use crate::state::Snapshot;
use crate::verdict::Status;
use serde::Serialize;

/// What there is to say of several codes.
#[derive(Debug, Serialize)]
pub struct ExplainReport<'a> {
    codes: Vec<AnswerJson<'a>>,
}

/// What there is to say of one code.
#[derive(Debug, Serialize)]
pub struct AnswerJson<'a> {
    /// Null where what was given is no code; then everything else is null or empty as well.
    code: Option<Code>,
    symbol: Option<&'a str>,
    stage: Option<Stage>,
    subject: Option<Subject>,
    meaning: Option<&'a str>,
    causes: Vec<&'a str>,
    steps: Vec<&'a str>,
    confidence: Option<Confidence>,
    /// The language of the texts.
    language: Option<Language>,
    given: &'a str,
    /// How the code was read, where that is not how it was written.
    note: Option<&'a str>,
    did_you_mean: &'a [Code],
    /// What the probes see of it; left out where nothing was probed.
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<Vec<PathJson<'a>>>,
}

#[derive(Debug, Serialize)]
struct PathJson<'a> {
    name: &'a str,
    kind: &'static str,
    verdict: Status,
    stage: Option<Stage>,
    reason: Option<Reason>,
    code: Option<Code>,
    inner_code: Option<Code>,
    targets: Vec<TargetJson<'a>>,
}

/// A target, with the stages that bear on the code.
#[derive(Debug, Serialize)]
struct TargetJson<'a> {
    target: String,
    address: Option<String>,
    stages: Vec<StageJson<'a>>,
}

impl<'a> ExplainReport<'a> {
    /// The report of answers, in the language that was asked for, with what is seen where something was probed.
    pub fn new(answers: &'a [Answer], language: Language, snapshot: Option<&'a Snapshot>) -> Self {
        Self { codes: answers.iter().map(|answer| AnswerJson::new(answer, language, snapshot)).collect() }
    }
}

impl<'a> AnswerJson<'a> {
    /// One answer.
    pub fn new(answer: &'a Answer, language: Language, snapshot: Option<&'a Snapshot>) -> Self {
        let explanation = answer.explanation.as_ref();
        let paths = snapshot
            .zip(explanation)
            .map(|(snapshot, explanation)| seen(explanation, snapshot).into_iter().map(PathJson::new).collect());
        Self {
            code: explanation.map(|known| known.code),
            symbol: explanation.and_then(|known| known.symbol),
            stage: explanation.and_then(|known| known.stage),
            subject: explanation.and_then(|known| known.subject),
            meaning: explanation.map(|known| &*known.meaning),
            causes: explanation.map(|known| known.causes.iter().map(|cause| &**cause).collect()).unwrap_or_default(),
            steps: explanation.map(|known| known.steps.iter().map(|step| &**step).collect()).unwrap_or_default(),
            confidence: explanation.map(|known| known.confidence),
            language: explanation.map(|known| known.language),
            given: &answer.given,
            note: language.texts().phrases.reading(answer.reading),
            did_you_mean: &answer.did_you_mean,
            paths,
        }
    }
}

impl<'a> PathJson<'a> {
    fn new(seen: Seen<'a>) -> Self {
        let Seen { path, targets } = seen;
        let verdict = &path.verdict;
        let targets = targets.into_iter().map(|(target, observed)| TargetJson {
            target: target.target,
            address: target.address,
            stages: observed.into_iter().map(StageJson::new).collect(),
        });
        Self {
            name: &path.name,
            kind: path.walk.kind(),
            verdict: verdict.status,
            stage: verdict.stage,
            reason: verdict.reason,
            code: verdict.code,
            inner_code: verdict.inner_code,
            targets: targets.collect(),
        }
    }
}

//! Explanations as JSON: what `explain --output json` prints, and `/api/v1/explain` answers for one.

use super::seen::{Seen, seen};
use super::stages::StageJson;
use crate::codes::Code;
use crate::fleet::{MachinePage, MachineQuery, Moment};
use crate::knowledge::events::{EventExplanation, Field};
use crate::knowledge::facts::{Confidence, Subject};
use crate::knowledge::{Answer, Explanation, Language};
use crate::observation::Stage;
use crate::state::Snapshot;
use crate::text::Words;
use crate::verdict::Status;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How many machines that report a code are named.
const NAMED: u64 = 10;

/// What is known beside the meaning of codes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// What the probes see; `None` where nothing was probed.
    pub snapshot: Option<&'a Snapshot>,
    /// The machines that report each code; `None` where no store was read.
    pub reporters: Option<&'a BTreeMap<Code, Reporters>>,
    /// What the probes of a daemon see of each code; `None` where none was asked.
    pub asked: Option<&'a BTreeMap<Code, Vec<PathJson<'static>>>>,
}

impl<'a> Beside<'a> {
    /// What the probes see of a code; `None` where nothing was probed.
    pub fn seen(self, explanation: &Explanation, words: Words) -> Option<Cow<'a, [PathJson<'a>]>> {
        let asked = self.asked.and_then(|asked| asked.get(&explanation.code));
        match (asked, self.snapshot) {
            (Some(paths), _) => Some(Cow::Borrowed(paths)),
            (None, Some(snapshot)) => {
                Some(seen(explanation, snapshot).into_iter().map(|seen| PathJson::new(seen, words)).collect())
            }
            (None, None) => None,
        }
    }
}

/// The machines that report a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporters {
    pub machines: u64,
    /// Their names, those that are lost or end first at the beginning; ten at the most.
    pub names: Vec<String>,
}

impl Reporters {
    /// What to ask the fleet for.
    pub fn query(code: Code, moment: Moment) -> MachineQuery {
        MachineQuery { reported_code: Some(code), limit: NAMED, ..MachineQuery::new(moment) }
    }

    /// The fleet's answer.
    pub fn new(page: &MachinePage) -> Self {
        let names = page.machines.iter().map(|machine| machine.machine.name.to_string());
        Self { machines: page.total, names: names.collect() }
    }
}

/// What there is to say of several codes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExplainReport<'a> {
    codes: Vec<AnswerJson<'a>>,
}

/// What there is to say of one code.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnswerJson<'a> {
    /// Null where what was given is no code. Where it is no event either, everything else is null or empty as well.
    code: Option<Code>,
    /// Null where it is no event.
    event: Option<EventJson<'a>>,
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
    /// Other codes that it stands for as well.
    candidates: &'a [Code],
    did_you_mean: &'a [Code],
    /// How many machines report it, and the names of up to ten of them; left out where no store was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    machines: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_names: Option<&'a [String]>,
    /// What the probes see of it; left out where nothing was probed.
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<Cow<'a, [PathJson<'a>]>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct EventJson<'a> {
    id: u16,
    provider: &'a str,
    log: &'a str,
    /// Empty where they are not documented.
    fields: Vec<FieldJson<'a>>,
}

/// A field, with its value where that was given.
#[derive(Debug, Serialize, JsonSchema)]
struct FieldJson<'a> {
    name: &'a str,
    meaning: &'a str,
    value: Option<&'a str>,
}

/// A path on which a code could come up.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ExplainedPath")]
pub struct PathJson<'a> {
    pub name: Cow<'a, str>,
    kind: Cow<'a, str>,
    pub verdict: Status,
    /// What is to blame.
    pub stage: Option<Cow<'a, str>>,
    pub reason: Option<Cow<'a, str>>,
    code: Option<Code>,
    inner_code: Option<Code>,
    /// Its targets that came as far as the stages that bear on the code.
    pub targets: Vec<TargetJson<'a>>,
}

/// A target, with the stages that bear on the code.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ExplainedTarget")]
pub struct TargetJson<'a> {
    /// Its name.
    pub target: String,
    /// The address that was asked.
    pub address: Option<String>,
    pub stages: Vec<StageJson<'a>>,
}

/// What a daemon answers of a code that is beyond what every program knows.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// Left out where no store was read.
    pub machines: Option<u64>,
    /// Up to ten.
    #[serde(default)]
    pub machine_names: Vec<String>,
    /// What the probes see of it.
    #[serde(default)]
    pub paths: Vec<PathJson<'static>>,
}

impl<'a> ExplainReport<'a> {
    /// The report of answers, in the language that was asked for, with what else is known.
    pub fn new(answers: &'a [Answer], language: Language, beside: Beside<'a>) -> Self {
        Self { codes: answers.iter().map(|answer| AnswerJson::new(answer, language, beside)).collect() }
    }
}

impl<'a> AnswerJson<'a> {
    pub fn new(answer: &'a Answer, language: Language, beside: Beside<'a>) -> Self {
        let (explanation, event) = (answer.explanation.as_ref(), answer.event.as_ref());
        let paths = explanation.and_then(|explanation| beside.seen(explanation, language.into()));
        let reporters = beside.reporters.zip(explanation).and_then(|(known, code)| known.get(&code.code));
        let steps: Vec<&str> = match (explanation, event) {
            (Some(code), _) => code.steps.iter().map(|step| &**step).collect(),
            (None, Some(event)) => event.steps.iter().map(String::as_str).collect(),
            (None, None) => Vec::new(),
        };
        Self {
            code: explanation.map(|known| known.code),
            event: event.map(EventJson::new),
            symbol: explanation.and_then(|known| known.symbol),
            stage: explanation.and_then(|known| known.stage),
            subject: explanation.and_then(|known| known.subject),
            meaning: explanation.map(|known| &*known.meaning).or_else(|| event.map(|event| event.meaning)),
            causes: explanation.map(|known| known.causes.iter().map(|cause| &**cause).collect()).unwrap_or_default(),
            steps,
            confidence: explanation.map(|known| known.confidence).or_else(|| event.map(|known| known.event.confidence)),
            language: explanation.map(|known| known.language).or_else(|| event.map(|event| event.language)),
            given: &answer.given,
            note: language.texts().phrases.reading(answer.reading),
            candidates: &answer.candidates,
            did_you_mean: &answer.did_you_mean,
            machines: reporters.map(|reporters| reporters.machines),
            machine_names: reporters.map(|reporters| reporters.names.as_slice()),
            paths,
        }
    }
}

impl<'a> EventJson<'a> {
    fn new(known: &'a EventExplanation) -> Self {
        let field =
            |field: &'a Field| FieldJson { name: field.name, meaning: field.meaning, value: field.value.as_deref() };
        let event = known.event;
        let fields = known.fields.iter().map(field).collect();
        Self { id: event.id, provider: &event.provider, log: &event.log, fields }
    }
}

impl<'a> PathJson<'a> {
    fn new(seen: Seen<'a>, words: Words) -> Self {
        let Seen { path, targets } = seen;
        let verdict = &path.verdict;
        let targets = targets.into_iter().map(|(target, observed)| TargetJson {
            target: target.target,
            address: target.address,
            stages: observed.into_iter().map(|seen| StageJson::new(seen, words)).collect(),
        });
        Self {
            name: (&*path.name).into(),
            kind: path.walk.kind().into(),
            verdict: verdict.status,
            stage: verdict.stage.map(|stage| stage.as_str().into()),
            reason: verdict.reason.map(|reason| reason.as_str().into()),
            code: verdict.code,
            inner_code: verdict.inner_code,
            targets: targets.collect(),
        }
    }
}

//! Paths and clocks as JSON: what `check --output json` prints and `/api/v1/paths` answers. It can be read back, so
//! that a report for a person is made of the same facts, whether they were measured here or asked of a daemon.

pub mod cells;
pub mod change_words;
pub mod changes;
pub mod clock;
pub mod discovery;
pub mod expected;
pub mod explain;
pub mod history;
pub mod kms_hosts;
pub mod licenses;
pub mod machine;
pub mod machines;
pub mod mark;
pub mod online;
pub mod order;
pub mod rfc3339;
pub mod seen;
pub mod sheet;
pub mod stages;

use crate::codes::Code;
use crate::state::{PathReport, Pending, Snapshot};
use crate::text::{self, Words};
use crate::verdict::subject::Subject;
use crate::verdict::{Problem, Status, Verdict};
use crate::walk::Walk;
use clock::ClockJson;
use machines::RunwayJson;
use mark::timestamp;
use online::{MatrixJson, OnlineJson};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stages::TargetJson;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All paths, and the clock.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Report<'a> {
    /// The paths, in the order of the configuration.
    pub paths: Vec<PathJson<'a>>,
    pub clock: ClockJson<'a>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PathJson<'a> {
    pub name: Cow<'a, str>,
    kind: Cow<'a, str>,
    /// What it adds up to.
    #[serde(flatten)]
    pub verdict: VerdictJson<'a>,
    /// When the status of the verdict began.
    since: String,
    /// How long the verdict stays at the least; null unless a better one waits.
    held_until: Option<String>,
    /// A worse verdict that waits; null where there is none.
    pending: Option<PendingJson<'a>>,
    /// How many machines depend on the path; null where that is not known.
    machines: Option<u64>,
    first_expiry: Option<String>,
    /// The machines that depend on the path, counted; null where they are not known.
    #[serde(default)]
    pub runway: Option<RunwayJson<'a>>,
    /// What was seen, target by target.
    pub targets: Vec<TargetJson<'a>>,
    /// On online paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<MatrixJson<'a>>,
}

/// A verdict, with its words.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct VerdictJson<'a> {
    #[serde(rename = "verdict")]
    pub status: Status,
    /// What is to blame, and why.
    pub stage: Option<Cow<'a, str>>,
    pub reason: Option<Cow<'a, str>>,
    code: Option<Code>,
    inner_code: Option<Code>,
    /// What is broken.
    pub summary: String,
    /// Whom that hurts and when; null where nobody is known to depend on the path.
    pub impact: Option<String>,
    /// The codes in words; null where no code is known.
    pub clients_show: Option<String>,
    /// How many targets could not be measured from this machine, in words; null where all could.
    #[serde(default)]
    pub unmeasured: Option<String>,
    /// What to do first.
    pub next_steps: Vec<String>,
    /// All that is wrong, what is blamed first.
    pub problems: Vec<ProblemJson<'a>>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProblemJson<'a> {
    pub stage: Cow<'a, str>,
    pub reason: Cow<'a, str>,
    /// Null for what is wrong with the path, which concerns all of them.
    pub machines: Option<u64>,
    /// The worst of these, up to ten.
    pub machine_names: Cow<'a, [Arc<str>]>,
    /// What it is about, as facts under one key that names its kind.
    #[serde(skip_deserializing)]
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    subject: Option<&'a Subject>,
    /// How much of what the subject lists is left out; left out itself where nothing is.
    #[serde(default, skip_serializing_if = "is_nothing")]
    subject_left_out: usize,
    /// True where the path may stay blocked for it once what is blamed is fixed.
    #[serde(default)]
    pub contributes: bool,
    /// What is wrong, as a clause.
    pub summary: String,
    /// The place of an earlier problem whose sentence and steps are about this one too; left out where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_with: Option<usize>,
    /// The same of all that fail in the same way; left out where there are no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<String>,
    /// What to do about it.
    pub next_steps: Vec<String>,
}

/// A worse verdict than the one that is shown.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct PendingJson<'a> {
    verdict: Status,
    stage: Option<Cow<'a, str>>,
    reason: Option<Cow<'a, str>>,
    failing_rounds: u32,
    of: u32,
    since: String,
}

impl<'a> Report<'a> {
    /// The report of what is known, with sentences in these words.
    pub fn new(snapshot: &'a Snapshot, words: Words) -> Self {
        let paths = snapshot.paths.iter().map(|path| PathJson::new(path, words));
        Self { paths: paths.collect(), clock: ClockJson::new(&snapshot.clocks, words) }
    }
}

impl<'a> PathJson<'a> {
    /// One path, with sentences in these words.
    pub fn new(path: &'a PathReport, words: Words) -> Self {
        let runway = path.runway.as_ref();
        Self {
            name: (&*path.name).into(),
            kind: path.walk.kind().into(),
            verdict: VerdictJson::new(&path.name, &path.verdict, words),
            since: timestamp(path.since),
            held_until: path.held_until.map(timestamp),
            pending: path.pending.as_ref().map(PendingJson::new),
            machines: runway.map(|runway| runway.machines),
            first_expiry: runway.and_then(|runway| runway.first_expiry).map(|first| first.to_string()),
            runway: runway.map(RunwayJson::new),
            targets: match &path.walk {
                Walk::Kms(walk) => stages::of_kms(walk, words),
                Walk::Online(walk) => {
                    let of = |target| stages::of_online(target, OnlineJson::new(target), words);
                    walk.targets.iter().map(of).collect()
                }
            },
            matrix: match &path.walk {
                Walk::Kms(_) => None,
                Walk::Online(walk) => Some(MatrixJson::new(walk.matrix())),
            },
        }
    }
}

impl<'a> VerdictJson<'a> {
    fn new(path: &str, verdict: &'a Verdict, words: Words) -> Self {
        Self {
            status: verdict.status,
            stage: verdict.stage.map(|stage| stage.as_str().into()),
            reason: verdict.reason.map(|reason| reason.as_str().into()),
            code: verdict.code,
            inner_code: verdict.inner_code,
            summary: text::summary(words, path, verdict),
            impact: text::impact(words, path, verdict),
            clients_show: text::client_codes(words, verdict),
            unmeasured: text::unmeasured(words, verdict),
            next_steps: text::first_steps(words, verdict),
            problems: verdict.problems.iter().map(|problem| ProblemJson::new(problem, verdict, words)).collect(),
        }
    }
}

impl<'a> ProblemJson<'a> {
    fn new(problem: &'a Problem, verdict: &Verdict, words: Words) -> Self {
        let summary = text::clause(words, problem, verdict);
        let together = text::together(words, problem, verdict);
        Self {
            stage: problem.stage.as_str().into(),
            reason: problem.reason.as_str().into(),
            machines: problem.machines,
            machine_names: Cow::Borrowed(&problem.names),
            subject: Some(&problem.subject),
            subject_left_out: problem.subject.unlisted(),
            contributes: problem.contributes,
            said_with: verdict
                .problems
                .iter()
                .take_while(|other| !std::ptr::eq(*other, problem))
                .position(|other| text::are_alike(other, problem)),
            together: Some(together).filter(|together| *together != summary),
            summary,
            next_steps: text::next_steps(words, problem, verdict),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_nothing(count: &usize) -> bool {
    *count == 0
}

impl PendingJson<'_> {
    fn new(pending: &Pending) -> Self {
        let Pending { status, stage, reason, failing_rounds, of, since } = *pending;
        Self {
            verdict: status,
            stage: stage.map(|stage| stage.as_str().into()),
            reason: reason.map(|reason| reason.as_str().into()),
            failing_rounds,
            of,
            since: timestamp(since),
        }
    }
}

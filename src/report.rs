//! Paths and clock as JSON: what `check --output json` prints and `/api/v1/paths` answers.

use crate::clock_report::{ClockReport, ClockSource};
use crate::observation::{Observation, Reason, Stage};
use crate::state::PathReport;
use crate::verdict::Verdict;
use crate::walk::Target;
use serde::Serialize;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

/// All paths, and the clock.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    paths: Vec<PathJson<'a>>,
    clock: ClockJson<'a>,
}

#[derive(Debug, Serialize)]
struct PathJson<'a> {
    name: &'a str,
    kind: &'static str,
    #[serde(flatten)]
    verdict: &'a Verdict,
    /// How many machines depend on the path. Nothing reports machines yet, so this is not known.
    machines: Option<u64>,
    first_expiry: Option<String>,
    targets: Vec<TargetJson<'a>>,
}

#[derive(Debug, Serialize)]
struct TargetJson<'a> {
    target: &'a str,
    address: Option<String>,
    stages: Vec<StageJson<'a>>,
}

#[derive(Debug, Serialize)]
struct StageJson<'a> {
    stage: Stage,
    ok: bool,
    reason: Option<Reason>,
    duration_seconds: f64,
    detail: &'a str,
    observed_at: String,
}

#[derive(Debug, Serialize)]
struct ClockJson<'a> {
    /// What there is to say of this machine's clock, in a sentence.
    summary: String,
    reference_offset_seconds: Option<f64>,
    error_seconds: Option<f64>,
    sources: Vec<SourceJson<'a>>,
}

#[derive(Debug, Serialize)]
struct SourceJson<'a> {
    source: &'a str,
    address: Option<IpAddr>,
    kind: Option<&'static str>,
    ok: bool,
    reason: Option<Reason>,
    offset_seconds: Option<f64>,
    error_seconds: Option<f64>,
    detail: &'a str,
    observed_at: String,
}

impl<'a> Report<'a> {
    /// The report of what is known.
    pub fn new(paths: &'a [Arc<PathReport>], clock: &'a ClockReport) -> Self {
        Self { paths: paths.iter().map(|path| PathJson::new(path)).collect(), clock: ClockJson::new(clock) }
    }
}

impl<'a> PathJson<'a> {
    fn new(path: &'a PathReport) -> Self {
        Self {
            name: &path.name,
            kind: "kms",
            verdict: &path.verdict,
            machines: None,
            first_expiry: None,
            targets: path.walk.targets.iter().map(TargetJson::new).collect(),
        }
    }
}

impl<'a> TargetJson<'a> {
    fn new(target: &'a Target) -> Self {
        Self {
            target: &target.target,
            address: target.shown_address(),
            stages: target.stages.iter().map(StageJson::new).collect(),
        }
    }
}

impl<'a> StageJson<'a> {
    fn new(observation: &'a Observation) -> Self {
        Self {
            stage: observation.stage,
            ok: observation.is_ok(),
            reason: observation.reason,
            duration_seconds: observation.duration.as_secs_f64(),
            detail: &observation.detail,
            observed_at: timestamp(observation.observed_at),
        }
    }
}

impl<'a> ClockJson<'a> {
    fn new(clocks: &'a ClockReport) -> Self {
        let offset = clocks.reference.as_ref().map(|reference| reference.offset);
        Self {
            summary: clocks.summary(),
            reference_offset_seconds: offset.map(|offset| offset.seconds),
            error_seconds: offset.map(|offset| offset.bound),
            sources: clocks.all().map(SourceJson::new).collect(),
        }
    }
}

impl<'a> SourceJson<'a> {
    fn new(clock: &'a ClockSource) -> Self {
        Self {
            source: &clock.source,
            address: clock.address,
            kind: clock.kind,
            ok: clock.observation.is_ok(),
            reason: clock.observation.reason,
            offset_seconds: clock.offset.map(|offset| offset.seconds),
            error_seconds: clock.offset.map(|offset| offset.bound),
            detail: &clock.observation.detail,
            observed_at: timestamp(clock.observation.observed_at),
        }
    }
}

/// A moment as RFC 3339 writes it, in UTC, to the millisecond.
fn timestamp(moment: SystemTime) -> String {
    humantime::format_rfc3339_millis(moment).to_string()
}

//! What was seen of each target, stage by stage, and how much each stage matters.

use super::mark::{Mark, timestamp};
use super::online::OnlineJson;
use crate::clock::comparison::ClockState;
use crate::observation::{Observation, Stage};
use crate::text::{self, Words};
use crate::verdict::kms::{is_excused_lookup, is_set_aside, served};
use crate::walk::kms::{self, Host};
use crate::walk::{Walked, online};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct TargetJson<'a> {
    /// Its name.
    pub target: String,
    /// The address that was asked; null where there was none.
    pub address: Option<String>,
    /// Whether a client gets through; left out for what it only asks on its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub works: Option<bool>,
    /// What was seen, in the order of a client's steps.
    pub stages: Vec<StageJson<'a>>,
    /// True for a KMS host whose clock nobody could read; left out otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_unread: bool,
    /// What there is to say of an endpoint beside that.
    #[serde(flatten)]
    pub online: Option<OnlineJson<'a>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StageJson<'a> {
    pub stage: Cow<'a, str>,
    ok: bool,
    /// How it is to be taken.
    #[serde(default)]
    pub mark: Mark,
    /// Why it failed; null where it passed.
    pub reason: Option<Cow<'a, str>>,
    /// How long it took.
    pub duration_seconds: f64,
    pub detail: Cow<'a, str>,
    observed_at: String,
}

impl<'a> StageJson<'a> {
    /// A stage that is taken for what it is.
    pub fn new(observation: &'a Observation, words: Words) -> Self {
        Self::marked(observation, words, if observation.is_ok() { Mark::Ok } else { Mark::Failed })
    }

    fn marked(observation: &'a Observation, words: Words, mark: Mark) -> Self {
        Self {
            stage: observation.stage.as_str().into(),
            ok: observation.is_ok(),
            mark,
            reason: observation.reason.map(|reason| reason.as_str().into()),
            duration_seconds: observation.duration.as_secs_f64(),
            detail: text::detail(words, &observation.detail).into(),
            observed_at: timestamp(observation.observed_at),
        }
    }
}

/// The targets of a walk to KMS hosts.
pub(super) fn of_kms(walk: &kms::Walk, words: Words) -> Vec<TargetJson<'_>> {
    let served = served(walk);
    let target = |target: &'_ kms::Target| -> (Option<bool>, Mark, Mark) {
        match target {
            kms::Target::Lookup(lookup) if is_excused_lookup(lookup, walk) => (None, Mark::Doubtful, Mark::Ok),
            kms::Target::Lookup(_) => (None, Mark::Failed, Mark::Ok),
            kms::Target::Host(host) => {
                let failed = if is_set_aside(host, walk, &served) { Mark::Doubtful } else { Mark::Failed };
                (Some(host.works()), failed, of_clock(host))
            }
        }
    };
    let shown = walk.targets.iter().map(|of| {
        let (passes, failed, clock) = target(of);
        let Walked { target, address, stages, .. } = of.walked();
        let stages = stages.iter().map(|seen| match (seen.is_ok(), seen.stage) {
            (false, _) => StageJson::marked(seen, words, failed),
            (true, Stage::Clock) => StageJson::marked(seen, words, clock),
            (true, _) => StageJson::new(seen, words),
        });
        let clock_unread = matches!(&**of, kms::Target::Host(host) if host.is_clock_unread);
        TargetJson { target, address, works: passes, stages: stages.collect(), clock_unread, online: None }
    });
    shown.collect()
}

/// How the clock of a host is to be taken that Windows tolerates.
fn of_clock(host: &Host) -> Mark {
    let has_drifted = host.clock.is_some_and(|comparison| comparison.state == ClockState::Drifted);
    if has_drifted { Mark::Doubtful } else { Mark::Ok }
}

/// A target of a walk to online endpoints.
pub(super) fn of_online<'a>(target: &'a online::Target, online: OnlineJson<'a>, words: Words) -> TargetJson<'a> {
    let stages = target.answer.stages.iter().map(|seen| {
        let is_doubtful = match seen.stage {
            Stage::Tls => target.ends_soon().is_some(),
            Stage::Proxy => target.proxy_ends_soon().is_some() || target.is_past_login(),
            _ => false,
        };
        if seen.is_ok() && is_doubtful {
            StageJson::marked(seen, words, Mark::Doubtful)
        } else {
            StageJson::new(seen, words)
        }
    });
    let stages = stages.collect();
    let Walked { target, address, works, .. } = target.walked();
    TargetJson { target, address, works: Some(works), stages, clock_unread: false, online: Some(online) }
}

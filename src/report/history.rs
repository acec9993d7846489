//! The verdicts that a path had: what `/api/v1/paths/NAME/history` answers.

use super::rfc3339::Rfc3339;
use crate::codes::Code;
use crate::verdict::Status;
use crate::verdict::past::{PastVerdict, PathHistory, Shares, Span};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

/// How many verdicts are listed at the most, and by default.
pub const MOST: usize = 1000;
pub const USUAL: usize = 100;

/// Since when they are listed by default.
pub const USUAL_SINCE: &str = "30d";

/// What a path was from a moment until another.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct HistoryReport<'a> {
    pub path: Cow<'a, str>,
    pub since: Rfc3339,
    /// Until when.
    pub as_of: Rfc3339,
    /// Since when the verdicts of the path are known; null where it was never judged.
    pub known_since: Option<Rfc3339>,
    /// How long it had each status.
    pub seconds: SharesJson,
    /// Its verdicts, the last first.
    pub verdicts: Vec<SpanJson<'a>>,
    /// True where there are older ones that are not listed.
    pub more: bool,
}

/// How long a path had each status, in seconds.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SharesJson {
    pub ok: f64,
    pub degraded: f64,
    pub blocked: f64,
    /// How long it could not be measured, or nobody looked.
    pub unknown: f64,
}

/// A verdict that a path had for a time.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SpanJson<'a> {
    /// When it became that, which may be before what was asked for.
    pub at: Rfc3339,
    /// Until when it was that; null where it still is.
    pub until: Option<Rfc3339>,
    pub verdict: Status,
    /// What was blamed.
    pub stage: Option<Cow<'a, str>>,
    pub reason: Option<Cow<'a, str>>,
    /// What clients showed.
    pub code: Option<Code>,
    pub duration_seconds: f64,
}

impl<'a> HistoryReport<'a> {
    /// What a path was since a moment, with so many verdicts at the most.
    pub fn new(path: &'a str, history: &PathHistory, since: Timestamp, now: Timestamp, most: usize) -> Self {
        let spans = history.spans(since, now);
        let known: Vec<(Span, PastVerdict)> =
            spans.iter().rev().filter_map(|span| Some((*span, span.verdict?))).collect();
        let listed = known.iter().take(most).enumerate().map(|(place, (span, verdict))| {
            let until = (place > 0).then_some(span.until);
            SpanJson::new(verdict, until, now)
        });
        Self {
            path: path.into(),
            since: Rfc3339(since),
            as_of: Rfc3339(now),
            known_since: history.known_since().map(Rfc3339),
            seconds: SharesJson::new(history.shares(since, now)),
            verdicts: listed.collect(),
            more: known.len() > most,
        }
    }
}

impl SpanJson<'_> {
    fn new(verdict: &PastVerdict, until: Option<Timestamp>, now: Timestamp) -> Self {
        let PastVerdict { at, status, stage, reason, code } = *verdict;
        let length = until.unwrap_or(now).duration_since(at);
        Self {
            at: Rfc3339(at),
            until: until.map(Rfc3339),
            verdict: status,
            stage: stage.map(|stage| stage.as_str().into()),
            reason: reason.map(|reason| reason.as_str().into()),
            code,
            duration_seconds: length.as_secs_f64().max(0.0),
        }
    }
}

impl SharesJson {
    fn new(shares: Shares) -> Self {
        let [ok, degraded, blocked, unknown] =
            [shares.ok, shares.degraded, shares.blocked, shares.unknown].map(|length: Duration| length.as_secs_f64());
        Self { ok, degraded, blocked, unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn report(since: i64, most: usize) -> serde_json::Value {
        let verdict = |second, status| PastVerdict { status, ..PastVerdict::unwatched(at(second)) };
        let verdicts = vec![verdict(10, Status::Ok), verdict(20, Status::Blocked), verdict(25, Status::Ok)];
        let history = PathHistory::new(verdicts);
        serde_json::to_value(HistoryReport::new("corp", &history, at(since), at(60), most)).unwrap()
    }

    fn listed(report: &serde_json::Value) -> Vec<(&str, f64, bool)> {
        let verdicts = report["verdicts"].as_array().unwrap().iter();
        verdicts
            .map(|listed| {
                let length = listed["duration_seconds"].as_f64().unwrap();
                (listed["verdict"].as_str().unwrap(), length, listed["until"].is_null())
            })
            .collect()
    }

    #[test]
    fn the_last_is_first_and_still_holds() {
        let all = report(0, 10);
        assert_eq!(listed(&all), [("ok", 35.0, true), ("blocked", 5.0, false), ("ok", 10.0, false)]);
        assert_eq!(all["seconds"], serde_json::json!({"ok": 45.0, "degraded": 0.0, "blocked": 5.0, "unknown": 10.0}));
        assert_eq!((&all["known_since"], &all["more"]), (&"1970-01-01T00:00:10Z".into(), &false.into()));
    }

    #[test]
    fn what_held_when_it_begins_is_listed_whole_and_counted_as_far_as_it_is_within() {
        let late = report(22, 10);
        assert_eq!(listed(&late), [("ok", 35.0, true), ("blocked", 5.0, false)]);
        assert_eq!(late["seconds"]["blocked"], 3.0);
        let few = report(0, 1);
        assert_eq!((listed(&few).len(), &few["more"]), (1, &true.into()));
    }
}

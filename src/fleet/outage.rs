//! When something on a path failed that passes again, and which of the failures that machines report that explains.
//! Pure.

use super::moment::Moment;
use crate::codes::{self, Code};
use crate::license::RETRY_INTERVAL;
use crate::observation::Stage;
use crate::words::millis;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long a client that fails takes to try again, in seconds. What it reports next is from after that.
const RETRY: i64 = RETRY_INTERVAL as i64 * 60;

/// A time in which something on a path failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Outage {
    /// When it was seen to pass last.
    #[serde(with = "millis")]
    pub began_at: Timestamp,
    /// When it passed again, or was gone.
    #[serde(with = "millis")]
    pub ended_at: Timestamp,
    /// The stages at which it failed.
    pub stages: BTreeSet<Stage>,
}

/// What the outages of a path explain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Excuses<'a> {
    pub(super) outages: &'a [Outage],
    /// True for a path to KMS hosts.
    pub(super) is_kms: bool,
}

impl Excuses<'_> {
    /// True for an attempt during an outage that ended with a code that this explains.
    pub(super) fn explain(&self, tried_at: Option<i64>, code: Code, moment: Moment) -> bool {
        let stages = if self.is_kms { codes::kms_stages(code) } else { codes::online_stages(code) };
        tried_at.is_some_and(|at| {
            self.counting(moment).any(|outage| {
                let is_within = (outage.began_at.as_second()..=outage.ended_at.as_second()).contains(&at);
                is_within && !outage.stages.is_disjoint(&stages)
            })
        })
    }

    /// True for a status without a code that was reported while an outage lasted, or before the client had time to try
    /// again, and is no older than that: it has been so `since` the outage at the earliest.
    pub(super) fn explain_status(&self, since: Option<i64>, reported_at: Option<i64>, moment: Moment) -> bool {
        reported_at.is_some_and(|reported_at| {
            self.counting(moment).any(|outage| {
                let (began_at, ended_at) = (outage.began_at.as_second(), outage.ended_at.as_second());
                let is_within = (began_at..=ended_at.saturating_add(RETRY)).contains(&reported_at);
                is_within && since.is_none_or(|since| since >= began_at.saturating_sub(RETRY))
            })
        })
    }

    /// True for what a machine saw of its own path before something on the path passed again.
    pub(super) fn explain_view(&self, seen_at: i64) -> bool {
        self.outages.iter().any(|outage| seen_at <= outage.ended_at.as_second())
    }

    /// Those that are not so long over that what was reported in them is stale. One that is still to come never was.
    fn counting(&self, moment: Moment) -> impl Iterator<Item = &Outage> {
        self.outages.iter().filter(move |outage| {
            let ended_at = outage.ended_at.as_second();
            ended_at > moment.stale_before() && !moment.is_to_come(ended_at)
        })
    }
}

//! What changed: what `changes --output json` prints and `/api/v1/changes` answers.

use super::rfc3339::Rfc3339;
use crate::catalogue::{Message, message};
use crate::codes::Code;
use crate::fleet::{MachinePage, MachineQuery, MachineSort, Moment};
use crate::license::{LicenseStatus, MachineName};
use crate::state::{PastVerdicts, VerdictChange};
use crate::store::{PastChange, Store, StoreError};
use crate::verdict::Status;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Reverse;

/// How many changes are listed at the most.
pub const MOST: u32 = 10_000;

/// Since when changes are listed by default.
pub const USUAL: &str = "1d";

/// What changed since a moment.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ChangesReport<'a> {
    pub since: Rfc3339,
    /// Until when.
    pub as_of: Rfc3339,
    /// The changes, the last first.
    pub changes: Vec<ChangeJson<'a>>,
    /// True where there are older ones that are not listed.
    pub more: bool,
    /// Since when verdicts are known; null where none are.
    pub verdicts_since: Option<Rfc3339>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChangeJson<'a> {
    /// The status of a license is another one.
    License {
        at: Rfc3339,
        machine: Cow<'a, str>,
        product: Option<Cow<'a, str>>,
        /// The number of its status before.
        from_status: Option<u8>,
        /// The number of its status since.
        to_status: Option<u8>,
        /// Why, as Windows puts it.
        reason_code: Option<Code>,
    },
    /// A machine has not reported for too long.
    Silent {
        /// Since when.
        at: Rfc3339,
        machine: Cow<'a, str>,
        /// When it reported last.
        reported_at: Rfc3339,
    },
    /// A machine reported for the first time.
    Appeared { at: Rfc3339, machine: Cow<'a, str> },
    /// A machine was forgotten, or has another name.
    Gone { at: Rfc3339, machine: Cow<'a, str> },
    /// The status of a path is another one.
    Verdict {
        /// Since when.
        at: Rfc3339,
        path: Cow<'a, str>,
        /// Whose path it is; left out where there is one instance alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<Cow<'a, str>>,
        /// The status before; null where none was seen before.
        from_verdict: Option<Status>,
        verdict: Status,
        /// What is to blame.
        stage: Option<Cow<'a, str>>,
        reason: Option<Cow<'a, str>>,
        /// What clients show.
        #[serde(default)]
        code: Option<Code>,
    },
}

impl ChangeJson<'_> {
    pub const fn at(&self) -> Rfc3339 {
        let (Self::License { at, .. }
        | Self::Silent { at, .. }
        | Self::Appeared { at, .. }
        | Self::Gone { at, .. }
        | Self::Verdict { at, .. }) = self;
        *at
    }
}

/// The moment that is meant by a span before now, such as `1d` or `12h`, or by a moment itself.
///
/// # Errors
/// A clause that says what is needed.
pub fn since(text: &str, now: Timestamp) -> Result<Timestamp, Message> {
    if let Ok(span) = humantime::parse_duration(text) {
        let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        return Ok(now.checked_sub(span).unwrap_or(Timestamp::MIN));
    }
    let day = || format!("{text}T00:00:00Z").parse();
    text.parse().or_else(|_: jiff::Error| day()).map_err(|_| message!("span-needed"))
}

/// The machines that may have fallen silent since a moment.
pub fn silent_query(moment: Moment, since: Timestamp) -> MachineQuery {
    let reported_since = since.checked_sub(moment.stale_after).ok();
    let sort = MachineSort::ReportedAt;
    MachineQuery { stale: Some(true), reported_since, sort, limit: u64::MAX, ..MachineQuery::new(moment) }
}

/// The machines that may have fallen silent, with when each reported last: all of a page that is needed here.
#[derive(Debug, Default)]
pub struct Silent(Vec<(MachineName, Timestamp)>);

impl From<MachinePage> for Silent {
    fn from(page: MachinePage) -> Self {
        let machines = page.machines.into_iter().map(|known| (known.machine.name, known.machine.reported_at));
        Self(machines.collect())
    }
}

/// What a store keeps of what changed.
#[derive(Debug, Default)]
pub struct Past {
    licenses: Vec<PastChange>,
    appeared: Vec<(Timestamp, MachineName)>,
    gone: Vec<(Timestamp, MachineName)>,
}

impl Past {
    /// Reads it.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn read(store: &Store, since: Timestamp) -> Result<Self, StoreError> {
        Ok(Self {
            licenses: store.past_changes(since, None, MOST).await?,
            appeared: store.appeared_since(since, MOST).await?,
            gone: store.gone_since(since, MOST).await?,
        })
    }
}

impl<'a> ChangesReport<'a> {
    /// What changed since a moment: what the store keeps, who went silent, and which verdicts there were; so much of it at
    /// the most.
    pub fn new(
        since: Timestamp,
        moment: Moment,
        past: &'a Past,
        silent: &'a Silent,
        verdicts: Option<&'a PastVerdicts>,
        most: usize,
    ) -> Self {
        let licenses = past.licenses.iter().map(of_license);
        let appeared = past.appeared.iter();
        let appeared =
            appeared.map(|(at, machine)| ChangeJson::Appeared { at: Rfc3339(*at), machine: machine.as_str().into() });
        let gone = past.gone.iter();
        let gone = gone.map(|(at, machine)| ChangeJson::Gone { at: Rfc3339(*at), machine: machine.as_str().into() });
        let silent = silent.0.iter().map(|(machine, reported_at)| {
            let at = reported_at.checked_add(moment.stale_after).unwrap_or(Timestamp::MAX);
            ChangeJson::Silent { at: Rfc3339(at), machine: machine.as_str().into(), reported_at: Rfc3339(*reported_at) }
        });
        let paths = verdicts.into_iter().flat_map(|verdicts| verdicts.changes(since)).map(|change| {
            let VerdictChange { instance, path, before, verdict } = change;
            ChangeJson::Verdict {
                at: Rfc3339(verdict.at),
                path: path.into(),
                instance: instance.map(Cow::Borrowed),
                from_verdict: before.map(|before| before.status),
                verdict: verdict.status,
                stage: verdict.stage.map(|stage| stage.as_str().into()),
                reason: verdict.reason.map(|reason| reason.as_str().into()),
                code: verdict.code,
            }
        });
        let is_meant = |change: &ChangeJson<'_>| (since..=moment.now).contains(&change.at().0);
        let all = licenses.chain(appeared).chain(gone).chain(silent).chain(paths);
        let mut changes: Vec<_> = all.filter(is_meant).collect();
        changes.sort_by_key(|change| Reverse(change.at()));
        let is_cut = [past.licenses.len(), past.appeared.len(), past.gone.len()].contains(&(MOST as usize));
        let more = changes.len() > most || is_cut;
        changes.truncate(most);
        let verdicts_since = verdicts.and_then(PastVerdicts::since).map(Rfc3339);
        Self { since: Rfc3339(since), as_of: Rfc3339(moment.now), changes, more, verdicts_since }
    }
}

/// A license whose status changed.
pub fn of_license(change: &PastChange) -> ChangeJson<'_> {
    ChangeJson::License {
        at: Rfc3339(change.at),
        machine: change.machine.as_str().into(),
        product: change.product.as_deref().map(Cow::Borrowed),
        from_status: change.from.map(LicenseStatus::number),
        to_status: change.to.map(LicenseStatus::number),
        reason_code: change.reason_code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_a_day_and_a_moment_are_meant_as_they_are_written() {
        let now: Timestamp = "2026-12-03T04:10:00Z".parse().unwrap();
        let meant = |text: &str| since(text, now).map(|moment| moment.to_string());
        assert_eq!(meant("1d").as_deref(), Ok("2026-12-02T04:10:00Z"));
        assert_eq!(meant("12h").as_deref(), Ok("2026-12-02T16:10:00Z"));
        assert_eq!(meant("2026-11-30").as_deref(), Ok("2026-11-30T00:00:00Z"));
        assert_eq!(meant("2026-11-30T12:00:00+09:00").as_deref(), Ok("2026-11-30T03:00:00Z"));
        assert!(meant("soon").is_err() && meant("").is_err());
    }
}

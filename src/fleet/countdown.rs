//! How many machines lose activation on each of the next days if none of them is renewed from now on. Pure.

use super::Fleet;
use super::aggregate::dependent_of;
use super::dependencies::Dependencies;
use super::moment::{DAY, Moment};
use super::outlook::Outlook;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many days are counted: as long as an activation by KMS holds.
pub const DAYS: usize = 180;

/// How many machines lose activation, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Countdown {
    /// All machines.
    pub totals: Losses,
    /// Those that are on each path; a machine that is on several counts for the first, as in the list of machines. Those
    /// that are on none are under `None`.
    pub paths: BTreeMap<Option<Arc<str>>, Losses>,
}

/// When a set of machines loses activation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses {
    pub machines: u64,
    /// Those that have lost it.
    pub lost: u64,
    /// Those that lose it on each day from now, the first of which has begun; [`DAYS`] of them, or none where nobody
    /// does.
    pub days: Vec<u64>,
    /// Those that lose it later.
    pub later: u64,
}

impl Losses {
    /// Those of which no end is known.
    pub fn without_end(&self) -> u64 {
        self.machines - self.lost - self.later - self.days.iter().sum::<u64>()
    }

    /// Adds the machines of another set, none of which is in this one.
    pub fn merge(&mut self, other: &Self) {
        self.machines += other.machines;
        self.lost += other.lost;
        self.later += other.later;
        self.days.resize(self.days.len().max(other.days.len()), 0);
        for (mine, theirs) in self.days.iter_mut().zip(&other.days) {
            *mine += theirs;
        }
    }

    fn add(&mut self, outlook: &Outlook, moment: Moment) {
        self.machines += 1;
        if outlook.is_lost {
            self.lost += 1;
            return;
        }
        let Some(end) = outlook.first_end else { return };
        let day = usize::try_from(end.saturating_sub(moment.now.as_second()) / DAY).unwrap_or_default();
        if day < DAYS && self.days.is_empty() {
            self.days.resize(DAYS, 0);
        }
        match self.days.get_mut(day) {
            Some(machines) => *machines += 1,
            None => self.later += 1,
        }
    }
}

impl Fleet {
    /// Counts the machines that lose activation on each of the next days. The same machines count, and the same of their
    /// licenses, as in the totals of [`Fleet::aggregate`].
    pub fn countdown(&self, moment: Moment, dependencies: &Dependencies) -> Countdown {
        let believed = self.believed(moment);
        let reaching = dependencies.reaching(self.kms_hosts());
        let mut countdown = Countdown::default();
        for (name, record) in &self.machines {
            let record = believed.get(name).unwrap_or(record);
            if record.licenses.is_empty() && record.is_kms_host() {
                continue;
            }
            let own = record.licenses.iter().filter(|license| !license.terms.is_addon);
            let outlook = Outlook::of(own.map(|license| &license.validity), moment);
            let is_wrong = record.is_beyond_help(moment, !dependencies.is_kms_only());
            let on = reaching.on(name.as_str(), record.licenses.iter().map(dependent_of), is_wrong);
            countdown.totals.add(&outlook, moment);
            countdown.paths.entry(reaching.first_path(&on).cloned()).or_default().add(&outlook, moment);
        }
        countdown
    }
}

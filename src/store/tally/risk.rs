//! The licenses most at risk: as many as are asked for, however many there are.

use super::super::standing::Moment;
use super::line::Line;
use crate::fleet::AtRisk;
use crate::license::{LicenseStatus, MachineName};
use jiff::Timestamp;
use std::collections::BinaryHeap;

/// The licenses most at risk so far.
#[derive(Debug)]
pub(super) struct Risks {
    /// The least of them on top.
    kept: BinaryHeap<Risk>,
    most: usize,
}

/// A license that may be lost; the lesser, the more at risk. First comes which part of [`Aggregate::at_risk`] it is in, then
/// its place there.
///
/// [`Aggregate::at_risk`]: crate::fleet::Aggregate::at_risk
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Risk {
    part: u8,
    place: i64,
    machine: String,
    product: String,
    channel: String,
    status: Option<u8>,
    end: Option<i64>,
    overdue_since: Option<i64>,
    renews: bool,
}

impl Risks {
    /// Keeps no more than so many.
    pub(super) const fn new(most: usize) -> Self {
        Self { kept: BinaryHeap::new(), most }
    }

    /// Keeps a license where it is more at risk than another one that is kept, or there is room.
    pub(super) fn note(&mut self, machine: &str, line: &Line<'_>, moment: Moment) {
        let Some((part, place)) = line.risk(moment) else { return };
        let is_greater = |least: &Risk| (part, place, machine) > (least.part, least.place, least.machine.as_str());
        if self.kept.len() >= self.most && self.kept.peek().is_none_or(is_greater) {
            return;
        }
        self.kept.push(Risk {
            part,
            place,
            machine: machine.to_owned(),
            product: line.product.to_owned(),
            channel: line.channel.to_owned(),
            status: line.status,
            end: line.end,
            overdue_since: line.overdue_since,
            renews: line.renewed_at.is_some(),
        });
        if self.kept.len() > self.most {
            self.kept.pop();
        }
    }

    /// All of them, the one most at risk first.
    pub(super) fn tell(self, moment: Moment) -> Vec<AtRisk> {
        self.kept.into_sorted_vec().into_iter().map(|risk| risk.tell(moment)).collect()
    }
}

impl Risk {
    /// In words.
    fn tell(self, moment: Moment) -> AtRisk {
        let now = moment.now.as_second();
        let is_lost = matches!(self.part, 1 | 2);
        let seconds = |from: i64, to: i64| u64::try_from(to.saturating_sub(from)).unwrap_or(0);
        let overdue = self.overdue_since.filter(|since| *since <= moment.overdue_before());
        AtRisk {
            machine: MachineName::known(&self.machine),
            product: self.product,
            channel: self.channel,
            license_status: self.status.and_then(|number| LicenseStatus::from_number(number.into())),
            expires_at: self.end.and_then(|end| Timestamp::from_second(end).ok()),
            grace_remaining_seconds: if is_lost { Some(0) } else { self.end.map(|end| seconds(now, end)) },
            renewal_overdue_seconds: (self.renews && !is_lost).then(|| overdue.map_or(0, |since| seconds(since, now))),
        }
    }
}

//! The licenses most at risk: as many as are asked for, however many there are.

use super::super::moment::Moment;
use super::super::record::LicenseRecord;
use super::super::{AT_RISK_DAYS, AtRisk};
use crate::license::MachineName;
use jiff::Timestamp;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The licenses most at risk so far.
#[derive(Debug)]
pub(super) struct Risks<'a> {
    /// The least of them on top.
    kept: BinaryHeap<Risk<'a>>,
    most: usize,
}

/// A license that may be lost; the lesser, the more at risk. First comes which part of [`Aggregate::at_risk`] it is in, then
/// its place there.
///
/// [`Aggregate::at_risk`]: crate::fleet::Aggregate::at_risk
#[derive(Debug)]
struct Risk<'a> {
    part: u8,
    place: i64,
    machine: &'a str,
    license: &'a LicenseRecord,
}

impl<'a> Risks<'a> {
    /// Keeps no more than so many.
    pub(super) const fn new(most: usize) -> Self {
        Self { kept: BinaryHeap::new(), most }
    }

    /// Keeps a license where it is more at risk than another one that is kept, or there is room.
    pub(super) fn note(&mut self, machine: &'a str, license: &'a LicenseRecord, moment: Moment) {
        let Some((part, place)) = place_of(license, moment) else { return };
        let risk = Risk { part, place, machine, license };
        if self.kept.len() >= self.most && self.kept.peek().is_none_or(|least| risk > *least) {
            return;
        }
        self.kept.push(risk);
        if self.kept.len() > self.most {
            self.kept.pop();
        }
    }

    /// All of them, the one most at risk first.
    pub(super) fn finish(self, now: Timestamp) -> Vec<AtRisk> {
        let listed = self.kept.into_sorted_vec().into_iter().map(|Risk { machine, license, .. }| AtRisk {
            machine: MachineName::known(machine),
            product: license.terms.product.to_string(),
            channel: license.terms.channel.to_string(),
            license_status: license.status(),
            expires_at: license.validity.expires_at.and_then(|end| Timestamp::from_second(end).ok()),
            grace_remaining_seconds: license.validity.grace_remaining_seconds(now),
            renewal_overdue_seconds: license.validity.renewal_overdue_seconds(now),
            validity: license.validity,
        });
        listed.collect()
    }
}

/// The part and the place of a license among those at risk; `None` where nothing can be said of its end.
fn place_of(license: &LicenseRecord, moment: Moment) -> Option<(u8, i64)> {
    let validity = &license.validity;
    if validity.has_lost_status() {
        return Some((1, 0));
    }
    let end = validity.expires_at?;
    Some(match validity.overdue_since.filter(|_| validity.is_overdue(moment.now)) {
        _ if end <= moment.now.as_second() => (2, end),
        _ if end <= moment.days_ahead(AT_RISK_DAYS) => (0, end),
        Some(since) => (3, since),
        None => (4, end),
    })
}

impl Ord for Risk<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |risk: &Self| (risk.part, risk.place);
        let names = |risk: &Self| (risk.license.terms.product.clone(), risk.license.terms.channel.clone());
        key(self)
            .cmp(&key(other))
            .then_with(|| self.machine.cmp(other.machine))
            .then_with(|| names(self).cmp(&names(other)))
    }
}

impl PartialOrd for Risk<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Risk<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Risk<'_> {}

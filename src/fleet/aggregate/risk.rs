//! The licenses most at risk: as many as are asked for, however many there are.

use super::super::moment::Moment;
use super::super::record::LicenseRecord;
use super::super::worst;
use super::super::{AT_RISK_DAYS, AtRisk};
use crate::license::MachineName;
use jiff::Timestamp;
use std::collections::HashMap;

/// The licenses most at risk so far.
#[derive(Debug)]
pub(super) struct Risks<'a> {
    /// Those of each organisation: who may report machines of one could report any number that end first.
    organisations: HashMap<&'a str, Kept<'a>>,
    most: usize,
}

/// Those of one organisation.
#[derive(Debug, Default)]
struct Kept<'a> {
    /// Some more than are asked for, in no order.
    risks: Vec<Risk<'a>>,
    /// The place of the last of those that were enough when it was last looked.
    last: Option<Place<'a>>,
}

/// A license that may be lost, after which part of [`Aggregate::at_risk`] it is in, its place there, its machine and what
/// it is of. The lesser, the more at risk.
///
/// [`Aggregate::at_risk`]: crate::fleet::Aggregate::at_risk
type Risk<'a> = (Place<'a>, &'a LicenseRecord);
type Place<'a> = (u8, i64, &'a str, &'a str);

/// The part of those that have an end, and are not at risk.
const NO_RISK: u8 = 4;

impl<'a> Risks<'a> {
    /// Keeps no more than so many of one organisation.
    pub(super) fn new(most: usize) -> Self {
        Self { organisations: HashMap::new(), most }
    }

    /// Keeps a license, as long as it is not known that enough others are more at risk.
    pub(super) fn note(&mut self, machine: &'a str, license: &'a LicenseRecord, moment: Moment) {
        let Some((part, place)) = place_of(license, moment).filter(|_| self.most > 0) else { return };
        let place: Place<'a> = (part, place, machine, &license.terms.product);
        let kept = self.organisations.entry(worst::organisation(machine)).or_default();
        if kept.last.is_none_or(|last| place < last) {
            kept.risks.push((place, license));
        }
        if kept.risks.len() > 2 * self.most {
            kept.sort(self.most);
            kept.last = kept.risks.last().map(|(place, _)| *place);
        }
    }

    /// All of them, the one most at risk first. Where there are more, each organisation has as many of those at risk, and
    /// what is not at risk comes after these.
    pub(super) fn finish(self, now: Timestamp) -> Vec<AtRisk> {
        let mut all = Vec::new();
        for mut kept in self.organisations.into_values() {
            kept.sort(self.most);
            all.extend((0_usize..).zip(kept.risks));
        }
        if all.len() > self.most {
            all.sort_unstable_by_key(|(rank, (place, _))| (place.0 == NO_RISK, *rank, *place));
            all.truncate(self.most);
        }
        all.sort_unstable_by_key(|(_, (place, _))| *place);
        let listed = all.into_iter().map(|(_, ((_, _, machine, _), license))| AtRisk {
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

impl Kept<'_> {
    /// Puts the one most at risk first, and keeps so many.
    fn sort(&mut self, most: usize) {
        self.risks.sort_unstable_by_key(|(place, _)| *place);
        self.risks.truncate(most);
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
        None => (NO_RISK, end),
    })
}

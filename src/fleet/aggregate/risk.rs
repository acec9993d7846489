//! The licenses most at risk: as many as are asked for, however many there are.

use super::super::moment::Moment;
use super::super::record::LicenseRecord;
use super::super::{AT_RISK_DAYS, AtRisk};
use crate::license::MachineName;
use jiff::Timestamp;

/// The licenses most at risk so far.
#[derive(Debug)]
pub(super) struct Risks<'a> {
    /// Some more than are asked for, in no order.
    kept: Vec<Risk<'a>>,
    most: usize,
    /// The place of the last of those that were enough when it was last looked.
    last: Option<Place<'a>>,
}

/// A license that may be lost, after which part of [`Aggregate::at_risk`] it is in, its place there, its machine and what
/// it is of. The lesser, the more at risk.
///
/// [`Aggregate::at_risk`]: crate::fleet::Aggregate::at_risk
type Risk<'a> = (Place<'a>, &'a LicenseRecord);
type Place<'a> = (u8, i64, &'a str, &'a str);

impl<'a> Risks<'a> {
    /// Keeps no more than so many.
    pub(super) const fn new(most: usize) -> Self {
        Self { kept: Vec::new(), most, last: None }
    }

    /// Keeps a license, as long as it is not known that enough others are more at risk.
    pub(super) fn note(&mut self, machine: &'a str, license: &'a LicenseRecord, moment: Moment) {
        let Some((part, place)) = place_of(license, moment) else { return };
        let place: Place<'a> = (part, place, machine, &license.terms.product);
        if self.last.is_none_or(|last| place < last) {
            self.kept.push((place, license));
        }
        if self.kept.len() > 2 * self.most {
            self.sort();
            self.last = self.kept.last().map(|(place, _)| *place);
        }
    }

    /// Puts the one most at risk first, and keeps as many as are asked for.
    fn sort(&mut self) {
        self.kept.sort_unstable_by_key(|(place, _)| *place);
        self.kept.truncate(self.most);
    }

    /// All of them, the one most at risk first.
    pub(super) fn finish(mut self, now: Timestamp) -> Vec<AtRisk> {
        self.sort();
        let listed = self.kept.into_iter().map(|((_, _, machine, _), license)| AtRisk {
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

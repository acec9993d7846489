//! What the machines on a path report that no probe can see, one machine after the other.

use super::super::standing::Moment;
use super::line::Line;
use crate::codes::Code;
use crate::fleet::dependents::UNKNOWN_CHANNEL;
use crate::fleet::{AT_RISK_DAYS, Affected, Symptoms, WrongKey};
use crate::license::{ChannelKind, LicenseStatus, PartialProductKey};
use crate::product_keys::edition;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;

/// What was reported so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered {
    failing: HashMap<Option<Code>, Affected>,
    rest: Symptoms,
    first_end: Option<i64>,
    /// The machines with each ID that others have as well.
    sharing: HashMap<String, Affected>,
}

impl Gathered {
    /// Notes a machine where one of those of its licenses fails that depend on the path.
    pub(super) fn note_failure(
        &mut self,
        machine: &str,
        depending: &[&Line<'_>],
        moment: Moment,
        mended_at: Option<i64>,
    ) {
        // With the key of another edition it fails for that.
        let mut failing =
            depending.iter().filter(|line| line.fails(moment, mended_at) && wrong_key(line).is_none()).peekable();
        if failing.peek().is_some() {
            let code = failing.find_map(|line| line.failure_code(moment, mended_at));
            self.failing.entry(code).or_default().add(machine);
        }
    }

    /// Notes what no way can help about the licenses of a machine that is where the path is.
    pub(super) fn note_licenses(&mut self, machine: &str, own: &[&Line<'_>], moment: Moment, has_other_way: bool) {
        if !has_other_way && own.iter().any(|line| needs_other_way(line)) {
            self.rest.not_volume.add(machine);
        }
        let mut evaluations = own.iter().filter(|line| is_evaluation_ending(line, moment)).peekable();
        if evaluations.peek().is_some() {
            self.note_evaluation(machine, evaluations.filter_map(|line| line.end).min());
        }
        if let Some(wrong_key) = own.iter().find_map(|line| wrong_key(line)) {
            self.rest.wrong_keys.add(machine);
            if self.rest.wrong_keys.example.as_deref() == Some(machine) {
                self.rest.wrong_key = Some(wrong_key);
            }
        }
    }

    /// Notes a machine whose ID another has as well, on this path or elsewhere.
    pub(super) fn note_shared_id(&mut self, machine: &str, id: &str) {
        if let Some(sharing) = self.sharing.get_mut(id) {
            sharing.add(machine);
        } else {
            let mut sharing = Affected::default();
            sharing.add(machine);
            self.sharing.insert(id.to_owned(), sharing);
        }
    }

    /// The first to end is the example; what has ended by its status comes before those.
    fn note_evaluation(&mut self, machine: &str, end: Option<i64>) {
        let is_first = self.rest.evaluations.is_empty() || end < self.first_end;
        self.rest.evaluations.machines += 1;
        if is_first {
            self.rest.evaluations.example = Some(machine.to_owned());
            self.first_end = end;
        }
    }

    /// All of it.
    pub(super) fn finish(self) -> Symptoms {
        let mut failing: Vec<_> = self.failing.into_iter().collect();
        failing.sort_by_key(|(code, affected)| (Reverse(affected.machines), *code));
        let first_evaluation_end = self.first_end.and_then(|end| Timestamp::from_second(end).ok());
        let mut symptoms = Symptoms { failing, first_evaluation_end, ..self.rest };
        // Those on other paths are counted by other hosts.
        for sharing in self.sharing.into_values().filter(|sharing| sharing.machines > 1) {
            symptoms.duplicate_ids += 1;
            symptoms.duplicates.join(sharing);
        }
        symptoms
    }
}

/// True for a license that is not activated and whose key is one for Microsoft's own service.
fn needs_other_way(line: &Line<'_>) -> bool {
    let is_activated = line.known_status().is_none_or(|status| status == LicenseStatus::Licensed);
    !is_activated
        && line.last_five.is_some()
        && line.channel != UNKNOWN_CHANNEL
        && matches!(line.kind(), ChannelKind::Mak | ChannelKind::Other)
}

/// True for an evaluation that is over, or ends soon. One that is yet to be activated has an end as well, by which it has
/// to be.
fn is_evaluation_ending(line: &Line<'_>, moment: Moment) -> bool {
    let soon = moment.days_ahead(AT_RISK_DAYS);
    let is_pending = line.known_status() == Some(LicenseStatus::OobGrace);
    let ends_soon = !is_pending && line.end.is_some_and(|end| end <= soon);
    line.kind() == ChannelKind::Evaluation && (ends_soon || line.is_lost(moment))
}

/// The key of a license, where it is a published one for another edition.
fn wrong_key(line: &Line<'_>) -> Option<WrongKey> {
    let last_five = PartialProductKey::new(line.last_five?)?;
    let key = edition::contradiction(line.product, last_five)?;
    Some(WrongKey { product: line.product.to_owned(), last_five, edition: key.edition })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn line(channel: &str, status: LicenseStatus, days: Option<i64>) -> Line<'_> {
        let end = days.map(|days| moment().days_ahead(days));
        Line { status: Some(status.number()), end, ..Line::of(channel) }
    }

    fn moment() -> Moment {
        let now = "2026-12-03T12:00:00Z".parse().unwrap();
        Moment { now, stale_after: SignedDuration::from_hours(192) }
    }

    #[test]
    fn an_evaluation_ends_and_does_not_fail() {
        use LicenseStatus::{Licensed, Notification, OobGrace};
        // The status, the days that are left, whether it is told to end, and whether it fails.
        let expected = [
            (Licensed, Some(100), false, false),
            (Licensed, Some(10), true, false),
            (Licensed, Some(-1), true, false),
            (Notification, None, true, false),
            (OobGrace, Some(8), false, false),
            (OobGrace, Some(-1), true, false),
        ];
        for (status, days, ends, fails) in expected {
            let line = line("TIMEBASED_EVAL", status, days);
            let told = (is_evaluation_ending(&line, moment()), line.fails(moment(), None));
            assert_eq!(told, (ends, fails), "{status:?} {days:?}");
        }
        let client = line("VOLUME_KMSCLIENT", Notification, None);
        assert!(client.fails(moment(), None) && !is_evaluation_ending(&client, moment()));
    }
}

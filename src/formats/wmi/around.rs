//! What is around an object and holds for it where it says nothing else: `{"machine": ..., "reports": [...]}`.

use super::machine::{self, Wrong};
use crate::formats::Reading;
use crate::formats::fields::Fields;
use crate::formats::object::Object;
use crate::license::{MachineName, Report};
use jiff::Timestamp;
use std::rc::Rc;

/// The machine and the time of a wrapper, for all that is in it.
#[derive(Clone, Default)]
pub(in crate::formats) struct Around {
    machine: Option<MachineName>,
    /// Where the wrapper names its machine wrongly.
    wrong: Option<Rc<Wrong>>,
    reported_at: Option<Timestamp>,
}

impl Around {
    /// True for a member of a wrapper that is read.
    pub(in crate::formats) fn is_of_interest(name: &str) -> bool {
        let names = [&machine::NAMES[..], &machine::TIMES, &machine::OTHER_TIMES];
        names.into_iter().flatten().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// What holds in a wrapper with these members that is in this one.
    pub(in crate::formats) fn within(&self, members: &Object<'_>, reading: &mut Reading<'_>) -> Self {
        let mut inner = self.clone();
        let fields = Fields::of_object(members, "what wraps the reports".to_owned()).renamed();
        match machine::name(&fields) {
            Ok(Some(machine)) => (inner.machine, inner.wrong) = (Some(machine), None),
            Ok(None) => {}
            Err(wrong) => (inner.machine, inner.wrong) = (None, Some(Rc::new(wrong))),
        }
        inner.reported_at = machine::reported_at(&fields, reading).or(self.reported_at);
        inner
    }

    /// What holds for all that is of this machine.
    pub(in crate::formats) fn of(machine: MachineName) -> Self {
        Self { machine: Some(machine), ..Self::default() }
    }

    /// The machine, where it is known.
    pub(in crate::formats) fn machine(&self) -> Option<&MachineName> {
        self.machine.as_ref()
    }

    /// Hands a report over of whose machine no more is known than what is said around it.
    pub(in crate::formats) fn hand_over(&self, report: Report, place: &str, reading: &mut Reading<'_>) {
        self.complete_and_hand_over(report, Ok(None), place, reading);
    }

    /// Hands a report over with what it does not say itself. One whose machine is named wrongly, by itself or around
    /// it, is skipped: without a name it would be taken for the machine the input is of.
    pub(super) fn complete_and_hand_over(
        &self,
        mut report: Report,
        name: Result<Option<MachineName>, Wrong>,
        place: &str,
        reading: &mut Reading<'_>,
    ) {
        match name {
            Ok(Some(machine)) => report.machine = Some(machine),
            Err(wrong) if !wrong.is_address() || self.machine.is_none() => return wrong.skip(place, reading),
            Ok(None) | Err(_) => {
                if let Some(wrong) = self.wrong.as_ref().filter(|_| report.machine.is_none()) {
                    return wrong.skip(place, reading);
                }
                report.machine = report.machine.or_else(|| self.machine.clone());
            }
        }
        report.reported_at = report.reported_at.or(self.reported_at);
        reading.report(report);
    }
}

//! Whom a verdict hurts, and when.

use super::{Words, names, say};
use crate::verdict::Verdict;
use crate::words::day_of;

/// Who depends on the path called `path`, who of them lost activation, and who loses it next; `None` where nobody is known
/// to depend on it.
pub fn impact(words: Words, path: &str, verdict: &Verdict) -> Option<String> {
    let dependents = verdict.dependents.as_ref()?;
    let lost = match dependents.lost {
        0 => "none",
        lost if lost == dependents.machines => "all",
        _ => "some",
    };
    let (machines, lost_machines) = (dependents.machines, dependents.lost);
    let whom = say!(words, "dependents", lost = lost, machines = machines, lost_machines = lost_machines, path = path);
    let next = match (dependents.first_within_week, dependents.next_loss) {
        (Some(first), _) => {
            let count = usize::try_from(dependents.within_week).unwrap_or(usize::MAX).max(dependents.soonest.len());
            let names = names::listed(words, dependents.soonest.iter(), count);
            Some(say!(words, "lose-within-week", machines = dependents.within_week, names = names, day = day_of(first)))
        }
        (None, Some(next)) => {
            let machine = dependents.next_machine.as_deref().unwrap_or("none").to_owned();
            Some(say!(words, "next-loss", machine = machine, day = day_of(next)))
        }
        (None, None) => None,
    };
    Some(match next {
        Some(next) => say!(words, "two-sentences", one = whom, two = next),
        None => whom,
    })
}

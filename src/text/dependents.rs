//! Who depends on a path, and when the first of them loses activation.

use crate::verdict::Dependents;
use crate::words::day_of;

/// Who depends on a path, as a clause.
pub(super) fn clause(dependents: &Dependents) -> String {
    let depend = match dependents.machines {
        1 => "1 machine depends on it".to_owned(),
        machines => format!("{machines} machines depend on it"),
    };
    let lost = match dependents.lost {
        0 => String::new(),
        lost if lost == dependents.machines => return format!("{depend} and lost activation already"),
        lost => format!(", of which {lost} lost activation already"),
    };
    let Some(next_loss) = dependents.next_loss else { return depend + &lost };
    let next = if lost.is_empty() { "first" } else { "next" };
    let machine = dependents.next_machine.as_ref().map(|machine| format!(", {machine},")).unwrap_or_default();
    format!("{depend}{lost}; the {next}{machine} loses activation on {}", day_of(next_loss))
}

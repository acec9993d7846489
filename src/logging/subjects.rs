//! The subject of a line by the module that logs it, as a number by which the event log is filtered.

/// Whoever depends on these has them in filters: none ever changes. They are within what the messages of Windows' own
/// `EventCreate.exe` are for, 1 to 1000, which show what is logged as it is.
///
/// What takes reports in is also what uses the store: its modules for that precede it.
const SUBJECTS: [(&str, u32); 13] = [
    ("daemon", 100),
    ("service", 100),
    ("monitor", 200),
    ("probe", 200),
    ("verdict", 200),
    ("intake::health", 400),
    ("intake::keeper", 400),
    ("intake::service", 400),
    ("intake::upkeep", 400),
    ("intake", 300),
    ("store", 400),
    ("web", 500),
    ("agent", 600),
];

const OTHER: u32 = 900;

/// The id of what a module logs, by its path.
pub(super) fn id(target: &str) -> u32 {
    let Some(module) = target.strip_prefix(concat!(env!("CARGO_CRATE_NAME"), "::")) else { return OTHER };
    let is_within =
        |known: &str| module.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    SUBJECTS.iter().find(|(known, _)| is_within(known)).map_or(OTHER, |(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subject_has_its_id() {
        assert_eq!(id("gracewatch::daemon"), 100);
        assert_eq!(id("gracewatch::monitor::plan"), 200);
        assert_eq!(id("gracewatch::intake::inbox"), 300);
        assert_eq!(["gracewatch", "gracewatch::threads", "gracewatch::webs", "hyper::daemon", ""].map(id), [OTHER; 5]);
    }

    #[test]
    fn what_the_intake_says_of_the_store_has_the_id_of_the_store() {
        let of_the_store = ["store", "store::verdicts", "intake::health", "intake::keeper::restore", "intake::service"];
        assert_eq!(of_the_store.map(|module| id(&format!("gracewatch::{module}"))), [400; 5]);
    }
}

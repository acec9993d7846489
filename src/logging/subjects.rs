//! The subject of a line by the module that logs it, as a number by which the event log is filtered.

/// Whoever depends on these has them in filters: none ever changes. They are within what the messages of Windows' own
/// `EventCreate.exe` are for, 1 to 1000, which show what is logged as it is.
const SUBJECTS: [(&str, u32); 9] = [
    ("daemon", 100),
    ("service", 100),
    ("monitor", 200),
    ("probe", 200),
    ("verdict", 200),
    ("intake", 300),
    ("store", 400),
    ("web", 500),
    ("agent", 600),
];

const OTHER: u32 = 900;

/// The id of what a module logs, by its path.
pub(super) fn id(target: &str) -> u32 {
    let mut modules = target.split("::");
    let module = modules.next().filter(|name| *name == env!("CARGO_CRATE_NAME")).and_then(|_| modules.next());
    module.and_then(|name| SUBJECTS.iter().find(|(known, _)| *known == name)).map_or(OTHER, |(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subject_has_its_id() {
        assert_eq!(id("gracewatch::daemon"), 100);
        assert_eq!(id("gracewatch::monitor::plan"), 200);
        assert_eq!(id("gracewatch::intake::inbox"), 300);
        assert_eq!(["gracewatch", "gracewatch::threads", "hyper::daemon", ""].map(id), [OTHER; 4]);
    }
}

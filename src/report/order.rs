//! What of a report is shown first, and what is left out, wherever a person reads it.

use super::{PathJson, ProblemJson, Report};
use crate::text::{self, Words, say};
use crate::verdict::Status;
use std::cmp::Reverse;

/// The stages that take no time of their own.
pub const TIMELESS: [&str; 3] = ["clock", "host", "count"];

/// The paths, those that hurt most machines first among those of one status.
pub fn worst_first<'a>(report: &'a Report<'a>) -> Vec<&'a PathJson<'a>> {
    let mut paths: Vec<_> = report.paths.iter().collect();
    let hurt = |path: &PathJson<'_>| path.runway.as_ref().map_or((0, 0), |runway| (runway.lost, runway.within_week()));
    paths.sort_by_key(|path| (rank(path.verdict.status), Reverse(hurt(path))));
    paths
}

/// Blocked is worse than not knowing, which is worse than degraded.
pub const fn rank(status: Status) -> u8 {
    match status {
        Status::Blocked => 0,
        Status::Unknown => 1,
        Status::Degraded => 2,
        Status::Ok => 3,
    }
}

/// The problems beside the one that is blamed, one of those that are said together, and how many are left out.
pub fn besides<'a>(path: &'a PathJson<'a>, most: usize) -> (Vec<&'a ProblemJson<'a>>, usize) {
    let problems = &path.verdict.problems;
    let firsts = || problems.iter().filter(|problem| problem.said_with.is_none()).skip(1);
    (firsts().take(most).collect(), firsts().skip(most).count())
}

/// The machines of a problem by name, where these are more than its clause names.
pub fn machines_listed(words: Words, problem: &ProblemJson<'_>) -> Option<String> {
    let names = &problem.machine_names;
    let more = problem.machines?.saturating_sub(names.len() as u64);
    (names.len() > text::NAMED)
        .then(|| say!(words, "machines-listed", names = text::joined(words, names.iter()), more = more))
}

//! Why a path cannot be judged, and what to do about it.

use super::{Words, details, left_out, say};
use crate::verdict::Cause;

/// The statement about the path called `path`.
pub(super) fn statement(words: Words, path: &str, cause: &Cause) -> String {
    let (cause, stage, problem, detail) = match cause {
        Cause::NotMeasured => ("not_measured", "", String::new(), String::new()),
        Cause::LocalError { stage, detail, .. } => {
            ("local_error", stage.as_str(), String::new(), details::detail(words, detail))
        }
        Cause::Limit { stage: _, reason, target } => (reason.as_str(), "", target.to_string(), String::new()),
        Cause::LeftOut { stage, left_out } => {
            ("left_out", "", left_out::clause(words, *stage, left_out), String::new())
        }
        Cause::MonitorFailed { detail } => ("monitor_failed", "", String::new(), detail.to_string()),
    };
    let statement = say!(words, "unknown", cause = cause, path = path, stage = stage, problem = problem);
    // What the system said is short.
    if detail.is_empty() { statement } else { say!(words, "in-parentheses", statement = statement, detail = detail) }
}

/// What to do, first things first.
pub(super) fn steps(words: Words, cause: &Cause) -> Vec<String> {
    match cause {
        // What is beyond this program is about an endpoint, and so are the steps.
        Cause::NotMeasured | Cause::Limit { .. } => Vec::new(),
        Cause::LocalError { .. } => vec![
            say!(words, "step-local-fault"),
            say!(words, "step-local-descriptors"),
            say!(words, "step-local-permission"),
        ],
        Cause::LeftOut { stage, left_out } => left_out::steps(words, *stage, left_out),
        Cause::MonitorFailed { .. } => vec![say!(words, "step-restart-monitor"), say!(words, "step-report-monitor")],
    }
}

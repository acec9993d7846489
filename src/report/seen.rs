//! What the probes see of a code: on each path, the stages whose failure would show it.

use crate::codes;
use crate::knowledge::Explanation;
use crate::observation::{Observation, Stage};
use crate::state::{PathReport, Snapshot};
use crate::walk::{Walk, Walked};
use std::collections::BTreeSet;

/// A path on which a code could come up.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The path, with its verdict.
    pub path: &'a PathReport,
    /// Its targets that came as far as these stages, each with what was observed there.
    pub targets: Vec<(Walked<'a>, Vec<&'a Observation>)>,
}

/// The paths on which a code could come up, with what was observed there last. Empty for codes that no path leads to,
/// such as those about keys.
pub fn seen<'a>(explanation: &Explanation, snapshot: &'a Snapshot) -> Vec<Seen<'a>> {
    let paths = snapshot.paths.iter().map(|path| (path, stages(explanation, &path.walk)));
    let bearing = paths.filter(|(_, stages)| !stages.is_empty());
    bearing
        .map(|(path, stages)| {
            let targets = path.walk.targets().into_iter().filter_map(|target| {
                let observed: Vec<_> = target.stages.iter().filter(|seen| stages.contains(&seen.stage)).collect();
                (!observed.is_empty()).then_some((target, observed))
            });
            Seen { path, targets: targets.collect() }
        })
        .collect()
}

/// The stages of a walk whose failure would show a code: those that are predicted to, or else the one it belongs to.
fn stages(explanation: &Explanation, walk: &Walk) -> BTreeSet<Stage> {
    let (kms, online) = (codes::kms_stages(explanation.code), codes::online_stages(explanation.code));
    if kms.is_empty() && online.is_empty() {
        return explanation.stage.into_iter().collect();
    }
    match walk {
        Walk::Kms(_) => kms,
        Walk::Online(_) => online,
    }
}

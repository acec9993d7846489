//! When something of a path passed again that had failed. What machines reported of their failures before that is old news.

use crate::walk::Walk;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::SystemTime;

/// When something of a path recovered last.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    recovered_at: Option<SystemTime>,
}

impl Recovery {
    /// Notes that a target passes again.
    pub(super) fn note(&mut self, now: SystemTime) {
        self.recovered_at = Some(now);
    }

    /// Compares a walk with the one before. A target that failed and is gone has recovered as well: it was taken out of DNS.
    pub(super) fn compare(&mut self, before: &Walk, after: &Walk, now: SystemTime) {
        if !failing(before).is_subset(&failing(after)) {
            self.note(now);
        }
    }

    /// True where something passed again after this moment. What passed again by a clock that was ahead, after now, says
    /// nothing: it would hold until then.
    pub(super) fn is_later_than(&self, moment: Timestamp, now: SystemTime) -> bool {
        let recovered_at = self.recovered_at.filter(|at| *at <= now);
        recovered_at.and_then(|at| Timestamp::try_from(at).ok()).is_some_and(|at| at > moment)
    }

    /// When something passed again last; `None` where nothing did since this process began.
    pub(super) const fn recovered_at(&self) -> Option<SystemTime> {
        self.recovered_at
    }
}

/// The targets that fail, with their addresses.
fn failing(walk: &Walk) -> BTreeSet<(String, Option<String>)> {
    let failing = walk.targets().into_iter().filter(|target| !target.works);
    failing.map(|target| (target.target, target.address)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostPort;
    use crate::observation::{Failure, Observation, Reason, Stage};
    use crate::walk::kms::{self, Host, Target};
    use std::sync::Arc;
    use std::time::Duration;

    fn walk(hosts: &[(&str, bool)]) -> Walk {
        let target = |(name, works): &(&str, bool)| {
            let outcome = if *works { Ok(String::new()) } else { Err(Failure::new(Reason::Refused, "")) };
            let stages = vec![Observation::new(Stage::Tcp, outcome, Duration::ZERO)];
            Arc::new(Target::Host(Host::new(HostPort::parse(name, 1688).unwrap(), None, stages)))
        };
        Walk::Kms(kms::Walk { targets: hosts.iter().map(target).collect(), ..kms::Walk::default() })
    }

    #[test]
    fn what_passes_again_or_is_gone_has_recovered() {
        let at = |second| SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        let mut recovery = Recovery::default();
        let mut before = walk(&[]);
        let mut course = |second, hosts: &[(&str, bool)]| {
            let after = walk(hosts);
            recovery.compare(&before, &after, at(second));
            before = after;
            recovery.recovered_at()
        };
        assert_eq!(course(1, &[("a", true), ("b", false)]), None);
        assert_eq!(course(2, &[("a", false), ("b", false)]), None, "it got worse");
        assert_eq!(course(3, &[("a", true), ("b", false)]), Some(at(3)));
        assert_eq!(course(4, &[("a", true), ("b", false)]), Some(at(3)));
        assert_eq!(course(5, &[("a", false), ("b", true)]), Some(at(5)), "one has recovered, whatever else broke");
        assert_eq!(course(6, &[("b", true)]), Some(at(6)));
        assert_eq!(course(7, &[("b", true)]), Some(at(6)));
        let is_later_than = |second| recovery.is_later_than(Timestamp::from_second(second).unwrap(), at(6));
        assert_eq!([5, 6, 7].map(is_later_than), [true, false, false]);
        assert!(!recovery.is_later_than(Timestamp::from_second(4).unwrap(), at(5)), "it is still to come");
    }
}

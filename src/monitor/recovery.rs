//! When something of a way passed again that had failed. What machines reported of their failures before that is old news.

use crate::walk::Walk;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::SystemTime;

/// What fails on a way, and when some of it was mended.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    /// The targets that fail, with their addresses.
    failing: BTreeSet<(String, Option<String>)>,
    mended_at: Option<SystemTime>,
}

impl Recovery {
    /// Takes in what was seen on the way. A target that fails and is gone was mended as well: it was taken out of DNS.
    pub(super) fn take_in(&mut self, walk: &Walk, now: SystemTime) {
        let targets = walk.targets().into_iter().filter(|target| !target.works);
        let failing: BTreeSet<_> = targets.map(|target| (target.target, target.address)).collect();
        if !self.failing.is_subset(&failing) {
            self.mended_at = Some(now);
        }
        self.failing = failing;
    }

    /// True where something passed again after this moment.
    pub(super) fn is_later_than(&self, moment: Timestamp) -> bool {
        self.mended_at.and_then(|at| Timestamp::try_from(at).ok()).is_some_and(|at| at > moment)
    }

    /// When something passed again last; `None` where nothing did since this process began.
    pub(super) const fn mended_at(&self) -> Option<SystemTime> {
        self.mended_at
    }
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
    fn what_passes_again_or_is_gone_was_mended() {
        let at = |second| SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        let mut recovery = Recovery::default();
        let mut course = |second, hosts: &[(&str, bool)]| {
            recovery.take_in(&walk(hosts), at(second));
            recovery.mended_at()
        };
        assert_eq!(course(1, &[("a", true), ("b", false)]), None);
        assert_eq!(course(2, &[("a", false), ("b", false)]), None, "it got worse");
        assert_eq!(course(3, &[("a", true), ("b", false)]), Some(at(3)));
        assert_eq!(course(4, &[("a", true), ("b", false)]), Some(at(3)));
        assert_eq!(course(5, &[("a", false), ("b", true)]), Some(at(5)), "one was mended, whatever else broke");
        assert_eq!(course(6, &[("b", true)]), Some(at(6)));
        assert_eq!(course(7, &[("b", true)]), Some(at(6)));
        let is_later_than = |second| recovery.is_later_than(Timestamp::from_second(second).unwrap());
        assert_eq!([5, 6, 7].map(is_later_than), [true, false, false]);
    }
}

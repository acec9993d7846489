//! When something on a path failed that passes again. What machines reported of their failures then, and that explains,
//! is old news.

use crate::fleet::Outage;
use crate::observation::Stage;
use crate::walk::{Turn, Walk};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

/// The most outages that are remembered: the last ones.
const MAX_OUTAGES: usize = 16;

/// The outages of a path.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    /// What fails, by its name and address.
    failing: BTreeMap<(String, Option<String>), Begun>,
    /// What is over, the last at the end, each with when it was published; `None` where it is yet to be.
    over: VecDeque<(Outage, Option<Timestamp>)>,
}

/// An outage that lasts.
#[derive(Debug)]
struct Begun {
    at: SystemTime,
    stages: BTreeSet<Stage>,
}

impl Recovery {
    /// Notes what became of a target.
    pub(super) fn turn(&mut self, turn: Turn, now: SystemTime) {
        let Turn { target, fails_at, worked_at } = turn;
        match fails_at {
            Some(stage) => {
                let begin = || Begun { at: worked_at.unwrap_or(now), stages: BTreeSet::new() };
                self.failing.entry(target).or_insert_with(begin).stages.insert(stage);
            }
            None => {
                if let Some(begun) = self.failing.remove(&target) {
                    self.end(begun, now);
                }
            }
        }
    }

    /// Compares a walk with the one before, where there was one. A target that failed and is gone has recovered as
    /// well: it was taken out of DNS.
    pub(super) fn compare(&mut self, before: Option<&Walk>, after: &Walk, now: SystemTime) {
        let targets = after.targets();
        let failing = targets.iter().filter_map(|target| Some((key(target), target.fails_at()?)));
        let failing: BTreeMap<_, _> = failing.collect();
        let known = |target: &(String, Option<String>)| failing.contains_key(target);
        let over: Vec<_> = self.failing.keys().filter(|target| !known(target)).cloned().collect();
        for target in over {
            self.turn(Turn { target, fails_at: None, worked_at: None }, now);
        }
        let is_any_new = failing.keys().any(|target| !self.failing.contains_key(target));
        let before = before.filter(|_| is_any_new).map(Walk::targets).unwrap_or_default();
        let worked: BTreeMap<_, _> =
            before.iter().filter_map(|target| Some((key(target), target.worked_at()?))).collect();
        for (target, stage) in failing {
            let worked_at = worked.get(&target).copied();
            self.turn(Turn { target, fails_at: Some(stage), worked_at }, now);
        }
    }

    fn end(&mut self, begun: Begun, now: SystemTime) {
        let moments = Timestamp::try_from(begun.at).ok().zip(Timestamp::try_from(now).ok());
        // A clock that was set back meanwhile says nothing of how long that was.
        let Some((began_at, ended_at)) = moments.filter(|(began_at, ended_at)| began_at <= ended_at) else { return };
        if self.over.len() >= MAX_OUTAGES {
            self.over.pop_front();
        }
        self.over.push_back((Outage { began_at, ended_at, stages: begun.stages }, None));
    }

    /// The stages at which something passed again, of which whoever began to aggregate the machines at this moment did not
    /// know. What passed again by a clock that was ahead, after now, says nothing: it would hold until then.
    pub(super) fn recovered_since(&self, moment: Timestamp, now: SystemTime) -> BTreeSet<Stage> {
        let Ok(now) = Timestamp::try_from(now) else { return BTreeSet::new() };
        let is_news = |at: &Option<Timestamp>| at.is_none_or(|at| at > moment && at <= now);
        let since = self.over.iter().filter(|(outage, at)| outage.ended_at <= now && is_news(at));
        since.flat_map(|(outage, _)| outage.stages.iter().copied()).collect()
    }

    /// Notes that all that is over was just published. True where some of it had not been.
    pub(super) fn publish(&mut self, now: SystemTime) -> bool {
        let now = Timestamp::try_from(now).unwrap_or(Timestamp::MIN);
        let mut has_news = false;
        for (_, at) in self.over.iter_mut().filter(|(_, at)| at.is_none()) {
            *at = Some(now);
            has_news = true;
        }
        has_news
    }

    /// What is over, the last at the end.
    pub(super) fn outages(&self) -> Arc<[Outage]> {
        self.over.iter().map(|(outage, _)| outage.clone()).collect()
    }
}

/// What distinguishes a target from the others of its path.
fn key(target: &crate::walk::Walked<'_>) -> (String, Option<String>) {
    (target.target.clone(), target.address.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostPort;
    use crate::observation::{Failure, Observation, Reason};
    use crate::walk::kms::{self, Host, Target};
    use std::time::Duration;

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    /// A walk to hosts, observed at a second.
    fn walk(second: u64, hosts: &[(&str, bool)]) -> Walk {
        let target = |(name, works): &(&str, bool)| {
            let outcome = if *works { Ok(String::new()) } else { Err(Failure::new(Reason::Refused, "")) };
            let seen = Observation::new(Stage::Tcp, outcome, Duration::ZERO);
            let stages = vec![Observation { observed_at: at(second), ..seen }];
            Arc::new(Target::Host(Host::new(HostPort::parse(name, 1688).unwrap(), None, stages)))
        };
        Walk::Kms(kms::Walk { targets: hosts.iter().map(target).collect(), ..kms::Walk::default() })
    }

    #[test]
    fn what_passes_again_or_is_gone_has_recovered() {
        let mut recovery = Recovery::default();
        let mut before: Option<Walk> = None;
        let mut course = |second, hosts: &[(&str, bool)]| {
            let after = walk(second, hosts);
            recovery.compare(before.as_ref(), &after, at(second));
            recovery.publish(at(second));
            before = Some(after);
            let shown = |outage: &Outage| (outage.began_at.as_second(), outage.ended_at.as_second());
            recovery.outages().iter().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(course(1, &[("a", true), ("b", false)]), []);
        assert_eq!(course(2, &[("a", false), ("b", false)]), [], "it got worse");
        assert_eq!(course(3, &[("a", true), ("b", false)]), [(1, 3)], "it worked last at 1");
        assert_eq!(course(4, &[("a", true), ("b", false)]), [(1, 3)]);
        assert_eq!(course(5, &[("a", false), ("b", true)]), [(1, 3), (1, 5)], "when that began is not known before 1");
        assert_eq!(course(6, &[("b", true)]), [(1, 3), (1, 5), (4, 6)], "it is gone");
        let since = |second| recovery.recovered_since(Timestamp::from_second(second).unwrap(), at(6));
        assert_eq!([5, 6].map(since), [[Stage::Tcp].into(), BTreeSet::new()]);
        assert!(recovery.recovered_since(Timestamp::from_second(5).unwrap(), at(5)).is_empty(), "it is still to come");
        // Who began to aggregate before it was published knows nothing of it.
        recovery.compare(None, &walk(7, &[("c", false)]), at(7));
        recovery.compare(None, &walk(8, &[("c", true)]), at(8));
        let since =
            |recovery: &Recovery, second| recovery.recovered_since(Timestamp::from_second(second).unwrap(), at(9));
        assert_eq!(since(&recovery, 9), [Stage::Tcp].into());
        assert_eq!([recovery.publish(at(9)), recovery.publish(at(9))], [true, false]);
        assert_eq!([8, 9].map(|second| since(&recovery, second)), [[Stage::Tcp].into(), BTreeSet::new()]);
    }

    #[test]
    fn as_many_outages_are_remembered_as_fit() {
        let mut recovery = Recovery::default();
        for second in 0..40 {
            let turn = |fails_at| Turn { target: ("a".to_owned(), None), fails_at, worked_at: Some(at(second)) };
            recovery.turn(turn(Some(Stage::Tcp)), at(second));
            recovery.turn(turn(None), at(second + 1));
        }
        let outages = recovery.outages();
        assert_eq!((outages.len(), outages[15].ended_at.as_second()), (MAX_OUTAGES, 40));
    }
}

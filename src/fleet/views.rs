//! What machines see of their own paths, and which agent reports for each. It is in memory alone, of machines that are
//! known: after a restart it is known again once they report.

use super::moment::{DAY, Moment};
use crate::license::{MachineName, View};
use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

/// What an agent reports beside licenses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenBy {
    pub machine: MachineName,
    /// When it was.
    pub at: Timestamp,
    pub view: Option<View>,
    /// Who reports.
    pub agent: Option<Uuid>,
}

/// What is known of all machines.
#[derive(Debug, Default)]
pub(super) struct Views(HashMap<MachineName, Known>);

/// What is known of a machine. All times are seconds since 1970.
#[derive(Debug, Default)]
struct Known {
    at: i64,
    view: Option<Box<View>>,
    agent: Option<Uuid>,
    /// Who reported before this agent did, and when last.
    other: Option<(Uuid, i64)>,
    /// When two agents were last seen to report in turn.
    shared_at: Option<i64>,
}

/// What a report changes.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Noted {
    /// True where a machine sees its path otherwise than before.
    pub(super) changed: bool,
    /// True where it is known only now that two agents report by the name.
    pub(super) shared: bool,
}

impl Views {
    /// Notes what an agent reports. What is older than what is known says nothing.
    pub(super) fn note(&mut self, seen: SeenBy) -> Noted {
        let at = seen.at.as_second();
        let known = self.0.entry(seen.machine).or_default();
        if at < known.at {
            return Noted::default();
        }
        let view = seen.view.map(Box::new);
        let changed = view.is_some() && view != known.view;
        known.view = view.or(known.view.take());
        let was_shared = known.is_shared(at);
        known.note_agent(seen.agent, at);
        known.at = at;
        Noted { changed, shared: !was_shared && known.is_shared(at) }
    }

    /// Forgets a machine.
    pub(super) fn remove(&mut self, machine: &MachineName) {
        self.0.remove(machine);
    }

    /// What a machine sees of its paths and when it did, for as long as that counts: it reports more often.
    pub(super) fn current(&self, machine: &MachineName, moment: Moment) -> Option<(i64, &View)> {
        let known = self.0.get(machine).filter(|known| !moment.is_to_come(known.at))?;
        let view = known.view.as_deref()?;
        (known.at > moment.days_ahead(-1)).then_some((known.at, view))
    }

    /// True where two agents report by the name of a machine in turn.
    pub(super) fn is_shared(&self, machine: &MachineName) -> bool {
        self.0.get(machine).is_some_and(|known| known.is_shared(known.at))
    }
}

impl Known {
    /// A machine that was set up anew has another agent from then on; two that share a name report in turn.
    fn note_agent(&mut self, agent: Option<Uuid>, at: i64) {
        let Some(agent) = agent else { return };
        let Some(before) = self.agent.replace(agent).filter(|before| *before != agent) else { return };
        if self.other.is_some_and(|(other, last)| other == agent && at - last <= DAY) {
            self.shared_at = Some(at);
        }
        self.other = Some((before, self.at));
    }

    fn is_shared(&self, at: i64) -> bool {
        self.shared_at.is_some_and(|shared_at| at - shared_at <= DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(agent: u128, at: i64) -> SeenBy {
        let at = Timestamp::from_second(at).unwrap();
        SeenBy { machine: "ws1".parse().unwrap(), at, view: None, agent: Some(Uuid::from_u128(agent)) }
    }

    #[test]
    fn two_agents_that_report_in_turn_share_a_name_and_one_after_the_other_does_not() {
        let mut views = Views::default();
        let shared = |views: &mut Views, agent, at| views.note(seen(agent, at)).shared;
        assert!(![(1, 0), (1, 900), (2, 1000), (2, 1900)].into_iter().any(|(agent, at)| shared(&mut views, agent, at)));
        // Set up anew, and then the old one is switched on again.
        assert!(shared(&mut views, 1, 2000) && !shared(&mut views, 2, 2900));
        assert!(views.is_shared(&"ws1".parse().unwrap()));
        // The other is gone for days.
        assert!(!shared(&mut views, 2, 2900 + 2 * DAY) && !views.is_shared(&"ws1".parse().unwrap()));
        // What waited while something newer came in says nothing.
        assert_eq!(views.note(seen(1, 3000)), Noted::default());
    }
}

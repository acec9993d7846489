//! What can be broken in the company, and which of it is.

use crate::catalogue::{Message, message};
use crate::text::{Words, say};
use crate::web::pages::{DemoBar, DemoFault};
use std::collections::BTreeSet;
use tokio::sync::watch;

/// A fault that can be switched on and off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The KMS host of Berlin refuses connections.
    ClosedPort,
    /// Tokyo's domain has no SRV record.
    LostSrvRecord,
    /// Tokyo's domain names a KMS host that nobody knows.
    RogueHost,
    /// The clock of Tokyo's KMS host is five hours behind.
    SkewedClock,
    /// The KMS host of Berlin counts too few clients.
    LowCount,
    /// Every second connection to Tokyo's KMS host dies, as behind a load balancer with one dead backend.
    HalfLoadBalancer,
    /// The proxy asks for credentials.
    ProxyLogin,
    /// The proxy opens TLS connections, and signs with an authority of its own.
    InterceptingProxy,
    /// Microsoft blocked a key that many machines share.
    SharedKey,
}

impl Fault {
    /// Every fault there is, in the order in which they are listed.
    pub const ALL: [Self; 9] = [
        Self::ClosedPort,
        Self::LostSrvRecord,
        Self::RogueHost,
        Self::SkewedClock,
        Self::LowCount,
        Self::HalfLoadBalancer,
        Self::ProxyLogin,
        Self::InterceptingProxy,
        Self::SharedKey,
    ];

    /// Its name, for the command line and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClosedPort => "closed-port",
            Self::LostSrvRecord => "lost-srv-record",
            Self::RogueHost => "rogue-host",
            Self::SkewedClock => "skewed-clock",
            Self::LowCount => "low-count",
            Self::HalfLoadBalancer => "half-load-balancer",
            Self::ProxyLogin => "proxy-login",
            Self::InterceptingProxy => "intercepting-proxy",
            Self::SharedKey => "shared-key",
        }
    }

    /// The fault of this name.
    ///
    /// # Errors
    /// Which faults there are.
    pub fn of(name: &str) -> Result<Self, Message> {
        let found = Self::ALL.into_iter().find(|fault| fault.as_str() == name);
        found.ok_or_else(|| message!("demo-fault-unknown", known = Self::names()))
    }

    /// The names of all of them.
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

/// Which faults are switched on. Whoever breaks and fixes the company follows it.
#[derive(Debug)]
pub(super) struct Switchboard(watch::Sender<BTreeSet<Fault>>);

impl Switchboard {
    /// With these faults from the start.
    pub(super) fn new(on: BTreeSet<Fault>) -> Self {
        Self(watch::Sender::new(on))
    }

    pub(super) fn follow(&self) -> watch::Receiver<BTreeSet<Fault>> {
        self.0.subscribe()
    }
}

impl DemoBar for Switchboard {
    fn faults(&self, words: Words) -> Vec<DemoFault> {
        let on = self.0.borrow().clone();
        let shown = |fault: Fault| DemoFault {
            name: fault.as_str().to_owned(),
            label: say!(words, "demo-fault", fault = fault.as_str()),
            is_on: on.contains(&fault),
        };
        Fault::ALL.into_iter().map(shown).collect()
    }

    fn switch(&self, name: &str, is_on: bool) -> bool {
        let Ok(fault) = Fault::of(name) else { return false };
        self.0.send_if_modified(|on| if is_on { on.insert(fault) } else { on.remove(&fault) });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Language;

    #[test]
    fn every_fault_has_a_name_and_a_label_of_its_own_in_every_language() {
        let board = Switchboard::new(BTreeSet::from([Fault::RogueHost]));
        for language in Language::ALL {
            let faults = board.faults((*language).into());
            let labels: BTreeSet<_> = faults.iter().map(|fault| &fault.label).collect();
            let names: BTreeSet<_> = faults.iter().map(|fault| &fault.name).collect();
            assert_eq!((labels.len(), names.len()), (Fault::ALL.len(), Fault::ALL.len()), "{language:?}: {labels:?}");
            assert!(names.iter().all(|name| Fault::of(name).is_ok_and(|fault| fault.as_str() == **name)));
        }
        assert!(Fault::of("rogue").is_err_and(|error| error.to_string().contains("rogue-host")));
    }

    #[test]
    fn a_fault_is_switched_and_whoever_follows_sees_what_changed_alone() {
        let board = Switchboard::new(BTreeSet::new());
        let mut on = board.follow();
        assert!(board.switch("closed-port", true));
        assert!(on.has_changed().unwrap() && *on.borrow_and_update() == BTreeSet::from([Fault::ClosedPort]));
        assert!(board.switch("closed-port", true) && !on.has_changed().unwrap(), "it is on already");
        assert!(!board.switch("no-such-fault", true));
        assert!(board.switch("closed-port", false) && on.borrow_and_update().is_empty());
    }
}

//! What the machines on a path report that no probe can see: plain data, for verdicts.

use super::worst;
use crate::codes::Code;
use crate::license::{Network, PartialProductKey};
use crate::observation::Stage;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

/// What the machines on a path report that no probe can see. Machines that have not reported for too long are not among
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Symptoms {
    /// The machines that are not activated or renewed as they should be: the most urgent first, and of these the most
    /// machines.
    pub failing: Vec<FailingMachines>,
    /// Those of whose keys no KMS host takes notice, which are not activated and have no other way.
    pub not_volume: Affected,
    /// Those with a published key of another edition than the one it is installed on.
    pub wrong_keys: Affected,
    /// The first of these.
    pub wrong_key: Option<WrongKey>,
    /// Those whose evaluation ends within [`AT_RISK_DAYS`](super::AT_RISK_DAYS), or is over.
    pub evaluations: Affected,
    /// When the first of these ends, or ended.
    pub first_evaluation_end: Option<Timestamp>,
    /// Those that share the ID by which KMS hosts count them with another on the path.
    pub duplicates: Affected,
    /// How many IDs these have among them.
    pub duplicate_ids: u64,
}

/// Machines that fail, as urgently as one another and with the same code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingMachines {
    /// How urgent that is.
    pub urgency: Urgency,
    /// The code; `None` where they report none.
    pub code: Option<Code>,
    /// The stage at which they are cut off from the KMS hosts of the path, by their own view; `None` where they have none, or
    /// reach one.
    pub cut_off: Option<Stage>,
    /// The networks in which they are, up to eight, where they are cut off.
    pub networks: BTreeSet<Network>,
    /// The machines.
    pub affected: Affected,
}

/// How urgent it is that a machine fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// It lost activation.
    Lost,
    /// It loses activation within seven days.
    WithinWeek,
    /// It is late, and has more time than that.
    Later,
}

/// Machines of which something is true.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Affected {
    pub machines: u64,
    /// The worst of them, up to ten and as many of each organisation, each with when it loses activation, in seconds since 1970: [`LOST`] comes first.
    pub worst: Vec<(i64, String)>,
}

/// When a machine lost activation that has lost it already.
pub const LOST: i64 = i64::MIN;

/// How many machines are named of each kind.
pub const MAX_NAMED: usize = 10;

/// How many networks are named of machines that are cut off.
pub(super) const MAX_NETWORKS: usize = 8;

/// A published key on an edition that it is not for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongKey {
    /// What is installed, as Windows names it.
    pub product: String,
    /// The end of the key.
    pub last_five: PartialProductKey,
    /// What the key is for.
    pub edition: &'static str,
}

impl Affected {
    /// Counts other machines with these.
    pub fn join(&mut self, others: Self) {
        self.machines += others.machines;
        for machine in others.worst {
            worst::add(&mut self.worst, machine, MAX_NAMED);
        }
    }

    /// True where it is no machine.
    pub const fn is_empty(&self) -> bool {
        self.machines == 0
    }

    /// The names of the worst of them, the worst first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.worst.iter().map(|(_, name)| name.as_str())
    }
}

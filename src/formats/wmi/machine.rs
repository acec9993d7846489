//! Whom an object is about, and when it held.

use crate::formats::Reading;
use crate::formats::fields::Fields;
use crate::formats::values::{self, ADDRESS, moment};
use crate::license::MachineName;
use jiff::Timestamp;
use uuid::Uuid;

/// The properties with the name of the machine: the first that has one counts. `PSComputerName` is there after a query
/// over the network, `__SERVER` with `Get-WmiObject`, `ServerName` with `Get-CimInstance`; `Node` with
/// `wmic`; others are of scripts. `Server` and `Host` are as often another machine, and count where nothing else names
/// one.
pub(super) const NAMES: [&str; 13] = [
    "PSComputerName",
    "__SERVER",
    "ServerName",
    "SystemName",
    "CSName",
    "ComputerName",
    "Computer",
    "MachineName",
    "machine",
    "Hostname",
    "Node",
    "Server",
    "Host",
];

/// The properties with the time of a report that are meant for us, and those of others.
pub(super) const TIMES: [&str; 2] = ["reported_at", "ReportedAt"];
pub(super) const OTHER_TIMES: [&str; 2] = ["Timestamp", "CollectedAt"];

/// A name of a machine that is none. What bears it must not be taken for the machine the input is of.
pub(super) struct Wrong {
    why: &'static str,
    quote: String,
}

impl Wrong {
    /// True where it is an address, which says nothing against what is known of the machine otherwise.
    pub(super) fn is_address(&self) -> bool {
        self.why == ADDRESS
    }

    /// Counts what bears it as skipped.
    pub(super) fn skip(&self, place: &str, reading: &mut Reading<'_>) {
        reading.skip(place, self.why, &self.quote);
    }
}

/// The name of the machine, in the first property that has one.
///
/// # Errors
/// The first name that is wrong, where no other property has one that is right.
pub(super) fn name(fields: &Fields<'_>) -> Result<Option<MachineName>, Wrong> {
    let mut wrong = None;
    for name in NAMES {
        let Some(text) = fields.text(name) else { continue };
        // What identifies a host to an inventory may be an ID.
        let read =
            if text.parse::<Uuid>().is_ok() { Err("an ID is no name of a machine") } else { values::machine(text) };
        match read {
            Ok(Some(machine)) => return Ok(Some(machine)),
            Ok(None) => {}
            Err(why) => wrong = wrong.or_else(|| Some(Wrong { why, quote: format!("{name}: {text}") })),
        }
    }
    wrong.map_or(Ok(None), Err)
}

/// When the object held, where it says so in a way that means the same everywhere.
pub(super) fn reported_at(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Timestamp> {
    // Those under the names of ours are meant for us, and are counted where they are wrong.
    let own = TIMES.into_iter().find_map(|name| fields.read(name, reading, moment::exact));
    let others = || OTHER_TIMES.into_iter().find_map(|name| moment::exact(fields.text(name)?).ok()?);
    own.or_else(others)
}

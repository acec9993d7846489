//! Whom an object is about, and when it held.

use crate::license::MachineName;
use crate::status::formats::Reading;
use crate::status::formats::fields::Fields;
use crate::status::formats::values::{Parsed, is_local, moment};
use jiff::Timestamp;

/// The properties with the name of the machine: the first that has one counts. `PSComputerName` is there after a query
/// over the network, `__SERVER` with `Get-WmiObject`, `ServerName` with `Get-CimInstance`; others are of scripts.
const NAMES: [&str; 10] = [
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
];

/// The name of the machine. One that is wrong is counted as passed over, and the next property is tried.
pub(super) fn name(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<MachineName> {
    NAMES.into_iter().find_map(|name| fields.read(name, reading, parse_name))
}

/// A name; `None` for what means the machine itself.
fn parse_name(text: &str) -> Parsed<MachineName> {
    if is_local(text) {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "this is no name of a machine")
}

/// When the object held, where it says so in a way that means the same everywhere.
pub(super) fn reported_at(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Timestamp> {
    // Those under the names of ours are meant for us, and are counted where they are wrong.
    let own = ["reported_at", "ReportedAt"].into_iter().find_map(|name| fields.read(name, reading, moment::exact));
    let others = || ["Timestamp", "CollectedAt"].into_iter().find_map(|name| moment::exact(fields.text(name)?).ok()?);
    own.or_else(others)
}

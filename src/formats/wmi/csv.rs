//! The classes as `ConvertTo-Csv` and `Export-Csv` write them: a row for each object.

use super::{Around, read_fields};
use crate::formats::table::Table;
use crate::formats::{FormatError, Reading};

/// A table that has one of these columns is one of the licensing service.
const OWN: [&str; 5] = [
    "GracePeriodRemaining",
    "LicenseStatusReason",
    "DiscoveredKeyManagementServiceMachineName",
    "ClientMachineID",
    "RemainingWindowsReArmCount",
];

/// A table that has one of these beside the name or the ID of a product is one too.
const SHARED: [&str; 2] = ["LicenseStatus", "PartialProductKey"];

/// Columns that only the Volume Activation Management Tool writes.
const FOREIGN: [&str; 5] =
    ["FullyQualifiedDomainName", "GraceExpirationDate", "ProductKeyType", "ProductName", "LicenseStatusLastUpdated"];

/// True for a text that begins as such a table.
pub(in crate::formats) fn recognizes_csv(text: &str) -> bool {
    let Some(table) = Table::open(text, str::to_owned) else { return false };
    let has_any = |names: &[&str]| names.iter().any(|name| table.has(name));
    !has_any(&FOREIGN) && (has_any(&OWN) || has_any(&["ID", "Name"]) && has_any(&SHARED))
}

/// Reads every row.
///
/// # Errors
/// [`FormatError::Empty`] where there is no row, [`FormatError::Unknown`] where none is of a class that is known, and
/// [`FormatError::Malformed`] where the last one is cut.
pub(in crate::formats) fn read_csv(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let table = Table::open(text, str::to_owned).ok_or(FormatError::Empty)?;
    let (mut seen, mut understood) = (0_u64, 0_u64);
    table.rows(reading, &mut |fields, reading| {
        seen += 1;
        if read_fields(fields, &Around::default(), reading) {
            understood += 1;
        } else {
            reading.skip(fields.place(), "a row of no known kind, with the columns", &fields.names());
        }
    })?;
    if seen > 0 && understood == 0 { Err(FormatError::Unknown) } else { Ok(()) }
}

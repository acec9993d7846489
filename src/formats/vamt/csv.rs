//! The list of products as CSV: exported from the console, from `Get-VamtProduct`, or from the table
//! `base.ActiveProduct`.

use super::product::{self, GRACE_END, KEY_TYPE, MACHINE, PARTIAL_KEY, PRODUCT, STATUS};
use crate::formats::table::{self, Table};
use crate::formats::values::squeezed;
use crate::formats::{FormatError, Reading};

/// True for a text that begins as such a table: it names machines, their products, and the status of these.
pub(in crate::formats) fn recognizes_csv(text: &str) -> bool {
    let Some(table) = Table::open(text, squeezed) else { return false };
    let has_any = |names: &[&str]| names.iter().any(|name| table.has(name));
    let has_machine = has_any(&MACHINE) || has_any(&["name"]);
    let has_product = has_any(&PRODUCT) || has_any(&KEY_TYPE) || has_any(&["sku"]);
    has_machine && has_product && (has_any(&STATUS) || has_any(&GRACE_END) || has_any(&PARTIAL_KEY))
}

/// Reads every row. Dates with the year first are taken as UTC, in which the tool keeps them as far as is known; others
/// mean something else in each region, and are skipped.
///
/// # Errors
/// [`FormatError::Empty`] where there is no row, and [`FormatError::Malformed`] where the last one is cut.
pub(in crate::formats) fn read_csv(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let are_several = table::each(text, recognizes_csv, reading, &mut |text, lines, reading| {
        let table = Table::open(text, squeezed).ok_or(FormatError::Empty)?.behind(lines);
        table.rows(reading, &mut |fields, reading| product::read(fields, None, reading))
    });
    are_several.map(drop)
}

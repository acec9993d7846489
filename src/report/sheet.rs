//! Machines for a spreadsheet: a row to each license, and to each machine that never reported.

use super::expected::{MissingJson, MissingReport};
use super::machines::{LicenseJson, MachineJson, MachinesReport};
use std::error::Error;

const HEADS: [&str; 17] = [
    "machine",
    "path",
    "reported_at",
    "stale",
    "product",
    "channel",
    "partial_product_key",
    "addon",
    "license_status",
    "reason_code",
    "last_error",
    "permanent",
    "grace_remaining_seconds",
    "expires_at",
    "last_renewed_at",
    "renewal_overdue_seconds",
    "kms_host",
];

const HEADS_OF_MISSING: [&str; 3] = ["machine", "last_logon", "operating_system"];

/// What a program that reads sheets takes for the beginning of a formula. Where people write Japanese, the wide forms
/// are taken for it as well.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The sheet of a list.
///
/// # Errors
/// Never for what is written to memory; the library asks for it.
pub fn report(report: &MachinesReport<'_>) -> Result<String, Box<dyn Error>> {
    sheet(report.machines.iter())
}

/// The sheet of one machine.
///
/// # Errors
/// Never for what is written to memory; the library asks for it.
pub fn of_machine(machine: &MachineJson<'_>) -> Result<String, Box<dyn Error>> {
    sheet(std::iter::once(machine))
}

fn sheet<'a>(machines: impl Iterator<Item = &'a MachineJson<'a>>) -> Result<String, Box<dyn Error>> {
    let bytes = part(true, machines).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(bytes)?)
}

/// A part of a sheet that is made in several, the first with the heads of the columns.
///
/// # Errors
/// Never for what is written to memory; the library asks for it.
pub fn part<'a>(is_first: bool, machines: impl Iterator<Item = &'a MachineJson<'a>>) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if is_first {
        writer.write_record(HEADS)?;
    }
    for machine in machines {
        if machine.licenses.is_empty() {
            writer.write_record(row(machine, None))?;
        }
        for license in &machine.licenses {
            writer.write_record(row(machine, Some(license)))?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// The sheet of machines that never reported.
///
/// # Errors
/// Never for what is written to memory; the library asks for it.
pub fn missing(report: &MissingReport<'_>) -> Result<String, Box<dyn Error>> {
    let bytes = missing_part(true, report.machines.iter()).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(bytes)?)
}

/// A part of it, the first with the heads of the columns.
///
/// # Errors
/// Never for what is written to memory; the library asks for it.
pub fn missing_part<'a>(is_first: bool, machines: impl Iterator<Item = &'a MissingJson<'a>>) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if is_first {
        writer.write_record(HEADS_OF_MISSING)?;
    }
    for machine in machines {
        let texts = [Some(&machine.machine), machine.last_logon.as_ref(), machine.operating_system.as_ref()];
        writer.write_record(texts.map(|text| text.map(|text| plain(text)).unwrap_or_default()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn row(machine: &MachineJson<'_>, license: Option<&LicenseJson<'_>>) -> [String; HEADS.len()] {
    let of = |cell: fn(&LicenseJson<'_>) -> Option<String>| license.and_then(cell).unwrap_or_default();
    [
        plain(machine.machine.as_ref()),
        machine.path.as_deref().map(plain).unwrap_or_default(),
        machine.reported_at.0.to_string(),
        machine.stale.to_string(),
        of(|license| license.product.as_deref().map(plain)),
        of(|license| license.channel.as_deref().map(plain)),
        of(|license| license.partial_product_key.as_ref().map(ToString::to_string)),
        of(|license| Some(license.addon.to_string())),
        of(|license| license.license_status.map(|status| status.to_string())),
        of(|license| license.reason_code.map(|code| code.to_string())),
        of(|license| license.last_error.map(|code| code.to_string())),
        of(|license| Some(license.permanent.to_string())),
        of(|license| license.grace_remaining_seconds.map(|seconds| seconds.to_string())),
        of(|license| license.expires_at.map(|moment| moment.0.to_string())),
        of(|license| license.last_renewed_at.map(|moment| moment.0.to_string())),
        of(|license| license.renewal_overdue_seconds.map(|seconds| seconds.to_string())),
        of(|license| license.kms_host.as_deref().map(plain)),
    ]
}

/// What some program takes for the end of a cell, whatever this one does: in many countries lists are separated by
/// semicolons, and quotes count at the beginning of a cell alone.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

/// A stranger's text that no program takes for a formula, nor a part of it.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for (at, letter) in text.char_indices() {
        if begins && is_formula(text.get(at..).unwrap_or_default()) {
            plain.push('\'');
        }
        plain.push(letter);
        begins = SEPARATORS.contains(&letter);
    }
    plain
}

/// True for a cell that is taken for a formula, once it is freed of quotes and what is blank.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches([' ', '\u{a0}', '\u{3000}', '"']).starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula_in_ascii_or_in_wide_letters() {
        for text in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1+1", "＋1", "－1", "＠SUM(1)", " =1", "\"=1\""]
        {
            assert_eq!(plain(text), format!("'{text}"));
        }
        assert_eq!(plain("Windows(R), Server＝"), "Windows(R), Server＝");
    }

    #[test]
    fn no_part_of_a_text_is_a_formula_where_lists_are_separated_otherwise() {
        for (text, expected) in [
            ("x;=2+2", "x;'=2+2"),
            ("x;;@a;-1", "x;;'@a;'-1"),
            ("x\t=2", "x\t'=2"),
            ("x\r\n=2", "x'\r'\n'=2"),
            ("x; =2", "x;' =2"),
            ("x;\"=2\"", "x;'\"=2\""),
            ("x; y-1; z", "x; y-1; z"),
        ] {
            let expected = expected.replace("x'\r", "x\r");
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }
}

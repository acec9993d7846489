//! The text of `vnextdiag.ps1`: licenses of Microsoft 365, which `ospp.vbs` does not list. Headings between `=`, and
//! below each an object of JSON for each license.

use super::lines::Part;
use super::object::{Object, Value};
use super::outputs::Outputs;
use super::tool::{Claim, Tool};
use super::values::{moment, words};
use super::{FormatError, Nothing, Reading, unnamed};
use crate::license::{License, LicenseStatus, Report, Source};

/// The headings that are above licenses or say how they are kept.
const HEADINGS: [&str; 4] =
    ["Mode per ProductReleaseId", "vNext licenses found", "Device licenses found", "Shared licenses found"];

/// The longest object, in bytes.
const MAX_OBJECT: usize = 16 * 1024;

/// The most licenses of one machine.
const MAX_LICENSES: usize = 1000;

/// True for a heading that no other script prints.
fn is_heading(line: &str) -> bool {
    let inner = line.trim().trim_matches('=').trim();
    line.trim().starts_with("=====") && HEADINGS.iter().any(|heading| inner.eq_ignore_ascii_case(heading))
}

pub(super) const TOOL: Tool = Tool { claim, read: read_part };

fn claim(line: &str) -> Claim {
    if is_heading(line) { Claim::Own } else { Claim::No }
}

fn read_part(part: &Part<'_>, outputs: &mut Outputs, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let is_read = unnamed::read_part(part, outputs, reading, |lines, reading| {
        read(lines, reading);
        false
    });
    reading.explain(Nothing::NoKey);
    is_read
}

/// Reads lines, each with its number in the whole text, into one report.
fn read<'t>(lines: impl Iterator<Item = (usize, &'t str)>, reading: &mut Reading<'_>) {
    let mut report = Report::new(Source::Ospp);
    let mut object: Option<(usize, String)> = None;
    for (number, line) in lines {
        let line = line.trim();
        match &mut object {
            None if line.starts_with('{') => object = Some((number, line.to_owned())),
            None => {}
            Some((_, text)) if text.len() + line.len() <= MAX_OBJECT => {
                text.push('\n');
                text.push_str(line);
            }
            Some((number, _)) => {
                reading.skip(format_args!("line {number}"), "the object is longer than 16 KiB", "");
                object = None;
                continue;
            }
        }
        if let Some((number, text)) = object.take_if(|_| line.ends_with('}')) {
            match license(&text, number, reading) {
                Some(license) if report.licenses.len() < MAX_LICENSES => {
                    report.licenses.push(license);
                    reading.understood(1);
                }
                Some(_) => reading.skip(format_args!("line {number}"), "the machine has too many licenses", ""),
                None => {}
            }
        }
    }
    if let Some((number, text)) = object {
        reading.skip(format_args!("line {number}"), "it ends in the middle", &text);
    }
    if !report.licenses.is_empty() {
        reading.report(report);
    }
}

/// The license in an object.
fn license(text: &str, number: usize, reading: &mut Reading<'_>) -> Option<License> {
    let place = format!("line {number}");
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    let object = Some(Value::Json(text)).filter(|_| is_json).and_then(Value::object);
    let Some(object) = object else {
        reading.skip(place, "this is no JSON", text);
        return None;
    };
    let text_of = |name: &str| object_text(&object, name);
    let Some(product) = text_of("Product").as_deref().and_then(words) else {
        reading.skip(place, "no product is named", text);
        return None;
    };
    let state = text_of("LicenseState").unwrap_or_default();
    let status = state.eq_ignore_ascii_case("Licensed").then_some(LicenseStatus::Licensed);
    if status.is_none() {
        reading.skip_unknown(&place, &format!("LicenseState: {state}"));
    }
    let end = text_of("NotAfter").and_then(|text| {
        moment::exact_or_utc(&text).unwrap_or_else(|why| {
            reading.skip(&place, why, &format!("NotAfter: {text}"));
            None
        })
    });
    Some(License { product: Some(product), status, evaluation_end: end, ..License::default() })
}

fn object_text(object: &Object<'_>, name: &str) -> Option<String> {
    object.get(name).and_then(Value::text).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::testing::{Outcome, outcome};

    const SAMPLE: &str = include_str!("samples/vnext-license.txt");

    fn of(text: &str) -> Outcome {
        let read = |text: &str, reading: &mut Reading<'_>| {
            read(text.lines().enumerate().map(|(at, line)| (at + 1, line)), reading);
            Ok(())
        };
        outcome(read, text)
    }

    #[test]
    fn a_license_of_microsoft_365_has_its_end() {
        let Outcome { reports, skipped, .. } = of(SAMPLE);
        assert_eq!(skipped.count, 0, "{skipped:?}");
        assert_eq!(reports[0].licenses.len(), 1);
        let license = &reports[0].licenses[0];
        assert_eq!(license.product.as_deref(), Some("O365ProPlusRetail"));
        assert_eq!(license.status, Some(LicenseStatus::Licensed));
        assert_eq!(license.evaluation_end.unwrap().to_string(), "2027-02-01T07:16:15.4587377Z");
        assert_eq!(license.remaining, None);
    }

    #[test]
    fn two_licenses_are_one_report_and_a_state_that_is_not_known_is_none() {
        let two = SAMPLE.replace(
            "========== Device",
            "{\r\n    \"Product\": \"VisioProRetail\", \"LicenseState\": \"RFM\"\r\n}\r\n========== Device",
        );
        let Outcome { reports, skipped, .. } = of(&two);
        assert_eq!((reports.len(), reports[0].licenses.len(), skipped.count), (1, 2, 1));
        assert_eq!(reports[0].licenses[1].status, None);
    }

    #[test]
    fn what_is_cut_or_names_no_product_gives_nothing() {
        for text in [
            "========== vNext licenses found ==========\n{\n\"Product\": \"O365",
            "========== vNext licenses found ==========\n{\n\"LicenseState\": \"Licensed\"\n}\n",
            "========== vNext licenses found ==========\n{ x }\n",
        ] {
            let Outcome { reports, skipped, .. } = of(text);
            assert_eq!((reports.len(), skipped.count), (0, 1), "{text}");
        }
        assert_eq!(of("========== vNext licenses found ==========\nNo licenses found.\n").skipped.count, 0);
    }
}

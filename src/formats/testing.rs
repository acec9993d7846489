//! What the tests of all formats share.

use super::{FormatError, Reading, Skipped};
use crate::license::Report;

/// The reader of a format.
pub(super) type Read = fn(&str, &mut Reading<'_>) -> Result<(), FormatError>;

/// All that is read from a text.
pub(super) struct Outcome {
    pub(super) reports: Vec<Report>,
    pub(super) skipped: Skipped,
    pub(super) result: Result<(), FormatError>,
}

pub(super) fn outcome(read: Read, text: &str) -> Outcome {
    let mut reports = Vec::new();
    let mut take = |report| reports.push(report);
    let mut reading = Reading::new(&mut take);
    let result = read(text, &mut reading);
    let skipped = reading.skipped().clone();
    Outcome { reports, skipped, result }
}

/// Cuts a text at every byte: what is read of the beginning is the beginning of what is read of the whole.
pub(super) fn assert_cut_anywhere(read: Read, text: &str) {
    let whole = outcome(read, text);
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        let cut = outcome(read, &text[..end]);
        assert!(whole.reports.starts_with(&cut.reports), "cut at {end}: {:?}", cut.reports.last());
    }
}

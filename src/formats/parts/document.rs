//! Parts of a text that no tool claims: documents, as JSON behind a prompt or in a section, and lines that nobody knows.

use super::heading::{Heading, heading};
use crate::formats::lines::Part;
use crate::formats::outputs::Outputs;
use crate::formats::{Format, FormatError, Reading};

/// Reads a part in the format of the document that it is, or counts its lines. True where it is a document.
///
/// # Errors
/// [`FormatError`] where the document goes wrong, or nobody waits for the reports any more.
pub(super) fn read(part: &Part<'_>, outputs: &mut Outputs, reading: &mut Reading<'_>) -> Result<bool, FormatError> {
    if let Some(format) = Format::of_document(part.text) {
        let (reports, result) =
            reading.within(&format!("from line {}", part.line), |reading| format.read(part.text, reading));
        for report in reports {
            outputs.record(report, part.line, reading);
        }
        return match result {
            Ok(()) => Ok(true),
            Err(FormatError::Stopped) => Err(FormatError::Stopped),
            // What else an agent reports is counted as not understood, as its lines are.
            Err(FormatError::Unknown) => Ok(false),
            Err(error) => {
                // What is behind it is read all the same.
                reading.refuse(error);
                Ok(true)
            }
        };
    }
    for line in part.lines() {
        reading.check()?;
        // What WMI says of its own objects.
        if line.text.starts_with("__") {
            reading.noise(1);
            continue;
        }
        match heading(line.text) {
            None | Some(Heading::Bare(_)) => reading.skip_unknown(format_args!("line {}", line.number), line.text),
            Some(_) => reading.noise(1),
        }
    }
    Ok(false)
}

//! Texts as people paste and append them: what several tools printed, of several machines, with prompts, headings and
//! banners between.
//!
//! A text is divided into its parts first ([`division`]), then it is found out whose each part is ([`owners`]), and then
//! each part goes to the tool that claims its lines. A new format of text is one line in [`tools`].

mod announced;
mod division;
mod document;
mod heading;
mod labels;
mod owners;
mod prompt;
#[cfg(test)]
mod tests;
mod tools;

use super::lines::{Lines, Part};
use super::machine_names::is_label;
use super::outputs::Outputs;
use super::tool::{Claim, Tool};
use super::{FormatError, Reading};
use division::{Item, divide};
use heading::Heading;
use tools::TOOLS;

/// True for a text that any tool claims a line of, with no other line needed to be sure, and for one with a prompt or a
/// section in it, below which anything may be.
pub(super) fn recognizes(text: &str) -> bool {
    Lines::new(text).any(|line| {
        is_claimed(line.text)
            || prompt::prompt(line.text).is_some()
            || heading::heading(line.text) == Some(Heading::Section)
            || heading::document_after(line.text).is_some()
    })
}

/// True for a line that is surely of a tool.
pub(super) fn is_claimed(line: &str) -> bool {
    TOOLS.iter().any(|tool| (tool.claim)(line).is_sure())
}

/// True for a label that a tool prints, and no other.
pub(super) fn is_sure_label(label: &str) -> bool {
    is_claimed(&format!("{label}:"))
}

/// True for a label that names a machine, or the product with which an output begins.
pub(super) fn is_first_label(label: &str) -> bool {
    let line = format!("{label}: Windows(R), x edition");
    let begins = |tool: &Tool| matches!((tool.claim)(&line), Claim::First | Claim::Shared);
    is_label(label) || (TOOLS.iter().any(begins) && !label.to_ascii_lowercase().starts_with("desc"))
}

/// Reads a text, part by part.
///
/// # Errors
/// [`FormatError::Unknown`] where nothing is in it that any format knows, [`FormatError::Stopped`] where nobody waits for
/// it any more, and [`FormatError::Malformed`] where it has too many parts.
pub(super) fn read(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    read_part(&Part::whole(text), reading)
}

/// Reads a text that begins on some line of another.
///
/// # Errors
/// As [`read`].
pub(super) fn read_part(whole: &Part<'_>, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let mut items = divide(whole, reading)?;
    labels::settle(&mut items);
    let owners = owners::find(&items);
    let mut outputs = Outputs::default();
    let mut is_known = false;
    for (item, owner) in items.iter().zip(owners) {
        reading.check()?;
        match item {
            Item::Part { part, tool } => {
                is_known = true;
                outputs.belong_to(&owner, reading);
                (tool.read)(part, &mut outputs, reading)?;
                outputs.head(None);
            }
            Item::Other(part) => {
                outputs.belong_to(&owner, reading);
                is_known |= document::read(part, &mut outputs, reading)?;
                outputs.head(part.lines().last().map(|line| line.text));
            }
            Item::Banner | Item::Section => {}
            Item::Prompt(_) | Item::Name(_) => outputs.head(None),
        }
    }
    outputs.finish(reading);
    if is_known { Ok(()) } else { Err(FormatError::Unknown) }
}

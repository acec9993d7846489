//! Texts as people paste and append them: what several tools printed, of several machines, with prompts, headings and
//! banners between.
//!
//! A text is divided into its parts first ([`division`]), then it is found out whose each part is ([`owners`]), and then
//! each part goes to the tool that claims its lines. A new format of text is one line in [`tools`].

mod division;
mod document;
mod heading;
mod owners;
mod prompt;
#[cfg(test)]
mod tests;
mod tools;

use super::lines::Lines;
use super::outputs::Outputs;
use super::{FormatError, Reading};
use division::{Item, divide};
use heading::Heading;
pub(super) use owners::{Doubt, Owner};

/// A format of text that may be beside others in one text: what one tool prints.
pub(super) struct Tool {
    /// What a line is to this tool. There are no blanks around it, and no quotes of a mail.
    pub(super) claim: fn(&str) -> Claim,
    /// Reads a part.
    ///
    /// # Errors
    /// [`FormatError`] where nothing more can be read of the whole text, as where nobody waits for it any more.
    pub(super) read: fn(&Part<'_>, &mut Outputs, &mut Reading<'_>) -> Result<(), FormatError>,
}

/// What a line is to a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nothing that this tool begins a line with.
    No,
    /// Other tools print such lines too. Where one that is [`Claim::Own`] follows, with no heading or prompt between,
    /// this is of the same part.
    Shared,
    /// No other tool prints such a line.
    Own,
    /// The same, and it is the first of an output.
    First,
}

impl Claim {
    /// True where the line is of that tool whatever is around it.
    const fn is_sure(self) -> bool {
        matches!(self, Self::Own | Self::First)
    }
}

/// A part of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'t> {
    pub(super) text: &'t str,
    /// The line of the whole text on which it begins, from 1.
    pub(super) line: usize,
    /// Where in the whole text it begins, in bytes.
    pub(super) start: usize,
    /// How wide the widest line of the whole text is.
    pub(super) columns: usize,
    /// True where more of the text follows, so that the last line of this part is whole.
    pub(super) is_followed: bool,
}

impl<'t> Part<'t> {
    /// A whole text.
    pub(super) fn whole(text: &'t str) -> Self {
        let columns = Lines::new(text).map(|line| line.width).max().unwrap_or(0);
        Self { text, line: 1, start: 0, columns, is_followed: false }
    }

    /// Its lines that are not blank.
    pub(super) const fn lines(&self) -> Lines<'t> {
        Lines::within(self.text, self.line, self.start)
    }

    /// A part of this one: from one line, which begins at this byte, up to another.
    fn part(&self, line: usize, start: usize, end: usize) -> Self {
        let text = self.text.get(start - self.start..end - self.start).unwrap_or_default();
        let is_followed = self.is_followed || end < self.start + self.text.len();
        Self { text, line, start, is_followed, ..*self }
    }
}

/// True for a text that any tool claims a line of, with no other line needed to be sure, and for one with a prompt or a
/// section in it, below which anything may be.
pub(super) fn recognizes(text: &str) -> bool {
    Lines::new(text).any(|line| {
        let is_claimed = tools::TOOLS.iter().any(|tool| (tool.claim)(line.text).is_sure());
        is_claimed || prompt::prompt(line.text).is_some() || heading::heading(line.text) == Some(Heading::Section)
    })
}

/// Reads a text, part by part.
///
/// # Errors
/// [`FormatError::Unknown`] where nothing is in it that any format knows, [`FormatError::Stopped`] where nobody waits for
/// it any more, and [`FormatError::Malformed`] where it has too many parts.
pub(super) fn read(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let whole = Part::whole(text);
    let items = divide(&whole, reading)?;
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
            }
            Item::Other(part) => {
                outputs.belong_to(&owner, reading);
                is_known |= document::read(part, &mut outputs, reading)?;
            }
            Item::Banner | Item::Prompt(_) | Item::Name(_) => {}
        }
    }
    outputs.finish(reading);
    if is_known { Ok(()) } else { Err(FormatError::Unknown) }
}

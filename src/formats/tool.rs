//! What a format of text offers, so that it may be beside others in one text.

use super::lines::Part;
use super::outputs::Outputs;
use super::{FormatError, Reading};

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
    pub(super) const fn is_sure(self) -> bool {
        matches!(self, Self::Own | Self::First)
    }
}

//! Something that is known, with what it is of, as lists of facts show it.

use super::frame::Frame;
use super::parts::Sign;
use crate::report::mark::Mark;
use crate::text::say;

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) label: String,
    pub(super) text: String,
    /// Where there is more.
    pub(super) href: Option<String>,
    /// How it is to be taken, where that is not said otherwise.
    pub(super) mark: Option<Mark>,
}

impl Fact {
    /// A fact, with its label from the catalogue.
    pub(super) fn new(frame: &Frame, fact: &'static str, text: impl Into<String>) -> Self {
        let label = say!(frame.words, "page-fact", fact = fact);
        Self { label, text: text.into(), href: None, mark: None }
    }

    #[must_use]
    pub(super) fn linked(self, href: String) -> Self {
        Self { href: Some(href), ..self }
    }

    #[must_use]
    pub(super) fn marked(self, mark: Mark) -> Self {
        Self { mark: Some(mark), ..self }
    }

    pub(super) fn sign(&self) -> Option<Sign> {
        self.mark.map(Sign)
    }
}

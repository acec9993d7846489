//! What is taken and may not be what was meant.

use crate::catalogue::Message;
use crate::config::error::{ConfigError, Fault, Position};

/// Warnings, in the order in which they came up.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Fault>);

impl Notes {
    pub(super) fn at(&mut self, position: impl Into<Position>, message: Message) {
        self.add(Fault::at(position, message));
    }

    pub(super) fn add(&mut self, note: Fault) {
        self.0.push(note);
    }

    pub(super) fn into_warnings(self, origin: &str) -> Vec<ConfigError> {
        self.0.into_iter().map(|note| note.into_error(origin)).collect()
    }
}

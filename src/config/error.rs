//! What is wrong with a configuration, and where.

use std::fmt;
use thiserror::Error;

/// A place in a file, counted from 1. Zeroes where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u64,
    pub(super) column: u64,
}

impl From<serde_saphyr::Location> for Position {
    fn from(location: serde_saphyr::Location) -> Self {
        Self { line: location.line(), column: location.column() }
    }
}

/// A fault at a place, before it is known in which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) position: Option<Position>,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn at(position: impl Into<Position>, message: impl Into<String>) -> Self {
        Self { position: Some(position.into()), message: message.into() }
    }

    pub(super) fn into_error(self, origin: &str) -> ConfigError {
        ConfigError::new(origin, self.position, self.message)
    }
}

/// Why a configuration is refused: `FILE:LINE:COLUMN: MESSAGE`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ConfigError {
    origin: String,
    position: Option<Position>,
    message: String,
}

impl ConfigError {
    pub(super) fn new(origin: &str, position: Option<Position>, message: impl Into<String>) -> Self {
        let position = position.filter(|position| position.line > 0);
        Self { origin: origin.to_owned(), position, message: message.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(Position { line, column }) => {
                write!(formatter, "{}:{line}:{column}: {}", self.origin, self.message)
            }
            None => write!(formatter, "{}: {}", self.origin, self.message),
        }
    }
}

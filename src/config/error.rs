//! What is wrong with a configuration, and where.

use crate::catalogue::{Message, message};
use std::error::Error;
use std::fmt;

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
    pub(super) message: Message,
}

impl Fault {
    pub(super) fn at(position: impl Into<Position>, message: Message) -> Self {
        Self { position: Some(position.into()), message }
    }

    /// A fault of a value, which is quoted unless it may hold a password. All that is quoted in a fault goes through
    /// here.
    pub(super) fn of(value: &str, position: impl Into<Position>, message: Message) -> Self {
        let message = if may_hold_secret(value) {
            message.without(value)
        } else {
            message!("config-fault-of", value = value, fault = message)
        };
        Self::at(position, message)
    }

    pub(super) fn into_error(self, origin: &str) -> ConfigError {
        ConfigError::new(origin, self.position, self.message)
    }
}

/// True where a value may hold a password: where it has an `@`, an option or several lines, or something other than a
/// port, an address or a path after a colon.
pub(super) fn may_hold_secret(value: &str) -> bool {
    let is_harmless = |after: &str| {
        let number = after.split(['/', '\\']).next().unwrap_or_default().trim_end_matches(']');
        let is_of = |is_digit: fn(&u8) -> bool| number.bytes().all(|byte| is_digit(&byte));
        is_of(|byte| byte.is_ascii_digit() || *byte == b'.') || number.len() <= 4 && is_of(u8::is_ascii_hexdigit)
    };
    value.contains(['@', '=', '?', '\n']) || !value.split(':').skip(1).all(is_harmless)
}

/// True where a path has a character in it that only an escape can have put there: in double quotes of YAML `\t` is a
/// tab, also where a path of Windows is meant.
pub(super) fn has_escape(path: &str) -> bool {
    path.chars().any(|character| character.is_control() || matches!(character, '\u{a0}' | '\u{2028}' | '\u{2029}'))
}

/// True where a user name and a password are in a value: `user:password@host`, with or without a scheme before it.
pub(super) fn has_credentials(value: &str) -> bool {
    let with_drive = |word: &str| word.get(1..3).is_some_and(|second| matches!(second, ":/" | ":\\"));
    value.split_whitespace().any(|word| {
        let word = if with_drive(word) { word.get(2..).unwrap_or_default() } else { word };
        word.rsplit_once('@').is_some_and(|(before, _)| before.contains(':'))
    })
}

/// Why a configuration is refused: `FILE:LINE:COLUMN: MESSAGE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    origin: String,
    position: Option<Position>,
    message: Message,
}

impl ConfigError {
    pub(super) fn new(origin: &str, position: Option<Position>, message: Message) -> Self {
        let position = position.filter(|position| position.line > 0);
        Self { origin: origin.to_owned(), position, message }
    }

    /// What to say of it.
    pub fn message(&self) -> Message {
        let Self { origin, message, .. } = self;
        let place = match self.position {
            Some(Position { line, column }) => format!("{origin}:{line}:{column}"),
            None => origin.clone(),
        };
        message!("config-fault-at", place = place, fault = message.clone())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(formatter)
    }
}

impl Error for ConfigError {}

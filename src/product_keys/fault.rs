//! What can be wrong with the form of a key, and how that is said.

use super::{GROUP, LENGTH};
use crate::words::counted;
use serde::Serialize;
use std::fmt;

/// Something wrong with the form of a key. Groups and positions count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// Nothing was typed, or a label alone.
    Empty,
    /// Only five characters, such as Windows shows of an installed key.
    OnlyFive,
    /// A key whose first four groups a tool has replaced by X.
    Masked,
    /// The ID of an installed product.
    ProductId,
    /// A GUID, such as an activation ID.
    Guid,
    /// More than one key.
    SeveralKeys {
        /// How many.
        count: usize,
    },
    /// It has not as many characters as a key.
    Length {
        /// How many it has.
        characters: usize,
    },
    /// It has not as many groups as a key.
    Groups {
        /// How many it has.
        groups: usize,
    },
    /// A group is too short or too long.
    GroupLength {
        /// Which.
        group: usize,
        /// How many characters it has.
        characters: usize,
    },
    /// A character that no key has.
    Impossible {
        /// Its group; `None` where it was typed without groups.
        group: Option<usize>,
        /// Where it stands in the group, or in the whole.
        position: usize,
        /// The character.
        character: char,
        /// What it may have been meant to be, the likeliest first.
        similar: &'static [char],
    },
    /// So many characters that no key has that it is something else.
    NoKey {
        /// How many they are.
        impossible: usize,
    },
    /// More than one N.
    SeveralN {
        /// How many.
        count: usize,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("no key was typed"),
            Self::OnlyFive => formatter.write_str(
                "these are five characters, such as Windows shows of a key that is installed; the other 20 cannot be \
                 told from them",
            ),
            Self::Masked => formatter.write_str(
                "the first four groups are all X: a tool has hidden them, and they cannot be told from the last",
            ),
            Self::ProductId => formatter.write_str(
                "this has the form of a product ID, which Windows gives to what is installed; it activates nothing",
            ),
            Self::Guid => {
                formatter.write_str("this has the form of a GUID, such as an activation ID; it is no product key")
            }
            Self::SeveralKeys { count } => write!(formatter, "there are {count} keys in it: give one at a time"),
            Self::Length { characters } => {
                write!(formatter, "it has {}, and a key has {LENGTH}: ", counted(*characters, "character"))?;
                write_difference(formatter, *characters, LENGTH)
            }
            Self::Groups { groups } => {
                write!(formatter, "it has {}, and a key has {GROUP}", counted(*groups, "group"))
            }
            Self::GroupLength { group, characters } => {
                write!(formatter, "group {group} has {} in place of {GROUP}: ", counted(*characters, "character"))?;
                write_difference(formatter, *characters, GROUP)
            }
            Self::Impossible { group, position, character, similar } => {
                if let Some(group) = group {
                    write!(formatter, "group {group}, ")?;
                }
                write!(formatter, "character {position}: no key has ")?;
                write_character(formatter, *character)?;
                write_similar(formatter, similar)
            }
            Self::NoKey { impossible } => {
                write!(formatter, "{impossible} of its characters are in no key: this is something else")
            }
            Self::SeveralN { count } => write!(
                formatter,
                "there are {count} N in it: keys since Windows 8 have one, older ones none; M, H and W look like it"
            ),
        }
    }
}

/// How many characters are missing or too many.
fn write_difference(formatter: &mut fmt::Formatter<'_>, characters: usize, wanted: usize) -> fmt::Result {
    let verb = |count| if count == 1 { "is" } else { "are" };
    let (count, what) =
        if characters < wanted { (wanted - characters, "missing") } else { (characters - wanted, "too many") };
    write!(formatter, "{count} {} {what}", verb(count))
}

/// A character by itself, and by its number where a person may take it for another.
fn write_character(formatter: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    match character {
        '0' | '1' | '5' => write!(formatter, "the digit {character}"),
        'A'..='Z' => write!(formatter, "the letter {character}"),
        '!'..='~' => write!(formatter, "`{character}`"),
        _ => write!(formatter, "`{character}` (U+{:04X})", u32::from(character)),
    }
}

fn write_similar(formatter: &mut fmt::Formatter<'_>, similar: &[char]) -> fmt::Result {
    match similar {
        [] => Ok(()),
        [only] => write!(formatter, "; {only} looks like it"),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(char::to_string).collect();
            write!(formatter, "; {} and {last} look like it", rest.join(", "))
        }
    }
}

//! What can be wrong with the form of a key.

use serde::Serialize;

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

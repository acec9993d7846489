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
    SeveralKeys { count: usize },
    /// It has not as many characters as a key.
    Length { characters: usize },
    /// It has not as many groups as a key.
    Groups { groups: usize },
    /// A group is too short or too long.
    GroupLength { group: usize, characters: usize },
    /// A character that no key has.
    Impossible {
        /// Its group; `None` where it was typed without groups.
        group: Option<usize>,
        /// Where it is in the group, or in the whole.
        position: usize,
        character: char,
        /// What it may have been meant to be, the likeliest first.
        similar: &'static [char],
    },
    /// So many characters that no key has that it is something else.
    NoKey { impossible: usize },
    /// More than one N.
    SeveralN { count: usize },
}

//! What there is to say of a product key as it was typed.

use super::{Words, say};
use crate::product_keys::{Change, Fault, GROUP, Generic, GenericKind, LENGTH};

/// What is wrong with its form, as a clause.
pub(crate) fn fault(words: Words, fault: &Fault) -> String {
    match fault {
        Fault::Empty => say!(words, "key-empty"),
        Fault::OnlyFive => say!(words, "key-only-five"),
        Fault::Masked => say!(words, "key-masked"),
        Fault::ProductId => say!(words, "key-product-id"),
        Fault::Guid => say!(words, "key-guid"),
        Fault::SeveralKeys { count } => say!(words, "key-several", count = *count),
        Fault::Length { characters } => {
            let difference = difference(words, *characters, LENGTH);
            say!(
                words,
                "key-length",
                count = *characters,
                characters = *characters,
                length = LENGTH,
                difference = difference
            )
        }
        Fault::Groups { groups } => {
            say!(words, "key-groups", count = *groups, groups = *groups, wanted = GROUP)
        }
        Fault::GroupLength { group, characters } => {
            let difference = difference(words, *characters, GROUP);
            say!(
                words,
                "key-group-length",
                count = *characters,
                group = *group,
                characters = *characters,
                length = GROUP,
                difference = difference
            )
        }
        Fault::Impossible { group, position, character, similar } => {
            let character = named(words, *character);
            let clause = if let Some(group) = group {
                say!(words, "key-character-in-group", group = *group, position = *position, character = character)
            } else {
                say!(words, "key-character", position = *position, character = character)
            };
            with_similar(words, clause, similar)
        }
        Fault::NoKey { impossible } => say!(words, "key-something-else", count = *impossible),
        Fault::SeveralN { count } => say!(words, "key-several-n", count = *count),
    }
}

/// How many characters are missing or too many.
fn difference(words: Words, characters: usize, wanted: usize) -> String {
    let count = characters.abs_diff(wanted);
    let kind = if characters < wanted { "missing" } else { "surplus" };
    say!(words, "key-difference", kind = kind, count = count, number = count)
}

/// A character by itself, and by its number where a person may take it for another.
fn named(words: Words, character: char) -> String {
    let (kind, number) = match character {
        '0'..='9' => ("digit", String::new()),
        'A'..='Z' => ("letter", String::new()),
        '!'..='~' => ("sign", String::new()),
        _ => ("other", format!("U+{:04X}", u32::from(character))),
    };
    say!(words, "key-character-name", kind = kind, character = character.to_string(), number = number)
}

/// A clause with what the character may have been meant to be.
fn with_similar(words: Words, clause: String, similar: &[char]) -> String {
    match similar {
        [] => clause,
        [only] => say!(words, "key-similar-one", clause = clause, character = only.to_string()),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(char::to_string).collect();
            let (rest, last) = (rest.join(&say!(words, "key-list-comma")), last.to_string());
            say!(words, "key-similar", clause = clause, rest = rest, last = last)
        }
    }
}

/// What was done to what was typed, in a few words.
pub(crate) fn change(words: Words, change: Change) -> String {
    let change = match change {
        Change::Surroundings => "surroundings",
        Change::Quotes => "quotes",
        Change::Invisible => "invisible",
        Change::FullWidth => "full_width",
        Change::LowerCase => "lower_case",
        Change::OtherDashes => "other_dashes",
        Change::Spaces => "spaces",
        Change::MissingDashes => "missing_dashes",
    };
    say!(words, "key-change", change = change)
}

/// What a published key does. That the last five characters are the same does not prove that all are.
pub(crate) fn published(words: Words, generic: &Generic) -> String {
    let kind = match generic.kind {
        GenericKind::KmsClient => "kms_client",
        GenericKind::Avma => "avma",
    };
    let (five, edition) = (generic.last_five.as_str().to_owned(), generic.edition);
    say!(words, "key-published", kind = kind, five = five, edition = edition)
}

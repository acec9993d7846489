//! Groups of a key with other words between them: the number or the label of each, or tags.

use super::{Figures, Found, GROUP, Word};

/// How many words may be between two groups.
const MAX_WORDS: usize = 4;

/// How many words of tags may: the names and the attributes of a few.
const MAX_MARKUP: usize = 24;

/// How long a word is at most that is no part of a key, and how many digits it has: a label or the number of a group,
/// where names of machines and identifiers have more.
const MAX_LABEL: usize = 20;
const MAX_DIGITS: usize = 2;

/// The last groups, as far as they may be of one key.
#[derive(Debug, Default)]
pub(super) struct Scattered {
    groups: [Option<Word>; GROUP],
    /// Other words since the last group.
    words: usize,
    markup: usize,
    /// How many of the last groups no other word divides.
    in_a_row: usize,
}

impl Scattered {
    /// Takes in the next word, and says whether it is the end of a key.
    pub(super) fn add(&mut self, word: &Word) -> Option<Found> {
        let group = word.as_group();
        if group.length != GROUP || group.figures.mistakes > 0 {
            self.add_other(word);
            return None;
        }
        self.in_a_row = if word.length == GROUP && self.words + self.markup == 0 { self.in_a_row + 1 } else { 1 };
        (self.words, self.markup) = (0, 0);
        self.groups.rotate_left(1);
        self.groups[GROUP - 1] = Some(group);
        // Where nothing divides them, they are found otherwise.
        if self.in_a_row >= GROUP { None } else { self.key() }
    }

    fn add_other(&mut self, word: &Word) {
        // Whole keys that stand on their own are part of no other.
        let are_whole = self.in_a_row > 0 && self.in_a_row.is_multiple_of(GROUP);
        let digits = word.length - word.figures.letters;
        let is_label = word.is_markup || (word.length <= MAX_LABEL && digits <= MAX_DIGITS);
        self.words += usize::from(!word.is_markup);
        self.markup += usize::from(word.is_markup);
        if are_whole || !is_label || self.words > MAX_WORDS || self.markup > MAX_MARKUP {
            *self = Self::default();
        }
    }

    /// The key that the last groups are. Those of a key are never twice the same, other than the ends of keys in a list
    /// of machines.
    fn key(&self) -> Option<Found> {
        let [Some(first), .., Some(last)] = self.groups else { return None };
        let mut figures = Figures::default();
        for (index, group) in self.groups.iter().flatten().enumerate() {
            figures.add(&group.figures);
            if self.groups.iter().flatten().skip(index + 1).any(|other| other.last.eq_ignore_ascii_case(&group.last)) {
                return None;
            }
        }
        let is_likely = figures.letters >= GROUP && figures.are_diverse();
        is_likely.then_some(Found { start: first.start, end: last.end, last: last.last })
    }
}

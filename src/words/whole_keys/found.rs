//! Looks for keys in a sequence of characters and separators.

mod scattered;

use super::units::Separator;
use super::{LENGTH, is_of_keys};
use scattered::Scattered;
use std::collections::VecDeque;

/// How many characters a group has.
pub(super) const GROUP: usize = 5;

/// How many letters of scripts without cases may be between two groups. Of what is no letter, any number may.
const MAX_LETTERS_BETWEEN_GROUPS: usize = 40;

/// How many of them may be between the pieces of a key that is divided otherwise.
const MAX_LETTERS_BETWEEN_PIECES: usize = 4;

/// How many of its characters may be none that keys have, where a key is recognized by those: what is mistyped.
const MAX_MISTAKES: usize = 3;

/// How many groups are held until it is known which are keys: whole keys, so that they can be found bit by bit.
const MAX_GROUPS: usize = 1000 * GROUP;

/// A key that was found: where it is, and its last characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) last: [u8; GROUP],
}

/// A word as far as it was read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) length: usize,
    pub(super) figures: Figures,
    /// True where it is in a tag.
    pub(super) is_markup: bool,
    /// True unless every sixth character is one that no key has, and all others are of keys.
    is_irregular: bool,
    /// Where its first group ends, where its last group begins, and both in plain characters.
    first_end: usize,
    first: [u8; GROUP],
    last_starts: [usize; GROUP],
    pub(super) last: [u8; GROUP],
}

impl Word {
    fn push(&mut self, character: u8, place: Place) {
        let Place { start, end, is_markup } = place;
        if self.length == 0 {
            (self.start, self.is_markup) = (start, is_markup);
        }
        if let Some(slot) = self.first.get_mut(self.length) {
            (*slot, self.first_end) = (character, end);
        }
        push(&mut self.last, character);
        push(&mut self.last_starts, start);
        self.is_irregular |= is_of_keys(character) == (self.length % (GROUP + 1) == GROUP);
        self.length += 1;
        self.end = end;
        self.figures.count(character);
    }

    /// True for five groups with a letter between each that no key has, and perhaps behind the last.
    const fn is_divided_by_letters(&self) -> bool {
        let length = LENGTH + LENGTH / GROUP;
        (self.length == length || self.length + 1 == length) && !self.is_irregular && self.figures.are_diverse()
    }

    /// The group that a word is with a letter before or behind it that no key has; otherwise the word.
    fn as_group(&self) -> Self {
        if self.length != GROUP + 1 || self.figures.mistakes != 1 {
            return *self;
        }
        let mut groups = [self.last, self.first].into_iter().map(|group| (group, Figures::of(group)));
        match groups.find(|(_, figures)| figures.mistakes == 0) {
            Some((last, figures)) => Self { length: GROUP, figures, last, ..*self },
            None => *self,
        }
    }

    /// Takes in a mark on the last character.
    const fn mark(&mut self, end: usize) {
        self.end = end;
        if self.length <= GROUP {
            self.first_end = end;
        }
    }
}

/// What a piece of text consists of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figures {
    /// Letters, and how many of them are in lower case.
    pub(super) letters: usize,
    lower: usize,
    /// Characters that no key has.
    pub(super) mistakes: usize,
    /// Letters that are no hexadecimal digit.
    beyond_hexadecimal: usize,
    /// Which characters there are, one bit for each.
    which: u64,
}

impl Figures {
    fn count(&mut self, character: u8) {
        self.letters += usize::from(!character.is_ascii_digit());
        self.lower += usize::from(character.is_ascii_lowercase());
        self.mistakes += usize::from(!is_of_keys(character));
        self.beyond_hexadecimal += usize::from(!character.is_ascii_hexdigit());
        self.which |= 1 << (character.to_ascii_uppercase() & 63);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.letters += other.letters;
        self.lower += other.lower;
        self.mistakes += other.mistakes;
        self.beyond_hexadecimal += other.beyond_hexadecimal;
        self.which |= other.which;
    }

    /// True unless this is a number in hexadecimal, such as a digest, or a few characters over and over.
    pub(super) const fn are_diverse(&self) -> bool {
        self.beyond_hexadecimal > 0 && self.which.count_ones() as usize > GROUP
    }

    /// True unless letters in upper and in lower case are mixed, as they are in Base64. The first one of a text is
    /// often in upper case.
    const fn are_of_one_case(&self) -> bool {
        self.lower == 0 || self.letters - self.lower <= 1
    }

    fn of(characters: [u8; GROUP]) -> Self {
        let mut figures = Self::default();
        for character in characters {
            figures.count(character);
        }
        figures
    }
}

/// Five characters that may be a group of a key.
#[derive(Debug, Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
    characters: [u8; GROUP],
    figures: Figures,
    /// True where other characters are before or behind it in its word.
    is_glued: bool,
    before: Gap,
}

/// What is between two words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Gap {
    separators: usize,
    hyphens: usize,
    blanks: usize,
    letters: usize,
    others: usize,
}

impl Gap {
    const fn add(&mut self, separator: Separator) {
        self.separators += 1;
        match separator {
            Separator::Hyphen => self.hyphens += 1,
            Separator::Blank => self.blanks += 1,
            Separator::Break => {}
            Separator::Letter => (self.letters, self.others) = (self.letters + 1, self.others + 1),
            Separator::Other => self.others += 1,
        }
    }

    /// A hyphen, with or without a little space around it.
    const fn is_hyphen(self) -> bool {
        self.hyphens == 1 && self.others == 0 && self.separators <= 5
    }

    const fn is_one_blank(self) -> bool {
        self.separators == 1 && self.blanks == 1
    }
}

/// Characters of keys side by side in one word, in upper or in lower case alone.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    start: usize,
    length: usize,
    figures: Figures,
    is_upper: Option<bool>,
}

/// The search for keys, as far as the text was read.
#[derive(Debug, Default)]
pub(super) struct Search {
    found: Vec<Found>,
    run: Run,
    /// What is between separators.
    word: Word,
    gap: Gap,
    /// What is between separators and what cannot be seen, which may as well be between groups as within one.
    part: Word,
    gap_of_part: Gap,
    groups: Vec<Group>,
    /// The last words of characters of keys, 25 in all at the most.
    pieces: VecDeque<Word>,
    /// The last groups, with other words between them: of words and of parts.
    scattered: Scattered,
    scattered_parts: Scattered,
}

/// Where a character is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) is_markup: bool,
}

impl Search {
    /// Takes in the next letter or digit.
    pub(super) fn character(&mut self, character: u8, place: Place) {
        self.extend_run(character, place.start);
        self.word.push(character, place);
        self.part.push(character, place);
    }

    /// Takes in a mark on the last character.
    pub(super) fn mark(&mut self, end: usize) {
        for word in [&mut self.word, &mut self.part] {
            if word.length > 0 {
                word.mark(end);
            }
        }
    }

    /// Takes in the next separator.
    pub(super) fn separator(&mut self, separator: Separator) {
        self.end_word();
        self.gap.add(separator);
        self.end_part();
        self.gap_of_part.add(separator);
    }

    /// Takes in what cannot be seen.
    pub(super) fn invisible(&mut self) {
        self.end_part();
        self.gap_of_part.add(Separator::Break);
    }

    /// The keys, in the order in which they begin. They may overlap: one may be found in more than one way.
    pub(super) fn finish(mut self) -> Vec<Found> {
        self.end_word();
        self.end_part();
        self.end_groups();
        self.found.sort_unstable_by_key(|found| (found.start, found.end));
        self.found
    }

    /// Takes a character into account that is not yet part of the word.
    fn extend_run(&mut self, character: u8, start: usize) {
        let is_upper = character.is_ascii_alphabetic().then(|| character.is_ascii_uppercase());
        let has_other_case = self.run.is_upper.zip(is_upper).is_some_and(|(one, other)| one != other);
        if !is_of_keys(character) || has_other_case {
            self.end_run();
        }
        if is_of_keys(character) {
            let run = &mut self.run;
            if run.length == 0 {
                run.start = start;
            }
            run.length += 1;
            run.figures.count(character);
            run.is_upper = run.is_upper.or(is_upper);
        }
    }

    /// Looks whether a key is undivided at the end of the word so far.
    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        if run.length >= LENGTH && run.figures.are_diverse() {
            self.found.push(Found { start: run.start, end: self.word.end, last: self.word.last });
        }
    }

    fn end_word(&mut self) {
        if self.word.length == 0 {
            return;
        }
        self.end_run();
        let (word, gap) = (std::mem::take(&mut self.word), std::mem::take(&mut self.gap));
        if word.length == LENGTH && word.figures.mistakes == 0 || word.is_divided_by_letters() {
            self.found.push(Found { start: word.start, end: word.end, last: word.last });
        }
        self.found.extend(self.scattered.add(&word));
        self.add_to_pieces(&word, gap);
    }

    fn end_part(&mut self) {
        if self.part.length > 0 {
            let (part, gap) = (std::mem::take(&mut self.part), std::mem::take(&mut self.gap_of_part));
            self.found.extend(self.scattered_parts.add(&part));
            self.add_to_groups(&part, gap);
        }
    }

    fn add_to_groups(&mut self, word: &Word, before: Gap) {
        if before.letters > MAX_LETTERS_BETWEEN_GROUPS || self.groups.len() >= MAX_GROUPS {
            self.end_groups();
        }
        let is_glued = word.length > GROUP;
        if word.length >= GROUP {
            let figures = Figures::of(word.first);
            let (start, end, characters) = (word.start, word.first_end, word.first);
            if !is_glued || !self.groups.is_empty() {
                self.groups.push(Group { start, end, characters, figures, is_glued, before });
            }
        }
        if word.length != GROUP {
            self.end_groups();
        }
        if is_glued {
            let [start, ..] = word.last_starts;
            let (end, characters) = (word.end, word.last);
            self.groups.push(Group { start, end, characters, figures: Figures::of(characters), is_glued, before });
        }
    }

    /// Looks which of the groups in a row are keys.
    fn end_groups(&mut self) {
        let groups = std::mem::take(&mut self.groups);
        let rules: [fn(&Group, bool) -> bool; 3] = [
            |group, _| group.figures.mistakes <= usize::from(!group.is_glued),
            |group, is_first| is_first || group.before.is_hyphen(),
            // Words of five letters are not so rare that prose has never five in a row.
            |group, is_first| {
                let is_upper = !group.is_glued && group.figures.lower == 0;
                is_upper && (is_first || group.before.is_one_blank())
            },
        ];
        for (number, rule) in rules.into_iter().enumerate() {
            let mut row: &[Group] = &groups;
            while let Some(first) = row.first() {
                let length = 1 + row.iter().skip(1).take_while(|group| rule(group, false)).count();
                let (keys, rest) = row.split_at(if rule(first, true) { length } else { 1 });
                row = rest;
                self.add_keys(keys, number == 0);
            }
        }
    }

    /// Adds the keys that a row of groups is: five and five, where that comes out even, else all in one.
    fn add_keys(&mut self, row: &[Group], is_found_by_characters: bool) {
        if row.len() < GROUP {
            return;
        }
        let count = if row.len().is_multiple_of(GROUP) { GROUP } else { row.len() };
        for key in row.chunks(count) {
            let sum = |figure: fn(&Figures) -> usize| key.iter().map(|group| figure(&group.figures)).sum::<usize>();
            let is_likely = sum(|it| it.letters) >= GROUP && sum(|it| it.mistakes) * GROUP <= MAX_MISTAKES * key.len();
            if let ([first, .., last], true) = (key, !is_found_by_characters || is_likely) {
                self.found.push(Found { start: first.start, end: last.end, last: last.characters });
            }
        }
    }

    /// Takes a word for the next piece of a key in an unusual division, and looks whether it is the last one: where it
    /// and those before it have 25 characters.
    fn add_to_pieces(&mut self, word: &Word, before: Gap) {
        if before.letters > MAX_LETTERS_BETWEEN_PIECES || word.figures.mistakes > 0 {
            self.pieces.clear();
        }
        if word.figures.mistakes > 0 {
            return;
        }
        self.pieces.push_back(*word);
        let mut length = self.pieces.iter().map(|piece| piece.length).sum::<usize>();
        while length > LENGTH {
            length -= self.pieces.pop_front().map_or(length, |piece| piece.length);
        }
        let (Some(first), true) = (self.pieces.front(), self.pieces.len() > 1 && length == LENGTH) else { return };
        let mut figures = Figures::default();
        self.pieces.iter().for_each(|piece| figures.add(&piece.figures));
        if figures.letters >= GROUP && figures.are_diverse() && figures.are_of_one_case() {
            let mut last = [0; GROUP];
            for piece in &self.pieces {
                for character in piece.last.iter().skip(GROUP.saturating_sub(piece.length)) {
                    push(&mut last, *character);
                }
            }
            self.found.push(Found { start: first.start, end: word.end, last });
            // The next one begins behind it.
            self.pieces.clear();
        }
    }
}

/// Adds a value behind the last ones, and forgets the first of these.
fn push<T>(last: &mut [T; GROUP], value: T) {
    last.rotate_left(1);
    let [.., slot] = last;
    *slot = value;
}

//! Lines of what scripts print on a console, put together again where the console, a mail or a ticket broke them.
//!
//! A line begins with one of the phrases a format has, and what begins with none may be the rest of the line before.
//! Phrases are compared without blanks and case, and over the ends of lines, so that it does not matter where a line
//! was broken, nor whether its blanks came through.
//!
//! Whether the end of a line is where it really ended shows only by what follows, so [`Entry::is_closed`] says whether
//! more could have been there: a count that may go on is not a count.

#[cfg(test)]
mod tests;

use super::Reading;
use super::folding::folded;
use super::machine_names::is_name;
use crate::words::quoted;
use std::collections::VecDeque;

/// The longest line that is looked at, in bytes. Whatever is longer is none of those that are looked for.
const MAX_LINE: usize = 2000;

/// What is between a phrase and its value.
const COLONS: [char; 2] = [':', '\u{ff1a}'];

/// The most lines that one may have been broken into.
const MAX_PIECES: usize = 8;

/// The narrowest column, in characters, at which lines are taken to have been broken.
const MIN_COLUMN: usize = 16;

/// How far a line that was broken may be from the widest: eight columns of indentation that got lost, and a wide
/// character that did not fit.
const SLACK: usize = 9;

/// A part of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'t> {
    pub(super) text: &'t str,
    /// The line of the whole text on which it begins, from 1.
    pub(super) line: usize,
    /// Where in the whole text it begins, in bytes.
    pub(super) start: usize,
    /// How wide the widest line of the whole text is.
    pub(super) columns: usize,
    /// True where more of the text follows, so that the last line of this part is whole.
    pub(super) is_followed: bool,
}

impl<'t> Part<'t> {
    /// A whole text.
    pub(super) fn whole(text: &'t str) -> Self {
        let columns = Lines::new(text).map(|line| line.width).max().unwrap_or(0);
        Self { text, line: 1, start: 0, columns, is_followed: false }
    }

    /// Its lines that are not blank.
    pub(super) const fn lines(&self) -> Lines<'t> {
        Lines::within(self.text, self.line, self.start)
    }

    /// A part of this one: from one line, which begins at this byte, up to another.
    pub(super) fn part(&self, line: usize, start: usize, end: usize) -> Self {
        let text = self.text.get(start - self.start..end - self.start).unwrap_or_default();
        let is_followed = self.is_followed || end < self.start + self.text.len();
        Self { text, line, start, is_followed, ..*self }
    }
}

/// A phrase as it is printed, and what it means.
pub(super) type Phrase<K> = (&'static str, K);

/// A line of the text that is not blank.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each describes a line by itself")]
pub(super) struct Line<'t> {
    pub(super) number: usize,
    /// Where in the text it begins, in bytes.
    pub(super) start: usize,
    /// Without blanks and quotes around it.
    pub(super) text: &'t str,
    /// In columns, with the blanks in front of it.
    pub(super) width: usize,
    /// True where a single blank is in front, which is how a line broken at a blank goes on.
    opens_blank: bool,
    pub(super) follows_blank: bool,
    has_end: bool,
    is_too_long: bool,
}

/// One printed line: a phrase and what follows it up to the next.
#[derive(Debug)]
pub(super) struct Entry<'t, K> {
    /// What it says; `None` where it begins with no phrase.
    pub(super) what: Option<K>,
    /// The line it begins on, from 1.
    pub(super) number: usize,
    /// The first line, for quotes.
    pub(super) first: &'t str,
    /// False where the text may end in the middle of it.
    pub(super) is_closed: bool,
    /// What follows the phrase, in the lines it is on, each with whether a blank got lost in front of it.
    pieces: Vec<(&'t str, bool)>,
}

impl<K> Entry<'_, K> {
    /// What follows the phrase, with the blanks that seem to have got lost where lines were broken.
    pub(super) fn prose(&self) -> String {
        let mut prose = String::new();
        for (piece, is_after_blank) in &self.pieces {
            if *is_after_blank && !prose.is_empty() {
                prose.push(' ');
            }
            prose.push_str(piece);
        }
        prose
    }

    /// Where it begins with no phrase: what it says by its own phrase, before a colon, and by the value after it.
    pub(super) fn recognize(&mut self, what: impl Fn(&str, &str) -> Option<K>) {
        let joined: String = self.pieces.iter().map(|(piece, _)| *piece).collect();
        let Some((phrase, value)) = joined.split_once(COLONS) else { return };
        self.what = what(phrase, value);
        if self.what.is_none() {
            return;
        }
        let colon = self.pieces.iter().position(|(piece, _)| piece.contains(COLONS)).unwrap_or(0);
        self.pieces.drain(..colon);
        if let Some((piece, is_after_blank)) = self.pieces.first_mut() {
            *piece = piece.split_once(COLONS).map_or(*piece, |(_, value)| value.trim());
            *is_after_blank = false;
        }
    }

    /// True where it was not broken.
    pub(super) fn is_one_line(&self) -> bool {
        self.pieces.len() == 1
    }

    /// The last line, where it may be no rest of this one, but the heading of what follows: words, and a name among them.
    pub(super) fn heading_behind(&self) -> Option<&str> {
        let (last, _) = self.pieces.last().filter(|_| !self.is_one_line())?;
        let mut words = last.split(|char: char| char.is_whitespace() || ":()[]".contains(char));
        let is_name = |word: &str| {
            let word = word.trim_matches(['.', ',', '*']);
            word.contains(|char: char| char.is_ascii_digit()) && is_name(word)
        };
        let is_ruled = ["===", "---", "***", "###"].iter().any(|rule| last.starts_with(rule));
        (is_ruled || (last.contains(' ') && words.any(is_name))).then_some(last)
    }

    /// What follows the phrase up to the end of the first line.
    pub(super) fn rest_of_line(&self) -> &str {
        self.pieces.first().map_or("", |(piece, _)| piece)
    }

    /// The figure that follows the phrase, read from as many lines as make one. What is left over is counted.
    pub(super) fn read<T>(&self, reading: &mut Reading<'_>, parse: impl Fn(&str, bool) -> Option<T>) -> Option<T> {
        for count in (1..=self.pieces.len()).rev() {
            let (taken, left) = self.pieces.split_at(count);
            let starts_with_digit = |(piece, _): &(&str, bool)| piece.starts_with(|char: char| char.is_ascii_digit());
            // Where the text may have been cut, or a number go on, fewer lines would make a wrong figure.
            if !left.is_empty() && (!self.is_closed || left.first().is_some_and(starts_with_digit)) {
                break;
            }
            let joined: String = taken.iter().map(|(piece, _)| *piece).collect();
            if let Some(figure) = parse(&joined, self.is_closed) {
                for (piece, _) in left {
                    reading.skip(format_args!("line {}", self.number), "this is not known", piece);
                }
                return Some(figure);
            }
        }
        None
    }

    /// Counts it as skipped.
    pub(super) fn skip(&self, reading: &mut Reading<'_>, why: &str) {
        reading.skip(format_args!("line {}", self.number), why, &quoted(self.first));
    }
}

/// The printed lines of a text.
pub(super) struct Entries<'t, K: 'static> {
    lines: Lines<'t>,
    ahead: VecDeque<Line<'t>>,
    /// Each with its first letter, which distinguishes most of them.
    phrases: Vec<(Option<char>, &'static Phrase<K>)>,
    columns: usize,
    /// True where more of the text follows, so that the last line is whole.
    is_followed: bool,
}

impl<'t, K: Copy> Entries<'t, K> {
    /// Those of one part of a text.
    pub(super) fn of(part: &Part<'t>, phrases: &'static [&'static [Phrase<K>]]) -> Self {
        let phrases = phrases.iter().copied().flatten();
        let phrases = phrases.map(|phrase| (phrase.0.chars().find_map(folded), phrase)).collect();
        let (columns, is_followed) = (part.columns, part.is_followed);
        Self { lines: part.lines(), ahead: VecDeque::new(), phrases, columns, is_followed }
    }

    /// Looks some lines ahead.
    fn fill(&mut self, count: usize) {
        while self.ahead.len() < count {
            let Some(line) = self.lines.next() else { break };
            self.ahead.push_back(line);
        }
    }

    /// The longest phrase with which the lines ahead begin, and where it ends: in which line, at which byte.
    fn phrase_ahead(&mut self) -> Option<(K, usize, usize)> {
        self.fill(4);
        let first = self.ahead.front()?.text.chars().find_map(folded);
        let candidates = self.phrases.iter().filter(|(letter, _)| *letter == first);
        let matches = candidates.filter_map(|(_, (phrase, what))| {
            let (line, end) = end_of_phrase(phrase, &self.ahead)?;
            Some((phrase.len(), (*what, line, end)))
        });
        matches.max_by_key(|(length, _)| *length).map(|(_, found)| found)
    }

    /// True where a line was broken, by its width, rather than ended.
    fn may_go_on(&self, line: &Line<'_>, next: &Line<'_>) -> bool {
        let word = next.text.split_whitespace().next().map_or(0, width);
        line.width >= MIN_COLUMN && (line.width + SLACK + word > self.columns || is_usual_column(line.width))
    }

    /// True where a blank got lost between two pieces of a line.
    fn lost_blank(&self, line: &Line<'_>, next: &Line<'_>) -> bool {
        let is_full = line.width == self.columns || line.width.is_multiple_of(40);
        next.opens_blank || !is_full
    }
}

impl<'t, K: Copy> Iterator for Entries<'t, K> {
    type Item = Entry<'t, K>;

    fn next(&mut self) -> Option<Self::Item> {
        let phrase = self.phrase_ahead();
        let mut last = self.ahead.pop_front()?;
        let (number, first) = (last.number, last.text);
        let (what, lines, end) = phrase.map_or((None, 0, 0), |(what, line, end)| (Some(what), line, end));
        for _ in 0..lines {
            last = self.ahead.pop_front()?;
        }
        let mut pieces = vec![(last.text.get(end..).unwrap_or_default().trim(), false)];
        while pieces.len() < MAX_PIECES && !last.is_too_long {
            if self.phrase_ahead().is_some() {
                break;
            }
            let Some(next) = self.ahead.front().copied() else { break };
            let is_number = next.text.bytes().all(|byte| byte.is_ascii_digit());
            let may_go_on = is_number || self.may_go_on(&last, &next);
            // A phrase in another language may have been broken too, and then its colon is yet to come.
            let is_broken_phrase = what.is_none() && !last.text.contains(COLONS) && !next.text.is_ascii();
            let begins_anew =
                (has_a_phrase_of_its_own(&next) && !is_broken_phrase) || is_phrase_after_value(last.text, next.text);
            if next.follows_blank || next.is_too_long || begins_anew || !may_go_on {
                break;
            }
            pieces.push((next.text, self.lost_blank(&last, &next)));
            last = next;
            self.ahead.pop_front();
        }
        self.fill(1);
        let is_narrow = last.width + SLACK <= self.columns && !is_usual_column(last.width);
        let is_closed =
            last.has_end && (!self.ahead.is_empty() || self.lines.ends_blank || is_narrow || self.is_followed);
        Some(Entry { what, number, first, is_closed, pieces })
    }
}

/// True for the widths at which consoles break lines, and those of lines whose indentation got lost.
fn is_usual_column(width: usize) -> bool {
    matches!(width, 71..=80 | 111..=120)
}

/// True for what looks like a line of its own with a phrase that is not known: words and a colon. In Japanese the
/// blank after it may be missing. A single word with nothing after it may as well be the end of a host's name.
fn has_a_phrase_of_its_own(line: &Line<'_>) -> bool {
    let Some((phrase, rest)) = line.text.split_once(COLONS) else { return false };
    let are_words = phrase.starts_with(char::is_alphabetic)
        && phrase
            .chars()
            .all(|char| char.is_alphanumeric() || " \u{a0}'\u{2019}-_/()\u{ff08}\u{ff09}\u{30fb},.".contains(char));
    let stands_apart = rest.starts_with(char::is_whitespace) || (rest.is_empty() && phrase.contains(' '));
    are_words && (stands_apart || !phrase.is_ascii())
}

/// True where a value in Latin letters or digits ended and a phrase in Japanese begins. Only units follow such a value.
fn is_phrase_after_value(last: &str, next: &str) -> bool {
    let is_value = last.ends_with(|char: char| char.is_ascii_alphanumeric());
    is_value && next.starts_with(|char| char >= '\u{2e80}') && !next.starts_with(['\u{5206}', '\u{65e5}'])
}

/// Where a phrase ends in these lines, if they begin with it. It may go over the end of a line that is wide enough to
/// have been broken.
fn end_of_phrase(phrase: &str, lines: &VecDeque<Line<'_>>) -> Option<(usize, usize)> {
    let mut wanted = phrase.chars().filter_map(folded).peekable();
    for (index, line) in lines.iter().enumerate() {
        if line.is_too_long || (index > 0 && line.follows_blank) {
            return None;
        }
        for (offset, char) in line.text.char_indices() {
            let Some(char) = folded(char) else { continue };
            match wanted.next() {
                Some(expected) if expected == char => {}
                Some(_) => return None,
                None => return Some((index, offset)),
            }
        }
        if wanted.peek().is_none() {
            return Some((index, line.text.len()));
        }
        if line.width < MIN_COLUMN {
            return None;
        }
    }
    None
}

/// What a line by itself begins with, by the longest phrase, and what follows that.
pub(super) fn phrase_of<'t, K: Copy>(line: &'t str, phrases: &[Phrase<K>]) -> Option<(K, &'t str)> {
    let first = line.chars().find_map(folded);
    let matches = phrases.iter().filter_map(|(phrase, what)| {
        let mut wanted = phrase.chars().filter_map(folded);
        let mut expected = wanted.next();
        if expected != first {
            return None;
        }
        let mut end = line.len();
        for (offset, char) in line.char_indices() {
            let Some(char) = folded(char) else { continue };
            match expected {
                Some(known) if known == char => expected = wanted.next(),
                Some(_) => return None,
                None => {
                    end = offset;
                    break;
                }
            }
        }
        expected.is_none().then_some((phrase.len(), *what, end))
    });
    let (_, what, end) = matches.max_by_key(|(length, ..)| *length)?;
    Some((what, line.get(end..).unwrap_or_default()))
}

/// How many columns of a console a text takes.
fn width(text: &str) -> usize {
    let is_wide = |char| {
        matches!(char, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}')
    };
    text.chars().map(|char| if is_wide(char) { 2 } else { 1 }).sum()
}

/// The lines of a text that are not blank, whatever ends them.
#[derive(Debug, Clone)]
pub(super) struct Lines<'t> {
    rest: &'t str,
    number: usize,
    /// Where the text ends, in bytes of the text that it is a part of.
    end: usize,
    /// Lines that were taken already and have nothing in them: all but the first of a run of CR.
    passed_over: usize,
    /// True once the text has ended with blank lines.
    ends_blank: bool,
}

impl<'t> Lines<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self::within(text, 1, 0)
    }

    /// Those of a part of a text, which begins on this line, at this byte.
    pub(super) const fn within(text: &'t str, line: usize, start: usize) -> Self {
        Self { rest: text, number: line - 1, end: start + text.len(), passed_over: 0, ends_blank: false }
    }

    /// The next line as it is, and whether it has an end.
    fn take_line(&mut self) -> Option<(&'t str, bool)> {
        if self.passed_over > 0 {
            self.number += std::mem::take(&mut self.passed_over);
            return Some(("", true));
        }
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let Some(end) = self.rest.find(['\r', '\n']) else {
            return Some((std::mem::take(&mut self.rest), false));
        };
        let (line, rest) = self.rest.split_at(end);
        // The whole run at once: to look at the rest of it again for each would take for ever.
        let without_returns = rest.trim_start_matches('\r');
        // Output that went through two programs has CR CR LF.
        self.rest = if let Some(rest) = without_returns.strip_prefix('\n') {
            rest
        } else {
            self.passed_over = (rest.len() - without_returns.len()).saturating_sub(1);
            without_returns
        };
        Some((line, true))
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let mut follows_blank = false;
        loop {
            let start = self.end - self.rest.len();
            let Some((raw, has_end)) = self.take_line() else { break };
            let number = self.number;
            if raw.len() > MAX_LINE {
                let end = raw.floor_char_boundary(MAX_LINE);
                let text = raw.get(..end).unwrap_or_default().trim();
                return Some(Line {
                    number,
                    start,
                    text,
                    width: 0,
                    opens_blank: false,
                    follows_blank,
                    has_end,
                    is_too_long: true,
                });
            }
            let is_around = |char: char| char.is_whitespace() || char.is_control() || "\u{feff}\u{200e}".contains(char);
            let open = raw.trim_end_matches(is_around);
            // Quotes: of a mail, of a table, of code.
            let text = open.trim_start_matches(|char| is_around(char) || "\">|`'\u{201c}\u{201d}".contains(char));
            let text = text.trim_end_matches(|char| is_around(char) || "\"`'|\u{201c}\u{201d}".contains(char));
            if text.is_empty() {
                follows_blank = true;
                continue;
            }
            return Some(Line {
                number,
                start,
                text,
                width: width(open),
                opens_blank: raw.starts_with(' ') && !raw.starts_with("  "),
                follows_blank,
                has_end,
                is_too_long: false,
            });
        }
        self.ends_blank |= follows_blank;
        None
    }
}

//! Codes and events by the texts that Windows shows of them, for whoever has nothing else: a picture of a dialog, or
//! the first line of a mail. Texts are compared by their letters and digits alone, so that case, spaces, punctuation
//! and line breaks make no difference. Nothing is guessed: a text is found whole in what was given, or what was given
//! is a part of it.

use super::events;
use super::facts::{self, Confidence};
use crate::codes::Code;
use serde::Deserialize;
use std::cmp::Reverse;
use std::sync::LazyLock;

/// The fewest letters and digits by which a text is recognized in the midst of others, in bytes.
const MIN_WITHIN: usize = 16;

/// The fewest that are looked for as a part of a text, in bytes.
const MIN_PART: usize = 24;

/// How many codes may have the text that was given, so that it says anything at all.
const MAX_CANDIDATES: usize = 6;

/// What a text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Code(Code),
    /// An event, by its id.
    Event(u16),
}

/// Texts that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where it begins in the text that was given, in bytes.
    pub at: usize,
    /// Where the next word begins.
    pub end: usize,
    /// What it is about, the likeliest first. There is at least one.
    pub subjects: Vec<Subject>,
}

#[derive(Debug, Deserialize)]
struct Row {
    subject: String,
    message: String,
}

/// A text, and all that have it.
#[derive(Debug)]
struct Message {
    letters: String,
    subjects: Vec<Subject>,
}

static MESSAGES: LazyLock<Vec<Message>> = LazyLock::new(|| {
    let mut messages: Vec<Message> = Vec::new();
    for row in facts::rows::<Row>(include_str!("messages.tsv")) {
        let Some(subject) = subject(&row.subject) else { continue };
        let letters = Folded::new(&row.message).letters;
        match messages.iter_mut().find(|known| known.letters == letters) {
            Some(known) if known.subjects.contains(&subject) => {}
            Some(known) => known.subjects.push(subject),
            None => messages.push(Message { letters, subjects: vec![subject] }),
        }
    }
    for message in &mut messages {
        message.subjects.sort_by_key(|subject| rank(*subject));
    }
    messages
});

fn subject(text: &str) -> Option<Subject> {
    if let Some(code) = facts::hexadecimal(text) {
        return facts::fact(code).map(|fact| Subject::Code(fact.code));
    }
    text.parse().ok().and_then(events::event).map(|event| Subject::Event(event.id))
}

/// What comes first of several that have the same text.
fn rank(subject: Subject) -> (bool, Subject) {
    let is_documented = match subject {
        Subject::Code(code) => facts::fact(code).is_some_and(|fact| fact.confidence == Confidence::Documented),
        Subject::Event(_) => true,
    };
    (!is_documented, subject)
}

/// The texts that are in what was given, in their order, or those that it is a part of.
pub fn find(text: &str) -> Vec<Hit> {
    let given = Folded::new(text);
    if given.letters.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(usize, &Message)> = MESSAGES
        .iter()
        .filter(|known| known.letters.len() >= MIN_WITHIN || known.letters == given.letters)
        .filter_map(|known| Some((given.letters.find(known.letters.as_str())?, known)))
        .collect();
    // The longest first: a shorter one that is within it is a part of it alone.
    found.sort_by_key(|(at, message)| (Reverse(message.letters.len()), *at));
    let mut taken: Vec<(usize, usize)> = Vec::new();
    found.retain(|(at, message)| {
        let span = (*at, at + message.letters.len());
        let is_free = !taken.iter().any(|other| span.0 < other.1 && other.0 < span.1);
        if is_free {
            taken.push(span);
        }
        is_free
    });
    found.sort_by_key(|(at, _)| *at);
    let hits = found.into_iter().map(|(at, known)| Hit {
        at: given.offset(at),
        end: given.end(at + known.letters.len()).unwrap_or(text.len()),
        subjects: known.subjects.clone(),
    });
    let hits: Vec<_> = hits.collect();
    if hits.is_empty() { part(text, &given.letters).into_iter().collect() } else { hits }
}

/// The texts of which what was given is a part, those first of which it is the larger part.
fn part(text: &str, letters: &str) -> Option<Hit> {
    if letters.len() < MIN_PART {
        return None;
    }
    let mut whole: Vec<_> = MESSAGES.iter().filter(|known| known.letters.contains(letters)).collect();
    whole.sort_by_key(|known| known.letters.len());
    let mut subjects: Vec<Subject> = Vec::new();
    for subject in whole.into_iter().flat_map(|known| &known.subjects) {
        if !subjects.contains(subject) {
            subjects.push(*subject);
        }
    }
    (1..=MAX_CANDIDATES).contains(&subjects.len()).then_some(Hit { at: 0, end: text.len(), subjects })
}

/// A text by its letters and digits alone, in lower case.
struct Folded {
    letters: String,
    /// Where each word begins, there and in the text.
    words: Vec<(usize, usize)>,
}

/// Words in which editions of Windows differ: the Software Licensing Service became the Software Protection Service,
/// the computer that could not be activated the product, and a key that has been blocked one that is.
const INTERCHANGED: [&str; 6] = ["licensing", "protection", "computer", "product", "machine", "has"];

impl Folded {
    fn new(text: &str) -> Self {
        let mut folded = Self { letters: String::new(), words: Vec::new() };
        let is_within = |character: char| character.is_alphanumeric() || matches!(character, '\'' | '\u{2019}');
        let mut rest = text;
        while let Some(start) = rest.find(is_within) {
            let word = rest.get(start..).unwrap_or_default();
            let end = word.find(|character| !is_within(character)).unwrap_or(word.len());
            folded.push(word.get(..end).unwrap_or_default(), text.len() - word.len());
            rest = word.get(end..).unwrap_or_default();
        }
        folded
    }

    fn push(&mut self, word: &str, offset: usize) {
        let word: String = word.chars().filter(|character| character.is_alphanumeric()).collect();
        let word = word.to_lowercase();
        if INTERCHANGED.contains(&word.as_str()) {
            return;
        }
        self.words.push((self.letters.len(), offset));
        match word.as_str() {
            "cant" => self.letters.push_str("cannot"),
            "couldnt" => self.letters.push_str("couldnot"),
            "doesnt" => self.letters.push_str("doesnot"),
            "didnt" => self.letters.push_str("didnot"),
            "isnt" => self.letters.push_str("isnot"),
            "been" => self.letters.push_str("is"),
            word => self.letters.push_str(word),
        }
    }

    /// Where the first word is in the text that does not begin before a letter.
    fn end(&self, letter: usize) -> Option<usize> {
        self.words.get(self.words.partition_point(|(at, _)| *at < letter)).map(|(_, offset)| *offset)
    }

    /// Where a letter is in the text, or the word that it is in.
    fn offset(&self, letter: usize) -> usize {
        let before = self.words.partition_point(|(at, _)| *at <= letter);
        before.checked_sub(1).and_then(|index| self.words.get(index)).map_or(0, |(_, offset)| *offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let subjects = find(text).into_iter().flat_map(|hit| hit.subjects);
        let shown = subjects.map(|subject| match subject {
            Subject::Code(code) => code.to_string(),
            Subject::Event(id) => id.to_string(),
        });
        shown.collect()
    }

    #[test]
    fn every_line_of_the_table_is_read_and_has_its_source() {
        let rows: Vec<Row> = facts::rows(include_str!("messages.tsv")).collect();
        assert_eq!(include_str!("messages.tsv").lines().count() - 1, rows.len());
        for row in rows {
            assert!(subject(&row.subject).is_some(), "{row:?}");
            let letters = Folded::new(&row.message).letters;
            assert!(
                find(&row.message).iter().any(|hit| hit.subjects.contains(&subject(&row.subject).unwrap())),
                "{row:?}"
            );
            assert!(letters.len() >= 10, "{row:?} says too little");
        }
        let sources = include_str!("messages.tsv").lines().map(|line| line.rsplit('\t').next().unwrap_or_default());
        assert!(sources.into_iter().all(|source| !source.trim().is_empty()));
    }

    #[test]
    fn texts_find_their_code_however_they_are_spaced_and_written() {
        for (text, expected) in [
            (
                "The Software Licensing Service reported that the computer could not be activated. No Key Management \
                 Service (KMS) could be contacted",
                &["0xC004F074"][..],
            ),
            (
                "the software protection service reported that the computer couldn\u{2019}t be activated.\r\nNO KEY \
                 MANAGEMENT\r\nSERVICE (KMS) could be contacted.  Please see the Application Event Log",
                &["0xC004F074"],
            ),
            ("No  Key Management Service, KMS: could be contacted!", &["0xC004F074"]),
            (
                "\u{30ad}\u{30fc}\u{7ba1}\u{7406}\u{30b5}\u{30fc}\u{30d3}\u{30b9}(KMS)\u{306b}\n\u{63a5}\u{7d9a}\u{3067}\u{304d}\u{307e}\u{305b}\u{3093}\u{3067}\u{3057}\u{305f}",
                &["0xC004F074"],
            ),
            ("The count reported by your Key Management Service (KMS) is insufficient.", &["0xC004F038"]),
            ("DNS name does not exist", &["0x8007007B", "0x8007232B", "0x80092328"]),
            ("dns server failure", &["0x8007232A"]),
            (
                "We can't activate Windows on this device as we can't connect to your organization's activation server.",
                &["0xC004F074"],
            ),
            ("A networking problem has occurred while activating your copy of Windows.", &["0xC004FC03"]),
            ("License Activation (slui.exe) failed with the following error code:", &["8198"]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn several_codes_with_one_text_are_all_named_what_is_documented_first() {
        let candidates = found("The Software Licensing Service reported that the product key is invalid.");
        assert_eq!(candidates[0], "0xC004F050");
        assert!(candidates.contains(&"0xC004F010".to_owned()), "{candidates:?}");
    }

    #[test]
    fn what_says_nothing_in_particular_finds_nothing() {
        for text in [
            "",
            "hello",
            "failed",
            "Windows is not activated",
            "The Software Licensing Service reported that",
            "could not be activated",
            "the service",
            "\u{3053}\u{3093}\u{306b}\u{3061}\u{306f}",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_hit_says_where_it_is() {
        let text = "Error! DNS  server\nfailure; then: the RPC server is unavailable.";
        let places: Vec<_> = find(text).into_iter().map(|hit| &text[hit.at..hit.at + 3]).collect();
        assert_eq!(places, ["DNS", "the"]);
    }
}

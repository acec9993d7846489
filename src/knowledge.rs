//! What Windows activation errors mean, which stage they belong to, and what to do.
//!
//! The knowledge is data: [`codes.tsv`](facts) has what is the same in every language, and a file for each
//! [`Language`] the texts. [`events`] are those by which Windows reports activation, [`messages`] its texts, and
//! [`cmdlets`] what does in PowerShell what `slmgr` does. [`given`] reads codes in whatever form people paste them,
//! [`near`] finds what a mistyped one may have been, and [`decoded`] says what is known of a code that nobody
//! described.

pub mod cmdlets;
pub mod decoded;
pub mod events;
pub mod facts;
pub mod given;
pub mod language;
pub mod messages;
pub mod near;
pub mod texts;

use crate::codes::Code;
use crate::observation::Stage;
use crate::words::cut_keys;
use events::EventExplanation;
use facts::{Confidence, Fact, Subject};
use given::{Given, Reading};
pub use language::Language;
use std::borrow::Cow;

/// What is known of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub code: Code,
    /// Its name in the headers of Windows, where it has one.
    pub symbol: Option<&'static str>,
    /// The stage of a walk that it belongs to, where one fits.
    pub stage: Option<Stage>,
    /// What it is about where no stage fits.
    pub subject: Option<Subject>,
    /// What it means, in a sentence or two.
    pub meaning: Cow<'static, str>,
    /// What may have caused it, the likeliest first.
    pub causes: Vec<Cow<'static, str>>,
    /// What to do, first things first.
    pub steps: Vec<Cow<'static, str>>,
    /// How far the meaning can be trusted.
    pub confidence: Confidence,
    /// The language of the texts, which is English where the language asked for has none for this code.
    pub language: Language,
}

/// What there is to say of one thing that was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked, in one line of bounded length, without product keys.
    pub given: String,
    /// How it was read, where that is not how it was written.
    pub reading: Reading,
    /// What the code means; `None` where this is no code.
    pub explanation: Option<Explanation>,
    /// What the event says, where this is one. Then it is no code.
    pub event: Option<EventExplanation>,
    /// Other codes that it stands for as well: those with the same message, or the Win32 error with the number of an
    /// event.
    pub candidates: Vec<Code>,
    /// Codes that may have been meant in its place, the likeliest first.
    pub did_you_mean: Vec<Code>,
}

impl Answer {
    /// True where there is something to say: it is a code or an event.
    pub const fn is_explained(&self) -> bool {
        self.explanation.is_some() || self.event.is_some()
    }
}

/// Explains every code and every event in a text, which may be one code, or many lines of a log. At least one answer
/// comes back, which says that there is nothing where there is nothing.
pub fn answers(text: &str, language: Language) -> Vec<Answer> {
    // A key is no code, and is not shown again.
    given::read(&cut_keys(text)).into_iter().map(|given| answer(given, language)).collect()
}

/// Explains one thing that was given.
fn answer(given: Given, language: Language) -> Answer {
    let Given { text, code, event, reading, also, values } = given;
    let explanation = code.map(|code| explain(code, language));
    let event = event.map(|event| events::explain(event, &values, language));
    let did_you_mean = match (code, &explanation) {
        _ if event.is_some() => Vec::new(),
        (None, _) => near::to_text(&text),
        // A number that stands for a Win32 error has nothing in common with codes of which it happens to be the end.
        _ if reading == Reading::Win32 => Vec::new(),
        (Some(code), Some(Explanation { confidence: Confidence::Decoded, symbol: None, .. })) => near::to_code(code),
        _ => Vec::new(),
    };
    Answer { given: text, reading, explanation, event, candidates: also, did_you_mean }
}

/// Explains a code, by its description where it has one, or else by its parts.
pub fn explain(code: Code, language: Language) -> Explanation {
    facts::fact(code).map_or_else(|| decoded::explain(code), |fact| described(fact, language))
}

fn described(fact: &'static Fact, language: Language) -> Explanation {
    let own = language.texts();
    let (language, texts) =
        if own.has(fact) { (language, own) } else { (Language::ENGLISH, Language::ENGLISH.texts()) };
    let group = fact.group.as_deref().and_then(|name| texts.groups.get(name));
    let entry = texts.entry(fact.code);
    let lines = |lines: &'static [String]| lines.iter().map(|line| Cow::Borrowed(line.as_str())).collect();
    let (causes, steps) = match (entry, group) {
        (Some(entry), _) if !entry.steps().is_empty() => (entry.causes(), entry.steps()),
        (_, Some(group)) => (group.causes.as_slice(), group.steps.as_slice()),
        _ => Default::default(),
    };
    Explanation {
        code: fact.code,
        symbol: fact.symbol.as_deref(),
        stage: fact.stage,
        subject: fact.subject,
        meaning: Cow::Borrowed(entry.map_or("", |entry| entry.meaning())),
        causes: lines(causes),
        steps: lines(steps),
        confidence: fact.confidence,
        language,
    }
}

#[cfg(test)]
mod tests;

//! The texts of one language.

use super::facts::Fact;
use super::given::Reading;
use crate::codes::Code;
use serde::Deserialize;
use std::collections::HashMap;

/// All texts of a language. Empty where the file cannot be read, which tests see to.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// The language's own name.
    pub language: String,
    /// The words around the texts.
    pub phrases: Phrases,
    /// Causes and steps that several codes share, by the name of the group.
    pub groups: HashMap<String, Group>,
    /// What each field of an event says, by its name.
    pub fields: HashMap<String, String>,
    /// The texts of each event, by its id.
    pub events: HashMap<u16, EventText>,
    /// The texts of each code, by the code as `0xC004F074`.
    pub codes: HashMap<String, Entry>,
}

/// The words around the texts of a code.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    pub stage: String,
    pub subject: String,
    pub causes: String,
    pub steps: String,
    pub did_you_mean: String,
    pub inferred: String,
    pub fallback: String,
    pub paths: String,
    pub nothing_seen: String,
    pub no_code: String,
    pub read_as_decimal: String,
    pub read_as_win32: String,
    pub read_as_wide: String,
    pub read_as_letters: String,
    pub read_as_short: String,
    pub read_as_message: String,
    pub event: String,
    pub provider: String,
    pub log: String,
    pub fields: String,
    pub observed: String,
    pub candidates: String,
    pub number: String,
    pub machines: String,
    pub no_machine: String,
    pub more_machines: String,
    pub cmdlets: String,
}

impl Phrases {
    /// How a code was read, where that is not how it was written.
    pub fn reading(&self, reading: Reading) -> Option<&str> {
        match reading {
            Reading::Plain => None,
            Reading::Decimal => Some(&self.read_as_decimal),
            Reading::Win32 => Some(&self.read_as_win32),
            Reading::Wide => Some(&self.read_as_wide),
            Reading::Letters => Some(&self.read_as_letters),
            Reading::Short => Some(&self.read_as_short),
            Reading::Message => Some(&self.read_as_message),
        }
    }
}

/// Causes and steps that several codes share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What may have caused it, the likeliest first.
    pub causes: Vec<String>,
    /// What to do, first things first.
    pub steps: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventText {
    /// What the event says.
    pub meaning: String,
    /// What to do, first things first.
    pub steps: Vec<String>,
}

/// The texts of one code.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Entry {
    /// The meaning alone; the group has the rest.
    Meaning(String),
    /// The meaning, and causes and steps where the group's do not fit.
    Whole(Whole),
}

/// The texts of a code that has causes and steps of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whole {
    meaning: String,
    #[serde(default)]
    causes: Vec<String>,
    #[serde(default)]
    steps: Vec<String>,
}

impl Entry {
    /// What the code means.
    pub fn meaning(&self) -> &str {
        match self {
            Self::Meaning(meaning) | Self::Whole(Whole { meaning, .. }) => meaning,
        }
    }

    /// Causes of its own.
    pub fn causes(&self) -> &[String] {
        match self {
            Self::Meaning(_) => &[],
            Self::Whole(whole) => &whole.causes,
        }
    }

    /// Steps of its own.
    pub fn steps(&self) -> &[String] {
        match self {
            Self::Meaning(_) => &[],
            Self::Whole(whole) => &whole.steps,
        }
    }
}

impl Texts {
    /// Reads the file of a language.
    ///
    /// # Errors
    /// Where it is malformed, or has a key that is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }

    /// The texts of a code.
    pub fn entry(&self, code: Code) -> Option<&Entry> {
        self.codes.get(&code.to_string())
    }

    /// True where a code can be explained wholly: it has a meaning, and steps of its own or of its group.
    pub fn has(&self, fact: &Fact) -> bool {
        let in_group = || fact.group.as_ref().is_some_and(|group| self.groups.contains_key(group));
        self.entry(fact.code).is_some_and(|entry| !entry.steps().is_empty() || in_group())
    }
}

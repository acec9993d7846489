//! The events by which Windows and KMS hosts report activation: which there are, what each means, and what is in its
//! fields.

use super::Language;
use super::facts::{self, Confidence};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// An event, and what is the same of it in every language.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    pub id: u16,
    /// Who writes it.
    pub provider: String,
    pub log: String,
    /// How far its meaning can be trusted.
    pub confidence: Confidence,
}

#[derive(Debug, Deserialize)]
struct FieldRow {
    event: u16,
    field: String,
}

/// What is known of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventExplanation {
    pub event: &'static Event,
    /// What it says, in a sentence or two.
    pub meaning: &'static str,
    /// What is in it between commas, in this order. Empty where that is not documented.
    pub fields: Vec<Field>,
    /// What to do, first things first.
    pub steps: &'static [String],
    /// The language of the texts.
    pub language: Language,
}

/// A field of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, the same in every language.
    pub name: &'static str,
    pub meaning: &'static str,
    /// What is there in what was given, on one line and bounded.
    pub value: Option<String>,
}

static EVENTS: LazyLock<BTreeMap<u16, Event>> =
    LazyLock::new(|| facts::rows::<Event>(include_str!("events.tsv")).map(|event| (event.id, event)).collect());

static FIELDS: LazyLock<Vec<FieldRow>> = LazyLock::new(|| facts::rows(include_str!("fields.tsv")).collect());

/// An event by its id, where it is one of those that are known here.
pub fn event(id: u16) -> Option<&'static Event> {
    EVENTS.get(&id)
}

/// Every event that is known here, in the order of their ids.
pub fn all() -> impl Iterator<Item = &'static Event> {
    EVENTS.values()
}

/// The names of the fields of an event, in their order.
pub fn fields(id: u16) -> impl Iterator<Item = &'static str> {
    FIELDS.iter().filter(move |row| row.event == id).map(|row| row.field.as_str())
}

/// Explains an event, with the values that its fields have. In English where the language has no text for it.
pub(super) fn explain(event: &'static Event, values: &[String], language: Language) -> EventExplanation {
    let language = if language.texts().events.contains_key(&event.id) { language } else { Language::ENGLISH };
    let texts = language.texts();
    let text = texts.events.get(&event.id);
    let fields = fields(event.id).enumerate().map(|(index, name)| Field {
        name,
        meaning: texts.fields.get(name).map_or("", String::as_str),
        value: values.get(index).cloned(),
    });
    EventExplanation {
        event,
        meaning: text.map_or("", |text| text.meaning.as_str()),
        fields: fields.collect(),
        steps: text.map_or(&[], |text| text.steps.as_slice()),
        language,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_tables_are_read_whole_and_every_line_has_its_source() {
        for (table, read) in [(include_str!("events.tsv"), all().count()), (include_str!("fields.tsv"), FIELDS.len())] {
            assert_eq!(table.lines().count() - 1, read);
            assert!(table.lines().all(|line| line.rsplit('\t').next().is_some_and(|source| !source.trim().is_empty())));
        }
    }

    #[test]
    fn every_event_and_every_field_has_its_text_in_every_language() {
        let ids: BTreeSet<_> = all().map(|event| event.id).collect();
        let names: BTreeSet<_> = FIELDS.iter().map(|row| row.field.as_str()).collect();
        for language in Language::ALL {
            let texts = language.texts();
            assert_eq!(texts.events.keys().copied().collect::<BTreeSet<_>>(), ids, "{language:?}");
            assert_eq!(texts.fields.keys().map(String::as_str).collect::<BTreeSet<_>>(), names, "{language:?}");
            for (id, text) in &texts.events {
                assert!(text.meaning.ends_with(['.', '\u{3002}']) && !text.steps.is_empty(), "{language:?} {id}");
                for text in text.steps.iter().chain([&text.meaning]) {
                    assert!(!text.contains(['\n', '\t']) && !text.contains("  "), "{language:?} {id}: {text:?}");
                    assert!(text.matches('`').count() % 2 == 0, "{language:?} {id}: {text:?}");
                }
            }
        }
    }

    #[test]
    fn fields_have_the_values_that_were_given() {
        let values = ["0xC004F06C".to_owned(), "0x00000000".to_owned(), "kms01.corp.example:1688".to_owned()];
        let request = event(12288).expect("it is known");
        let explained = explain(request, &values, Language::ENGLISH);
        assert_eq!((explained.fields.len(), explained.fields[2].name), (10, "server"));
        assert_eq!(explained.fields[2].value.as_deref(), Some("kms01.corp.example:1688"));
        assert_eq!(explained.fields[3].value, None);
    }
}

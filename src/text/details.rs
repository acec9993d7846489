//! What was seen at a stage, in words.

use super::{Words, spans};
use crate::catalogue::{FluentArgs, FluentValue};
use crate::observation::{Detail, Value};

/// What was seen, in a few words; none where there is nothing to be shown.
pub fn detail(words: Words, seen: &Detail) -> String {
    if seen.is_empty() {
        return String::new();
    }
    let mut arguments = FluentArgs::with_capacity(seen.variables().len());
    for (name, value) in seen.variables() {
        let value: FluentValue<'_> = match value {
            Value::Number(number) => number.into(),
            Value::Span(span) => spans::span(words, *span).into(),
            Value::Text(text) => (&**text).into(),
            Value::Detail(part) => detail(words, part).into(),
        };
        arguments.set(*name, value);
    }
    words.message(seen.id(), &arguments)
}

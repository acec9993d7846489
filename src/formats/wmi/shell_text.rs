//! Objects that PowerShell turned into text because they were nested deeper than its `-Depth`: `@{ID=1; Name=a}`.

use crate::formats::object::{MAX_MEMBERS, Object, Value};
use std::borrow::Cow;

/// The properties in such a text, each as text. `None` for anything else, for a text that is cut, for one with too many
/// properties, and for one with an object in it, whose properties cannot be separated from those around it.
pub(in crate::formats) fn object_of_text(text: &str) -> Option<Object<'_>> {
    let inner = text.trim().strip_prefix("@{")?.strip_suffix('}')?;
    if inner.contains("@{") {
        return None;
    }
    let mut members = Vec::new();
    // The last property: its name, and from where to where its value is.
    let mut last: Option<(&str, usize, usize)> = None;
    let value = |start: usize, end: usize| Value::Text(inner.get(start..end).unwrap_or_default());
    let mut start = 0;
    for piece in inner.split("; ") {
        let end = start + piece.len();
        match (property(piece), &mut last) {
            (Some((name, text)), _) => {
                if let Some((name, start, end)) = last.replace((name, end - text.len(), end)) {
                    members.push((Cow::Borrowed(name), value(start, end)));
                }
            }
            // What is between semicolons and is no property belongs to the value before it.
            (None, Some((.., end_of_value))) => *end_of_value = end,
            (None, None) => return None,
        }
        if members.len() == MAX_MEMBERS {
            return None;
        }
        start = end + "; ".len();
    }
    let (name, start, end) = last?;
    members.push((Cow::Borrowed(name), value(start, end)));
    Some(Object::new(members))
}

/// The name and the value in `Name=value`.
fn property(piece: &str) -> Option<(&str, &str)> {
    let (name, value) = piece.split_once('=')?;
    let is_name = !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    is_name.then_some((name, value))
}

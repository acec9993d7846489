//! Objects that PowerShell turned into text because they stood deeper than it was told to go: `@{ID=1; Name=a}`.

use serde_json::{Map, Value};

/// The properties in such a text, each as text. `None` for anything else, for a text that is cut, and for one with an
/// object in it, whose properties cannot be told from those around it.
pub(in crate::formats) fn object_of_text(text: &str) -> Option<Map<String, Value>> {
    let inner = text.trim().strip_prefix("@{")?.strip_suffix('}')?;
    if inner.contains("@{") {
        return None;
    }
    let mut object = Map::new();
    let mut last: Option<(&str, String)> = None;
    for piece in inner.split("; ") {
        match (property(piece), &mut last) {
            (Some((name, value)), _) => {
                if let Some((name, value)) = last.replace((name, value.to_owned())) {
                    object.insert(name.to_owned(), value.into());
                }
            }
            // What stands between semicolons and is no property belongs to the value before it.
            (None, Some((_, value))) => {
                value.push_str("; ");
                value.push_str(piece);
            }
            (None, None) => return None,
        }
    }
    let (name, value) = last?;
    object.insert(name.to_owned(), value.into());
    Some(object)
}

/// The name and the value in `Name=value`.
fn property(piece: &str) -> Option<(&str, &str)> {
    let (name, value) = piece.split_once('=')?;
    let is_name = !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    is_name.then_some((name, value))
}

//! Spans of time.

use super::{Words, say};
use crate::words::units;
use std::time::Duration;

/// A span in its two largest units: `4 h 5 min`.
pub(crate) fn span(words: Words, span: Duration) -> String {
    let shown = units(span).into_iter().map(|(count, unit)| say!(words, "span", unit = unit, count = count));
    shown.collect::<Vec<_>>().join(" ")
}

//! What changed, a line to each change, and one to what a whole fleet went through.

use super::table::{self, Row, sign};
use crate::report::change_words::{self, Line, Shown, shown, shown_together};
use crate::report::changes::ChangeJson;
use crate::text::Words;
use crate::words::minute_of;
use std::fmt;

/// Lines of changes; with the machine where they are not all of one.
pub(crate) fn lines(
    words: Words,
    out: &mut String,
    changes: &[ChangeJson<'_>],
    with_machine: bool,
    width: usize,
) -> fmt::Result {
    let row = |line: Line<'_>| {
        let (at, shown) = match line {
            Line::One(change) => (change.at(), shown(words, change)),
            Line::Many(changes) => (changes.first()?.at(), shown_together(words, changes)?),
        };
        let Shown { mark, is_new, who, what } = shown;
        let who = if with_machine { who } else { String::new() };
        let (style, sign) = sign(mark);
        Some(Row { sign: (style, if is_new { '+' } else { sign }), cells: vec![minute_of(at.0), who, what] })
    };
    table::write(out, &[], &change_words::lines(changes).filter_map(row).collect::<Vec<_>>(), width)
}

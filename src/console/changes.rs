//! What changed, a line to each change.

use super::table::{self, Row, sign};
use crate::report::change_words::{Shown, shown};
use crate::report::changes::ChangeJson;
use crate::text::Words;
use crate::words::minute_of;
use std::fmt;

/// A line to each change; with the machine where they are not all of one.
pub(crate) fn lines(
    words: Words,
    out: &mut String,
    changes: &[ChangeJson<'_>],
    with_machine: bool,
    width: usize,
) -> fmt::Result {
    let row = |change: &ChangeJson<'_>| {
        let Shown { mark, is_new, who, what } = shown(words, change);
        let who = if with_machine { who } else { String::new() };
        let (style, sign) = sign(mark);
        Row { sign: (style, if is_new { '+' } else { sign }), cells: vec![minute_of(change.at().0), who, what] }
    };
    table::write(out, &[], &changes.iter().map(row).collect::<Vec<_>>(), width)
}

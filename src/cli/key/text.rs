//! What there is to say of a key, for a person.

use crate::console::{BAD, DOUBTFUL, GOOD, broken};
use crate::product_keys::{Analysis, Fault};
use crate::text::{Words, key, say};
use anstyle::Style;
use std::fmt::{self, Write};

/// How far the text of a line is from the left, in columns.
const INDENT: usize = 4;

/// The report, in colour, with sentences broken to fit `width` columns.
pub(super) fn report(words: Words, analysis: &Analysis, width: usize) -> Result<String, fmt::Error> {
    let mut text = String::new();
    match &analysis.last_five {
        Some(five) => {
            let (right, end) = (say!(words, "key-right"), say!(words, "key-end", five = five.as_str()));
            let sentences = say!(words, "two-sentences", one = format!("{GOOD}{right}{GOOD:#}"), two = end);
            writeln!(text, "{sentences}\n")?;
        }
        None => writeln!(text, "{BAD}{}{BAD:#}\n", say!(words, "key-wrong"))?,
    }
    for fault in &analysis.faults {
        write_line(&mut text, BAD, '✗', &key::fault(words, fault), width)?;
    }
    for change in &analysis.changes {
        write_line(&mut text, DOUBTFUL, '!', &key::change(words, *change), width)?;
    }
    if analysis.has_n == Some(false) {
        write_line(&mut text, DOUBTFUL, '!', &say!(words, "key-without-n"), width)?;
    }
    if text.ends_with("\n\n") {
        text.pop();
    }
    let mut sentences: Vec<String> = analysis.generic.iter().map(|generic| key::published(words, generic)).collect();
    if analysis.is_well_formed() {
        if analysis.generic.is_empty() {
            sentences.push(say!(words, "key-unpublished"));
        }
        sentences.push(say!(words, "key-proves-nothing"));
    } else if analysis.faults.iter().any(|fault| matches!(fault, Fault::Impossible { .. })) {
        sentences.push(say!(words, "key-alphabet"));
    } else {
        sentences.push(say!(words, "key-not-kept"));
    }
    for sentence in sentences {
        writeln!(text, "\n{}", broken(&sentence, width, 0))?;
    }
    Ok(text)
}

fn write_line(out: &mut String, style: Style, sign: char, what: &str, width: usize) -> fmt::Result {
    writeln!(out, "  {style}{sign}{style:#} {}", broken(what, width, INDENT))
}

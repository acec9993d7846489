//! What there is to say of a key, for a person.

use super::super::text::{BAD, DOUBTFUL, GOOD, broken};
use crate::product_keys::{Analysis, Fault, Generic, GenericKind};
use anstyle::Style;
use std::fmt::{self, Write};

/// How far the text of a line stands from the left, in columns.
const INDENT: usize = 4;

/// The report, in colour, with sentences broken to fit `width` columns.
pub(super) fn report(analysis: &Analysis, width: usize) -> Result<String, fmt::Error> {
    let mut text = String::new();
    match &analysis.last_five {
        Some(five) => writeln!(text, "{GOOD}The form is right.{GOOD:#} The last five characters are {five}.\n")?,
        None => writeln!(text, "{BAD}This is no product key as it was typed.{BAD:#}\n")?,
    }
    for fault in &analysis.faults {
        write_line(&mut text, BAD, '✗', &fault.to_string(), width)?;
    }
    for change in &analysis.changes {
        write_line(&mut text, DOUBTFUL, '!', change.as_str(), width)?;
    }
    if analysis.has_n == Some(false) {
        let note = "there is no N in it: keys since Windows 8 have one as a rule, older ones none; where this is for a \
                    newer product, an N was misread";
        write_line(&mut text, DOUBTFUL, '!', note, width)?;
    }
    if text.ends_with("\n\n") {
        text.pop();
    }
    let mut sentences: Vec<String> = analysis.generic.iter().map(|generic| about(generic)).collect();
    if analysis.is_well_formed() {
        if analysis.generic.is_empty() {
            sentences.push(
                "It does not end like any of the keys that Microsoft publishes for KMS clients and virtual machines, as \
                 far as they are known here. Its form does not tell what else it is: retail, MAK, or of a KMS host."
                    .to_owned(),
            );
        }
        sentences.push(
            "That the form is right does not prove that the key is valid: only activation does. Nothing was sent, and \
             nothing is kept."
                .to_owned(),
        );
    } else if analysis.faults.iter().any(|fault| matches!(fault, Fault::Impossible { .. })) {
        sentences.push(
            "A key is made of the letters BCDFGHJKMNPQRTVWXY and the digits 2346789. Compare it with where it comes \
             from. Nothing was sent, and nothing is kept."
                .to_owned(),
        );
    } else {
        sentences.push("Nothing was sent, and nothing is kept.".to_owned());
    }
    for sentence in sentences {
        writeln!(text, "\n{}", broken(&sentence, width, 0))?;
    }
    Ok(text)
}

/// What a published key does. That the last five characters are the same does not prove that all are.
fn about(generic: &Generic) -> String {
    let Generic { last_five, kind, edition, .. } = generic;
    let name = kind.as_str();
    let what = match kind {
        GenericKind::KmsClient => "That key activates only against a KMS host or Active Directory",
        GenericKind::Avma => {
            "That key activates only virtual machines on a Hyper-V host whose own Windows Server Datacenter is activated"
        }
    };
    format!(
        "{last_five} is how the published {name} for {edition} ends. {what}. Another edition can refuse \
         it, with 0xC004F050 or 0xC004F069."
    )
}

fn write_line(out: &mut String, style: Style, sign: char, what: &str, width: usize) -> fmt::Result {
    writeln!(out, "  {style}{sign}{style:#} {}", broken(what, width, INDENT))
}

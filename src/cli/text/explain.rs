//! Explanations of codes for a person: the code, its meaning, what may have caused it, what to do, and what is seen.

use super::{BAD, DOUBTFUL, FAINT, Line, Mark, STEP_INDENT, broken, style_of, write_lines};
use crate::knowledge::facts::Confidence;
use crate::knowledge::texts::Phrases;
use crate::knowledge::{Answer, Explanation, Language};
use crate::observation::Stage;
use crate::report::seen::{Seen, seen};
use crate::state::Snapshot;
use std::fmt::{self, Write};

/// How far the text of a cause is from the left, in columns.
const CAUSE_INDENT: usize = 4;

/// All answers, with sentences broken to fit `width` columns.
pub(in crate::cli) fn report(
    answers: &[Answer],
    language: Language,
    snapshot: Option<&Snapshot>,
    width: usize,
) -> Result<String, fmt::Error> {
    let mut text = String::new();
    for (index, answer) in answers.iter().enumerate() {
        if index > 0 {
            writeln!(text)?;
        }
        write_answer(&mut text, answer, language, snapshot, width)?;
    }
    Ok(text)
}

fn write_answer(
    out: &mut String,
    answer: &Answer,
    language: Language,
    snapshot: Option<&Snapshot>,
    width: usize,
) -> fmt::Result {
    let asked = &language.texts().phrases;
    if let Some(explanation) = &answer.explanation {
        write_explanation(out, answer, explanation, language, width)?;
        if let Some(snapshot) = snapshot {
            write_seen(out, &seen(explanation, snapshot), asked)?;
        }
    } else {
        writeln!(out, "{BAD}{}{BAD:#}", answer.given)?;
        writeln!(out, "\n{}", broken(&asked.no_code, width, 0))?;
    }
    if !answer.did_you_mean.is_empty() {
        let codes: Vec<_> = answer.did_you_mean.iter().map(ToString::to_string).collect();
        writeln!(out, "\n{}: {}", asked.did_you_mean, codes.join(", "))?;
    }
    Ok(())
}

fn write_explanation(
    out: &mut String,
    answer: &Answer,
    explanation: &Explanation,
    language: Language,
    width: usize,
) -> fmt::Result {
    let asked = &language.texts().phrases;
    // Headings are in the language of what stands below them.
    let phrases = &explanation.language.texts().phrases;
    write!(out, "{BAD}{}{BAD:#}", explanation.code)?;
    if let Some(symbol) = explanation.symbol {
        write!(out, "  {symbol}")?;
    }
    if let Some(stage) = explanation.stage {
        write!(out, "  {FAINT}{}: {stage}{FAINT:#}", asked.stage)?;
    } else if let Some(subject) = explanation.subject {
        write!(out, "  {FAINT}{}: {}{FAINT:#}", asked.subject, subject.as_str())?;
    }
    writeln!(out)?;
    if let Some(reading) = asked.reading(answer.reading) {
        writeln!(out, "{FAINT}{}: {reading}{FAINT:#}", answer.given)?;
    }
    if explanation.language != language {
        writeln!(out, "{DOUBTFUL}{}{DOUBTFUL:#}", broken(&asked.fallback, width, 0))?;
    }
    writeln!(out, "\n{}", broken(&explanation.meaning, width, 0))?;
    if explanation.confidence == Confidence::Inferred {
        writeln!(out, "{FAINT}{}{FAINT:#}", broken(&phrases.inferred, width, 0))?;
    }
    if !explanation.causes.is_empty() {
        writeln!(out, "\n{}:", phrases.causes)?;
    }
    for cause in &explanation.causes {
        writeln!(out, "  - {}", broken(cause, width, CAUSE_INDENT))?;
    }
    writeln!(out, "\n{}:", phrases.steps)?;
    for (number, step) in (1..).zip(&explanation.steps) {
        writeln!(out, "  {number}. {}", broken(step, width, STEP_INDENT))?;
    }
    Ok(())
}

fn write_seen(out: &mut String, paths: &[Seen<'_>], phrases: &Phrases) -> fmt::Result {
    writeln!(out, "\n{}:", phrases.paths)?;
    if paths.is_empty() {
        writeln!(out, "  {}", phrases.nothing_seen)?;
    }
    for Seen { path, targets } in paths {
        let verdict = &path.verdict;
        let style = style_of(verdict.status);
        write!(out, "\n{}: {style}{}{style:#}", path.name, verdict.status.as_str())?;
        if let (Some(stage), Some(reason)) = (verdict.stage, verdict.reason) {
            write!(out, " at {stage}: {reason}")?;
        }
        writeln!(out)?;
        let lines: Vec<_> = targets
            .iter()
            .flat_map(|(target, observed)| {
                observed.iter().map(|observation| Line {
                    mark: if observation.is_ok() { Mark::Good } else { Mark::Bad },
                    stage: observation.stage,
                    // These are concluded and not measured.
                    duration: (!matches!(observation.stage, Stage::Clock | Stage::Host | Stage::Count))
                        .then_some(observation.duration),
                    target: target.target.clone(),
                    address: target.address.clone().unwrap_or_default(),
                    detail: observation.detail.to_string(),
                })
            })
            .collect();
        write_lines(out, &lines)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge;

    fn told(text: &str, language: &str, width: usize) -> String {
        let language = Language::of(language).expect("there is this language");
        let report = report(&knowledge::answers(text, language), language, None, width).expect("it can be written");
        anstream::adapter::strip_str(&report).to_string()
    }

    #[test]
    fn the_first_line_has_code_symbol_and_stage() {
        let first = |text: &str, language: &str| told(text, language, 80).lines().next().map(str::to_owned);
        let expected = "0xC004F074  SL_E_VL_BINDING_SERVICE_UNAVAILABLE  stage: tcp";
        assert_eq!(first("0xC004F074", "en").as_deref(), Some(expected));
        assert_eq!(first("0xC004F050", "ja").as_deref(), Some("0xC004F050  SL_E_INVALID_PRODUCT_KEY  分類: key"));
    }

    #[test]
    fn no_line_of_prose_is_wider_than_the_terminal() {
        for language in ["en", "ja"] {
            for fact in knowledge::facts::all() {
                let text = told(&fact.code.to_string(), language, 80);
                let columns = |line: &str| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
                for line in text.lines().skip(1) {
                    assert!(columns(line) <= 80, "{language} {}: {line}", fact.code);
                }
            }
        }
    }

    #[test]
    fn how_a_code_was_read_and_what_was_meant_is_said() {
        assert!(told("9003", "en", 80).contains("\n9003: read as a Win32 error\n"));
        assert!(told("0xC040F074", "en", 80).contains("\nDid you mean: 0xC004F074\n"));
        assert_eq!(told("hello", "en", 80), "hello\n\nThis is no Windows error code.\n");
        let fallback = told("0xC004E007", "ja", 80);
        assert!(fallback.contains("英語で表示します") && fallback.contains("What to do:"), "{fallback}");
    }
}

//! Explanations of codes for a person: the code, its meaning, what may have caused it, what to do, and what is seen.

use super::table::{self, Row, sign};
use super::{BAD, DOUBTFUL, FAINT, STEP_INDENT, broken, style_of};
use crate::knowledge::cmdlets;
use crate::knowledge::events::EventExplanation;
use crate::knowledge::facts::Confidence;
use crate::knowledge::texts::Phrases;
use crate::knowledge::{Answer, Explanation, Language};
use crate::report::explain::{Beside, PathJson, Reporters};
use crate::report::order::TIMELESS;
use crate::words::milliseconds;
use std::fmt::{self, Write};
use std::time::Duration;

/// How far the text of a cause is from the left, in columns.
const CAUSE_INDENT: usize = 4;

/// All answers, with sentences broken to fit `width` columns.
pub(crate) fn report(
    answers: &[Answer],
    language: Language,
    beside: Beside<'_>,
    width: usize,
) -> Result<String, fmt::Error> {
    let mut text = String::new();
    for (index, answer) in answers.iter().enumerate() {
        if index > 0 {
            writeln!(text)?;
        }
        write_answer(&mut text, answer, language, beside, width)?;
    }
    Ok(text)
}

fn write_answer(
    out: &mut String,
    answer: &Answer,
    language: Language,
    beside: Beside<'_>,
    width: usize,
) -> fmt::Result {
    let asked = &language.texts().phrases;
    let codes = |codes: &[_]| codes.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ");
    if let Some(explanation) = &answer.explanation {
        write_explanation(out, answer, explanation, language, width)?;
        if let Some(reporters) = beside.reporters.and_then(|known| known.get(&explanation.code)) {
            write_reporters(out, reporters, asked, width)?;
        }
        if let Some(seen) = beside.seen(explanation, language.into()) {
            write_seen(out, &seen, asked, width)?;
        }
    } else if let Some(event) = &answer.event {
        write_event(out, event, language, width)?;
    } else {
        writeln!(out, "{BAD}{}{BAD:#}", answer.given)?;
        writeln!(out, "\n{}", broken(&asked.no_code, width, 0))?;
    }
    if !answer.candidates.is_empty() {
        let heading = if answer.event.is_some() { &asked.number } else { &asked.candidates };
        writeln!(out, "\n{}", broken(&format!("{heading}: {}", codes(&answer.candidates)), width, 0))?;
    }
    if !answer.did_you_mean.is_empty() {
        writeln!(out, "\n{}: {}", asked.did_you_mean, codes(&answer.did_you_mean))?;
    }
    Ok(())
}

fn write_event(out: &mut String, known: &EventExplanation, language: Language, width: usize) -> fmt::Result {
    let (asked, phrases) = (&language.texts().phrases, &known.language.texts().phrases);
    let event = known.event;
    write!(out, "{BAD}{} {}{BAD:#}", asked.event, event.id)?;
    writeln!(out, "  {FAINT}{}: {}  {}: {}{FAINT:#}", asked.provider, event.provider, asked.log, event.log)?;
    writeln!(out, "\n{}", broken(known.meaning, width, 0))?;
    if event.confidence == Confidence::Observed {
        writeln!(out, "{FAINT}{}{FAINT:#}", broken(&phrases.observed, width, 0))?;
    }
    if !known.fields.is_empty() {
        writeln!(out, "\n{}:", phrases.fields)?;
    }
    for (number, field) in (1..).zip(&known.fields) {
        let value = field.value.as_ref().map(|value| format!("{value}: ")).unwrap_or_default();
        writeln!(out, " {number:>2}. {}", broken(&format!("{value}{}", field.meaning), width, STEP_INDENT))?;
    }
    writeln!(out, "\n{}:", phrases.steps)?;
    write_steps(out, known.steps.iter().map(String::as_str), asked, width)
}

fn write_steps<'a>(
    out: &mut String,
    steps: impl Iterator<Item = &'a str> + Clone,
    asked: &Phrases,
    width: usize,
) -> fmt::Result {
    for (number, step) in (1..).zip(steps.clone()) {
        writeln!(out, "  {number}. {}", broken(step, width, STEP_INDENT))?;
    }
    let note = broken(&asked.cmdlets, width, 0);
    // What the cmdlets need is shown once.
    if steps.into_iter().any(cmdlets::are_in) && !out.contains(&note) {
        writeln!(out, "\n{FAINT}{note}{FAINT:#}")?;
    }
    Ok(())
}

fn write_reporters(out: &mut String, reporters: &Reporters, phrases: &Phrases, width: usize) -> fmt::Result {
    let Reporters { machines, names } = reporters;
    let more = machines.saturating_sub(names.len() as u64);
    let mut shown = if names.is_empty() { phrases.no_machine.clone() } else { names.join(", ") };
    if more > 0 {
        shown = format!("{shown} {}", phrases.more_machines.replace("{count}", &more.to_string()));
    }
    writeln!(out, "\n{}", broken(&format!("{} ({machines}): {shown}", phrases.machines), width, 0))
}

fn write_explanation(
    out: &mut String,
    answer: &Answer,
    explanation: &Explanation,
    language: Language,
    width: usize,
) -> fmt::Result {
    let asked = &language.texts().phrases;
    // Headings are in the language of what is below them.
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
    write_steps(out, explanation.steps.iter().map(|step| &**step), asked, width)
}

fn write_seen(out: &mut String, paths: &[PathJson<'_>], phrases: &Phrases, width: usize) -> fmt::Result {
    writeln!(out, "\n{}:", phrases.paths)?;
    if paths.is_empty() {
        writeln!(out, "  {}", phrases.nothing_seen)?;
    }
    for path in paths {
        let style = style_of(path.verdict);
        write!(out, "\n{}: {style}{}{style:#}", path.name, path.verdict.as_str())?;
        if let (Some(stage), Some(reason)) = (&path.stage, &path.reason) {
            write!(out, " at {stage}: {reason}")?;
        }
        writeln!(out)?;
        let rows = path.targets.iter().flat_map(|target| {
            target.stages.iter().map(|stage| {
                // These are concluded and not measured.
                let is_timed = !TIMELESS.contains(&&*stage.stage);
                let time = Duration::try_from_secs_f64(stage.duration_seconds).ok().filter(|_| is_timed);
                let cells = [
                    format!("{:<7}", stage.stage),
                    format!("{:>8}", time.map(milliseconds).unwrap_or_default()),
                    target.target.clone(),
                    target.address.clone().unwrap_or_default(),
                    stage.detail.to_string(),
                ];
                Row { sign: sign(stage.mark), cells: cells.into() }
            })
        });
        table::write(out, &[], &rows.collect::<Vec<_>>(), width)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge;

    fn shown(text: &str, language: &str, width: usize) -> String {
        let language = Language::of(language).expect("there is this language");
        let answers = knowledge::answers(text, language);
        let report = report(&answers, language, Beside::default(), width).expect("it can be written");
        anstream::adapter::strip_str(&report).to_string()
    }

    #[test]
    fn the_first_line_has_code_symbol_and_stage() {
        let first = |text: &str, language: &str| shown(text, language, 80).lines().next().map(str::to_owned);
        let expected = "0xC004F074  SL_E_VL_BINDING_SERVICE_UNAVAILABLE  stage: tcp";
        assert_eq!(first("0xC004F074", "en").as_deref(), Some(expected));
        assert_eq!(first("0xC004F050", "ja").as_deref(), Some("0xC004F050  SL_E_INVALID_PRODUCT_KEY  分類: key"));
    }

    #[test]
    fn no_line_of_prose_is_wider_than_the_terminal() {
        for language in ["en", "ja"] {
            for fact in knowledge::facts::all() {
                let text = shown(&fact.code.to_string(), language, 80);
                let columns = |line: &str| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
                for line in text.lines().skip(1) {
                    assert!(columns(line) <= 80, "{language} {}: {line}", fact.code);
                }
            }
        }
    }

    #[test]
    fn an_event_has_its_fields_and_steps() {
        let request =
            "Event 12288: 0xC004F06C, 0x00000000, kms01.corp.example:1688, 36f27b39-2fd5-440b-be67-a09996d27a38";
        let text = shown(request, "en", 80);
        let head = "Event 12288  source: Microsoft-Windows-Security-SPP  log: Application\n\n";
        assert!(text.starts_with(head), "{text}");
        for part in
            ["\n  3. kms01.corp.example:1688: the KMS host and its port\n", "\nWhat to do:\n  1. ", "\n0xC004F06C  "]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        let text = shown("12290", "ja", 80);
        assert!(
            text.starts_with(
                "イベント 12290  ソース: Microsoft-Windows-Security-SPP  ログ: Key Management Service\n\n"
            ),
            "{text}"
        );
        assert!(text.contains("\n  3. クライアントの名前\n"), "{text}");
        assert!(shown("1067", "en", 80).contains("\nAs a Win32 error, this number is: 0x8007042B\n"));
    }

    #[test]
    fn the_machines_that_report_a_code_are_named_with_how_many_more_there_are() {
        let answers = knowledge::answers("0xC004F074", Language::ENGLISH);
        let shown = |machines: u64, names: &[&str], language: &str| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            let known =
                [(answers[0].explanation.as_ref().expect("it is known").code, Reporters { machines, names })].into();
            let beside = Beside { reporters: Some(&known), ..Beside::default() };
            let language = Language::of(language).expect("there is this language");
            report(&answers, language, beside, 80).expect("it can be written")
        };
        assert!(shown(0, &[], "en").contains("\nMachines that report it (0): none\n"));
        let text = shown(12, &["ws0417", "ws0418"], "en");
        assert!(text.contains("\nMachines that report it (12): ws0417, ws0418 and 10 more\n"), "{text}");
        let text = shown(12, &["ws0417", "ws0418"], "ja");
        assert!(text.contains("(12): ws0417, ws0418 ほか 10 台\n"), "{text}");
    }

    #[test]
    fn what_the_cmdlets_need_is_said_once() {
        let text = shown("0xC004F074 0xC004F050", "en", 400);
        assert_eq!(text.matches("OSLicense. It comes with Windows 11").count(), 1, "{text}");
        assert!(!shown("hello", "en", 400).contains("OSLicense"));
    }

    #[test]
    fn how_a_code_was_read_and_what_was_meant_is_said() {
        assert!(shown("9003", "en", 80).contains("\n9003: read as a Win32 error\n"));
        assert!(shown("0xC040F074", "en", 80).contains("\nDid you mean: 0xC004F074\n"));
        assert_eq!(
            shown("hello", "en", 80),
            "hello\n\nThis is no Windows error code, and no event or message that is known here.\n"
        );
        let fallback = shown("0xC004E007", "ja", 80);
        assert!(fallback.contains("英語で表示します") && fallback.contains("What to do:"), "{fallback}");
    }
}

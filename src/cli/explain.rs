//! `gracewatch explain`: what a Windows activation error means, and what to do.

use super::progress::Progress;
use super::{CommandResult, ExplainArguments, PlainOutput, check, print, text};
use crate::config::Config;
use crate::knowledge::{self, Answer, Language};
use crate::license::product_key;
use crate::report::explain::ExplainReport;
use std::process::ExitCode;

/// Explains each text by itself. Where they are the pieces of a product key, they are taken for one text, in which it is
/// not told again.
fn answers(texts: &[String], language: Language) -> Vec<Answer> {
    let answers: Vec<_> = texts.iter().flat_map(|text| knowledge::answers(text, language)).collect();
    // What could be read is no key: five Win32 errors of five digits have the form of one.
    let unread = answers.iter().any(|answer| answer.explanation.is_none());
    let told: Vec<_> = answers.iter().map(|answer| answer.given.as_str()).collect();
    let told = told.join(" ");
    if unread && product_key::cut(&told) != told { knowledge::answers(&texts.join(" "), language) } else { answers }
}

pub(super) async fn run(arguments: ExplainArguments) -> CommandResult {
    let language = arguments.lang.unwrap_or_else(|| Language::of_environment(|name| std::env::var(name).ok()));
    let answers = answers(&arguments.codes, language);
    let is_all_explained = answers.iter().all(|answer| answer.explanation.is_some());
    // Only where it is asked for: to explain a code takes no network.
    let snapshot = match &arguments.config {
        Some(file) => Some(check::round(Config::load(Some(file))?, true, &Progress::new(), language.into()).await?),
        None => None,
    };
    print(&match arguments.output {
        PlainOutput::Text => text::explain::report(&answers, language, snapshot.as_ref(), check::width())?,
        PlainOutput::Json => {
            serde_json::to_string_pretty(&ExplainReport::new(&answers, language, snapshot.as_ref()))? + "\n"
        }
    })?;
    Ok(if is_all_explained { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

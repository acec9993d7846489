//! `gracewatch explain`: what a Windows activation error means, and what to do.

use super::progress::Progress;
use super::{CommandResult, ExplainArguments, PlainOutput, check, print, text};
use crate::config::Config;
use crate::knowledge::{self, Answer, Language};
use crate::report::explain::ExplainReport;
use std::process::ExitCode;

pub(super) async fn run(arguments: ExplainArguments) -> CommandResult {
    let language = arguments.lang.unwrap_or_else(|| Language::of_environment(|name| std::env::var(name).ok()));
    let answers: Vec<Answer> = arguments.codes.iter().flat_map(|text| knowledge::answers(text, language)).collect();
    let is_all_explained = answers.iter().all(|answer| answer.explanation.is_some());
    // Only where it is asked for: to explain a code takes no network.
    let snapshot = match &arguments.config {
        Some(file) => Some(check::round(Config::load(Some(file))?, true, &Progress::new()).await?),
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

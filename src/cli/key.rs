//! `gracewatch key`: what is wrong with a product key as typed.

mod input;
mod json;
mod text;

use super::{CommandResult, KeyArguments, PlainOutput, check, print};
use crate::license::product_key;
use crate::product_keys::analyze;
use crate::text::{Words, say};
use input::InputError;
use std::ffi::OsString;
use std::process::ExitCode;

/// What to say of arguments that are wrong in place of quoting them: where they are those of `key`, and where a whole
/// key is among them, whatever they are for. It does not say which argument it is about: that may be a key.
pub(super) fn refusal(words: Words, arguments: impl Iterator<Item = OsString>) -> Option<String> {
    let mut arguments = arguments.map(|argument| argument.to_string_lossy().into_owned()).enumerate();
    let is_about_a_key =
        |(index, argument): (usize, String)| (index == 0 && argument == "key") || holds_a_key(&argument);
    arguments.any(is_about_a_key).then(|| say!(words, "key-as-argument"))
}

fn holds_a_key(argument: &str) -> bool {
    product_key::cut(argument) != argument
}

pub(super) async fn run(arguments: KeyArguments, words: Words) -> CommandResult {
    let unreadable = |fault: InputError| say!(words, "key-unreadable", fault = fault.message().in_words(words));
    let typed = input::read(words).await.map_err(unreadable)?;
    let analysis = analyze(&typed);
    drop(typed);
    print(&match arguments.output {
        PlainOutput::Text => text::report(words, &analysis, check::width())?,
        PlainOutput::Json => json::report(words, &analysis)?,
    })?;
    Ok(if analysis.is_well_formed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_may_hold_a_key_are_not_quoted() {
        let refused = |arguments: &[&str]| refusal(Words::ENGLISH, arguments.iter().map(OsString::from)).is_some();
        for arguments in [
            &["key", "BBBBB"][..],
            &["key", "--output", "xml"],
            &["BBBBB-BBBBB-BBBBB-BBBBB-BBBBB"],
            &["check", "--timeout", "BBBBB-BBBBB-BBBBB-BBBBB-BBBBB"],
            &["machines", "--name=BBBBB-BBBBB-BBBBB-BBBBB-BBBBB"],
        ] {
            assert!(refused(arguments), "{arguments:?}");
        }
        assert!(!refused(&["chekc", "kms1.corp.example"]));
        assert!(!refused(&["check", "key"]));
        assert!(!refused(&[]));
    }
}

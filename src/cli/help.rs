//! The command line in the words of a language: what clap says in English of itself, and of what it refuses.
//!
//! What a command or an argument does is said in English where it is defined. For another language it is in the
//! catalogue, by the names of the command and the argument: `check` and `token-add` are commands, `check--targets` an
//! argument of one, `any--config` one that all commands with it have in common.

use crate::catalogue::{Message, Purpose, message};
use crate::console::broken;
use crate::license::MachineNameError;
use crate::text::{Words, say};
use clap::builder::{StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use std::error::Error;
use std::fmt::Write;
use std::net::AddrParseError;
use std::num::ParseIntError;

/// The most columns that help takes, and the fewest that it is fitted into.
const MOST: usize = 80;
const FEWEST: usize = 40;

/// How far what an argument does is from the left, in columns.
const INDENT: usize = 10;

/// How the usage of a command begins in English, and what is in it for options.
const USAGE: &str = "Usage: ";
const OPTIONS: &str = "[OPTIONS]";

/// The program, and the name of the command that explains others.
const ROOT: &str = "gracewatch";
const HELP: &str = "help";

/// The command line with its help in the words of a language, fitted into so many columns.
pub(super) fn in_words(mut command: Command, words: Words, columns: usize) -> Command {
    if !words.has_purposes() {
        return command;
    }
    // What clap adds by itself is there only then.
    command.build();
    let width = columns.clamp(FEWEST, MOST);
    said(command.term_width(width), ROOT, ROOT, words, width)
}

/// The id of a command in the catalogue and the one that those below it are found by, from the latter of what it is
/// below. `help check` explains what `check` does.
fn ids(above: &str, name: &str) -> (String, String) {
    match (above, name) {
        (_, HELP) => (HELP.to_owned(), above.to_owned()),
        (ROOT, _) => (name.to_owned(), name.to_owned()),
        _ => (format!("{above}-{name}"), format!("{above}-{name}")),
    }
}

/// What the catalogue says of an argument, where it is of this command alone or of all that have it.
fn purpose(words: Words, command: &str, argument: &Arg) -> Option<Purpose> {
    let name = argument.get_id();
    let ids = [format!("{command}--{name}"), format!("any--{name}")];
    ids.iter().find_map(|id| words.purpose(id))
}

/// A command and all below it in the words of a language.
fn said(command: Command, id: &str, below: &str, words: Words, width: usize) -> Command {
    let purpose = words.purpose(id);
    let command = command
        .mut_args(|argument| argument_said(argument, id, words, width))
        .mut_subcommands(|one| {
            let (id, below) = ids(below, one.get_name());
            said(one, &id, &below, words, width)
        })
        .next_line_help(true);
    let template = template(&command, words);
    let command = command.help_template(template);
    let Some(Purpose { short, attributes }) = purpose else { return command };
    // In a list of commands it is indented, by itself it is not.
    let long = match attributes.get("more") {
        Some(more) => format!("{}\n\n{}", fitted(&short, width), fitted(more, width)),
        None => fitted(&short, width),
    };
    command.about(fitted(&short, width.saturating_sub(INDENT))).long_about(long)
}

fn argument_said(argument: Arg, command: &str, words: Words, width: usize) -> Arg {
    let Some(Purpose { short, attributes }) = purpose(words, command, &argument) else { return argument };
    let values = argument.get_possible_values();
    let width = width.saturating_sub(INDENT);
    let mut notes = vec![short];
    // A flag has values in name only.
    let takes_value = argument.get_action().takes_values();
    if let Some(variable) = argument.get_env() {
        notes.push(say!(words, "help-environment", name = variable.to_string_lossy()));
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes_value && !defaults.is_empty() {
        notes.push(say!(words, "help-default", value = defaults.join(" ")));
    }
    let values: Vec<_> = values.iter().filter(|value| takes_value && !value.is_hide_set()).collect();
    let mut listed = String::new();
    for value in &values {
        let what = attributes.get(value.get_name()).map(String::as_str).unwrap_or_default();
        let _ = write!(listed, "\n- {}: {what}", value.get_name());
    }
    if !values.is_empty() {
        let names: Vec<_> = values.iter().map(|value| value.get_name()).collect();
        notes.push(say!(words, "help-values", values = names.join(", ")));
    }
    let first = notes.join(" ");
    let more = attributes.get("more").map(|more| format!("\n\n{}", fitted(more, width))).unwrap_or_default();
    let long = format!("{}{listed}{more}", fitted(&first, width));
    argument
        .help(fitted(&first, width))
        .long_help(long)
        .hide_env(true)
        .hide_default_value(true)
        .hide_possible_values(true)
}

/// A text in lines of at most so many columns.
fn fitted(text: &str, width: usize) -> String {
    text.split('\n').map(|line| broken(line, width, 0)).collect::<Vec<_>>().join("\n")
}

/// How the help of a command is laid out.
fn template(command: &Command, words: Words) -> StyledStr {
    let styles = Styles::default();
    let header = styles.get_header();
    let usage = usage(&command.clone().render_usage().to_string(), words);
    let mut template = format!("{{about-with-newline}}\n{usage}");
    let mut section = |heading: &str, tag: &str| {
        let _ = write!(template, "\n\n{header}{heading}:{header:#}\n{{{tag}}}");
    };
    if command.has_subcommands() {
        section(&say!(words, "help-commands"), "subcommands");
    }
    if command.get_positionals().next().is_some() {
        section(&say!(words, "help-arguments"), "positionals");
    }
    section(&say!(words, "help-options"), "options");
    template.into()
}

/// The usage that clap made, in the words of a language.
fn usage(made: &str, words: Words) -> String {
    let usage = made.trim().strip_prefix(USAGE).unwrap_or(made);
    let usage = usage.replace(OPTIONS, &say!(words, "help-options-in-usage"));
    say!(words, "help-usage", usage = usage)
}

/// What to say of arguments that are refused. `None` where clap itself has to: what it was asked to show, and what has
/// no words here.
pub(super) fn refusal(error: &clap::Error, words: Words) -> Option<String> {
    let fault = fault(error)?.in_words(words);
    let styles = Styles::default();
    let (bad, tip) = (styles.get_error(), styles.get_valid());
    let mut text = format!("{bad}{}{bad:#} {fault}\n", say!(words, "help-error"));
    if let Some(known) = context(error, ContextKind::ValidValue).filter(|known| !known.is_empty()) {
        let _ = writeln!(text, "  {}", say!(words, "help-values", values = known));
    }
    if let Some(known) = context(error, ContextKind::ValidSubcommand).filter(|known| !known.is_empty()) {
        let _ = writeln!(text, "  {}", say!(words, "help-values", values = known));
    }
    let kinds = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    if let Some(similar) = kinds.into_iter().find_map(|kind| context(error, kind)) {
        let _ = writeln!(text, "\n  {tip}{}{tip:#}", say!(words, "help-similar", similar = similar));
    }
    if let Some(made) = error.get(ContextKind::Usage) {
        let _ = writeln!(text, "\n{}", usage(&made.to_string(), words));
    }
    let _ = writeln!(text, "\n{}", say!(words, "help-more"));
    Some(text)
}

/// What is wrong with the arguments.
fn fault(error: &clap::Error) -> Option<Message> {
    let argument = context(error, ContextKind::InvalidArg).unwrap_or_default();
    let value = context(error, ContextKind::InvalidValue).unwrap_or_default();
    Some(match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => message!("refused-without-value", argument = argument),
        ErrorKind::InvalidValue => message!("refused-value", value = value, argument = argument),
        ErrorKind::ValueValidation => {
            let fault = error.source().map(value_fault)?;
            message!("refused-value-for", value = value, argument = argument, fault = fault)
        }
        ErrorKind::UnknownArgument => message!("refused-argument", argument = argument),
        ErrorKind::InvalidSubcommand => {
            let name = context(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            message!("refused-command", name = name)
        }
        ErrorKind::TooManyValues => message!("refused-many-values", value = value, argument = argument),
        ErrorKind::ArgumentConflict => match context(error, ContextKind::PriorArg) {
            Some(other) if other != argument => message!("refused-conflict", argument = argument, other = other),
            _ => message!("refused-twice", argument = argument),
        },
        ErrorKind::MissingRequiredArgument => message!("refused-missing", arguments = argument),
        ErrorKind::MissingSubcommand => {
            let name = context(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            message!("refused-without-command", name = name)
        }
        ErrorKind::InvalidUtf8 => message!("refused-not-utf8"),
        _ => return None,
    })
}

/// What is wrong with a value.
fn value_fault(error: &(dyn Error + 'static)) -> Message {
    if let Some(message) = error.downcast_ref::<Message>() {
        return message.clone();
    }
    if let Some(error) = error.downcast_ref::<MachineNameError>() {
        return (*error).into();
    }
    if error.is::<AddrParseError>() {
        return message!("config-listen");
    }
    if error.is::<ParseIntError>() {
        return message!("config-whole-number");
    }
    message!("other-error", error = error.to_string())
}

/// What clap knows of an error, listed.
fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(texts) => Some(texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

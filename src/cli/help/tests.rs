//! Each command and each argument has its words in every language, and none is left over.

use super::*;
use crate::cli::Arguments;
use crate::console::columns;
use crate::knowledge::Language;
use clap::{CommandFactory, Parser};
use fluent_syntax::ast::Entry;
use fluent_syntax::parser;
use std::collections::BTreeSet;

fn japanese() -> Words {
    Language::of("ja").unwrap().into()
}

/// The ids that a command and those below it need: what is missing in a catalogue, and what is used there.
fn look_up(
    command: &Command,
    (id, below): (&str, &str),
    words: Words,
    missing: &mut Vec<String>,
    used: &mut BTreeSet<String>,
) {
    let mut note = |ids: &[String], values: Vec<String>| {
        let Some((id, purpose)) = ids.iter().find_map(|id| Some((id, words.purpose(id)?))) else {
            missing.push(ids.join(" or "));
            return;
        };
        used.insert(id.clone());
        let has = purpose.attributes.keys().filter(|name| *name != "more").cloned().collect::<BTreeSet<_>>();
        let wanted: BTreeSet<_> = values.into_iter().collect();
        missing.extend(wanted.difference(&has).map(|value| format!("{id}.{value}")));
        missing.extend(has.difference(&wanted).map(|value| format!("{id}.{value} is of no use")));
    };
    note(&[id.to_owned()], Vec::new());
    for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
        let name = argument.get_id();
        let values = if argument.get_action().takes_values() { argument.get_possible_values() } else { Vec::new() };
        let values = values.iter().map(|value| value.get_name().to_owned()).collect();
        note(&[format!("{id}--{name}"), format!("any--{name}")], values);
    }
    for one in command.get_subcommands() {
        let (id, below) = ids(below, one.get_name());
        look_up(one, (&id, &below), words, missing, used);
    }
}

#[test]
fn every_command_and_argument_has_words_in_every_language_and_none_is_left_over() {
    let mut command = Arguments::command();
    command.build();
    for language in Language::ALL {
        let words = Words::from(*language);
        let Some(file) = words.purposes() else { continue };
        let (mut missing, mut used) = (Vec::new(), BTreeSet::new());
        look_up(&command, (ROOT, ROOT), words, &mut missing, &mut used);
        assert!(missing.is_empty(), "{language:?} lacks, in arguments.ftl: {}", missing.join(", "));
        let resource = parser::parse(file).unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}"));
        let there = resource.body.iter().filter_map(|entry| match entry {
            Entry::Message(message) => Some(message.id.name.to_owned()),
            _ => None,
        });
        let left_over: Vec<_> = there.filter(|id| !used.contains(id)).collect();
        assert!(left_over.is_empty(), "{language:?} has, in arguments.ftl, what nothing needs: {left_over:?}");
    }
}

/// Each help there is, short and long, as it is printed.
fn helps(mut command: Command, helps: &mut Vec<String>) {
    helps.extend([command.render_help().to_string(), command.render_long_help().to_string()]);
    for one in command.get_subcommands() {
        helps_of(one, helps);
    }
}

fn helps_of(command: &Command, all: &mut Vec<String>) {
    helps(command.clone(), all);
}

#[test]
fn no_line_of_help_is_longer_than_the_terminal_and_none_is_english() {
    let mut all = Vec::new();
    helps(in_words(Arguments::command(), japanese(), usize::MAX), &mut all);
    assert!(all.len() > 20, "{}", all.len());
    for help in &all {
        for line in help.lines() {
            assert!(columns(line) <= MOST, "{line}");
        }
        for word in ["Usage", "Options", "Commands", "Arguments", "[default", "possible values", "env:", "Print"] {
            assert!(!help.contains(word), "{word}: {help}");
        }
        assert!(help.contains("使用法: gracewatch"), "{help}");
    }
    assert!(all[0].contains("コマンド:") && all[0].contains("オプション:"), "{}", all[0]);
}

#[test]
fn what_is_in_japanese_is_parsed_as_before() {
    let parsed = |arguments: &[&str]| {
        let all = std::iter::once("gracewatch").chain(arguments.iter().copied());
        in_words(Arguments::command(), japanese(), 80).try_get_matches_from(all)
    };
    let matches = parsed(&["check", "--output", "json", "corp.example", "--lang", "ja"]).unwrap();
    assert_eq!(matches.subcommand_name(), Some("check"));
    let help = parsed(&["help", "check"]).unwrap_err().to_string();
    assert!(help.contains("使用法: gracewatch check [オプション]"), "{help}");
    let bare = parsed(&[]).unwrap_err().to_string();
    assert!(bare.contains("コマンド:"), "{bare}");
}

#[test]
fn what_is_refused_is_said_in_the_words_of_a_language() {
    let refused = |arguments: &[&str], words: Words| {
        let all = std::iter::once("gracewatch").chain(arguments.iter().copied());
        let error = in_words(Arguments::command(), words, 80).try_get_matches_from(all).unwrap_err();
        let text = refusal(&error, words).unwrap_or_else(|| panic!("{arguments:?}: {error}"));
        anstream::adapter::strip_str(&text).to_string()
    };
    for (arguments, english, japanese_words) in [
        (
            &["check", "--output", "xml"][..],
            "error: invalid value 'xml' for '--output <OUTPUT>'\n",
            "エラー: '--output <OUTPUT>' の値 'xml' は無効です\n",
        ),
        (
            &["check", "--timeout", "soon"],
            "invalid value 'soon' for '--timeout <TIMEOUT>': not a duration such as",
            "'--timeout <TIMEOUT>' の値 'soon' は無効です: `90s`、",
        ),
        (&["check", "--outptu", "json"], "unexpected argument '--outptu' found", "引数 '--outptu' はありません"),
        (&["chekc"], "unrecognized command 'chekc'", "コマンド 'chekc' はありません"),
        (
            &["import"],
            "the following required arguments were not provided: <FILE>...",
            "必要な引数がありません: <FILE>...",
        ),
        (&["explain", "1", "--store", "sqlite:x", "--config", "y"], "cannot be used with", "と同時には使えません"),
        (&["check", "--output"], "a value is required for '--output <OUTPUT>'", "'--output <OUTPUT>' には値が必要です"),
        (&["check", "--output", "json", "--output", "json"], "cannot be used multiple times", "複数回は指定できません"),
        (
            &["import", "--machine", "192.0.2.1", "-"],
            "an address is not a machine name",
            "アドレスはコンピューター名として使えません",
        ),
        (&["machines", "--limit", "many"], "expected a whole number", "整数を指定してください"),
        (&["serve", "--listen", "x"], "not an address and port such as", "のようなアドレスとポートではありません"),
        (&["--lang", "xx", "check"], "the languages are en, ja", "使用できる言語は en, ja です"),
    ] {
        let shown = refused(arguments, Words::ENGLISH);
        assert!(
            shown.contains(english) && shown.contains("For more information, try '--help'."),
            "{arguments:?}: {shown}"
        );
        let shown = refused(arguments, japanese());
        assert!(
            shown.contains(japanese_words) && shown.contains("詳細は '--help' を参照してください。"),
            "{arguments:?}: {shown}"
        );
        assert!(!shown.contains("Usage") && !shown.contains("error"), "{arguments:?}: {shown}");
    }
    assert!(refused(&["check", "--outptu", "json"], Words::ENGLISH).contains("'--output'"));
    assert!(
        Arguments::try_parse_from(["gracewatch", "--help"]).is_err_and(|error| refusal(&error, japanese()).is_none())
    );
}

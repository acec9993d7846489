//! Every language has the same messages with the same variables, and what the program says is what there is.

use super::{CATALOGUES, Words};
use crate::knowledge::Language;
use crate::observation::{Detail, Value};
use crate::text;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};
use fluent_syntax::parser;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// The categories of plural rules: which of them a language has is its own.
const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// What a message needs and refers to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Message {
    variables: BTreeSet<String>,
    references: BTreeSet<String>,
    /// What is chosen by, and which choices there are beside those of numbers.
    choices: BTreeSet<(String, String)>,
}

impl Message {
    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                let InlineExpression::VariableReference { id } = selector else { panic!("{selector:?}") };
                for Variant { key, value, default } in variants {
                    if let VariantKey::Identifier { name } = key
                        && !PLURALS.contains(name)
                        && !default
                    {
                        self.choices.insert((id.name.to_owned(), (*name).to_owned()));
                    }
                    self.read(value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, .. } => {
                self.references.insert(id.name.to_owned());
            }
            InlineExpression::StringLiteral { .. } => {}
            // A place, by the conventions of the system.
            InlineExpression::FunctionReference { id, .. } if id.name == "PLACE" => {}
            InlineExpression::Placeable { expression } => self.expression(expression),
            other => panic!("{other:?} is of no use here"),
        }
    }
}

type Messages = BTreeMap<String, Message>;

fn messages(tag: &str) -> Messages {
    let catalogue = CATALOGUES.iter().find(|catalogue| catalogue.tag == tag).unwrap();
    let mut messages = Messages::new();
    for file in catalogue.files {
        let resource = parser::parse(file).unwrap_or_else(|(_, errors)| panic!("{tag}: {errors:?}"));
        for entry in &resource.body {
            let Entry::Message(found) = entry else { continue };
            let mut message = Message::default();
            message.read(found.value.as_ref().unwrap());
            let is_new = messages.insert(found.id.name.to_owned(), message).is_none();
            assert!(is_new, "{tag}: {} is there twice", found.id.name);
        }
    }
    messages
}

/// The variables of a message and of those it refers to.
fn variables(id: &str, messages: &Messages) -> BTreeSet<String> {
    let message = messages.get(id).unwrap_or_else(|| panic!("there is no message {id}"));
    let referred = message.references.iter().flat_map(|id| variables(id, messages));
    message.variables.iter().cloned().chain(referred).collect()
}

/// A message that is said in the source, and with which variables.
type Use = (String, BTreeSet<String>);

fn uses() -> Vec<Use> {
    sources().iter().flat_map(|source| uses_in(source)).collect()
}

/// Every file of the source but this one, and every template.
fn sources() -> Vec<String> {
    let mut files = Vec::new();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("templates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "html") && !path.ends_with(file!()) {
                files.push(path);
            }
        }
    }
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// Each `say!(words, "id", name = value, ...)` of a source, and each `message!` and `detail!` with an ID and variables.
fn uses_in(source: &str) -> Vec<Use> {
    ["say!(", "message!(", "detail!("].iter().flat_map(|call| calls_in(source, call)).collect()
}

fn calls_in(source: &str, call: &str) -> Vec<Use> {
    // One may be an argument of another.
    let calls = source.match_indices(call).filter_map(|(start, _)| {
        let (arguments, mut depth) = (&source[start + call.len()..], 1);
        let end = arguments.char_indices().find(|(_, character)| {
            depth += i32::from("([{".contains(*character)) - i32::from(")]}".contains(*character));
            depth == 0
        });
        let arguments = &arguments[..end?.0];
        let id = arguments.split('"').nth(1)?;
        let is_before_id = |argument: &&str| !argument.trim_start().starts_with('"');
        let after_id = top_level(arguments).into_iter().skip_while(is_before_id).skip(1);
        let names = after_id.filter_map(|argument| argument.split_once('='));
        let names = names.map(|(name, _)| name.trim().to_owned()).filter(|name| !name.is_empty());
        Some((id.to_owned(), names.collect()))
    });
    // The macro's own description is no use of it.
    calls.filter(|(id, _)| id != "id").collect()
}

/// Arguments, parted at the commas that are in no brackets.
fn top_level(arguments: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (index, character) in arguments.char_indices() {
        depth += i32::from("([{".contains(character)) - i32::from(")]}".contains(character));
        if character == ',' && depth == 0 {
            parts.push(&arguments[start..index]);
            start = index + 1;
        }
    }
    parts.push(&arguments[start..]);
    parts
}

#[test]
fn every_language_has_a_catalogue_with_the_same_messages_and_variables() {
    let english = messages("en");
    for language in Language::ALL {
        let own = messages(language.tag());
        let ids = |messages: &Messages| messages.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(ids(&own), ids(&english), "{language:?}");
        for id in own.keys() {
            let mut wanted = variables(id, &english);
            let mut has = variables(id, &own);
            // A language that does not bend its words for a number does not need it.
            has.remove("count");
            wanted.remove("count");
            assert_eq!(has, wanted, "{language:?} {id}");
        }
    }
}

#[test]
fn every_language_has_the_same_choices() {
    let choices = |messages: &Messages| {
        let of_message = |(id, message): (&String, &Message)| {
            message.choices.iter().map(|choice| (id.clone(), choice.clone())).collect::<Vec<_>>()
        };
        messages.iter().flat_map(of_message).collect::<BTreeSet<_>>()
    };
    let english = choices(&messages("en"));
    for language in Language::ALL {
        assert_eq!(choices(&messages(language.tag())), english, "{language:?}");
    }
}

#[test]
fn every_message_is_said_with_its_variables_and_none_is_left_over() {
    let (english, uses) = (messages("en"), uses());
    assert!(uses.len() > 100, "{}", uses.len());
    for (id, given) in &uses {
        assert_eq!(given, &variables(id, &english), "{id}");
    }
    let said = uses.into_iter().map(|(id, _)| id);
    let referred = english.values().flat_map(|message| message.references.iter().cloned());
    let needed: BTreeSet<_> = said.chain(referred).collect();
    let left_over: Vec<_> = english.keys().filter(|id| !needed.contains(*id)).collect();
    assert!(left_over.is_empty(), "{left_over:?}");
}

/// How many words a detail has at most, where each variable is one.
const DETAIL_WORDS: usize = 25;

/// Whatever is put into it: a number or a word, by which some choose, and what has words of its own.
#[test]
fn every_detail_has_words_in_every_language() {
    let english = messages("en");
    let parts =
        [Value::Number(1), Value::Number(9), Value::Text("x".into()), Value::Detail(Detail::plain("connected"))];
    let details: BTreeSet<Use> = sources().iter().flat_map(|source| calls_in(source, "detail!(")).collect();
    assert!(details.len() > 150, "{}", details.len());
    for (id, names) in details {
        let id: &'static str = id.leak();
        assert!(english.contains_key(id), "{id}");
        let names: Vec<&'static str> = names.into_iter().map(|name| &*name.leak()).collect();
        for part in &parts {
            let variables: Vec<_> = names.iter().map(|name| (*name, part.clone())).collect();
            let seen = if names.is_empty() { Detail::plain(id) } else { Detail::new(id, variables) };
            for language in Language::ALL {
                let words = text::detail((*language).into(), &seen);
                assert!(!words.trim().is_empty() && !words.contains('{'), "{id} in {language:?}: {words}");
                if *language == Language::ENGLISH {
                    assert!(words.split_whitespace().count() <= DETAIL_WORDS, "{id}: {words}");
                } else if names.is_empty() {
                    assert_ne!(words, text::detail(Words::ENGLISH, &seen), "{id} in {language:?}");
                }
            }
        }
    }
}

#[test]
fn what_a_language_lacks_is_said_in_english_and_what_there_is_not_is_not_shown() {
    let words: Words = Language::of("ja").unwrap().into();
    assert_eq!(words.message("there-is-no-such-message", &super::FluentArgs::new()), "");
}

/// Nothing that Fluent takes as a message's end or a mark of its own.
#[test]
fn no_file_has_words_that_are_not_read() {
    for catalogue in &CATALOGUES {
        for file in catalogue.files {
            let resource = parser::parse(file).unwrap();
            assert!(!resource.body.iter().any(|entry| matches!(entry, Entry::Junk { .. })), "{}", catalogue.tag);
        }
    }
}

//! The catalogues of messages, one to a language; [`Words`], which takes messages from them; and [`Message`], one that
//! is yet to be said, as errors hold it.
//!
//! A catalogue is a folder of Project Fluent files. To add a language, add its folder and its line in `CATALOGUES`.
//! Tests see that every language has the same messages with the same variables, and that each is used. What an argument
//! of the command line does is in English where it is defined, and in a file of its own for each other language.

mod addresses;
mod message;

pub(crate) use message::message;
pub use message::{Message, Variable};

use crate::knowledge::Language;
use crate::places;
use fluent_bundle::concurrent::FluentBundle;
pub(crate) use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::collections::BTreeMap;
use std::sync::LazyLock;

type Bundle = FluentBundle<FluentResource>;

/// The messages of a language.
struct Catalogue {
    tag: &'static str,
    /// Its files, as they are.
    #[cfg(test)]
    files: [&'static str; FILES],
    /// What the command line does, where that is not said in this language where it is defined.
    arguments: Option<&'static str>,
    bundle: LazyLock<Bundle>,
}

/// How many files a catalogue has.
const FILES: usize = 16;

/// Defines a catalogue by the tag of its language, which is the name of its folder as well.
macro_rules! catalogue {
    ($tag:literal, $arguments:expr) => {{
        const OWN: [&str; FILES] = [
            include_str!(concat!("text/catalogues/", $tag, "/agent.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/verdicts.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/steps.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/reports.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/cli.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/commands.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/config.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/demo.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/details.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/help.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/http.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/key.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/page.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/inventory.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/probe.ftl")),
            include_str!(concat!("text/catalogues/", $tag, "/service.ftl")),
        ];
        Catalogue {
            tag: $tag,
            #[cfg(test)]
            files: OWN,
            arguments: $arguments,
            bundle: LazyLock::new(|| bundle($tag, OWN.iter().copied().chain($arguments))),
        }
    }};
}

/// Every catalogue.
static CATALOGUES: [Catalogue; 2] =
    [catalogue!("en", None), catalogue!("ja", Some(include_str!("text/catalogues/ja/arguments.ftl")))];

/// What is wrong in a file is left out of the bundle. Tests see that nothing is.
fn bundle<'a>(tag: &str, files: impl Iterator<Item = &'a str>) -> Bundle {
    let mut bundle = Bundle::new_concurrent(tag.parse().into_iter().collect());
    // Terminals show the marks that would keep apart what is written from right to left.
    bundle.set_use_isolating(false);
    // It fails where there is one of that name.
    let _ = bundle.add_function("PLACE", |given, _| match given {
        [FluentValue::String(place)] => FluentValue::String(places::here(place).into_owned().into()),
        _ => FluentValue::Error,
    });
    for file in files {
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(readable, _)| readable);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The words of one language. What renders anything for a person takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub language: Language,
}

impl Words {
    /// The words of logs and metrics, and of languages that have none.
    pub const ENGLISH: Self = Self { language: Language::ENGLISH };

    /// A message with its variables put in. What a language lacks is said in English.
    pub(crate) fn message(self, id: &str, arguments: &FluentArgs<'_>) -> String {
        let own_or_english = [self.language, Language::ENGLISH];
        own_or_english.into_iter().find_map(|language| message(language, id, arguments)).unwrap_or_default()
    }
}

/// What a command or an argument does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Purpose {
    pub(crate) short: String,
    /// What `more` there is to say where all is wanted, and what each of its values stands for.
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Words {
    /// True where what the command line does is said in the catalogue, in place of where it is defined.
    pub(crate) fn has_purposes(self) -> bool {
        self.catalogue().is_some_and(|catalogue| catalogue.arguments.is_some())
    }

    /// What a command or an argument does.
    pub(crate) fn purpose(self, id: &str) -> Option<Purpose> {
        let bundle = &self.catalogue().filter(|catalogue| catalogue.arguments.is_some())?.bundle;
        let message = bundle.get_message(id)?;
        let say = |pattern| bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned();
        let attributes = message.attributes().map(|one| (one.id().to_owned(), say(one.value())));
        Some(Purpose { short: say(message.value()?), attributes: attributes.collect() })
    }

    fn catalogue(self) -> Option<&'static Catalogue> {
        CATALOGUES.iter().find(|catalogue| catalogue.tag == self.language.tag())
    }

    /// The file with what the command line does.
    #[cfg(test)]
    pub(crate) fn purposes(self) -> Option<&'static str> {
        self.catalogue()?.arguments
    }
}

impl From<Language> for Words {
    fn from(language: Language) -> Self {
        Self { language }
    }
}

/// A message of one language; `None` where it has none, or not with these variables.
fn message(language: Language, id: &str, arguments: &FluentArgs<'_>) -> Option<String> {
    let catalogue = Words::from(language).catalogue()?;
    let pattern = catalogue.bundle.get_message(id)?.value()?;
    let mut errors = Vec::new();
    let text = catalogue.bundle.format_pattern(pattern, Some(arguments), &mut errors);
    #[cfg(test)]
    assert!(errors.is_empty(), "{id} in {language:?}: {errors:?}");
    errors.is_empty().then(|| text.into_owned())
}

/// Says a message in some words: `say!(words, "id", name = value, ...)`.
macro_rules! say {
    ($words:expr, $id:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        #[allow(unused_mut, reason = "a message may have no variable")]
        let mut arguments = $crate::catalogue::FluentArgs::new();
        $(arguments.set(stringify!($name), $value);)*
        $words.message($id, &arguments)
    }};
}
pub(crate) use say;

#[cfg(test)]
mod tests;

//! The catalogues of messages, one to a language, and [`Words`], which takes messages from them.
//!
//! A catalogue is a folder of Project Fluent files. To add a language, add its folder and its line in [`CATALOGUES`].
//! Tests see that every language has the same messages with the same variables, and that each is used.

use crate::knowledge::Language;
use fluent_bundle::concurrent::FluentBundle;
pub(crate) use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;

type Bundle = FluentBundle<FluentResource>;

/// The messages of a language.
struct Catalogue {
    tag: &'static str,
    /// Its files, as they are.
    #[cfg(test)]
    files: [&'static str; 5],
    bundle: LazyLock<Bundle>,
}

/// Defines a catalogue by the tag of its language, which is the name of its folder as well.
macro_rules! catalogue {
    ($tag:literal) => {{
        const FILES: [&str; 5] = [
            include_str!(concat!("catalogues/", $tag, "/verdicts.ftl")),
            include_str!(concat!("catalogues/", $tag, "/steps.ftl")),
            include_str!(concat!("catalogues/", $tag, "/reports.ftl")),
            include_str!(concat!("catalogues/", $tag, "/cli.ftl")),
            include_str!(concat!("catalogues/", $tag, "/details.ftl")),
        ];
        Catalogue {
            tag: $tag,
            #[cfg(test)]
            files: FILES,
            bundle: LazyLock::new(|| bundle($tag, &FILES)),
        }
    }};
}

/// Every catalogue.
static CATALOGUES: [Catalogue; 2] = [catalogue!("en"), catalogue!("ja")];

/// What is wrong in a file is left out of the bundle. Tests see that nothing is.
fn bundle(tag: &str, files: &[&str]) -> Bundle {
    let mut bundle = Bundle::new_concurrent(tag.parse().into_iter().collect());
    // Terminals show the marks that would keep apart what is written from right to left.
    bundle.set_use_isolating(false);
    for file in files {
        let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(readable, _)| readable);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The words of one language. What renders anything for a person takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// The language.
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

impl From<Language> for Words {
    fn from(language: Language) -> Self {
        Self { language }
    }
}

/// A message of one language; `None` where it has none, or not with these variables.
fn message(language: Language, id: &str, arguments: &FluentArgs<'_>) -> Option<String> {
    let catalogue = CATALOGUES.iter().find(|catalogue| catalogue.tag == language.tag())?;
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
        let mut arguments = $crate::text::catalogue::FluentArgs::new();
        $(arguments.set(stringify!($name), $value);)*
        $words.message($id, &arguments)
    }};
}
pub(crate) use say;

#[cfg(test)]
mod tests;

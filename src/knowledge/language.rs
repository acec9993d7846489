//! The languages in which errors are explained. To add one, add its file, and its line in [`Language::ALL`].

use super::texts::Texts;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

#[derive(Clone, Copy)]
pub struct Language {
    tag: &'static str,
    texts: fn() -> &'static Texts,
}

/// Defines a language by its tag, which is the name of its file as well.
macro_rules! language {
    ($tag:literal) => {{
        fn texts() -> &'static Texts {
            // Tests see that every file can be read.
            static TEXTS: LazyLock<Texts> =
                LazyLock::new(|| Texts::parse(include_str!(concat!($tag, ".yaml"))).unwrap_or_default());
            &TEXTS
        }
        Language { tag: $tag, texts }
    }};
}

impl Language {
    /// The language that has every code.
    pub const ENGLISH: Self = language!("en");

    /// Every language.
    pub const ALL: &[Self] = &[Self::ENGLISH, language!("ja")];

    /// The tag by BCP 47: `en`.
    pub const fn tag(self) -> &'static str {
        self.tag
    }

    /// The tags of all languages, for a person: `en, ja`.
    pub fn tags() -> String {
        Self::ALL.iter().map(|language| language.tag).collect::<Vec<_>>().join(", ")
    }

    pub fn texts(self) -> &'static Texts {
        (self.texts)()
    }

    /// The language of a tag or a locale: `ja`, `ja_JP.UTF-8`, `ja-JP`.
    pub fn of(locale: &str) -> Option<Self> {
        let tag = locale.trim().split(['_', '-', '.', '@', ',', ';']).next()?;
        Self::ALL.iter().copied().find(|language| language.tag.eq_ignore_ascii_case(tag))
    }

    /// The language that the environment asks for, by the rules of POSIX: the first of `LC_ALL`, `LC_MESSAGES` and
    /// `LANG` that is set and not empty decides. Where none is, the system's own setting does, which Windows has.
    /// English where it is none of ours.
    pub fn of_environment(
        variable: impl Fn(&str) -> Option<String>,
        of_system: impl FnOnce() -> Option<String>,
    ) -> Self {
        let set =
            ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
        set.or_else(of_system).and_then(|locale| Self::of(&locale)).unwrap_or(Self::ENGLISH)
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl Eq for Language {}

impl fmt::Debug for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.tag)
    }
}

impl JsonSchema for Language {
    fn schema_name() -> Cow<'static, str> {
        "Language".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let tags: Vec<_> = Self::ALL.iter().map(|language| language.tag).collect();
        json_schema!({ "type": "string", "enum": tags, "description": "A language, by its tag." })
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_have_a_language() {
        let tag = |locale| Language::of(locale).map(Language::tag);
        assert_eq!(["ja", "ja_JP.UTF-8", "JA-jp", "ja.UTF-8"].map(tag), [Some("ja"); 4]);
        assert_eq!(["en", "en_GB.UTF-8"].map(tag), [Some("en"); 2]);
        assert_eq!(["C", "POSIX", "", "de_DE", "jam_JM", "\u{e4}"].map(tag), [None; 6]);
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let within = |variables: &'static [(&str, &str)], system: Option<&str>| {
            let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            Language::of_environment(|name| value(name).map(str::to_owned), || system.map(str::to_owned)).tag()
        };
        let of = |variables| within(variables, None);
        assert_eq!(of(&[("LANG", "ja_JP.UTF-8")]), "ja");
        assert_eq!(of(&[("LC_MESSAGES", "ja_JP"), ("LANG", "en_US.UTF-8")]), "ja");
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "ja_JP.UTF-8")]), "ja");
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "ja_JP.UTF-8")]), "en");
        assert_eq!(of(&[]), "en");
        assert_eq!(within(&[], Some("ja-JP")), "ja");
        assert_eq!(within(&[], Some("de-DE")), "en");
        assert_eq!(within(&[("LANG", "en_US.UTF-8")], Some("ja-JP")), "en");
    }
}

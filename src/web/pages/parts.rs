//! Small parts that many pages have: signs and times, which are markup of their own.

use crate::report::mark::Mark;
use crate::words::minute_of;
use askama::filters::HtmlSafe;
use jiff::Timestamp;
use std::fmt::{self, Write};
use std::time::SystemTime;

/// How something is to be taken, as a sign. Beside it there are words, so that nobody has to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sign(pub(super) Mark);

impl fmt::Display for Sign {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, sign) = (self.0.as_str(), self.0.sign());
        write!(formatter, "<span class=\"sign {class}\" aria-hidden=\"true\">{sign}</span>")
    }
}

impl HtmlSafe for Sign {}

/// A moment to the minute, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(pub(super) Timestamp);

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<time datetime=\"{:.0}\">{}</time>", self.0, minute_of(self.0))
    }
}

impl HtmlSafe for Time {}

/// A sentence in which what is between backquotes is to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prose<'a>(pub(super) &'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((before, code, after)) = quoted(rest) {
            write!(formatter, "{}<code>{}</code>", Escaped(before), Escaped(code))?;
            rest = after;
        }
        write!(formatter, "{}", Escaped(rest))
    }
}

impl HtmlSafe for Prose<'_> {}

/// What is before the first pair of backquotes, between them, and after.
fn quoted(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    Some((before, code, after))
}

/// A name with dots, that may break after each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dotted<'a>(pub(super) &'a str);

impl fmt::Display for Dotted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, label) in self.0.split('.').enumerate() {
            let dot = if number > 0 { ".<wbr>" } else { "" };
            write!(formatter, "{dot}{}", Escaped(label))?;
        }
        Ok(())
    }
}

impl HtmlSafe for Dotted<'_> {}

/// A text as it is written in HTML, within quotation marks as well.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '<' | '>' | '&' | '"' | '\'' => write!(formatter, "&#{};", u32::from(character))?,
                _ => formatter.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// The same for templates: as a filter of what they have.
pub(super) fn prose(text: &str) -> Prose<'_> {
    Prose(text)
}

pub(super) fn dotted(name: &str) -> Dotted<'_> {
    Dotted(name)
}

impl From<SystemTime> for Time {
    fn from(moment: SystemTime) -> Self {
        Self(Timestamp::try_from(moment).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_breaks_after_its_dots_and_is_text() {
        assert_eq!(Dotted("ws1.corp.<b>").to_string(), "ws1.<wbr>corp.<wbr>&#60;b&#62;");
    }

    #[test]
    fn what_is_to_be_typed_is_marked_and_all_of_it_is_text() {
        assert_eq!(Prose("On a: `b <c>` & `d`.").to_string(), "On a: <code>b &#60;c&#62;</code> &#38; <code>d</code>.");
        assert_eq!(Prose("an odd ` one").to_string(), "an odd ` one");
        assert_eq!(
            Prose("<script>`</script>`\"'").to_string(),
            "&#60;script&#62;<code>&#60;/script&#62;</code>&#34;&#39;"
        );
    }
}

//! A message as data until it is shown, in the language of whoever reads it.

use super::{FluentArgs, Words};
use fluent_bundle::FluentValue;
use std::error::Error;
use std::fmt;

/// A message that is yet to be said: its id, and its variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    id: &'static str,
    variables: Vec<(&'static str, Variable)>,
}

/// A variable of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// A name, a number as it is written, or what others said.
    Text(String),
    /// A number, by which words may bend.
    Number(i64),
    /// Another message.
    Message(Box<Message>),
}

impl Message {
    pub(crate) const fn new(id: &'static str, variables: Vec<(&'static str, Variable)>) -> Self {
        Self { id, variables }
    }

    /// The id of the message.
    pub(crate) const fn id(&self) -> &'static str {
        self.id
    }

    /// The message in the words of a language.
    pub fn in_words(&self, words: Words) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in &self.variables {
            let value: FluentValue<'_> = match value {
                Variable::Text(text) => text.as_str().into(),
                Variable::Number(number) => (*number).into(),
                Variable::Message(message) => message.in_words(words).into(),
            };
            arguments.set(*name, value);
        }
        words.message(self.id, &arguments)
    }

    /// The same without a text that may be a secret, wherever a variable holds it.
    #[must_use]
    pub(crate) fn without(mut self, secret: &str) -> Self {
        for (_, value) in &mut self.variables {
            match value {
                Variable::Text(text) => *text = text.replace(secret, "..."),
                Variable::Message(message) => **message = message.as_ref().clone().without(secret),
                Variable::Number(_) => {}
            }
        }
        self
    }
}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.in_words(Words::ENGLISH))
    }
}

impl Error for Message {}

impl From<String> for Variable {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Variable {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Variable {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Variable {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Variable {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Variable {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Variable {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Message> for Variable {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

/// A message that is yet to be said: `message!("id", name = value, ...)`.
macro_rules! message {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::catalogue::Message::new(
            $id,
            vec![$((stringify!($name), $crate::catalogue::Variable::from($value))),*],
        )
    };
}
pub(crate) use message;

#[cfg(test)]
mod tests {
    use crate::knowledge::Language;

    #[test]
    fn a_message_within_another_is_in_the_same_words_and_shows_no_secret() {
        let fault = message!("config-fault-of", value = "x", fault = message!("other-error", error = "at hunter2"));
        assert_eq!(fault.to_string(), "`x`: at hunter2");
        let fault = fault.without("hunter2");
        assert_eq!(fault.to_string(), "`x`: at ...");
        let japanese = fault.in_words(Language::of("ja").unwrap().into());
        assert!(japanese.starts_with("`x`: ") && japanese.ends_with("at ..."), "{japanese}");
    }
}

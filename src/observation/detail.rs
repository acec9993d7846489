//! What was seen at a stage, as data: a message of the catalogues by its ID, and what is put into it.
//!
//! No words are made here: they are where it is shown, in the reader's language. A passing probe makes no more of it
//! than the ID, and a copy costs nothing.

use crate::words::{quoted, rounded};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Says by a message what was seen: `detail!("id", name = value, ...)`. Tests see that the catalogues have the message
/// with these variables.
macro_rules! detail {
    ($id:literal $(,)?) => {
        $crate::observation::Detail::plain($id)
    };
    ($id:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::observation::Detail::new($id, [$((stringify!($name), $crate::observation::Value::from($value))),+])
    };
}
pub(crate) use detail;

/// What was seen at a stage. Made by `detail!("id", name = value, ...)` of a message in `details.ftl`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Detail {
    id: &'static str,
    /// `None` for a message without any. Shared, as observations are copied at every round.
    variables: Option<Arc<[Variable]>>,
}

/// The name and the value of a variable.
pub type Variable = (&'static str, Value);

/// What is put into a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A number, by which a message may choose its words.
    Number(u64),
    /// A span of time, as exact as it is shown.
    Span(Duration),
    /// A name, a code or a quotation, the same in every language; or a word by which a message chooses its own.
    Text(Cow<'static, str>),
    /// What has words of its own.
    Detail(Detail),
}

impl Detail {
    /// Nothing to be shown.
    pub const NONE: Self = Self::plain("");

    /// A message without variables.
    pub const fn plain(id: &'static str) -> Self {
        Self { id, variables: None }
    }

    /// A message with variables.
    pub fn new(id: &'static str, variables: impl Into<Arc<[Variable]>>) -> Self {
        Self { id, variables: Some(variables.into()) }
    }

    /// The ID of the message; empty where there is nothing to be shown.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// True where there is nothing to be shown.
    pub const fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// What is put into the message.
    pub fn variables(&self) -> &[Variable] {
        self.variables.as_deref().unwrap_or_default()
    }

    /// The same with another text where there is one `instead`.
    #[must_use]
    pub fn map_texts(&self, instead: &impl Fn(&str) -> Option<String>) -> Self {
        let variable = |(name, value): &Variable| {
            let value = match value {
                Value::Text(text) => Value::Text(instead(text).map_or_else(|| text.clone(), Into::into)),
                Value::Detail(detail) => Value::Detail(detail.map_texts(instead)),
                Value::Number(_) | Value::Span(_) => value.clone(),
            };
            (*name, value)
        };
        Self { variables: self.variables.as_ref().map(|known| known.iter().map(variable).collect()), ..*self }
    }

    /// The details of a list, one after the other.
    pub fn joined(details: impl IntoIterator<Item = Self>) -> Self {
        details.into_iter().reduce(|one, two| detail!("details-joined", one = one, two = two)).unwrap_or_default()
    }
}

impl Value {
    /// The words of somebody else: on one line, of bounded length, and without a whole product key. The message puts
    /// quotation marks around them.
    pub fn quoted(text: &str) -> Self {
        Self::Text(quoted(text).into())
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::Number(number.into())
            }
        })+
    };
}
numbers!(u8, u16, u32, u64);

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(number.try_into().unwrap_or(u64::MAX))
    }
}

impl From<Duration> for Value {
    fn from(span: Duration) -> Self {
        Self::Span(rounded(span))
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<IpAddr> for Value {
    fn from(address: IpAddr) -> Self {
        address.to_string().into()
    }
}

impl From<SocketAddr> for Value {
    fn from(address: SocketAddr) -> Self {
        address.to_string().into()
    }
}

impl From<Detail> for Value {
    fn from(detail: Detail) -> Self {
        Self::Detail(detail)
    }
}

/// As facts for a program: the ID of the message under `message`, and each variable under its name.
impl Serialize for Detail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(Some(1 + self.variables().len()))?;
        fields.serialize_entry("message", self.id)?;
        for (name, value) in self.variables() {
            match value {
                Value::Number(number) => fields.serialize_entry(name, number)?,
                Value::Span(span) => fields.serialize_entry(name, &span.as_secs_f64())?,
                Value::Text(text) => fields.serialize_entry(name, text)?,
                Value::Detail(detail) => fields.serialize_entry(name, detail)?,
            }
        }
        fields.end()
    }
}

#[cfg(test)]
mod for_tests {
    use super::Detail;
    use crate::text::{self, Words};
    use std::fmt;

    /// In English.
    impl fmt::Display for Detail {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.pad(&text::detail(Words::ENGLISH, self))
        }
    }

    impl PartialEq<&str> for Detail {
        fn eq(&self, words: &&str) -> bool {
            self.to_string() == **words
        }
    }

    /// Words for their own sake, by the one message that adds none to them.
    impl From<String> for Detail {
        fn from(words: String) -> Self {
            if words.is_empty() { Self::NONE } else { detail!("http-answer", answer = words) }
        }
    }

    impl From<&str> for Detail {
        fn from(words: &str) -> Self {
            words.to_owned().into()
        }
    }
}

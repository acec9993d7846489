//! Objects in JSON as they are in the text: no more is held of one than where its members are, so that an object takes
//! no more memory than its text, whatever is in it. What is in a member is read when it is asked for.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// More members than any object has that is read here.
pub(super) const MAX_MEMBERS: usize = 2000;

/// What is said of an object with more.
pub(super) const TOO_MANY_MEMBERS: &str = "an object has more than 2,000 members";

/// The members of an object, by name. Of several with one name the last counts.
#[derive(Debug, Default)]
pub(super) struct Object<'t> {
    members: Vec<(Cow<'t, str>, Value<'t>)>,
}

/// A value, where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'t> {
    /// In JSON that was looked through before.
    Json(&'t str),
    /// As text that never was JSON.
    Text(&'t str),
}

/// The name of a member.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Name<'t>(#[serde(borrow)] pub(super) Cow<'t, str>);

impl<'t> Object<'t> {
    /// Of members in any order.
    pub(super) fn new(mut members: Vec<(Cow<'t, str>, Value<'t>)>) -> Self {
        // The order of those with one name stays, of which the last is found below.
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        members.reverse();
        members.dedup_by(|(one, _), (other, _)| one == other);
        members.reverse();
        members.shrink_to_fit();
        Self { members }
    }

    /// The object in a text.
    #[cfg(test)]
    pub(super) fn of(text: &'t str) -> Option<Self> {
        Value::Json(text.trim()).object()
    }

    /// The members, in the order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Value<'t>)> {
        self.members.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// The member of exactly this name.
    pub(super) fn exact(&self, name: &str) -> Option<Value<'t>> {
        let place = self.members.binary_search_by(|(other, _)| other.as_ref().cmp(name)).ok()?;
        self.members.get(place).map(|(_, value)| *value)
    }

    /// The member of that name in any case, that in this case before others.
    pub(super) fn get(&self, name: &str) -> Option<Value<'t>> {
        let in_any_case = || self.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        self.exact(name).or_else(|| in_any_case().map(|(_, value)| value))
    }
}

impl<'t> Value<'t> {
    /// What stands for nothing.
    pub(super) const NULL: Self = Self::Json("null");

    /// What the next member of an object is, read without being kept.
    ///
    /// # Errors
    /// Where it is no JSON, or what is in it is too deep or too much.
    pub(super) fn next<'m, A: MapAccess<'t>>(members: &'m mut A) -> Result<Self, A::Error> {
        let text = members.next_value::<&'t RawValue>()?.get();
        if text.starts_with(['{', '[']) || text.contains('\\') {
            Skim.deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(A::Error::custom)?;
        }
        Ok(Self::Json(text))
    }

    pub(super) fn is_null(self) -> bool {
        self == Self::NULL
    }

    pub(super) fn is_object(self) -> bool {
        self.begins_with('{')
    }

    pub(super) fn is_list(self) -> bool {
        self.begins_with('[')
    }

    fn begins_with(self, sign: char) -> bool {
        matches!(self, Self::Json(text) if text.starts_with(sign))
    }

    pub(super) fn text(self) -> Option<Cow<'t, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Json(text) => {
                text.starts_with('"').then(|| serde_json::from_str::<Name<'t>>(text).ok())?.map(|Name(text)| text)
            }
        }
    }

    /// A number, as it is written.
    pub(super) fn number(self) -> Option<&'t str> {
        match self {
            Self::Json(text) if text.starts_with(|char: char| char == '-' || char.is_ascii_digit()) => Some(text),
            _ => None,
        }
    }

    /// True or false.
    pub(super) fn flag(self) -> Option<bool> {
        match self {
            Self::Json("true") => Some(true),
            Self::Json("false") => Some(false),
            _ => None,
        }
    }

    /// What is written, whatever it is.
    pub(super) const fn written(self) -> &'t str {
        match self {
            Self::Json(text) | Self::Text(text) => text,
        }
    }

    pub(super) fn object(self) -> Option<Object<'t>> {
        let Self::Json(text) = self else { return None };
        self.is_object().then(|| serde_json::Deserializer::from_str(text).deserialize_map(Level).ok())?
    }

    /// Hands over each value of a list. False where this is none.
    pub(super) fn each(self, take: impl FnMut(Self)) -> bool {
        let Self::Json(text) = self else { return false };
        // It was looked through before.
        self.begins_with('[') && serde_json::Deserializer::from_str(text).deserialize_seq(Each(take)).is_ok()
    }
}

/// The members of an object, of which those are not looked into that were before.
struct Level;

impl<'t> Visitor<'t> for Level {
    type Value = Object<'t>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut from: A) -> Result<Object<'t>, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = from.next_key()? {
            members.push((name, Value::Json(from.next_value::<&'t RawValue>()?.get())));
        }
        Ok(Object::new(members))
    }
}

struct Each<F>(F);

impl<'t, F: FnMut(Value<'t>)> Visitor<'t> for Each<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'t>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element::<&'t RawValue>()? {
            (self.0)(Value::Json(value.get()));
        }
        Ok(())
    }
}

/// Looks through a value, and keeps nothing: it is JSON, not too deep, and no object in it has too many members.
pub(super) struct Skim;

impl Skim {
    /// Looks through the members of an object.
    pub(super) fn members<'t, A: MapAccess<'t>>(mut members: A) -> Result<(), A::Error> {
        let mut count = 0;
        while members.next_key::<IgnoredAny>()?.is_some() {
            members.next_value_seed(Self)?;
            count += 1;
            if count > MAX_MEMBERS {
                return Err(A::Error::custom(TOO_MANY_MEMBERS));
            }
        }
        Ok(())
    }
}

impl<'t> DeserializeSeed<'t> for Skim {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Skim {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_map<A: MapAccess<'t>>(self, members: A) -> Result<(), A::Error> {
        Self::members(members)
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

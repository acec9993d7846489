//! Looks through a value for what wrappers say of the reports in them, before these are read: a member may be behind
//! the list it holds for.

use super::elements::{MAX_WRAPPERS, REPORTS, WRAPPERS};
use crate::formats::object::{Name, Object, Value};
use crate::formats::wmi::Around;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

/// How many members of interest one wrapper may have.
const MAX_OF_INTEREST: usize = 32;

/// The members of a wrapper that are of interest.
type Kept<'t> = Vec<(Cow<'t, str>, Value<'t>)>;

/// The members of interest of each wrapper in the value at the start of a text, in the order in which their lists
/// begin. Where the text goes wrong these are of the wrappers before that, and of those that are open there.
pub(super) fn wrappers(text: &str) -> VecDeque<Object<'_>> {
    let mut wrappers = VecDeque::new();
    // Errors are reported when the value is read.
    let _ = (Outline { wrappers: &mut wrappers, of: Of::Element })
        .deserialize(&mut serde_json::Deserializer::from_str(text));
    wrappers
}

/// A value, or what is under the name of a wrapper.
struct Outline<'w, 't> {
    wrappers: &'w mut VecDeque<Object<'t>>,
    of: Of<'t>,
}

/// What a value is.
enum Of<'t> {
    /// An object or a list of objects.
    Element,
    /// What is under the name of a wrapper.
    Member,
    /// What is under the name of a wrapper of reports, with what is known of that so far: the text may end in it.
    Reports(Kept<'t>),
}

impl<'t> DeserializeSeed<'t> for Outline<'_, 't> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Outline<'_, 't> {
    /// Which wrapper this is the list of.
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let is_element = matches!(self.of, Of::Element);
        let mut own = None;
        let mut kept = Kept::new();
        while let Some(Name(name)) = members.next_key()? {
            if is_element && WRAPPERS.contains(&name.as_ref()) {
                let of = if name == REPORTS && own.is_none() { Of::Reports(kept.clone()) } else { Of::Member };
                let index = members.next_value_seed(Outline { wrappers: &mut *self.wrappers, of })?;
                own = own.or(index);
            } else if is_element && Around::is_of_interest(&name) {
                let value = Value::next(&mut members)?;
                kept.retain(|(other, _)| *other != name);
                if kept.len() < MAX_OF_INTEREST {
                    kept.push((name, value));
                }
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        if let Some(wrapper) = own.and_then(|own| self.wrappers.get_mut(own)) {
            *wrapper = Object::new(kept);
        }
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut own = None;
        if let Of::Reports(known) = self.of {
            own = Some(self.wrappers.len());
            if self.wrappers.len() == MAX_WRAPPERS {
                return Err(A::Error::custom("the value has too many wrappers, which is reported when it is read"));
            }
            self.wrappers.push_back(Object::new(known));
        }
        while list.next_element_seed(Outline { wrappers: &mut *self.wrappers, of: Of::Element })?.is_some() {}
        Ok(own)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

//! Walks through JSON, and hands over each object as soon as it is whole.

use super::Objects;
use crate::formats::Reading;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::fmt;

/// The members that wrap a list: `reports` of a batch, and `value` beside `Count`, which PowerShell 5.1 writes for a list
/// in a list.
pub(super) const WRAPPERS: [&str; 2] = [REPORTS, "value"];

/// The wrapper whose other members may name the machine and the time of all that is in it.
pub(super) const REPORTS: &str = "reports";

/// A value, of which every object goes to the reader of its kind: it itself, or those in it where it is a list.
pub(super) struct Elements<'o, 'r, 'a> {
    pub(super) objects: &'o mut Objects,
    pub(super) reading: &'r mut Reading<'a>,
}

impl Elements<'_, '_, '_> {
    fn text(self, text: &str) {
        self.objects.text(text, self.reading);
    }

    fn list<'de, A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { objects, reading } = self;
        while list.next_element_seed(Elements { objects: &mut *objects, reading: &mut *reading })?.is_some() {
            // What is wrong is asked for again where the error is made.
            reading.check().map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Elements<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { objects, reading } = self;
        let mut object = Map::new();
        let (mut is_wrapper, mut is_wrapper_of_reports) = (false, false);
        while let Some(name) = members.next_key::<String>()? {
            if WRAPPERS.contains(&name.as_str()) {
                let elements = Elements { objects: &mut *objects, reading: &mut *reading };
                let has_own = name == REPORTS && !is_wrapper_of_reports;
                if let Some(value) = members.next_value_seed(Wrapped { elements, has_own })? {
                    object.insert(name, value);
                } else {
                    is_wrapper = true;
                    is_wrapper_of_reports |= has_own;
                }
            } else {
                object.insert(name, members.next_value()?);
            }
        }
        if !is_wrapper {
            objects.object(&object, reading);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.list(list)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.text(text);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.text(&value.to_string());
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.text(&value.to_string());
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.text(&value.to_string());
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.text(&value.to_string());
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        // PowerShell writes null for nothing.
        Ok(())
    }
}

/// What stands under the name of a wrapper: a list is read and gone; anything else is a member like any other.
struct Wrapped<'o, 'r, 'a> {
    elements: Elements<'o, 'r, 'a>,
    /// True where what stands beside a list holds for what is in it.
    has_own: bool,
}

impl<'de> DeserializeSeed<'de> for Wrapped<'_, '_, '_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Wrapped<'_, '_, '_> {
    type Value = Option<Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<Value>, A::Error> {
        let Self { elements: Elements { objects, reading }, has_own } = self;
        let members = objects.wrappers.as_mut().filter(|_| has_own).and_then(VecDeque::pop_front);
        let inner = members.map_or_else(|| objects.around.clone(), |members| objects.around.within(&members, reading));
        let outer = std::mem::replace(&mut objects.around, inner);
        let read = Elements { objects: &mut *objects, reading }.list(list);
        // Even where it goes wrong: the next line is no part of it.
        objects.around = outer;
        read.map(|()| None)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Option<Value>, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(members)).map(Some)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<Value>, E> {
        Ok(Some(text.into()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Value>, E> {
        Ok(Some(Value::Null))
    }
}

//! Walks through JSON, and hands over each object as soon as it is whole.

use super::Objects;
use crate::formats::Reading;
use crate::formats::object::{MAX_MEMBERS, Name, Object, Skim, TOO_MANY_MEMBERS, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::VecDeque;
use std::fmt;

/// The members that wrap a list: `reports` of a batch, and `value` beside `Count`, which PowerShell 5.1 writes for a
/// list in a list.
pub(super) const WRAPPERS: [&str; 2] = [REPORTS, "value"];

/// The wrapper whose other members may name the machine and the time of all that is in it.
pub(super) const REPORTS: &str = "reports";

/// How many wrappers of reports one value may have.
pub(super) const MAX_WRAPPERS: usize = 50_000;

/// What is said of a value with more.
pub(super) const TOO_MANY_WRAPPERS: &str = "more than 50,000 lists of reports stand in one value";

/// A value, of which every object goes to the reader of its kind: it itself, or those in it where it is a list.
pub(super) struct Elements<'o, 'r, 'a, 't> {
    pub(super) objects: &'o mut Objects<'t>,
    pub(super) reading: &'r mut Reading<'a>,
}

impl<'t> Elements<'_, '_, '_, 't> {
    fn text(self, text: &str) {
        self.objects.text(text, self.reading);
    }

    fn list<A: SeqAccess<'t>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { objects, reading } = self;
        // What is before the list is none of its lines.
        objects.end_lines(reading).map_err(A::Error::custom)?;
        let outer = objects.begin_list();
        while list.next_element_seed(Elements { objects: &mut *objects, reading: &mut *reading })?.is_some() {
            // Where the error is made this is asked for again.
            reading.check().map_err(A::Error::custom)?;
        }
        objects.list = outer;
        objects.end_lines(reading).map_err(A::Error::custom)
    }
}

impl<'t> DeserializeSeed<'t> for Elements<'_, '_, '_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Elements<'_, '_, '_, 't> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut from: A) -> Result<(), A::Error> {
        let Self { objects, reading } = self;
        let mut members = Vec::new();
        let (mut is_wrapper, mut is_wrapper_of_reports) = (false, false);
        let mut count = 0;
        while let Some(Name(name)) = from.next_key()? {
            count += 1;
            if count > MAX_MEMBERS {
                return Err(A::Error::custom(TOO_MANY_MEMBERS));
            }
            if WRAPPERS.contains(&name.as_ref()) {
                let elements = Elements { objects: &mut *objects, reading: &mut *reading };
                let has_own = name == REPORTS && !is_wrapper_of_reports;
                if from.next_value_seed(Wrapped { elements, has_own })? {
                    is_wrapper = true;
                    is_wrapper_of_reports |= has_own;
                } else {
                    // Nobody asks for it, but it is named where the object is unknown.
                    members.push((name, Value::NULL));
                }
            } else {
                members.push((name, Value::next(&mut from)?));
            }
            reading.check().map_err(A::Error::custom)?;
        }
        if !is_wrapper {
            objects.object(&Object::new(members), reading);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(self, list: A) -> Result<(), A::Error> {
        self.list(list)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.text(text);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.objects.no_object(&value.to_string(), self.reading);
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.objects.no_object(&value.to_string(), self.reading);
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.objects.no_object(&value.to_string(), self.reading);
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.objects.no_object(&value.to_string(), self.reading);
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        // PowerShell writes null for nothing.
        Ok(())
    }
}

/// What is under the name of a wrapper: true for a list, which is read and gone. Anything else is passed by.
struct Wrapped<'o, 'r, 'a, 't> {
    elements: Elements<'o, 'r, 'a, 't>,
    /// True where what is beside a list holds for what is in it.
    has_own: bool,
}

impl<'t> DeserializeSeed<'t> for Wrapped<'_, '_, '_, 't> {
    type Value = bool;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Wrapped<'_, '_, '_, 't> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, list: A) -> Result<bool, A::Error> {
        let Self { elements: Elements { objects, reading }, has_own } = self;
        let mut members = None;
        if let Some(wrappers) = objects.wrappers.as_mut().filter(|_| has_own) {
            objects.opened += 1;
            if objects.opened > MAX_WRAPPERS {
                return Err(A::Error::custom(TOO_MANY_WRAPPERS));
            }
            members = VecDeque::pop_front(wrappers);
        }
        let inner = members.map_or_else(|| objects.around.clone(), |members| objects.around.within(&members, reading));
        let outer = std::mem::replace(&mut objects.around, inner);
        let read = Elements { objects: &mut *objects, reading }.list(list);
        // Even where it goes wrong: the next line is no part of it.
        objects.around = outer;
        read.map(|()| true)
    }

    fn visit_map<A: MapAccess<'t>>(self, members: A) -> Result<bool, A::Error> {
        Skim::members(members).map(|()| false)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }
}

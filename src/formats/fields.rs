//! What an object, a row or an element says: texts under names, whatever format it is in.

use super::object::{Object, Value};
use super::values::{Parsed, bare};
use super::{Reading, names};
use std::borrow::Cow;

/// The words for nothing, where a figure belongs: those of the module `OSLicense`.
const NOTHING: [&str; 4] = ["N/A", "Not Set", "No Limit", "Unlimited"];

/// Texts under names, which are compared without regard to case, and their place.
pub(super) struct Fields<'a> {
    place: String,
    /// True for an object of the PowerShell module `OSLicense`, by a name that only it has.
    is_of_module: bool,
    named: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Fields<'a> {
    /// Of something at this place, without fields so far.
    pub(super) fn new(place: String) -> Self {
        Self { place, is_of_module: false, named: Vec::new() }
    }

    /// Those of an object in JSON.
    pub(super) fn of_object(object: &'a Object<'a>, place: String) -> Self {
        let named = object.iter().map(|(name, value)| (Cow::Borrowed(name), text_of(value))).collect();
        Self { place, is_of_module: false, named }
    }

    /// Adds a field. Where one of that name is there already, that one stays the one that is read.
    pub(super) fn push(&mut self, name: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) {
        self.named.push((name.into(), text.into()));
    }

    /// With the names that WMI has for them. Beside another name for a product, `Name` is that of a machine.
    pub(super) fn renamed(mut self) -> Self {
        let is_set = |fields: &Self, is: fn(&str) -> bool| {
            fields.named.iter().any(|(name, text)| is(name) && bare(text).is_some())
        };
        let names_product_otherwise = is_set(&self, names::is_name_of_product);
        let is_name_of_machine = names_product_otherwise && self.text("Name").is_some_and(|name| !name.contains(' '));
        self.is_of_module = self.has("ActivationID");
        for (name, _) in &mut self.named {
            if is_name_of_machine && name.eq_ignore_ascii_case("Name") {
                *name = Cow::Borrowed("ComputerName");
            } else if let Some(known) = names::known(name) {
                *name = Cow::Borrowed(known);
            }
        }
        self
    }

    /// True for an object of the PowerShell module `OSLicense`.
    pub(super) const fn is_of_module(&self) -> bool {
        self.is_of_module
    }

    /// How many fields there are.
    pub(super) fn len(&self) -> usize {
        self.named.len()
    }

    /// The position of this.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// The names of the fields, to tell what an unknown object is: its values may be anything, and are not shown.
    pub(super) fn names(&self) -> String {
        self.named.iter().take(20).map(|(name, _)| name.as_ref()).collect::<Vec<_>>().join(", ")
    }

    /// True where there is a field of that name, be it empty.
    pub(super) fn has(&self, name: &str) -> bool {
        self.named.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    /// What the field of that name says; `None` where it says nothing or is not there.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let (_, text) = self.named.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        bare(text)
    }

    /// The value of the field of that name. One that is wrong is counted as skipped.
    pub(super) fn read<T>(
        &self,
        name: &str,
        reading: &mut Reading<'_>,
        parse: impl FnOnce(&str) -> Parsed<T>,
    ) -> Option<T> {
        let text = self.text(name).filter(|text| !NOTHING.iter().any(|nothing| nothing.eq_ignore_ascii_case(text)))?;
        parse(text).unwrap_or_else(|why| {
            reading.skip(&self.place, why, &format!("{name}: {text}"));
            None
        })
    }
}

/// A value of JSON as text. A date with properties of its own is an object whose `value` is the date; any other object,
/// and a list, says nothing.
fn text_of(value: Value<'_>) -> Cow<'_, str> {
    let text = match value.object() {
        Some(object) => object.exact("value").and_then(scalar),
        None => scalar(value),
    };
    text.unwrap_or_default()
}

/// A string, a number or a flag as text.
fn scalar(value: Value<'_>) -> Option<Cow<'_, str>> {
    let is_plain = value.number().is_some() || value.flag().is_some();
    value.text().or_else(|| is_plain.then(|| Cow::Borrowed(value.written())))
}

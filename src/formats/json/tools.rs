//! What tools for deployment and inventory put around objects: facts of Ansible, and rows of osquery.

use crate::formats::object::{Object, Value};
use crate::formats::wmi::Around;
use crate::formats::{Reading, names, parts, values};
use crate::license::LicenseStatus;
use std::borrow::Cow;

/// The members whose value is an object, or a list of objects, that is read in place of the one around it.
const INNER: [&str; 3] = ["ansible_facts", "columns", "snapshot"];

/// The members with another object that names the machine.
const BESIDE: [&str; 2] = ["decorations", "host"];

/// The members with what a program printed, the likelier first.
const PRINTED: [&str; 4] = ["stdout_lines", "stdout", "msg", "output"];

/// The properties that have a value for each product where a tool puts several into one object.
const OF_PRODUCTS: [&str; 7] =
    ["Name", "Description", "ProductKeyChannel", "LicenseStatus", "PartialProductKey", "ID", "GracePeriodRemaining"];

/// More products than any machine lists.
const MAX_PRODUCTS: usize = 1000;

/// Why the lists of an object are not read.
const APART: &str = "lists of values, of which it is not known which belong together";

/// Hands over each product of an object with a list for each property, as the facts of Ansible have them where a machine
/// has several, and says how many there were; `None` where it has no such list. Those that are unlicensed may be none
/// that the machine uses, and are not among them.
///
/// # Errors
/// Why they cannot be told apart.
pub(super) fn products<'t>(
    object: &Object<'t>,
    take: &mut dyn FnMut(&Object<'t>),
) -> Option<Result<usize, &'static str>> {
    let is_of_products = |name: &str| names::known(name).is_some_and(|known| OF_PRODUCTS.contains(&known));
    if !object.iter().any(|(name, value)| value.is_list() && is_of_products(name)) {
        return None;
    }
    let (mut lists, mut others) = (Vec::new(), Vec::new());
    let mut is_apart = false;
    for (name, value) in object.iter() {
        let mut listed = Vec::new();
        if is_of_products(name) && value.each(|value| listed.push(value)) {
            is_apart |= listed.iter().any(|value| value.is_list());
            lists.push((name, listed));
        } else {
            is_apart |= is_of_products(name) && !value.is_null();
            others.push((name, value));
        }
    }
    let count = lists.first().map_or(0, |(_, values)| values.len());
    if is_apart || count > MAX_PRODUCTS || lists.iter().any(|(_, values)| values.len() != count) {
        return Some(Err(APART));
    }
    let member = |(name, value): (&str, Value<'t>)| (Cow::Owned(name.to_owned()), value);
    let mut taken = 0;
    for at in 0..count {
        let values = lists.iter().filter_map(|(name, values)| Some((*name, *values.get(at)?)));
        let product = Object::new(values.chain(others.iter().copied()).map(member).collect());
        if count == 1 || !is_unlicensed(&product) {
            take(&product);
            taken += 1;
        }
    }
    Some(Ok(taken))
}

fn is_unlicensed(object: &Object<'_>) -> bool {
    let status = object.iter().find(|(name, _)| names::known(name) == Some("LicenseStatus"));
    let text = status.and_then(|(_, value)| value.text().or_else(|| value.number().map(Cow::Borrowed)));
    text.is_some_and(|text| values::status(&text) == Ok(Some(LicenseStatus::Unlicensed)))
}

/// What a program printed, which is a member of this object: a text, or one for each line. Ansible calls it `stdout_lines`,
/// also behind the name of a variable.
pub(super) fn printed(object: &Object<'_>) -> Option<String> {
    PRINTED.iter().find_map(|known| {
        let is_it = |name: &str| name.rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case(known));
        let (_, value) = object.iter().find(|(name, _)| is_it(name))?;
        let mut text = value.text().map(Cow::into_owned).unwrap_or_default();
        value.each(|line| {
            text.push_str(&line.text().unwrap_or_default());
            text.push('\n');
        });
        parts::recognizes(&text).then_some(text)
    })
}

/// True for a row that osquery reports because it is there no more: what it says holds no longer.
pub(super) fn is_gone(object: &Object<'_>) -> bool {
    object.exact("columns").is_some() && object.exact("action").and_then(Value::text).as_deref() == Some("removed")
}

/// What a tool has put into an object.
pub(super) fn inner<'t>(object: &Object<'t>) -> Option<Value<'t>> {
    INNER.iter().find_map(|name| object.exact(name).filter(|value| value.is_object() || value.is_list()))
}

/// What holds for what is in an object: its own words, and those of the object that names the host.
pub(super) fn around(object: &Object<'_>, outer: &Around, reading: &mut Reading<'_>) -> Around {
    let around = outer.within(object, reading);
    let beside = BESIDE.iter().find_map(|name| object.exact(name).and_then(Value::object));
    beside.map_or_else(|| around.clone(), |beside| around.within(&beside, reading))
}

//! What tools for deployment and inventory put around objects: facts of Ansible, and rows of osquery.

use crate::formats::Reading;
use crate::formats::object::{Object, Value};
use crate::formats::wmi::Around;

/// The members whose value is an object, or a list of objects, that is read in place of the one around it.
const INNER: [&str; 3] = ["ansible_facts", "columns", "snapshot"];

/// The members with another object that names the machine.
const BESIDE: [&str; 2] = ["decorations", "host"];

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

//! Events as JSON, in the wrappings of the tools that write them: `Get-WinEvent` and `Get-EventLog` by
//! `ConvertTo-Json`, winlogbeat and what Elasticsearch exports of it, `NXLog`, Fluent Bit and `evtx_dump`. Keys are
//! taken in any case, and with dots in them where objects could be nested.

use super::event::{Event, Kind, Provider, Unread, append};
use super::time::moment;
use crate::formats::object::{Object, Value};
use jiff::Timestamp;
use std::borrow::Cow;

/// Where a value may be: the keys from the outside in.
type Path = &'static [&'static str];

/// Where the ID is, where nothing but an event has one.
const IDS: [Path; 8] = [
    &["winlog", "event_id"],
    &["Event", "System", "EventID"],
    &["system", "event_id"],
    &["EventID"],
    &["event_id"],
    &["EventCode"],
    &["event", "code"],
    &["InstanceId"],
];

/// What is in the events of `Get-WinEvent`, of which the ID is called by a name that much else has.
const BESIDE_ID: [&str; 7] =
    ["ProviderName", "LogName", "TimeCreated", "RecordId", "MachineName", "LevelDisplayName", "Message"];

const COMPUTERS: [Path; 8] = [
    &["winlog", "computer_name"],
    &["Event", "System", "Computer"],
    &["system", "computer"],
    &["MachineName"],
    &["ComputerName"],
    &["computer_name"],
    &["Computer"],
    &["Hostname"],
];

const PROVIDERS: [Path; 12] = [
    &["winlog", "provider_name"],
    &["winlog", "event_source_name"],
    &["Event", "System", "Provider", "#attributes", "Name"],
    &["Event", "System", "Provider", "#attributes", "EventSourceName"],
    &["Event", "System", "Provider", "Name"],
    &["Event", "System", "Provider", "@Name"],
    &["system", "provider"],
    &["ProviderName"],
    &["provider_name"],
    &["SourceName"],
    &["source_name"],
    &["event", "provider"],
];

const TIMES: [Path; 6] = [
    &["Event", "System", "TimeCreated"],
    &["system", "time_created"],
    &["TimeCreated"],
    &["EventTimeUTC"],
    &["EventTime"],
    &["TimeGenerated"],
];

const DATA: [Path; 9] = [
    &["winlog", "event_data"],
    &["event_data"],
    &["Event", "EventData"],
    &["EventData"],
    &["Properties"],
    &["ReplacementStrings"],
    &["InsertionStrings"],
    &["StringInserts"],
    &["Data"],
];

const MESSAGES: [Path; 3] = [&["Message"], &["RenderingInfo", "Message"], &["Event", "RenderingInfo", "Message"]];

/// How deep the strings of an event are in its data at most.
const MAX_DEPTH: usize = 6;

/// True for an object that is an event, of whatever kind.
pub(super) fn is_event(object: &Object<'_>) -> bool {
    match unwrapped(object) {
        Some(inner) => id(&inner).is_some(),
        None => id(object).is_some(),
    }
}

/// The event in an object; `None` where it is one of another kind or provider, or no event.
pub(super) fn event(object: &Object<'_>, unread: &mut Unread) -> Option<Event> {
    match unwrapped(object) {
        Some(inner) => event_itself(&inner, unread),
        None => event_itself(object, unread),
    }
}

fn event_itself(object: &Object<'_>, unread: &mut Unread) -> Option<Event> {
    let id = id(object)?;
    let mut provider = Provider::default();
    for name in PROVIDERS.iter().filter_map(|path| text(object, path)) {
        provider.name(&name);
    }
    // Shippers have sources of their own under this name.
    if let (Some(name), Some(_)) = (text(object, &["Source"]), get(object, "InstanceId")) {
        provider.name(&name);
    }
    if provider == Provider::Other {
        return None;
    }
    let Some(kind) = Kind::from_id(id) else {
        if provider == Provider::Known {
            unread.note(id);
        }
        return None;
    };
    let mut data = String::new();
    for path in DATA {
        // Empty data, or the names of types where ConvertTo-Json went no deeper, may be beside the real ones.
        if let Some(value) = find(object, path) {
            strings(value, &mut data, 0);
        }
    }
    flat_strings(object, &mut data);
    let mut computer = String::new();
    append(&mut computer, &COMPUTERS.iter().find_map(|path| text(object, path)).unwrap_or_default());
    let mut message = String::new();
    append(&mut message, &MESSAGES.iter().find_map(|path| text(object, path)).unwrap_or_default());
    Some(Event { kind, computer, time: time(object), data, message })
}

/// The object within the one that Elasticsearch puts around it, where it did.
fn unwrapped<'t>(object: &Object<'t>) -> Option<Object<'t>> {
    get(object, "_source").and_then(Value::object)
}

fn id(object: &Object<'_>) -> Option<u64> {
    let id = IDS.iter().find_map(|path| find(object, path).and_then(number));
    id.or_else(|| {
        let is_beside = BESIDE_ID.iter().any(|key| get(object, key).is_some());
        is_beside.then(|| get(object, "Id").and_then(number)).flatten()
    })
}

fn time(object: &Object<'_>) -> Option<Timestamp> {
    let reported = TIMES.iter().find_map(|path| find(object, path).and_then(moment_of));
    reported.or_else(|| {
        // For other shippers than winlogbeat this is when they had it.
        let is_winlogbeat = ["winlog", "event_data"].iter().any(|key| has(object, key));
        is_winlogbeat.then(|| get(object, "@timestamp").and_then(moment_of)).flatten()
    })
}

fn moment_of(value: Value<'_>) -> Option<Timestamp> {
    if let Some(text) = value.text() {
        return moment(&text);
    }
    let object = value.object()?;
    [&["value"] as Path, &["#attributes", "SystemTime"], &["SystemTime"], &["@SystemTime"]]
        .iter()
        .find_map(|path| text(&object, path).and_then(|text| moment(&text)))
}

/// A number, also as a string, or with attributes beside it.
fn number(value: Value<'_>) -> Option<u64> {
    let plain = |value: Value<'_>| match value.number() {
        Some(number) => number.parse().ok(),
        None => value.text()?.trim().parse().ok(),
    };
    match value.object() {
        Some(object) => ["#text", "value"].iter().find_map(|key| plain(get(&object, key)?)),
        None => plain(value),
    }
}

/// Appends each string within a value, with a comma behind it.
fn strings(value: Value<'_>, data: &mut String, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    let plain = value.text().or_else(|| value.number().map(Cow::Borrowed));
    if let Some(text) = plain {
        append(data, &text);
        append(data, ",");
    } else if let Some(object) = value.object() {
        let wrapped = ["#text", "Data", "Value"].iter().find_map(|key| get(&object, key));
        if let Some(value) = wrapped {
            strings(value, data, depth + 1);
        } else {
            in_order(object.iter().filter(|(key, _)| !key.starts_with(['#', '@'])), data, depth + 1);
        }
    } else {
        value.each(|value| strings(value, data, depth + 1));
    }
}

/// Appends the strings within the event data of winlogbeat whose keys are joined by dots.
fn flat_strings(object: &Object<'_>, data: &mut String) {
    let is_data = |key: &str| {
        ["winlog.event_data.", "event_data."]
            .iter()
            .any(|prefix| key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
    };
    in_order(object.iter().filter(|(key, _)| is_data(key)), data, 0);
    if let Some(inner) = get(object, "winlog").and_then(Value::object) {
        in_order(inner.iter().filter(|(key, _)| is_data(key)), data, 0);
    }
}

/// Appends the strings within values by the numbers of their keys: param1, param2 and so on up to param10.
fn in_order<'a>(values: impl Iterator<Item = (&'a str, Value<'a>)>, data: &mut String, depth: usize) {
    let mut values: Vec<_> = values.collect();
    values.sort_by_key(|(key, _)| place(key));
    for (_, value) in values {
        strings(value, data, depth);
    }
}

/// The number at the end of a key.
fn place(key: &str) -> Option<u64> {
    key.get(key.trim_end_matches(|char: char| char.is_ascii_digit()).len()..)?.parse().ok()
}

fn text<'t>(object: &Object<'t>, path: &[&str]) -> Option<Cow<'t, str>> {
    find(object, path)?.text().filter(|text| !text.trim().is_empty())
}

/// The value at a path, of which any keys may be joined by dots.
fn find<'t>(object: &Object<'t>, path: &[&str]) -> Option<Value<'t>> {
    (1..=path.len()).rev().find_map(|length| {
        let (head, rest) = path.split_at_checked(length)?;
        let value = match head {
            [key] => get(object, key)?,
            keys => get(object, &keys.join("."))?,
        };
        if rest.is_empty() { Some(value) } else { find(&value.object()?, rest) }
    })
}

/// The value of a key in any case; `None` where it is null.
fn get<'t>(object: &Object<'t>, key: &str) -> Option<Value<'t>> {
    object.get(key).filter(|value| !value.is_null())
}

/// True where a key is there, or begins one that is joined by dots.
fn has(object: &Object<'_>, key: &str) -> bool {
    object.iter().any(|(other, _)| {
        other.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key))
            && other.get(key.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

//! Blocks to objects, and whose each is.

use super::blocks::Block;
use super::{Property, names, property};
use crate::formats::Reading;
use crate::formats::events::Events;
use crate::formats::fields::Fields;
use crate::formats::wmi::{self, Around};
use std::collections::HashSet;

/// What events as text are labelled with, and by what name it is read.
const LABELS: [(&str, &str); 25] = [
    ("Log Name", "LogName"),
    ("Source", "Source"),
    ("Date", "Date"),
    ("Event ID", "EventID"),
    ("Task Category", "TaskCategory"),
    ("Task", "TaskCategory"),
    ("Level", "Level"),
    ("Opcode", "Opcode"),
    ("Keyword", "Keywords"),
    ("Keywords", "Keywords"),
    ("User", "User"),
    ("User Name", "User"),
    ("Computer", "Computer"),
    ("Description", "Message"),
    ("Event Xml", "EventXml"),
    ("ログの名前", "LogName"),
    ("ソース", "Source"),
    ("日付", "Date"),
    ("イベント ID", "EventID"),
    ("タスクのカテゴリ", "TaskCategory"),
    ("レベル", "Level"),
    ("キーワード", "Keywords"),
    ("コンピューター", "Computer"),
    ("説明", "Message"),
    ("イベント XML", "EventXml"),
];

/// Properties that only events have, whoever writes them.
const EVENT: [&str; 8] =
    ["EventID", "Event ID", "イベント ID", "InstanceId", "ProviderName", "EntryType", "ReplacementStrings", "Log Name"];

/// What else the events of `PowerShell` have.
const BESIDE: [&str; 26] = [
    "ActivityId",
    "Bookmark",
    "Category",
    "CategoryNumber",
    "Container",
    "ContainerLog",
    "Data",
    "Id",
    "Index",
    "KeywordsDisplayNames",
    "LevelDisplayName",
    "LogName",
    "MatchedQueryIds",
    "OpcodeDisplayName",
    "ProcessId",
    "Properties",
    "ProviderId",
    "Qualifiers",
    "RecordId",
    "RelatedActivityId",
    "Site",
    "TaskDisplayName",
    "ThreadId",
    "TimeCreated",
    "TimeGenerated",
    "TimeWritten",
];

/// What is said of objects that cannot be divided.
const RUN_TOGETHER: &str = "objects run together here, with no blank line between them";

/// True for the first line of an event as `wevtutil` and the event viewer print it.
pub(super) fn begins_event(line: &str) -> bool {
    let number = line.strip_prefix("Event[").and_then(|rest| rest.trim_end_matches(':').strip_suffix(']'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.is_some_and(is_number) || property(line).is_some_and(|(name, _)| matches!(name, "Log Name" | "ログの名前"))
}

/// True for the label of an event as text.
pub(super) fn is_label(name: &str) -> bool {
    LABELS.iter().any(|(label, _)| *label == name)
}

/// True for what only events have.
pub(super) fn is_mark_of_event(name: &str) -> bool {
    EVENT.contains(&name)
}

/// True for a property that is known, be it of WMI or of events.
pub(super) fn is_known(name: &str) -> bool {
    names::is_property(name) || is_label(name) || EVENT.contains(&name) || BESIDE.contains(&name)
}

/// The objects of one text.
#[derive(Default)]
pub(super) struct Objects {
    events: Events,
    /// The machine that was named by itself, for what follows.
    around: Around,
    /// True once an object named its machine.
    has_named: bool,
}

impl Objects {
    /// Reads a block: one object, or several in a row that have the same properties.
    pub(super) fn block(&mut self, block: Block<'_>, reading: &mut Reading<'_>) {
        let Block { properties, data, others, is_too_long, .. } = block;
        for (number, line) in data {
            self.events.data(line, &format!("line {number}"), reading);
            reading.understood(1);
        }
        for (number, line) in others {
            if !begins_event(line.trim()) {
                reading.skip_unknown(format_args!("line {number}"), line);
            }
        }
        let Some(first) = properties.first() else { return };
        let place = format_args!("line {}", first.line);
        if is_too_long {
            return reading.lose(place, "objects have more than 300 properties", first.name);
        }
        match divided(&properties) {
            Some(objects) => objects.into_iter().for_each(|object| self.object(object, reading)),
            None => reading.lose(place, RUN_TOGETHER, first.name),
        }
    }

    fn object(&mut self, properties: &[Property<'_>], reading: &mut Reading<'_>) {
        let Some(first) = properties.first() else { return };
        let place = format!("line {}", first.line);
        if is_event(properties) {
            return self.event(properties, place, reading);
        }
        let mut fields = Fields::new(place);
        for Property { name, value, .. } in properties {
            fields.push(*name, value.replace('\n', " "));
        }
        let fields = fields.renamed();
        let machine = wmi::machine_of(&fields);
        self.has_named |= machine.is_some();
        if wmi::read_fields(&fields, &self.around, reading) {
            return reading.understood(1);
        }
        match machine {
            // What names a machine and is no license is about what follows.
            Some(machine) => {
                self.around = Around::of(machine);
                reading.understood(1);
            }
            None => reading.skip_unknown(fields.place(), &fields.names()),
        }
    }

    fn event(&mut self, properties: &[Property<'_>], place: String, reading: &mut Reading<'_>) {
        let mut fields = Fields::new(place);
        for Property { name, value, .. } in properties {
            let label = LABELS.iter().find(|(label, _)| label == name).map_or(*name, |(_, name)| *name);
            fields.push(label, value.as_str());
        }
        // The XML below a text says the same, and when it was.
        let is_read = fields.text("EventXml").is_some_and(|xml| self.events.xml(xml, fields.place(), reading));
        if !is_read {
            self.events.fields(&fields, self.around.machine(), reading);
        }
        reading.understood(1);
        self.has_named |= Events::names_machine(&fields);
    }

    /// Reports what is left to report. True where an object named its machine.
    pub(super) fn finish(self, reading: &mut Reading<'_>) -> bool {
        self.events.finish(reading);
        self.has_named
    }
}

/// True for an event. That of `Get-WinEvent` has an ID under a name that much else has.
fn is_event(properties: &[Property<'_>]) -> bool {
    let has = |name: &str| properties.iter().any(|property| property.name.eq_ignore_ascii_case(name));
    properties.iter().any(|property| is_mark_of_event(property.name))
        || has("Id") && has("Message") && !has("LicenseStatus")
}

/// The objects in a row of properties: each begins with the first of them, and all have the same. `None` where they
/// cannot be told apart.
fn divided<'p, 't>(properties: &'p [Property<'t>]) -> Option<Vec<&'p [Property<'t>]>> {
    if !has_twice(properties) {
        return Some(vec![properties]);
    }
    let (first, last) = (properties.first()?, properties.last()?);
    // The name of a machine that was asked for, and is added by remoting once more.
    let without_last = properties.split_last().map_or(properties, |(_, rest)| rest);
    if last.name == first.name && last.value == first.value && !has_twice(without_last) {
        return Some(vec![without_last]);
    }
    let starts = properties.iter().enumerate().filter(|(_, property)| property.name == first.name);
    let starts: Vec<usize> = starts.map(|(at, _)| at).chain([properties.len()]).collect();
    let objects: Option<Vec<_>> = starts.windows(2).map(|ends| properties.get(*ends.first()?..*ends.last()?)).collect();
    let objects = objects?;
    let pattern = *objects.first()?;
    let is_alike = |object: &[Property<'_>]| object.iter().map(|it| it.name).eq(pattern.iter().map(|it| it.name));
    (!has_twice(pattern) && objects.iter().all(|object| is_alike(object))).then_some(objects)
}

/// True where a property comes twice.
fn has_twice(properties: &[Property<'_>]) -> bool {
    let mut names = HashSet::new();
    properties.iter().any(|property| !names.insert(property.name.to_ascii_lowercase()))
}

//! What properties and the labels of events are called.

use super::{names, property};

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

/// True for the first line of an event as `wevtutil` and the event viewer print it.
pub(super) fn begins_event(line: &str) -> bool {
    let number = line.strip_prefix("Event[").and_then(|rest| rest.trim_end_matches(':').strip_suffix(']'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.is_some_and(is_number) || property(line).is_some_and(|(name, _)| matches!(name, "Log Name" | "ログの名前"))
}

/// The name of the property that a label of an event as text stands for; any other name as it is.
pub(super) fn property_of(name: &str) -> &str {
    LABELS.iter().find(|(label, _)| *label == name).map_or(name, |(_, property)| *property)
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

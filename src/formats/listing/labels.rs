//! What properties and the labels of events are called.

use super::{names, property};

/// What events as text are labelled with, and by what name it is read.
const LABELS: [(&str, &str); 65] = [
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
    ("Protokollname", "LogName"),
    ("Quelle", "Source"),
    ("Datum", "Date"),
    ("Ereignis-ID", "EventID"),
    ("Aufgabenkategorie", "TaskCategory"),
    ("Ebene", "Level"),
    ("Schlüsselwörter", "Keywords"),
    ("Benutzer", "User"),
    ("Beschreibung", "Message"),
    ("日志名称", "LogName"),
    ("来源", "Source"),
    ("日期", "Date"),
    ("事件 ID", "EventID"),
    ("任务类别", "TaskCategory"),
    ("级别", "Level"),
    ("关键字", "Keywords"),
    ("用户", "User"),
    ("计算机", "Computer"),
    ("描述", "Message"),
    ("Nombre de registro", "LogName"),
    ("Origen", "Source"),
    ("Fecha", "Date"),
    ("Id. del evento", "EventID"),
    ("Categoría de la tarea", "TaskCategory"),
    ("Nivel", "Level"),
    ("Palabras clave", "Keywords"),
    ("Usuario", "User"),
    ("Equipo", "Computer"),
    ("Descripción", "Message"),
    ("Nom du journal", "LogName"),
    ("ID de l’événement", "EventID"),
    ("Catégorie", "TaskCategory"),
    ("Niveau", "Level"),
    ("Mots clés", "Keywords"),
    ("Utilisateur", "User"),
    ("Ordinateur", "Computer"),
    ("Id. de evento", "EventID"),
    ("ID del evento", "EventID"),
    ("ID de l'événement", "EventID"),
    ("ユーザー", "User"),
];

/// Properties that only events have, whoever writes them, beside the labels of their IDs and their logs.
const EVENT: [&str; 5] = ["EventID", "InstanceId", "ProviderName", "EntryType", "ReplacementStrings"];

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
    number.is_some_and(is_number) || property(line).is_some_and(|(name, _)| is_log(name))
}

/// The name of the property that a label of an event as text stands for; any other name as it is.
pub(super) fn property_of(name: &str) -> &str {
    LABELS.iter().find(|(label, _)| *label == name).map_or(name, |(_, property)| *property)
}

/// True for the label of an event as text.
pub(super) fn is_label(name: &str) -> bool {
    LABELS.iter().any(|(label, _)| *label == name)
}

/// True for the label of the log, with which the event viewer begins an event.
pub(super) fn is_log(name: &str) -> bool {
    is_label_of(name, &["LogName"])
}

/// True for a label after which anything may be: the text of an event, or its XML. Where it is surely one of an event,
/// `is_event` is true.
pub(super) fn is_of_text(name: &str, is_event: bool) -> bool {
    matches!(name, "Message" | "メッセージ") || (is_event && is_label_of(name, &["Message", "EventXml"]))
}

fn is_label_of(name: &str, properties: &[&str]) -> bool {
    LABELS.iter().any(|(label, property)| *label == name && properties.contains(property))
}

/// True for what only events have.
pub(super) fn is_mark_of_event(name: &str) -> bool {
    EVENT.contains(&name) || is_label_of(name, &["LogName", "EventID", "EventXml"])
}

/// True for a property that is known, be it of WMI or of events.
pub(super) fn is_known(name: &str) -> bool {
    names::is_property(name) || is_label(name) || is_mark_of_event(name) || BESIDE.contains(&name)
}

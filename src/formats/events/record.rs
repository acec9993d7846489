//! Events as properties: a row of a table, or a list, of `Get-WinEvent`, `Get-EventLog` or the event viewer. Dates there
//! are in the way of a region, and say nothing; the data of the event have the time.

use super::event::{Event, Kind, Provider, Unread, append};
use super::time::moment;
use crate::formats::fields::Fields;

/// What the ID is called where nothing but an event has one.
const IDS: [&str; 4] = ["EventID", "Event ID", "EventCode", "InstanceId"];

/// What is beside an ID under a name that much else has.
const BESIDE_ID: [&str; 6] = ["ProviderName", "LogName", "TimeCreated", "RecordId", "LevelDisplayName", "Message"];

const COMPUTERS: [&str; 5] = ["MachineName", "Computer", "ComputerName", "PSComputerName", "Hostname"];

const TIMES: [&str; 3] = ["TimeCreated", "TimeGenerated", "Date"];

const PROVIDERS: [&str; 3] = ["ProviderName", "Source", "SourceName"];

/// What has the data of an event in it, and the text that is shown for it.
const DATA: [&str; 2] = ["ReplacementStrings", "Properties"];
const MESSAGES: [&str; 4] = ["Message", "Description", "メッセージ", "Info"];

/// True for the properties of an event, of whatever kind.
pub(in crate::formats) fn is_event_record(fields: &Fields<'_>) -> bool {
    let has_any = |names: &[&str]| names.iter().any(|name| fields.has(name));
    has_any(&IDS) || (fields.has("Id") && has_any(&BESIDE_ID) && !fields.has("LicenseStatus"))
}

/// The event in these properties; `None` where it is one of another kind or provider.
pub(super) fn event(fields: &Fields<'_>, unread: &mut Unread) -> Option<Event> {
    let id = IDS.iter().chain(&["Id"]).find_map(|name| fields.text(name)?.parse::<u64>().ok())?;
    let mut provider = Provider::default();
    for name in PROVIDERS.iter().filter_map(|name| fields.text(name)) {
        provider.name(name);
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
    let (mut data, mut message, mut computer_name) = (String::new(), String::new(), String::new());
    for text in DATA.iter().filter_map(|name| fields.text(name)) {
        append(&mut data, text.trim_start_matches('{').trim_end_matches('}'));
    }
    for text in MESSAGES.iter().filter_map(|name| fields.text(name)) {
        append(&mut message, text);
        append(&mut message, "\n");
    }
    append(&mut computer_name, computer(fields).unwrap_or_default());
    let time = TIMES.iter().find_map(|name| moment(fields.text(name)?));
    Some(Event { kind, computer: computer_name, time, data, message })
}

/// The machine that the properties name.
pub(super) fn computer<'a>(fields: &'a Fields<'_>) -> Option<&'a str> {
    COMPUTERS.iter().find_map(|name| fields.text(name))
}

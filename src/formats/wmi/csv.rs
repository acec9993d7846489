//! Tables of licenses and of events: as `ConvertTo-Csv` and `Export-Csv` write them, `wmic /format:csv`, the event
//! viewer, and inventories with names of their own for the same columns. A row is an object.

use super::{Around, machine, read_fields};
use crate::formats::events::{self, Events};
use crate::formats::fields::Fields;
use crate::formats::names::{canonical, is_name_of_product};
use crate::formats::table::{self, Ended, Table};
use crate::formats::unnamed::{self, Doubt};
use crate::formats::values;
use crate::formats::{FormatError, Reading};
use crate::license::Report;
use std::collections::HashMap;

/// A table that has one of these columns is one of the licensing service.
const OWN: [&str; 9] = [
    "GracePeriodRemaining",
    "LicenseStatusReason",
    "DiscoveredKeyManagementServiceMachineName",
    "ClientMachineID",
    "RemainingWindowsReArmCount",
    "KeyManagementServiceListeningPort",
    "SubscriptionStatusValue",
    "ADActivationObjectName",
    "ADActivationObjectDN",
];

/// A table that has one of these beside the name or the ID of a product, or the name of a machine, is one too.
const SHARED: [&str; 2] = ["LicenseStatus", "PartialProductKey"];

/// Columns that only the Volume Activation Management Tool writes, in letters alone.
const FOREIGN: [&str; 5] =
    ["fullyqualifieddomainname", "graceexpirationdate", "productkeytype", "productname", "licensestatuslastupdated"];

/// What a column is called that may have the status of a license in words, as that of anything else.
const STATUS: [&str; 2] = ["Status", "Activation"];

/// What the event viewer has in a row, of which the last has no name.
const VIEWER: [&str; 6] = ["Level", "Date", "Source", "EventID", "TaskCategory", "Message"];

/// How many machines a table may have that names no products.
const MAX_MACHINES: usize = 20_000;

/// Why rows of such a table are skipped.
const NO_PRODUCT: &str = "the machine has other rows, and no product is named: add the columns Name and Description";

/// Why a row of `wmic` is skipped.
const COMMAS: &str =
    "commas in Name and Description divide this row: ask wmic for /format:list, or leave out these two";

/// What is in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Objects of WMI or events, by the names of the columns.
    Objects,
    /// `wmic`, which quotes nothing.
    Wmic,
    /// Machines with a status in words, and no product. The number is that of the column.
    Words(usize),
    /// A list of the event viewer.
    Viewer,
}

/// True for a text that begins as such a table.
pub(in crate::formats) fn recognizes_csv(text: &str) -> bool {
    content(text).is_some()
}

fn content(text: &str) -> Option<Content> {
    let raw = Table::open(text, str::to_owned)?;
    let first = || raw.first_row();
    let is_viewer = |row: &[String]| {
        raw.columns().len() == VIEWER.len() - 1
            && row.get(2).is_some_and(|source| events::is_provider(source))
            && row.get(3).is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if raw.columns().len() == VIEWER.len() - 1 && (raw.has("Event ID") && raw.has("Source") || is_viewer(&first())) {
        return Some(Content::Viewer);
    }
    let mut fields = Fields::new(String::new());
    for name in raw.columns() {
        fields.push(name.as_str(), "");
    }
    if events::is_event_record(&fields) {
        return Some(Content::Objects);
    }
    let has = |name: &str| raw.columns().iter().any(|column| canonical(column).eq_ignore_ascii_case(name));
    let has_any = |names: &[&str]| names.iter().any(|name| has(name));
    if raw.columns().iter().any(|column| FOREIGN.contains(&values::squeezed(column).as_str())) {
        return None;
    }
    let names_product = has_any(&["ID", "Name"]);
    let names_machine = has_any(&machine::NAMES);
    if has_any(&OWN) || has_any(&SHARED) && names_product {
        let is_wmic = raw.columns().first().is_some_and(|column| column == "Node");
        return Some(if is_wmic { Content::Wmic } else { Content::Objects });
    }
    let is_status = |column: &String| {
        canonical(column) == "LicenseStatus" || STATUS.iter().any(|status| column.eq_ignore_ascii_case(status))
    };
    let at = raw.columns().iter().position(is_status).filter(|_| names_machine && !names_product)?;
    let is_word = |text: &str| text.starts_with(char::is_alphabetic) && values::status(text).is_ok();
    let is_read = first().get(at).is_some_and(|text| is_word(text.trim()));
    (has("LicenseStatus") || is_read).then_some(Content::Words(at))
}

/// Reads every row.
///
/// # Errors
/// [`FormatError::Empty`] where there is no row, [`FormatError::Unknown`] where none is of a class that is known, and
/// [`FormatError::Malformed`] where the last one is cut.
pub(in crate::formats) fn read_csv(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let mut has_named = false;
    let (are_several, nameless) = reading.holding_nameless(|reading| {
        table::each(text, recognizes_csv, reading, &mut |text, lines, reading| {
            read(text, lines, &mut has_named, reading)
        })
    });
    let doubt = match are_several {
        _ if has_named => Doubt::BesideNamed,
        Ok(true) => Doubt::Apart,
        _ => Doubt::None,
    };
    unnamed::hand_over(nameless, doubt, "the table", reading, &mut |report, reading| reading.report(report));
    are_several.map(drop)
}

/// Reads every row of a table behind so many lines. Notes whether one names a machine.
fn read(text: &str, lines: usize, has_named: &mut bool, reading: &mut Reading<'_>) -> Result<Ended, FormatError> {
    let content = content(text).ok_or(FormatError::Unknown)?;
    let (mut seen, mut understood) = (0_u64, 0_u64);
    let mut events = Events::new();
    let mut machines = Machines::default();
    let mut objects = |fields: &Fields<'_>, reading: &mut Reading<'_>| {
        seen += 1;
        if events::is_event_record(fields) {
            events.fields(fields, None, reading);
            *has_named |= Events::names_machine(fields);
        } else if let Content::Words(_) = content {
            machines.row(fields, reading);
            *has_named = true;
        } else if read_fields(fields, &Around::default(), reading) {
            *has_named |= super::machine_of(fields).is_some();
        } else {
            return reading.skip(fields.place(), "a row of no known kind, with the columns", &fields.names());
        }
        understood += 1;
        reading.understood(1);
    };
    let read = match content {
        Content::Viewer => {
            let table = Table::open(text, str::to_owned).ok_or(FormatError::Empty)?.behind(lines);
            table.mending(viewer_row, "this is no row of the event viewer").rows(reading, &mut objects)
        }
        Content::Objects | Content::Wmic => {
            let raw = Table::open(text, str::to_owned).ok_or(FormatError::Empty)?;
            let is_name_of_machine = raw.has("Name") && raw.columns().iter().any(|name| is_name_of_product(name));
            let rename = if is_name_of_machine { with_name_of_machine } else { renamed };
            let table = Table::open(text, rename).ok_or(FormatError::Empty)?.behind(lines);
            let table = if content == Content::Wmic { table.mending(rejoined, COMMAS) } else { table };
            table.rows(reading, &mut objects)
        }
        Content::Words(at) => {
            let table = Table::open(text, renamed).ok_or(FormatError::Empty)?.behind(lines);
            table.renaming(at, "LicenseStatus").rows(reading, &mut objects)
        }
    };
    events.finish(reading);
    machines.finish(reading);
    let ended = read?;
    if seen > 0 && understood == 0 { Err(FormatError::Unknown) } else { Ok(ended) }
}

fn renamed(name: &str) -> String {
    canonical(name).into_owned()
}

/// Beside another name for a product, `Name` is that of a machine.
fn with_name_of_machine(name: &str) -> String {
    if name.eq_ignore_ascii_case("Name") { "ComputerName".to_owned() } else { renamed(name) }
}

/// A row of the event viewer, whose last field has no column.
fn viewer_row(_: &[String], fields: &[&str]) -> Option<Vec<(String, String)>> {
    let own = |text: &&str| (*text).to_owned();
    (fields.len() == VIEWER.len()).then(|| VIEWER.iter().map(own).zip(fields.iter().map(own)).collect())
}

/// A row of `wmic`, which writes a comma between two values, and a comma and a blank within one.
fn rejoined(columns: &[String], fields: &[&str]) -> Option<Vec<(String, String)>> {
    let mut joined: Vec<String> = Vec::new();
    for field in fields {
        match joined.last_mut().filter(|_| field.starts_with(' ')) {
            Some(last) => {
                last.push(',');
                last.push_str(field);
            }
            None => joined.push((*field).to_owned()),
        }
    }
    let is_right = |(column, text): (&String, &String)| match column.as_str() {
        "LicenseStatus" | "GracePeriodRemaining" => text.is_empty() || text.parse::<u32>().is_ok(),
        "Description" => text.is_empty() || text.contains(", ") && text.ends_with("channel"),
        "ID" | "ApplicationID" => text.is_empty() || values::guid(text).is_ok(),
        _ => !text.contains(", ") || matches!(column.as_str(), "Name" | "ADActivationObjectDN"),
    };
    let is_whole = joined.len() == columns.len() && columns.iter().zip(&joined).all(is_right);
    is_whole.then(|| columns.iter().cloned().zip(joined).collect())
}

/// Machines of a table without products, each of which can have one row: those with others are of who knows what.
#[derive(Default)]
struct Machines {
    reports: Vec<(String, Report)>,
    rows: HashMap<String, usize>,
}

impl Machines {
    fn row(&mut self, fields: &Fields<'_>, reading: &mut Reading<'_>) {
        if self.reports.len() == MAX_MACHINES {
            return reading.skip(fields.place(), "the table has more than 20,000 machines", &fields.names());
        }
        let (is_read, held) = reading.holding(|reading| read_fields(fields, &Around::default(), reading));
        let found = held.into_iter().find(|_| is_read);
        let Some(report) = found else { return };
        let name = report.machine.as_ref().map(|machine| machine.short().to_owned()).unwrap_or_default();
        *self.rows.entry(name).or_default() += 1;
        self.reports.push((fields.place().to_owned(), report));
    }

    fn finish(self, reading: &mut Reading<'_>) {
        for (place, report) in self.reports {
            let name = report.machine.as_ref().map_or("", |machine| machine.short());
            if self.rows.get(name).copied() == Some(1) && !name.is_empty() {
                reading.report(report);
            } else {
                reading.skip(place, NO_PRODUCT, name);
            }
        }
    }
}

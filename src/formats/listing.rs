//! Lists of properties, one to a line: `Format-List` of PowerShell (`Name : value`), `wmic /format:list` and `/value`
//! (`Name=value`), events as the event viewer copies them and as `wevtutil /f:text` prints them, and the lines of data
//! that people cut out of events.
//!
//! An object ends at a blank line, and where its first property comes again. Who writes blank lines everywhere, as a
//! program does that takes CR CR LF for two ends of lines, divides objects by more of them. What cannot be divided so is
//! of nobody.

mod blocks;
mod labels;
mod objects;

use super::lines::Part;
use super::outputs::Outputs;
use super::tool::{Claim, Tool};
use super::{FormatError, Reading, events, names, unnamed};
use blocks::Blocks;
use objects::Objects;

/// A property and its value, as it is on the lines of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Property<'t> {
    /// The line it begins on.
    line: usize,
    name: &'t str,
    value: String,
}

/// The longest name of a property, in bytes.
const MAX_NAME: usize = 64;

/// The most properties that an object has.
const MAX_PROPERTIES: usize = 300;

pub(super) const TOOL: Tool = Tool { claim, read: read_part };

fn read_part(part: &Part<'_>, outputs: &mut Outputs, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    unnamed::read_part(part, outputs, reading, |lines, reading| read(lines, reading))
}

/// Reads lines, each with its number in the whole text, with or without the blank ones between them.
/// True where one of the objects names a machine: then one that names none is of nobody.
fn read<'t>(lines: impl Iterator<Item = (usize, &'t str)> + Clone, reading: &mut Reading<'_>) -> bool {
    let spacing = blocks::spacing(lines.clone());
    let mut objects = Objects::default();
    let mut lines = Blocks::new(lines, spacing);
    while let Some(block) = lines.next_block() {
        if reading.check().is_err() {
            break;
        }
        objects.block(block, reading);
    }
    objects.finish(reading)
}

/// The name and the value of a line that is a property: `Name : value`, `Name=value`.
fn property(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    // In YAML an object begins so.
    let first = line.strip_prefix("- ").map(str::trim_start);
    let is_known = |rest: &&str| rest.split([':', '=']).next().is_some_and(|name| names::is_property(name.trim()));
    let line = first.filter(is_known).unwrap_or(line);
    let at = line.find([':', '=', '\u{ff1a}'])?;
    let (name, value) = (line.get(..at)?.trim_end(), line.get(at..)?);
    let mut value = value.chars();
    let sign = value.next()?;
    let is_name = labels::is_label(name)
        || !name.is_empty()
            && name.len() <= MAX_NAME
            && name.chars().next().is_some_and(|char| char.is_alphabetic() || char == '_')
            && name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | ' ' | '-'));
    // `C:\>`, and what is before the `=` of a command.
    let is_drive = name.len() == 1;
    let has_blanks = name.contains(' ');
    (is_name && !is_drive && !(sign == '=' && has_blanks)).then_some((name, value.as_str().trim()))
}

/// The properties of which one shows that a list is of what is read here. A name alone is in much.
const OWN: [&str; 22] = [
    "LicenseStatus",
    "LicenseStatusReason",
    "GracePeriodRemaining",
    "PartialProductKey",
    "EvaluationEndDate",
    "LicenseFamily",
    "LicenseIsAddon",
    "ApplicationID",
    "ProductKeyChannel",
    "ClientMachineID",
    "RemainingWindowsReArmCount",
    "KeyManagementServiceListeningPort",
    "KeyManagementServiceCurrentCount",
    "KeyManagementServiceMachine",
    "DiscoveredKeyManagementServiceMachineName",
    "IsKeyManagementServiceMachine",
    "SubscriptionStatusValue",
    "ADActivationObjectName",
    "EventID",
    "InstanceId",
    "ReplacementStrings",
    "ProviderName",
];

/// What a line is to this format.
fn claim(line: &str) -> Claim {
    if data(line).is_some() || labels::begins_event(line) || is_event_xml(line) {
        return Claim::Own;
    }
    let Some((name, value)) = property(line) else { return Claim::No };
    // The text of an event follows, where other languages have a label that slmgr has too.
    let begins_text = value.is_empty() && name != "Description" && labels::is_of_text(name, true);
    if OWN.contains(&name) || labels::is_mark_of_event(name) || begins_text {
        Claim::Own
    } else if labels::is_known(name)
        || events::is_provider(value)
        || name.starts_with("__")
        || (!name.contains(' ') && names::known(name).is_some())
    {
        Claim::Shared
    } else {
        Claim::No
    }
}

/// The data of an event on a line by themselves, as people cut them out.
fn data(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("Info:").unwrap_or(line).trim_start();
    (line.starts_with('0') && events::is_data(line)).then_some(line)
}

/// True for a line of the XML that the event viewer copies below the text of an event.
fn is_event_xml(line: &str) -> bool {
    line.starts_with("<Event ") || line.starts_with("</Event>") || line.starts_with("- <Event")
}

#[cfg(test)]
mod tests;

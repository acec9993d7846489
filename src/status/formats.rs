//! Reports in the formats in which administrators really have them. Each is recognized by its content.

mod events;
mod fields;
mod figures;
mod json;
mod lines;
mod ospp;
mod reading;
#[cfg(test)]
mod samples;
mod slmgr;
mod table;
#[cfg(test)]
mod testing;
mod text;
mod values;
mod vamt;
mod wmi;

pub use reading::{FormatError, Reading, Skipped};
pub use text::{decode, looks_like_text};

/// A format of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// Objects of WMI, events, and what collectors wrap around them.
    Json,
    /// Events.
    EventXml,
    /// A computer information list of VAMT.
    VamtXml,
    Ospp,
    Slmgr,
    VamtCsv,
    WmiCsv,
}

impl Format {
    /// The format of a text, told by what is in no other: markup, then the marks of each script, then the names of
    /// columns.
    fn of(text: &str) -> Option<Self> {
        let order = [Self::Json, Self::EventXml, Self::VamtXml, Self::Ospp, Self::Slmgr, Self::VamtCsv, Self::WmiCsv];
        order.into_iter().find(|format| format.recognizes(text))
    }

    fn recognizes(self, text: &str) -> bool {
        match self {
            Self::Json => json::recognizes(text),
            Self::EventXml => events::recognizes_xml(text),
            Self::VamtXml => vamt::recognizes_xml(text),
            Self::Ospp => ospp::recognizes(text),
            Self::Slmgr => slmgr::recognizes(text),
            Self::VamtCsv => vamt::recognizes_csv(text),
            Self::WmiCsv => wmi::recognizes_csv(text),
        }
    }
}

/// Reads an input of any known format.
///
/// # Errors
/// [`FormatError`] where it is of none, or goes wrong. What was read before that was handed over.
pub fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let text = decode(bytes)?;
    match Format::of(&text).ok_or(FormatError::Unknown)? {
        Format::Json => json::read(&text, reading),
        Format::EventXml => events::read_xml(&text, reading),
        Format::VamtXml => vamt::read_xml(&text, reading),
        Format::Ospp => ospp::read(&text, reading),
        Format::Slmgr => slmgr::read(&text, reading),
        Format::VamtCsv => vamt::read_csv(&text, reading),
        Format::WmiCsv => wmi::read_csv(&text, reading),
    }
}

//! Reports in the formats in which administrators really have them. Each is recognized by its content.

mod aligned;
mod clixml;
#[cfg(test)]
mod effort;
mod events;
#[cfg(test)]
mod field;
mod fields;
mod figures;
mod folding;
#[cfg(test)]
mod hostile;
mod html;
pub mod inventory;
mod json;
mod lines;
mod listing;
mod machine_names;
mod names;
mod object;
mod ospp;
mod outputs;
mod parts;
#[cfg(test)]
mod pasted;
mod piped;
mod prefixes;
mod reading;
#[cfg(test)]
mod samples;
mod slmgr;
#[cfg(test)]
mod splices;
mod table;
#[cfg(test)]
mod testing;
mod text;
mod tool;
#[cfg(test)]
mod tried;
mod unnamed;
mod values;
mod vamt;
mod vnext;
mod wmi;
mod xml;

pub use reading::{Counts, FormatError, Nothing, Reading, Replaced, Skipped, Unowned};
pub use text::{decode, looks_like_text};

/// A format of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Objects of WMI, events, and what collectors wrap around them.
    Json,
    EventXml,
    /// A computer information list of VAMT.
    VamtXml,
    /// The texts that PowerShell put into XML.
    CliXml,
    /// The list of products of VAMT.
    VamtCsv,
    /// Objects of WMI, events, and what inventories write of them.
    WmiCsv,
    /// Objects of WMI.
    Html,
    /// What tools print on a console, of one or several machines, such as the text of `slmgr` and of `ospp.vbs`.
    Text,
}

impl Format {
    /// Every format, in the order in which they are tried.
    pub const ALL: [Self; 8] =
        [Self::Json, Self::EventXml, Self::VamtXml, Self::CliXml, Self::Html, Self::VamtCsv, Self::WmiCsv, Self::Text];

    /// The format of a text, recognized by what is in no other: markup, then the names of columns, then lines.
    fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.recognizes(text))
    }

    /// The format of a text that is one document from its first character on.
    fn of_document(text: &str) -> Option<Self> {
        Self::of(text).filter(|format| *format != Self::Text)
    }

    fn recognizes(self, text: &str) -> bool {
        match self {
            Self::Json => json::recognizes(text),
            Self::EventXml => events::recognizes_xml(text),
            Self::VamtXml => vamt::recognizes_xml(text),
            Self::CliXml => clixml::recognizes(text),
            Self::VamtCsv => vamt::recognizes_csv(text),
            Self::WmiCsv => wmi::recognizes_csv(text),
            Self::Html => html::recognizes(text),
            Self::Text => parts::recognizes(text),
        }
    }

    /// Reads a text of this format.
    ///
    /// # Errors
    /// [`FormatError`] where it goes wrong. What was read before that was handed over.
    pub fn read(self, text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
        match self {
            Self::Json => json::read(text, reading),
            Self::EventXml => events::read_xml(text, reading),
            Self::VamtXml => vamt::read_xml(text, reading),
            Self::CliXml => clixml::read(text, reading),
            Self::VamtCsv => vamt::read_csv(text, reading),
            Self::WmiCsv => wmi::read_csv(text, reading),
            Self::Html => html::read(text, reading),
            Self::Text => parts::read(text, reading),
        }
    }
}

/// Reads an input of any known format.
///
/// # Errors
/// [`FormatError`] where it is of none, or goes wrong. What was read before that was handed over.
pub fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let text = decode(bytes)?;
    reading.check()?;
    if Format::of_document(&text).is_none() {
        let groups = prefixes::divide(&text, reading)?;
        if !groups.is_empty() {
            let read = groups.iter().try_for_each(|group| group.read(reading));
            return reading.conclude(read);
        }
    }
    let format = Format::of(&text).ok_or_else(|| unknown(&text))?;
    let read = match format.read(&text, reading) {
        // A text may seem to be one of a console and have nothing in it.
        Err(FormatError::Unknown) if format == Format::Text => Err(unknown(&text)),
        read => read,
    };
    reading.conclude(read)
}

/// What to say of a text in no known format.
fn unknown(text: &str) -> FormatError {
    if slmgr::is_in_another_language(text) {
        FormatError::OtherLanguage
    } else {
        table::excess(text).unwrap_or(FormatError::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_ends_in_the_middle_is_distinguished_from_one_that_is_wrong() {
        let refusal = |text: &str| read(text.as_bytes(), &mut Reading::new(&mut |_| ())).unwrap_err();
        for text in [
            "{\"ID\": \"x\", \"Lic",
            "[{\"ID\": \"x\"},",
            "<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>",
            "Name,LicenseStatus,ID,Description\n\"Windows(R), Ent",
        ] {
            assert!(refusal(text).is_cut_off(), "{text}: {}", refusal(text));
        }
        for text in ["{\"ID\": \"x\"}}", "hello", ""] {
            assert!(!refusal(text).is_cut_off(), "{text}: {}", refusal(text));
        }
    }

    #[test]
    fn slmgr_in_a_language_that_is_not_read_is_distinguished_from_any_other_text() {
        let refusal = |text: &str| read(text.as_bytes(), &mut Reading::new(&mut |_| ())).unwrap_err();
        for text in [
            "ID de aplicaci\u{f3}n: 55c92734-d682-4d71-983e-d6ec3f16059f\n",
            "Windows(R), Professional edition:\n    El equipo est\u{e1} activado permanentemente.\n",
        ] {
            assert_eq!(refusal(text), FormatError::OtherLanguage, "{text}");
        }
        // What keeps these from being read is what stands before each line.
        let stamped = "10:00 Name: Windows(R), Pro edition\n10:00 Description: Windows(R), RETAIL channel\n\
                       10:00 License Status: Licensed\n";
        let result = read(stamped.as_bytes(), &mut Reading::new(&mut |_| ()));
        assert_ne!(result, Err(FormatError::OtherLanguage));
        for text in ["hello", "a, b channel\n", "Dear all, Windows is licensed: see below.\n", "VOLUME_KMSCLIENT\n"] {
            assert_eq!(refusal(text), FormatError::Unknown, "{text}");
        }
    }
}

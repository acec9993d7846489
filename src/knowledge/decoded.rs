//! What is known of a code that nobody described: who raised it, by the bits of an HRESULT or NTSTATUS, and for Win32
//! errors which one it is. The sentences are in English alone.

use super::facts::{self, Confidence, Subject};
use super::{Explanation, Language};
use crate::codes::Code;
use crate::observation::Stage;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A Win32 error.
#[derive(Debug, Deserialize)]
pub struct Win32 {
    number: u32,
    symbol: String,
    stage: Option<Stage>,
    meaning: String,
}

#[derive(Debug, Deserialize)]
struct Facility {
    number: u32,
    name: String,
    subject: String,
}

/// A range of codes of the licensing service.
#[derive(Debug, Deserialize)]
struct Range {
    first: String,
    last: String,
    subject: Subject,
    meaning: String,
}

static WIN32: LazyLock<BTreeMap<u32, Win32>> =
    LazyLock::new(|| facts::rows::<Win32>(include_str!("win32.tsv")).map(|error| (error.number, error)).collect());

static FACILITIES: LazyLock<Vec<Facility>> = LazyLock::new(|| facts::rows(include_str!("facilities.tsv")).collect());

static RANGES: LazyLock<Vec<Range>> = LazyLock::new(|| facts::rows(include_str!("ranges.tsv")).collect());

/// The bit of an HRESULT that says that it holds an NTSTATUS.
const NT_BIT: u32 = 0x1000_0000;

/// The facility of Win32 errors.
const FACILITY_WIN32: u32 = 7;

/// A Win32 error by its number, where it is one of those that activation and networks meet.
pub fn win32(number: u32) -> Option<&'static Win32> {
    WIN32.get(&number)
}

/// What the parts of a code say.
pub(super) fn explain(code: Code) -> Explanation {
    let number = code.0 & 0xFFFF;
    let (mut symbol, mut stage, mut subject) = (None, None, None);
    let mut steps = Vec::new();
    let meaning = if code.0 & 0xFFFF_0000 == 0x8007_0000 {
        steps.push(Cow::Owned(format!("See the text of the error: `net helpmsg {number}`")));
        if let Some(error) = win32(number) {
            (symbol, stage) = (Some(error.symbol.as_str()), error.stage);
            format!("{} It is the Win32 error {number}.", error.meaning)
        } else {
            format!("It is the Win32 error {number}, of which nothing more is known here.")
        }
    } else if let Some(range) = range(code) {
        subject = Some(range.subject);
        format!(
            "It is a code of the licensing service, from the range of {}. Nothing more is known of it.",
            range.meaning
        )
    } else if is_hresult_of_ntstatus(code) {
        format!("It holds the NTSTATUS 0x{:08X}: {}.", code.0 & !NT_BIT, parts(code.0 & !NT_BIT))
    } else {
        format!("It is not described here. By its parts it is {}.", parts(code.0))
    };
    steps.extend([
        format!("Let Windows tell what it knows of it: `certutil -error {code}`").into(),
        "Read the events of activation: `Get-WinEvent -FilterHashtable @{LogName='Application'; \
         ProviderName='Microsoft-Windows-Security-SPP'} -MaxEvents 30 | Format-List`"
            .into(),
    ]);
    Explanation {
        code,
        symbol,
        stage,
        subject,
        meaning: meaning.into(),
        causes: Vec::new(),
        steps,
        confidence: Confidence::Decoded,
        language: Language::ENGLISH,
    }
}

fn range(code: Code) -> Option<&'static Range> {
    RANGES.iter().find(|range| {
        let bounds = facts::hexadecimal(&range.first).zip(facts::hexadecimal(&range.last));
        bounds.is_some_and(|(first, last)| (first..=last).contains(&code))
    })
}

/// True for the HRESULT of an NTSTATUS, which has its own bit set in each.
const fn is_hresult_of_ntstatus(code: Code) -> bool {
    code.0 & NT_BIT != 0
}

/// Severity, owner, facility and number.
fn parts(value: u32) -> String {
    let severity = match value >> 30 {
        0 => "a success",
        1 => "information",
        2 => "a failure",
        // Two bits of severity are an NTSTATUS; the licensing service writes its codes in the same way.
        _ => "a failure, written as an NTSTATUS",
    };
    let owner = if value & 0x2000_0000 == 0 { "Microsoft" } else { "somebody other than Microsoft" };
    // A customer may give facilities any meaning.
    let facility = (value >> 16) & 0x7FF;
    let known = FACILITIES.iter().find(|known| known.number == facility && value & 0x2000_0000 == 0);
    let facility = match (known, value >> 30) {
        (_, 3) if facility == 2 || facility == 3 => format!("facility {facility} (remote procedure calls)"),
        (_, 3) if facility == FACILITY_WIN32 => format!("facility {facility} (Windows system errors)"),
        (Some(known), 0..=2) => format!("facility {facility} ({}: {})", known.name, known.subject),
        _ => format!("facility {facility}"),
    };
    format!("{severity}, defined by {owner}, {facility}, number {} (0x{:04X})", value & 0xFFFF, value & 0xFFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_are_taken_apart() {
        for (code, symbol, stage, said) in [
            (
                0x8007_2746,
                Some("WSAECONNRESET"),
                Some(Stage::Tcp),
                "reset the connection. It is the Win32 error 10054.",
            ),
            (0x8007_1234, None, None, "the Win32 error 4660, of which nothing more is known"),
            (0xC004_F0FF, None, None, "from the range of the licensing service, KMS and Active Directory"),
            (0xC004_D301, None, None, "from the range of the security processor"),
            (0xD000_0022, None, None, "It holds the NTSTATUS 0xC0000022: a failure, written as an NTSTATUS"),
            (0xC000_0005, None, None, "a failure, written as an NTSTATUS, defined by Microsoft, facility 0, number 5"),
            (0x8024_402C, None, None, "facility 36 (WINDOWSUPDATE: Windows Update), number 16428 (0x402C)"),
            (0xA004_0001, None, None, "defined by somebody other than Microsoft, facility 4, number 1"),
            (0x0000_1234, None, None, "a success, defined by Microsoft, facility 0 (NULL: general)"),
        ] {
            let explanation = explain(Code(code));
            assert!(explanation.meaning.contains(said), "{code:08X}: {}", explanation.meaning);
            assert_eq!((explanation.symbol, explanation.stage), (symbol, stage), "{code:08X}");
            assert!(!explanation.steps.is_empty() && explanation.confidence == Confidence::Decoded);
        }
    }

    #[test]
    fn the_tables_are_read_whole() {
        for (table, read) in [
            (include_str!("win32.tsv"), WIN32.len()),
            (include_str!("facilities.tsv"), FACILITIES.len()),
            (include_str!("ranges.tsv"), RANGES.len()),
        ] {
            assert_eq!(table.lines().count() - 1, read);
        }
        assert!(WIN32.values().all(|error| !error.symbol.is_empty() && error.meaning.ends_with('.')));
        for range in RANGES.iter() {
            assert!(facts::hexadecimal(&range.first) < facts::hexadecimal(&range.last), "{range:?}");
        }
    }
}

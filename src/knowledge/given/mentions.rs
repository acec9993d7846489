//! Events in a text: by a number that stands alone, by one that is said to be the id of an event, or by their messages;
//! and what is in their fields.

use super::super::events::{self, Event};
use super::super::messages::{Hit, Subject};
use super::{Given, Placed, described_win32, words_of};
use crate::words;
use std::collections::BTreeMap;

/// The least id that is recognized behind `Id` alone, as PowerShell prints it. Smaller numbers are the ids of anything.
const LEAST_PLAIN: u16 = 8000;

/// How much of what is before a number is looked at, in bytes.
const MAX_BEFORE: usize = 64;

/// A text that is the id of an event and nothing else. `0x` before it makes it a code.
pub(super) fn whole(text: &str) -> Option<Given> {
    let digits = text.trim_matches(|character: char| !(character.is_ascii_alphanumeric() || character == '-'));
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let event = if is_number { digits.parse().ok().and_then(events::event) } else { None }?;
    let also = described_win32(event.id).into_iter().collect();
    Some(Given { also, ..Given::of_event(text, event) })
}

/// The events in a text, of whose messages those that are there are known already. Each comes once.
pub(super) fn find(text: &str, messages: &[Hit]) -> Vec<Placed> {
    let by_message = messages.iter().flat_map(|hit| hit.subjects.iter().map(move |subject| (hit.at, *subject)));
    let by_message = by_message.filter_map(|(place, subject)| match subject {
        Subject::Event(id) => Some((place, events::event(id)?)),
        Subject::Code(_) => None,
    });
    let by_id = words_of(text).filter_map(|(before, word, _)| {
        let event = word.parse().ok().and_then(events::event)?;
        is_id(before, event).then_some((before.len(), event))
    });
    let mut places = BTreeMap::new();
    for (place, event) in by_message.chain(by_id) {
        places.entry(event.id).and_modify(|(first, _)| *first = place.min(*first)).or_insert((place, event));
    }
    let mut found: Vec<(usize, &'static Event)> = places.into_values().collect();
    found.sort_by_key(|(place, _)| *place);
    let ends: Vec<usize> = found.iter().skip(1).map(|(place, _)| *place).chain([text.len()]).collect();
    let given = found.into_iter().zip(ends).map(|((place, event), end)| {
        let own = text.get(place..end).unwrap_or_default();
        (place, Given { values: values(own, event), ..Given::of_event(own, event) })
    });
    given.collect()
}

/// True where what is before a number says that it is the id of an event.
fn is_id(before: &str, event: &Event) -> bool {
    let start = before.len().saturating_sub(MAX_BEFORE);
    let before = before.get(before.ceil_char_boundary(start)..).unwrap_or_default().to_lowercase();
    // <EventID Qualifiers="16384">
    if let Some(tag) = before.strip_suffix('>') {
        return tag.rsplit('<').next().is_some_and(|tag| tag.starts_with("eventid"));
    }
    let before = before.trim_end_matches([' ', ':', '=', '#', '(', '[', '{', '"', '\'']);
    let says_event = |text: &str| {
        let text = text.trim_end_matches([' ', '_', '-', '.']);
        ["event", "\u{30a4}\u{30d9}\u{30f3}\u{30c8}"].iter().any(|word| text.ends_with(word))
    };
    if says_event(before) || before.ends_with("eventcode") {
        return true;
    }
    let Some(owner) = before.strip_suffix("id") else { return false };
    let is_word = !owner.ends_with(|character: char| character.is_alphanumeric());
    let is_of_other = ["process", "thread", "record"].iter().any(|word| owner.trim_end().ends_with(word));
    says_event(owner) || (event.id >= LEAST_PLAIN && is_word && !is_of_other)
}

/// What is between commas in the text of an event; empty where its fields are not documented, or are not there.
fn values(text: &str, event: &Event) -> Vec<String> {
    let count = events::fields(event.id).count();
    // The first of the fields is a code, whatever words are before it.
    let mut zeros = text.match_indices('0').map(|(at, _)| text.get(at..).unwrap_or_default());
    let Some(data) = zeros.find(|data| is_data(data)).filter(|_| count > 0) else { return Vec::new() };
    let fields: Vec<&str> = data.split(',').take(count).map(str::trim).collect();
    let last = fields.len().saturating_sub(1);
    let fields = fields.into_iter().enumerate();
    fields.map(|(index, field)| words::quoted(&if index == last { end_of(field) } else { field.to_owned() })).collect()
}

/// True for what begins with a code in hexadecimal, a comma, and a digit. No more is looked at, however long it is.
fn is_data(data: &str) -> bool {
    let behind = data.strip_prefix("0x").or_else(|| data.strip_prefix("0X"));
    behind.is_some_and(|behind| {
        let digits = behind.bytes().take(9).take_while(u8::is_ascii_hexdigit).count();
        let spaced = behind.get(digits..).and_then(|rest| rest.strip_prefix(',').or_else(|| rest.strip_prefix(" ,")));
        let second = spaced.map(|rest| rest.strip_prefix(' ').unwrap_or(rest));
        (1..=8).contains(&digits) && second.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    })
}

/// The last field, without what comes behind it in the text: one word, or a date and a time.
fn end_of(field: &str) -> String {
    let field = field.split('<').next().unwrap_or_default();
    let mut words = field.split(' ').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let time = words.next().filter(|word| word.contains(':') && word.starts_with(|first: char| first.is_ascii_digit()));
    time.map_or_else(|| first.to_owned(), |time| format!("{first} {time}"))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    /// What a text has in it: ids of events, and codes.
    fn found(text: &str) -> Vec<String> {
        let quoted = |given: &Given| match (given.event, given.code) {
            (Some(event), _) => event.id.to_string(),
            (None, code) => code.map_or_else(|| "-".to_owned(), |code| code.to_string()),
        };
        read(text).iter().map(quoted).collect()
    }

    #[test]
    fn a_bare_number_is_an_event_where_it_is_one() {
        for id in [12288, 12289, 12290, 12291, 12292, 12293, 12294, 8198, 1003, 100] {
            assert_eq!(found(&id.to_string()), [id.to_string()]);
        }
        assert_eq!(found(" \u{ff11}\u{ff12}\u{ff12}\u{ff19}\u{ff10} "), ["12290"]);
        assert_eq!(found("0x12290")[0], "0x00012290");
        assert_eq!(found("12007"), ["0x80072EE7"]);
        // A Win32 error has this number as well.
        assert_eq!(read("1067")[0].also[0].to_string(), "0x8007042B");
        assert!(read("12290")[0].also.is_empty());
    }

    #[test]
    fn an_event_in_a_text_comes_with_the_codes_in_it_in_their_order() {
        for (text, expected) in [
            ("EventID 8198 ... hr=0xC004F074", &["8198", "0xC004F074"][..]),
            ("Event ID: 8198, hr=0xC004F074, then 0x80072EE7 and 0xC004F074", &["8198", "0xC004F074", "0x80072EE7"]),
            ("hr=0xC004F074 (event 8198)", &["0xC004F074", "8198"]),
            ("<EventID Qualifiers=\"16384\">1003</EventID>", &["1003"]),
            ("\u{30a4}\u{30d9}\u{30f3}\u{30c8} ID: 12290", &["12290"]),
            ("\u{30a4}\u{30d9}\u{30f3}\u{30c8}12290", &["12290"]),
            ("ProviderName: Microsoft-Windows-Security-SPP\r\nId          : 12288\r\nMessage", &["12288"]),
            (
                "License Activation (slui.exe) failed with the following error code:\nhr=0xC004F074\nCommand-line \
                 arguments:\nRuleId=31e71c49-8da7-4a2f-ad92-45d98a1c79ba;Action=AutoActivate",
                &["8198", "0xC004F074"],
            ),
            ("Event 12288 and event 12289, event 12288 again", &["12288", "12289"]),
            ("error C004F038 on WS0417, 12288 25 1688", &["0xC004F038"]),
            ("Process ID 12288: 0xC004F038", &["0xC004F038"]),
            ("eventually 1003", &["-"]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn the_fields_of_an_event_are_read() {
        let request = "The client has sent an activation request to the key management service machine.\r\nInfo:\r\n\
                       0xC004F06C, 0x00000000, kms01.corp.example:1688, 36f27b39-2fd5-440b-be67-a09996d27a38, 2026/09/29 \
                       17:52, 0, 2, 41760, 68531fb9-5511-4989-97be-d11a0f55633f, 5\r\nKeywords: Classic";
        let given = read(request);
        assert_eq!(found(request), ["12288", "0xC004F06C"]);
        let values = &given[0].values;
        assert_eq!((values.len(), values[2].as_str(), values[7].as_str()), (10, "kms01.corp.example:1688", "41760"));
        assert_eq!((values[4].as_str(), values[9].as_str()), ("2026/09/29 17:52", "5"));

        let response = read("Event 12289: 0x00000000, 0x00000000, 1, 0, 10, 120, 10080, 2026/12/04 07:06 and more");
        assert_eq!(response[0].values.last().map(String::as_str), Some("2026/12/04 07:06"));
        let record =
            read("Event 12290: 0xC004F06C,5,ws0417,36f27b39-2fd5-440b-be67-a09996d27a38,2026/9/29 21:46,0,2,41520");
        assert_eq!(record[0].values[2], "ws0417");
        assert_eq!(read(&format!("Event 12288 {}", "0x0 ".repeat(200_000)))[0].values, [""; 0]);
        for text in ["Event 12288", "Event 12288 failed with 0xC004F074, as it seems", "Event 8198: 0xC004F074, 0x0, x"]
        {
            assert!(read(text)[0].values.is_empty(), "{text}");
        }
    }
}

//! One event, out of whatever it was wrapped in.

use crate::formats::{Nothing, Reading};
use jiff::Timestamp;

/// The longest text of one event that is kept, in bytes. Windows itself writes no more than 31,839 characters.
const MAX_TEXT: usize = 64 * 1024;

/// The providers that write these events.
const PROVIDERS: [&str; 5] = [
    "Microsoft-Windows-Security-SPP",
    "Microsoft-Windows-Security-Licensing-SLC",
    "Software Protection Platform Service",
    "Software Licensing Service",
    "Office Software Protection Platform Service",
];

/// The events that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// 12290: a KMS host was asked.
    HostRecord,
    /// 12291, 12292: a KMS host could not start, or not the timer by which it publishes itself again.
    FailedStart,
    /// 12293: a KMS host could not publish itself in DNS.
    NotPublished,
    /// 12294: it did.
    Published,
    /// 12288: a client asks a KMS host.
    Request,
    /// 12289: a client has the answer.
    Response,
    /// 8198: an attempt of a client to activate without being asked failed.
    Attempt,
    /// 8230: what the scheduler of a client knows.
    Schedule,
}

impl Kind {
    /// The kind of event with this ID, of which only the low 16 bits count: qualifiers may be above them.
    pub(super) const fn from_id(id: u64) -> Option<Self> {
        match id & 0xFFFF {
            12288 => Some(Self::Request),
            12289 => Some(Self::Response),
            12290 => Some(Self::HostRecord),
            12291 | 12292 => Some(Self::FailedStart),
            12293 => Some(Self::NotPublished),
            12294 => Some(Self::Published),
            8198 => Some(Self::Attempt),
            8230 => Some(Self::Schedule),
            _ => None,
        }
    }

    /// What is said where such an event cannot be read.
    pub(super) const fn unreadable(self) -> &'static str {
        match self {
            Self::Request => "event 12288 is not readable",
            Self::Response => "event 12289 is not readable",
            Self::HostRecord => "event 12290 is not readable",
            Self::FailedStart => "event 12291 is not readable",
            Self::NotPublished => "event 12293 is not readable",
            Self::Published => "event 12294 is not readable",
            Self::Attempt => "event 8198 is not readable",
            Self::Schedule => "event 8230 is not readable",
        }
    }
}

/// Events of the licensing service that are not read: how many, and the ID of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Unread {
    first: Option<u64>,
}

impl Unread {
    /// Notes an event with this ID, of a provider that matters.
    pub(super) fn note(&mut self, id: u64) {
        self.first.get_or_insert(id & 0xFFFF);
    }

    /// Says so where nothing else is in the input: the log of a machine is full of them.
    pub(super) fn explain(self, reading: &mut Reading<'_>) {
        if let Some(id) = self.first {
            reading.explain(Nothing::Event(id));
        }
    }
}

/// One event of the kinds that are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: Kind,
    /// The computer on which it happened, as reported; empty where it is not.
    pub(super) computer: String,
    /// When, by the clock of that computer.
    pub(super) time: Option<Timestamp>,
    /// Its data, with a comma behind each string, as if it were one.
    pub(super) data: String,
    /// The text that is shown for it, in some language, with the data in it.
    pub(super) message: String,
}

impl Event {
    /// The texts in which its data may be, the likelier first.
    pub(super) fn texts(&self) -> [&str; 2] {
        [&self.data, &self.message]
    }
}

/// Whether an event is of a provider that matters, by its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Provider {
    /// There is no name: the data decide.
    #[default]
    Unnamed,
    Known,
    /// It is another.
    Other,
}

impl Provider {
    /// Takes one of the names of an event into account. One that is known is enough.
    pub(super) fn name(&mut self, name: &str) {
        let name = name.trim();
        if PROVIDERS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            *self = Self::Known;
        } else if *self == Self::Unnamed && !name.is_empty() {
            *self = Self::Other;
        }
    }
}

/// True for the name of a provider that matters.
pub(in crate::formats) fn is_provider(name: &str) -> bool {
    let mut provider = Provider::default();
    provider.name(name);
    provider == Provider::Known
}

/// Adds text to that of an event, as far as that is kept.
pub(in crate::formats) fn append(text: &mut String, more: &str) {
    let room = MAX_TEXT.saturating_sub(text.len()).min(more.len());
    let end = (0..=room).rev().find(|end| more.is_char_boundary(*end)).unwrap_or(0);
    text.push_str(more.get(..end).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_known_by_the_low_bits_of_its_id() {
        assert_eq!(Kind::from_id(12290), Some(Kind::HostRecord));
        assert_eq!(Kind::from_id(0xC000_3000), Some(Kind::Request));
        assert_eq!([12291, 12292].map(Kind::from_id), [Some(Kind::FailedStart); 2]);
        assert_eq!([12293, 12294].map(Kind::from_id), [Some(Kind::NotPublished), Some(Kind::Published)]);
        assert_eq!([0, 1003, 12295, u64::MAX].map(Kind::from_id), [None; 4]);
    }

    #[test]
    fn one_known_provider_is_enough() {
        let of = |names: &[&str]| {
            let mut provider = Provider::default();
            for name in names {
                provider.name(name);
            }
            provider
        };
        assert_eq!(of(&[]), Provider::Unnamed);
        assert_eq!(of(&["", " "]), Provider::Unnamed);
        assert_eq!(of(&["Service Control Manager"]), Provider::Other);
        assert_eq!(of(&["software licensing SERVICE", "x"]), Provider::Known);
        assert_eq!(of(&["x", "Microsoft-Windows-Security-SPP"]), Provider::Known);
    }

    #[test]
    fn no_more_text_is_kept_than_an_event_has() {
        let mut text = String::new();
        for _ in 0..3 {
            append(&mut text, &"\u{e4}".repeat(20_001));
        }
        assert_eq!(text.len(), MAX_TEXT);
        append(&mut text, "\u{e4}");
        assert_eq!(text.len(), MAX_TEXT);
    }
}

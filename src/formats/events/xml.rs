//! Events as XML: one after another without a root, as `wevtutil` prints them, or with one, as it does on demand and
//! the event viewer always does. One event is in memory at a time.

use super::event::{Event, Kind, Provider, Unread, append};
use super::time::moment;
use crate::formats::{FormatError, Reading, xml};
use quick_xml::Error;
use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event as Markup};

/// What is said of an input that is cut off.
const CUT_OFF: &str = "it ends in the middle";

/// How deeply elements are nested at most.
const MAX_DEPTH: usize = 64;

/// The elements that matter; the others are skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Event,
    System,
    Id,
    Computer,
    EventData,
    Data,
    RenderingInfo,
    Message,
    Other,
}

/// True where the first element of a text is an event, or a root around events.
pub(super) fn recognizes(text: &str) -> bool {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    loop {
        match reader.read_event() {
            Ok(Markup::Start(start) | Markup::Empty(start)) => {
                return matches!(start.local_name().as_ref(), "Event" | "Events");
            }
            // Copied from a browser, each element that can be folded has a hyphen before it.
            Ok(Markup::Text(text)) if text.chars().all(|char| char.is_whitespace() || char == '-') => {}
            Ok(Markup::Decl(_) | Markup::PI(_) | Markup::DocType(_) | Markup::Comment(_)) => {}
            _ => return false,
        }
    }
}

/// Hands over each event of a kind that matters and of no other provider, with its number among all events.
///
/// # Errors
/// [`FormatError::Malformed`] where the text is no XML any more, or ends within an event or its root.
pub(super) fn read(
    text: &str,
    reading: &mut Reading<'_>,
    unread: &mut Unread,
    mut take: impl FnMut(&Event, u64, &mut Reading<'_>),
) -> Result<(), FormatError> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().allow_dangling_amp = true;
    let mut state = State::default();
    loop {
        reading.check()?;
        let read = reader.read_event();
        let malformed = |events, detail| FormatError::Malformed { place: format!("event {events}"), detail };
        match read.map_err(|error| malformed(state.events, detail(&error)))? {
            Markup::Start(start) | Markup::Empty(start) if !xml::has_whole_attributes(&start) => {
                return Err(malformed(state.events, xml::CUT_ATTRIBUTE.to_owned()));
            }
            Markup::Start(start) => {
                state.open(&start);
                if state.path.len() > MAX_DEPTH {
                    return Err(malformed(state.events, "elements stand in one another too deeply".to_owned()));
                }
            }
            Markup::Empty(start) => {
                state.open(&start);
                state.close(reading, unread, &mut take);
            }
            Markup::End(_) => state.close(reading, unread, &mut take),
            Markup::Text(text) => state.text(&text),
            Markup::CData(data) => state.text(&data),
            // Only what XML itself defines is put in; any other entity is left out.
            Markup::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(char)) => state.text(char.encode_utf8(&mut [0; 4])),
                _ => state.text(resolve_predefined_entity(&reference).unwrap_or_default()),
            },
            Markup::Eof if state.path.is_empty() => return Ok(()),
            Markup::Eof => return Err(malformed(state.events, CUT_OFF.to_owned())),
            Markup::Decl(_) | Markup::PI(_) | Markup::DocType(_) | Markup::Comment(_) => {}
        }
    }
}

/// What an error says. Those of the syntax are all about markup that does not end.
fn detail(error: &Error) -> String {
    match error {
        Error::Syntax(_) => CUT_OFF.to_owned(),
        Error::IllFormed(_) => "the tags do not match".to_owned(),
        _ => "it is no XML".to_owned(),
    }
}

/// Where in a text the reader is, and what it knows of the event there.
#[derive(Debug, Default)]
struct State {
    path: Vec<Element>,
    is_in_event: bool,
    events: u64,
    provider: Provider,
    id: String,
    event: Draft,
}

/// An event of which parts are still to come.
#[derive(Debug, Default)]
struct Draft {
    computer: String,
    time: Option<jiff::Timestamp>,
    data: String,
    message: String,
}

impl State {
    fn open(&mut self, start: &BytesStart<'_>) {
        let parent = self.path.last().copied();
        let element = match (parent, start.local_name().as_ref()) {
            (_, "Event") if !self.is_in_event => Element::Event,
            (Some(Element::Event), "System") => Element::System,
            (Some(Element::Event), "EventData") => Element::EventData,
            (Some(Element::Event), "RenderingInfo") => Element::RenderingInfo,
            (Some(Element::System), "EventID") => Element::Id,
            (Some(Element::System), "Computer") => Element::Computer,
            (Some(Element::EventData), "Data") => Element::Data,
            (Some(Element::RenderingInfo), "Message") => Element::Message,
            _ => Element::Other,
        };
        match (parent, start.local_name().as_ref()) {
            _ if element == Element::Event => {
                self.is_in_event = true;
                self.events += 1;
                (self.provider, self.event) = (Provider::default(), Draft::default());
                self.id.clear();
            }
            (Some(Element::System), "Provider") => attributes(start, |name, value| {
                if matches!(name, "Name" | "EventSourceName") {
                    self.provider.name(value);
                }
            }),
            (Some(Element::System), "TimeCreated") => attributes(start, |name, value| {
                if name == "SystemTime" {
                    self.event.time = moment(value);
                }
            }),
            _ => {}
        }
        self.path.push(element);
    }

    fn text(&mut self, text: &str) {
        match self.path.last() {
            Some(Element::Id) => append(&mut self.id, text),
            Some(Element::Computer) => append(&mut self.event.computer, text),
            Some(Element::Data) => append(&mut self.event.data, text),
            Some(Element::Message) => append(&mut self.event.message, text),
            _ => {}
        }
    }

    fn close(
        &mut self,
        reading: &mut Reading<'_>,
        unread: &mut Unread,
        take: &mut impl FnMut(&Event, u64, &mut Reading<'_>),
    ) {
        match self.path.pop() {
            Some(Element::Data) => append(&mut self.event.data, ","),
            Some(Element::Event) => {
                self.is_in_event = false;
                let id: Option<u64> = self.id.trim().parse().ok();
                let Draft { computer, time, data, message } = std::mem::take(&mut self.event);
                match (id.and_then(Kind::from_id), id) {
                    (Some(kind), _) if self.provider != Provider::Other => {
                        take(&Event { kind, computer, time, data, message }, self.events, reading);
                    }
                    (None, Some(id)) if self.provider == Provider::Known => unread.note(id),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Hands over the attributes of an element.
fn attributes(start: &BytesStart<'_>, mut take: impl FnMut(&str, &str)) {
    for attribute in start.attributes().with_checks(false).flatten() {
        let value = unescape(&attribute.value).unwrap_or_default();
        take(attribute.key.local_name().as_ref(), &value);
    }
}

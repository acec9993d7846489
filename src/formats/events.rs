//! Activation events: those of KMS hosts about their clients (12290) and themselves (12291 to 12294), and those of clients
//! (12288, 12289, 8198, 8230), as XML or as JSON, in whatever a tool has wrapped them. All other events are skipped without a word: they are no
//! part of what is read here, and an export of a whole log is full of them.

mod event;
mod exchanges;
mod host_events;
mod json;
mod kms_info;
mod meaning;
mod newest;
mod pairs;
mod record;
mod time;
mod xml;

use super::fields::Fields;
use super::object::Object;
use super::{FormatError, Reading};
use crate::license::MachineName;
use event::{Event, Kind, Unread};
use exchanges::{Exchanges, Step};
use host_events::HostEvent;
use kms_info::{HostRecord, Request, Response};
use meaning::{Counted, Fact, machine_of};
use newest::Newest;
use pairs::{Attempt, Schedule};
use uuid::Uuid;

pub(super) use event::{append, is_provider};
pub(super) use kms_info::is_data;
pub(super) use record::is_event_record;

/// Why events of clients that are not named are skipped.
const SEVERAL: &str = "the events name no computer, and have several client machine IDs; keep the computer in them";

/// Why an answer by itself is skipped.
const ANSWER: &str = "event 12289 is the answer to a request, event 12288, which is not in the text";

/// Why what a KMS host reports of itself is skipped: the latest counts, and which that is nobody knows.
const NO_ZONE: &str = "its time has no zone, so that nobody knows when it happened; export it as XML or JSON";

/// True for XML that begins with an event, or with a root around events.
pub(super) fn recognizes_xml(text: &str) -> bool {
    xml::recognizes(text)
}

/// Reads events as XML, with or without a root.
///
/// # Errors
/// [`FormatError::Malformed`] where the text stops being XML, or ends in the middle; the events before count.
pub(super) fn read_xml(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let mut events = Events::new();
    let mut unread = Unread::default();
    let read = xml::read(text, reading, &mut unread, |event, number, reading| {
        events.event(event, &format!("event {number}"), reading);
    });
    events.unread = unread;
    events.finish(reading);
    read
}

/// True for an object that is an event of any kind, in any of the wrappings that are known.
pub(super) fn is_event(object: &Object<'_>) -> bool {
    json::is_event(object)
}

/// Reads events one by one, and reports the newest of each license when all are read.
#[derive(Debug, Default)]
pub(super) struct Events {
    newest: Newest,
    exchanges: Exchanges,
    /// Events of the licensing service that are not read.
    unread: Unread,
    /// True once one names its machine.
    has_named: bool,
    /// The client machine ID of a client that is not named.
    nameless: Option<Uuid>,
    /// True once there are several of these.
    are_of_several: bool,
    /// True once an event was read that is no answer.
    has_other: bool,
    /// Where the first answer is.
    answer: Option<String>,
}

impl Events {
    /// A reader that has read nothing yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Reads the event in an object that is at `place`, where it does not say so itself on the computer `around`.
    /// One that does not matter here is skipped.
    pub(super) fn object(
        &mut self,
        object: &Object<'_>,
        around: Option<&MachineName>,
        place: &str,
        reading: &mut Reading<'_>,
    ) {
        if let Some(mut event) = json::event(object, &mut self.unread) {
            if let (true, Some(around)) = (event.computer.trim().is_empty(), around) {
                around.as_str().clone_into(&mut event.computer);
            }
            self.event(&event, place, reading);
        }
    }

    /// Reads the event in properties that are at a place, as [`Self::object`] does.
    pub(super) fn fields(&mut self, fields: &Fields<'_>, around: Option<&MachineName>, reading: &mut Reading<'_>) {
        let Some(mut event) = record::event(fields, &mut self.unread) else { return };
        if let (true, Some(around)) = (event.computer.trim().is_empty(), around) {
            around.as_str().clone_into(&mut event.computer);
        }
        self.event(&event, fields.place(), reading);
    }

    /// Reads the data of an event that stand alone, beside no more than the name of a computer, if that: those of 12288, or
    /// of 12290, which name the client.
    pub(super) fn data(&mut self, line: &str, computer: &str, place: &str, reading: &mut Reading<'_>) {
        let kind = if kms_info::is_of_client(line) { Kind::Request } else { Kind::HostRecord };
        // What is beside that of a host is the host, as the event has it.
        let computer = computer.to_owned();
        let event = Event { kind, computer, time: None, data: line.to_owned(), message: String::new() };
        self.event(&event, place, reading);
    }

    /// Reads the XML of one event. False where it is cut, or no event is in it.
    pub(super) fn xml(&mut self, text: &str, place: &str, reading: &mut Reading<'_>) -> bool {
        if !xml::recognizes(text) {
            return false;
        }
        let mut found = Vec::new();
        let is_whole = xml::read(text, reading, &mut self.unread, |event, _, _| found.push(event.clone())).is_ok();
        for event in found.iter().filter(|_| is_whole) {
            self.event(event, place, reading);
        }
        is_whole
    }

    /// True where the properties of an event name its machine.
    pub(super) fn names_machine(fields: &Fields<'_>) -> bool {
        record::computer(fields).is_some()
    }

    /// True where one of those that were read names its machine.
    pub(super) const fn has_named(&self) -> bool {
        self.has_named
    }

    /// Reports what is left to report. Clients that are not named are one, or nobody knows which is which.
    pub(super) fn finish(mut self, reading: &mut Reading<'_>) {
        self.pair(reading);
        let Self { newest, unread, are_of_several, has_other, answer, .. } = self;
        if let Some(place) = answer.filter(|_| !has_other) {
            reading.skip(place, ANSWER, "");
        }
        let ((), nameless) = reading.holding_nameless(|reading| newest.finish(reading));
        for report in nameless {
            if are_of_several {
                let id = report.client_machine_id.map(|id| id.to_string()).unwrap_or_default();
                reading.lose("the events", SEVERAL, &id);
            } else {
                reading.report(report);
            }
        }
        unread.explain(reading);
    }

    fn event(&mut self, event: &Event, place: &str, reading: &mut Reading<'_>) {
        let computer = match event.computer.trim() {
            "" => None,
            name => match name.parse::<MachineName>() {
                Ok(name) => Some(name),
                Err(error) => {
                    reading.skip(place, &error.to_string(), name);
                    // Of a client nothing is known then: without a name it would be taken for the machine the input is
                    // of. A host's record names the client itself.
                    if event.kind != Kind::HostRecord {
                        return;
                    }
                    None
                }
            },
        };
        self.has_named |= computer.is_some();
        let texts = event.texts();
        if !texts.into_iter().any(|text| self.read(event, text, computer.as_ref(), place, reading)) {
            let reported = texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
            reading.skip(place, event.kind.unreadable(), reported);
        }
    }

    /// Reads an event from one of its texts. False where it is not in there.
    fn read(
        &mut self,
        event: &Event,
        text: &str,
        computer: Option<&MachineName>,
        place: &str,
        reading: &mut Reading<'_>,
    ) -> bool {
        self.has_other |= event.kind != Kind::Response;
        let mut absurd = |why: &str, what: &str| reading.skip(place, why, what);
        match event.kind {
            Kind::HostRecord => {
                let Some(record) = HostRecord::read(text, &mut absurd) else { return false };
                let time = event.time.or(record.state.client_time);
                if let Some(host) = computer {
                    self.newest.asked(host.clone(), event.time, reading);
                }
                let client = record.client.clone();
                self.newest.fact(Some(client), time, Fact::HostRecord(record, computer.cloned()), reading);
            }
            Kind::FailedStart | Kind::NotPublished | Kind::Published => {
                let Some(read) = HostEvent::read(event.kind, event.texts()) else { return false };
                let Some(time) = event.time else {
                    reading.skip(place, NO_ZONE, text);
                    return true;
                };
                self.newest.host_event(computer.cloned(), time, read, reading);
            }
            Kind::Request => {
                let Some(request) = Request::read(text, &mut absurd) else { return false };
                let time = event.time.or(request.state.client_time);
                let id = request.state.client_machine_id.filter(|_| computer.is_none());
                if let Some(id) = id {
                    self.are_of_several |= *self.nameless.get_or_insert(id) != id;
                }
                if let Some(time) = time {
                    self.step(computer, time, Step::Request(request.clone()), reading);
                }
                self.newest.fact(computer.cloned(), time, Fact::Request(request), reading);
            }
            Kind::Response => {
                let Some(response) = Response::read(text, &mut absurd) else { return false };
                self.answer.get_or_insert_with(|| place.to_owned());
                if let Some(time) = event.time.or(response.client_time) {
                    self.step(computer, time, Step::Response(response), reading);
                }
            }
            Kind::Attempt => {
                let Some(attempt) = Attempt::read(text) else { return false };
                self.newest.fact(computer.cloned(), event.time, Fact::Attempt(attempt), reading);
            }
            Kind::Schedule => {
                let Some(schedule) = Schedule::read(text, &mut absurd) else { return false };
                if let Err(minutes) = schedule.remaining(event.time) {
                    absurd("no minutes to expiration", &minutes.to_string());
                }
                self.newest.fact(computer.cloned(), event.time, Fact::Schedule(schedule), reading);
            }
        }
        true
    }

    fn step(&mut self, client: Option<&MachineName>, time: jiff::Timestamp, step: Step, reading: &mut Reading<'_>) {
        self.exchanges.keep(client.cloned(), time, step);
        if self.exchanges.is_full() {
            self.pair(reading);
        }
    }

    fn pair(&mut self, reading: &mut Reading<'_>) {
        for exchange in self.exchanges.take() {
            let host = exchange.request.server.as_ref().and_then(machine_of);
            if let (Some(host), Some(count)) = (host, exchange.response.reported_count()) {
                self.newest.count(host, Counted::of(&exchange.request.state), exchange.time, count, reading);
            }
            let fact = Fact::Response(exchange.response, exchange.request);
            self.newest.fact(exchange.client, Some(exchange.time), fact, reading);
        }
    }
}

#[cfg(test)]
mod tests;

//! What is between commas in the events of KMS: fields by position, with or without spaces and line breaks around
//! them. Clients write all of them into one string, hosts each into a string of its own behind one that says nothing of
//! interest, and a message has words in some language before them. So the fields are found by their shape.

use super::time::client_time;
use crate::host::{HostPort, KMS_PORT};
use crate::license::{INTERVALS, LicenseStatus, MachineName, VOLUME_VALIDITY, parse_kms_host};
use jiff::Timestamp;
use uuid::Uuid;

/// How many fields of one event are looked at; there are ten at most, behind the words of a message.
const MAX_FIELDS: usize = 64;

/// More clients than any host counts or any client needs.
const MAX_COUNT: i64 = 1000;

/// Takes what a field says that cannot be: why, and what.
pub(super) type Absurd<'a> = dyn FnMut(&str, &str) + 'a;

/// What a client says of one license of its own when it asks for activation. Compared by the client's time first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClientState {
    /// When it asked, by its own clock, to the minute.
    pub(super) client_time: Option<Timestamp>,
    /// The HRESULT.
    pub(super) code: u32,
    /// The license.
    pub(super) sku: Uuid,
    /// The ID by which hosts count it.
    pub(super) client_machine_id: Option<Uuid>,
    pub(super) status: Option<LicenseStatus>,
    /// Until that changes, up to [`VOLUME_VALIDITY`].
    pub(super) minutes: Option<u32>,
    /// How many clients a host must count before it activates this one.
    pub(super) required_count: Option<u32>,
}

/// Event 12290: a host was asked by a client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HostRecord {
    /// What the client said of itself.
    pub(super) state: ClientState,
    pub(super) client: MachineName,
}

/// Event 12288: a client asked a host, or tried to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Request {
    /// What the client says of itself.
    pub(super) state: ClientState,
    /// The host it asked.
    pub(super) server: Option<HostPort>,
}

/// Event 12289: a client has the host's answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Response {
    /// When it had asked, by its own clock, to the minute.
    pub(super) client_time: Option<Timestamp>,
    /// The HRESULT.
    pub(super) code: u32,
    /// Flags, of which [`super::meaning`] knows the one that matters.
    pub(super) flags: u32,
    /// Whether it is activated now.
    pub(super) is_activated: bool,
    /// How many clients the host counts.
    pub(super) count: Option<u32>,
    /// Minutes between attempts while not activated.
    pub(super) activation_interval: Option<u32>,
    /// Minutes between renewals while activated.
    pub(super) renewal_interval: Option<u32>,
}

impl HostRecord {
    /// Reads the info of event 12290; `None` where the text has none, or it names no client.
    pub(super) fn read(text: &str, absurd: &mut Absurd<'_>) -> Option<Self> {
        let positions = Positions { client_machine_id: 3, client_time: 4, status: 6, minutes: 7, sku: 8, count: 1 };
        let fields = fields(text);
        let fields = positions.find(&fields)?;
        let client = field(fields, 2).parse().ok()?;
        Some(Self { state: positions.read(fields, absurd)?, client })
    }
}

impl Request {
    /// Reads the info of event 12288; `None` where the text has none.
    pub(super) fn read(text: &str, absurd: &mut Absurd<'_>) -> Option<Self> {
        let positions = Positions { client_machine_id: 3, client_time: 4, status: 6, minutes: 7, sku: 8, count: 9 };
        let fields = fields(text);
        let fields = positions.find(&fields)?;
        let server = field(fields, 2);
        // Nothing, and port 0, are where no host was found.
        let is_named = !server.is_empty() && !server.starts_with(':') && !server.ends_with(":0");
        let host = parse_kms_host(server, KMS_PORT).filter(|_| is_named);
        if is_named && host.is_none() {
            absurd("no host", server);
        }
        Some(Self { state: positions.read(fields, absurd)?, server: host })
    }
}

impl Response {
    /// Reads the info of event 12289; `None` where the text has none.
    pub(super) fn read(text: &str, absurd: &mut Absurd<'_>) -> Option<Self> {
        let fields = fields(text);
        let fields =
            (0..fields.len()).find_map(|start| fields.get(start..).filter(|fields| Self::has_shape(fields)))?;
        let interval = |position: usize, absurd: &mut Absurd<'_>| {
            let range = i64::from(*INTERVALS.start())..=i64::from(*INTERVALS.end());
            number(field(fields, position), range, "no interval in minutes", absurd)
        };
        Some(Self {
            client_time: client_time(field(fields, 7)),
            code: hresult(field(fields, 0))?,
            flags: hresult(field(fields, 1))?,
            is_activated: field(fields, 2) == "1",
            activation_interval: interval(5, absurd),
            renewal_interval: interval(6, absurd),
            count: number(field(fields, 4), 0..=MAX_COUNT, "no count of clients", absurd),
        })
    }

    fn has_shape(fields: &[&str]) -> bool {
        let is_number = |position| field(fields, position).parse::<i64>().is_ok();
        hresult(field(fields, 0)).is_some()
            && hresult(field(fields, 1)).is_some()
            && matches!(field(fields, 2), "0" | "1")
            && [4, 5].into_iter().all(is_number)
            && first_word(field(fields, 6)).parse::<i64>().is_ok()
    }
}

/// Where the fields are in the data of a host and of a client that are needed to know them.
const COMMON: Positions = Positions { client_machine_id: 3, client_time: 4, status: 6, minutes: 7, sku: 8, count: 1 };

/// True for the data of an event 12288 or 12290 that stand alone.
pub(in crate::formats) fn is_data(line: &str) -> bool {
    let fields = fields(line);
    let is_code = |text: &str| text.starts_with("0x") || text.starts_with("0X");
    fields.first().is_some_and(|code| is_code(code)) && COMMON.has_shape(&fields)
}

/// True for such data of event 12288: flags are in hexadecimal where a host has a count.
pub(super) fn is_of_client(line: &str) -> bool {
    fields(line).get(1).is_some_and(|flags| flags.starts_with("0x") || flags.starts_with("0X"))
}

/// Where the fields are that two events have in common, counted from the HRESULT.
struct Positions {
    client_machine_id: usize,
    client_time: usize,
    status: usize,
    minutes: usize,
    sku: usize,
    count: usize,
}

impl Positions {
    /// The fields from the HRESULT on: the SKU must be in its place, and the ID of the client or its time.
    fn find<'a, 't>(&self, fields: &'a [&'t str]) -> Option<&'a [&'t str]> {
        (0..fields.len()).find_map(|start| fields.get(start..).filter(|fields| self.has_shape(fields)))
    }

    fn has_shape(&self, fields: &[&str]) -> bool {
        let has_client = || {
            guid(field(fields, self.client_machine_id)).is_some()
                || client_time(field(fields, self.client_time)).is_some()
        };
        guid(field(fields, self.sku)).is_some() && hresult(field(fields, 0)).is_some() && has_client()
    }

    fn read(&self, fields: &[&str], absurd: &mut Absurd<'_>) -> Option<ClientState> {
        let status = field(fields, self.status);
        let number_of_status = number(status, 0..=6, "no status of a license", absurd);
        Some(ClientState {
            client_time: client_time(field(fields, self.client_time)),
            code: hresult(field(fields, 0))?,
            sku: guid(field(fields, self.sku))?,
            client_machine_id: guid(field(fields, self.client_machine_id)),
            status: number_of_status.and_then(|number| LicenseStatus::from_number(number.into())),
            minutes: number(
                field(fields, self.minutes),
                0..=VOLUME_VALIDITY.into(),
                "no minutes to expiration",
                absurd,
            ),
            required_count: number(field(fields, self.count), 0..=MAX_COUNT, "no count of clients", absurd),
        })
    }
}

/// True where an HRESULT is a failure: by its highest bit.
pub(super) const fn is_failure(code: u32) -> bool {
    code >= 0x8000_0000
}

/// Reads an HRESULT, in hexadecimal with or without `0x`, from the end of a text: words of a message may be before
/// it.
pub(super) fn hresult(text: &str) -> Option<u32> {
    let word = text.trim_end().rsplit(|char: char| !char.is_ascii_alphanumeric()).next()?;
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")).unwrap_or(word);
    (digits.len() <= 8).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// Reads a GUID with its hyphens, with or without braces.
pub(super) fn guid(text: &str) -> Option<Uuid> {
    let read = |text: &str| matches!(text.len(), 36 | 38).then(|| Uuid::try_parse(text).ok()).flatten();
    // Line breaks may be within one; the last field may be followed by more text.
    read(first_word(text)).or_else(|| {
        let without_breaks: String = text.chars().filter(|char| !char.is_whitespace()).take(39).collect();
        read(&without_breaks)
    })
}

fn fields(text: &str) -> Vec<&str> {
    text.split(',').take(MAX_FIELDS).map(str::trim).collect()
}

/// The field at a position, empty where there is none.
fn field<'t>(fields: &[&'t str], position: usize) -> &'t str {
    fields.get(position).copied().unwrap_or_default()
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// A number within a range. What is not empty and no such number is absurd.
fn number(text: &str, range: std::ops::RangeInclusive<i64>, why: &str, absurd: &mut Absurd<'_>) -> Option<u32> {
    let word = first_word(text);
    if word.is_empty() {
        return None;
    }
    let number = word.parse().ok().filter(|number| range.contains(number));
    if number.is_none() {
        absurd(why, word);
    }
    number.and_then(|number| u32::try_from(number).ok())
}

#[cfg(test)]
mod tests;

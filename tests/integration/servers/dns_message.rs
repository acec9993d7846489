//! Just enough DNS to ask a server for a zone's serial number (RFC 1035, section 4).

use std::net::SocketAddr;

use super::ask;
use super::place::Place;

/// The response code of a server that has the zone in its configuration and cannot load it.
pub const SERVER_FAILURE: u8 = 2;

/// What comes back for a SOA question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub response_code: u8,
    /// The serial number, if the answer has a SOA record.
    pub serial: Option<u32>,
}

/// Asks over UDP for the SOA record of `name`.
pub fn ask_for_serial(place: &Place, address: SocketAddr, name: &str) -> Option<Answer> {
    let question = soa_question(name);
    let reply = ask::exchange_datagrams(place, address, &question)?;
    read_reply(&question, &reply)
}

/// A header with one question in it, then the question.
fn soa_question(name: &str) -> Vec<u8> {
    let mut message = vec![0x67, 0x77, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        message.push(u8::try_from(label.len()).expect("a label has at most 63 bytes"));
        message.extend_from_slice(label.as_bytes());
    }
    message.extend_from_slice(&[0, 0, 6, 0, 1]);
    message
}

/// Reads the response code and the first answer's serial number.
fn read_reply(question: &[u8], reply: &[u8]) -> Option<Answer> {
    let header = reply.get(..12)?;
    if header[..2] != question[..2] {
        return None;
    }
    let response_code = header[3] & 0x0f;
    // The question comes back as it was sent, and the answer's name is a two-byte pointer to it, followed by
    // type, class, TTL and length; the serial number is the first of the five numbers that end a SOA record.
    let serial = reply.get(question.len()..).filter(|_| header[6..8] == [0, 1]).and_then(|record| {
        let length = usize::from(u16::from_be_bytes([*record.get(10)?, *record.get(11)?]));
        let data = record.get(12..12 + length)?;
        let numbers = data.get(data.len().checked_sub(20)?..)?;
        Some(u32::from_be_bytes(numbers.get(..4)?.try_into().ok()?))
    });
    Some(Answer { response_code, serial })
}

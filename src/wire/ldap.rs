//! LDAP: a directory's root entry, which anyone may read, and the time in it.
//!
//! `currentTime` of the rootDSE (MS-ADTS 3.1.1.3.2.3) is the clock of a domain controller. Section numbers are those
//! of RFC 4511.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the name of a method is not general enough in its lifetimes for the decoder"
)]

use super::reader::{ByteOrder, Reader};
use super::{NoTime, generalized_time};
use crate::observation::detail;
use bcder::decode::{Constructed, DecodeError, Source};
use bcder::encode::{PrimitiveContent, sequence, sequence_as};
use bcder::{Captured, Mode, Tag};
use std::time::{Duration, SystemTime};

/// The time is in whole seconds, and the second may have begun at any moment before.
pub const RESOLUTION: Duration = Duration::from_secs(1);

const ATTRIBUTE: &[u8] = b"currentTime";

/// The longest answer that is read, in bytes. Real ones have some 60.
const MAX_LENGTH: usize = 8192;

/// The operations there are to ask with and to be answered with, as application tags (4.2 to 4.12).
const SEARCH_REQUEST: u32 = 3;
const SEARCH_RESULT_ENTRY: u32 = 4;
const SEARCH_RESULT_DONE: u32 = 5;
const EXTENDED_RESPONSE: u32 = 24;

/// Asks for the time in the root entry (4.5.1). Nobody logs on first: that need not be (5.1 of RFC 4513).
pub fn request() -> Vec<u8> {
    let nothing: &[u8] = b"";
    let search = (
        nothing.encode(),                                 // the root
        0_u8.encode_as(Tag::ENUMERATED),                  // it alone
        0_u8.encode_as(Tag::ENUMERATED),                  // no aliases followed
        1_u8.encode(),                                    // one entry
        0_u8.encode(),                                    // in any time
        false.encode(),                                   // with values
        b"objectClass".as_slice().encode_as(Tag::ctx(7)), // whatever it is
        sequence(ATTRIBUTE.encode()),
    );
    let message = sequence((1_u8.encode(), sequence_as(Tag::application(SEARCH_REQUEST), search)));
    Captured::from_values(Mode::Der, message).as_slice().to_vec()
}

/// Reads the time off an answer.
///
/// # Errors
/// [`NoTime::Incomplete`] until its first message is there; another [`NoTime`] where it is no LDAP, an error, or has
/// no time.
pub fn decode(answer: &[u8]) -> Result<SystemTime, NoTime> {
    let length = message_length(answer)?;
    let message = answer.get(..length).ok_or(NoTime::Incomplete)?;
    let said = Mode::Ber
        .decode(message, |content| content.take_sequence(take_message))
        .map_err(|_| NoTime::Foreign(detail!("not-ldap")))?;
    match said {
        Said::Time(time) => generalized_time::parse(&time),
        Said::Nothing => Err(NoTime::Absent(detail!("ldap-no-time"))),
        Said::Result(code) => Err(NoTime::Refused(detail!("ldap-result", code = code))),
    }
}

/// The length of the first message, which is a SEQUENCE (4.1.1) of definite length (5.1).
fn message_length(answer: &[u8]) -> Result<usize, NoTime> {
    const FOREIGN: NoTime = NoTime::Foreign(detail!("not-ldap"));
    let mut reader = Reader::new(answer, ByteOrder::Big);
    if reader.u8()? != 0x30 {
        return Err(FOREIGN);
    }
    let length = match reader.u8()? {
        short @ 0..=0x7f => usize::from(short),
        // In the long form, so many bytes of length follow. Windows always writes four.
        long @ 0x81..=0x84 => {
            let bytes = reader.take(usize::from(long & 0x7f))?;
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        }
        _ => return Err(FOREIGN),
    };
    if length > MAX_LENGTH { Err(FOREIGN) } else { Ok(answer.len() - reader.remaining() + length) }
}

/// What a message holds.
enum Said {
    Time(Vec<u8>),
    /// An entry without the time.
    Nothing,
    /// The end of the search without an entry, or of the conversation.
    Result(u8),
}

fn take_message<S: Source>(content: &mut Constructed<'_, S>) -> Result<Said, DecodeError<S::Error>> {
    content.take_primitive_if(Tag::INTEGER, |id| id.skip_all())?;
    let said = content.take_constructed(|tag, operation| match tag {
        tag if tag == Tag::application(SEARCH_RESULT_ENTRY) => take_entry(operation),
        tag if tag == Tag::application(SEARCH_RESULT_DONE) || tag == Tag::application(EXTENDED_RESPONSE) => {
            let code = operation.take_primitive_if(Tag::ENUMERATED, |code| code.to_u8())?;
            operation.skip_all()?;
            Ok(Said::Result(code))
        }
        _ => Err(operation.content_err("another operation than a search is answered with")),
    })?;
    content.skip_all()?; // controls
    Ok(said)
}

/// A `SearchResultEntry` (4.5.2): the name of the entry, and its attributes, each with a set of values.
fn take_entry<S: Source>(entry: &mut Constructed<'_, S>) -> Result<Said, DecodeError<S::Error>> {
    entry.take_primitive_if(Tag::OCTET_STRING, |name| name.skip_all())?;
    entry.take_sequence(|attributes| {
        let mut said = Said::Nothing;
        while let Some(values) = attributes.take_opt_sequence(|attribute| {
            let name = attribute.take_primitive_if(Tag::OCTET_STRING, |name| name.take_all())?;
            let value = attribute.take_set(|values| {
                let first = values.take_opt_primitive_if(Tag::OCTET_STRING, |value| value.take_all())?;
                values.skip_all()?;
                Ok(first)
            })?;
            Ok(value.filter(|_| name.eq_ignore_ascii_case(ATTRIBUTE)))
        })? {
            if let Some(time) = values {
                said = Said::Time(time.to_vec());
            }
        }
        Ok(said)
    })
}

#[cfg(test)]
mod tests;

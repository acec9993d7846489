//! Kerberos: a request that must fail, and the time in the refusal.
//!
//! A KDC states its clock in every error (`stime` and `susec` of KRB-ERROR), so that clients can see whether theirs is
//! the cause. A KDC of several realms may instead say nothing to a realm it does not know. Section numbers are those of
//! RFC 4120.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the name of a method is not general enough in its lifetimes for the decoder"
)]

use super::reader::{ByteOrder, Reader};
use super::{NoTime, generalized_time};
use crate::observation::detail;
use bcder::decode::{Constructed, DecodeError, Source};
use bcder::encode::{PrimitiveContent, Values, sequence, sequence_as};
use bcder::{Captured, Mode, Tag};
use std::time::{Duration, SystemTime};

/// The fields have microseconds, but a KDC may repeat an answer it gave within the last second, time and all.
pub const RESOLUTION: Duration = Duration::from_secs(1);

/// A realm that cannot exist (RFC 6761 section 6.4), and a name nobody has.
const REALM: &[u8] = b"GRACEWATCH.INVALID";
const CLIENT: &[u8] = b"gracewatch-clock";

/// The longest answer that is read, in bytes. Real ones have 100 to 300.
const MAX_LENGTH: usize = 8192;

/// The message types there are to ask with and to be answered with, as application tags (5.10).
const AS_REQ: u8 = 10;
const KRB_ERROR: u8 = 30;
const VERSION: u8 = 5;

/// Encryption types that every KDC of today knows (RFC 3962 section 7).
const AES256: u8 = 18;
const AES128: u8 = 17;

/// An AS-REQ for a name that does not exist, as it is sent over TCP: its length goes before (5.4.1, 7.2.2). To a
/// `nonce` it has seen a KDC repeats what it answered then, with the time of then.
pub fn request(nonce: u32) -> Vec<u8> {
    let body = sequence((
        explicit(0, b"\x00\x00\x00\x00\x00".as_slice().encode_as(Tag::BIT_STRING)), // no options
        explicit(1, principal(1, text(CLIENT))),
        explicit(2, text(REALM)),
        explicit(3, principal(2, (text(b"krbtgt"), text(REALM)))),
        explicit(5, b"19700101000000Z".as_slice().encode_as(Tag::GENERALIZED_TIME)), // for as long as may be
        explicit(7, nonce.encode()),
        explicit(8, sequence((AES256.encode(), AES128.encode()))),
    ));
    let message = sequence((explicit(1, VERSION.encode()), explicit(2, AS_REQ.encode()), explicit(4, body)));
    let message = Captured::from_values(Mode::Der, sequence_as(Tag::application(AS_REQ.into()), message));
    let mut bytes = u32::try_from(message.as_slice().len()).unwrap_or_default().to_be_bytes().to_vec();
    bytes.extend(message.as_slice());
    bytes
}

/// A field of a Kerberos message: every one has a number and keeps its own tag within.
fn explicit(number: u32, value: impl Values) -> impl Values {
    sequence_as(Tag::ctx(number), value)
}

/// A `PrincipalName` (5.2.2): 1 is the kind of a user, 2 that of a service.
fn principal(kind: u8, parts: impl Values) -> impl Values {
    sequence((explicit(0, kind.encode()), explicit(1, sequence(parts))))
}

/// A `KerberosString` (5.2.1).
fn text(text: &'static [u8]) -> impl Values {
    text.encode_as(Tag::GENERAL_STRING)
}

/// Reads the time off an answer.
///
/// # Errors
/// [`NoTime::Incomplete`] until all of it is there; another [`NoTime`] where it is no KRB-ERROR or its time is none.
pub fn decode(answer: &[u8]) -> Result<SystemTime, NoTime> {
    const FOREIGN: NoTime = NoTime::Foreign(detail!("not-kerberos"));
    let mut reader = Reader::new(answer, ByteOrder::Big);
    // Whoever speaks something else, such as a proxy, is not waited for.
    if answer.first().is_some_and(|first| *first != 0) {
        return Err(FOREIGN);
    }
    let length = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    if length > MAX_LENGTH {
        return Err(FOREIGN);
    }
    let message = reader.take(length)?;
    let (time, microseconds) = Mode::Der.decode(message, take_error).map_err(|_| FOREIGN)?;
    let reading = generalized_time::parse(&time)?;
    if microseconds >= 1_000_000 {
        return Err(NoTime::OutOfRange);
    }
    reading.checked_add(Duration::from_micros(microseconds.into())).ok_or(NoTime::OutOfRange)
}

/// A KRB-ERROR (5.9.1), as far as the time of the server: seconds as text, and microseconds.
fn take_error<S: Source>(content: &mut Constructed<'_, S>) -> Result<(Vec<u8>, u32), DecodeError<S::Error>> {
    content.take_constructed_if(Tag::application(KRB_ERROR.into()), |message| {
        message.take_sequence(|fields| {
            fields.take_constructed_if(Tag::ctx(0), |version| version.skip_u8_if(VERSION))?;
            fields.take_constructed_if(Tag::ctx(1), |kind| kind.skip_u8_if(KRB_ERROR))?;
            for client_time in [2, 3] {
                fields.take_opt_constructed_if(Tag::ctx(client_time), |time| time.skip_all())?;
            }
            let seconds = fields.take_constructed_if(Tag::ctx(4), |field| {
                field.take_primitive_if(Tag::GENERALIZED_TIME, |time| time.take_all())
            })?;
            let microseconds = fields.take_constructed_if(Tag::ctx(5), |field| field.take_u32())?;
            fields.skip_all()?;
            Ok((seconds.to_vec(), microseconds))
        })
    })
}

#[cfg(test)]
mod tests;

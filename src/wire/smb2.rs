//! SMB2: the question every connection begins with, and the time in its answer.
//!
//! NEGOTIATE asks which dialects a server speaks; its answer carries the server's clock, before anyone has logged on
//! and whether or not anyone will. Section numbers are those of MS-SMB2.

use super::NoTime;
use super::reader::{ByteOrder, Reader};
use crate::observation::detail;
use std::time::{Duration, SystemTime};

/// Windows's clock moves in ticks of 1/64 s unless a program asks for finer ones, so its time may be as old.
pub const RESOLUTION: Duration = Duration::from_micros(15_625);

/// Bytes before each message on TCP: a zero, and the length of the message in three bytes (2.1).
const TRANSPORT_HEADER: usize = 4;
const HEADER: usize = 64;
const PROTOCOL: &[u8; 4] = b"\xfeSMB";
const SMB1: &[u8; 4] = b"\xffSMB";

/// The command of this message, and the flag that makes it an answer (2.2.1.2).
const NEGOTIATE: u16 = 0;
const SERVER_TO_REDIR: u32 = 1;

/// Every dialect there is, 2.0.2 to 3.1.1: we care for none, and a server may insist on the newest (2.2.3).
const DIALECTS: [u16; 5] = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311];

/// Names this client to the server. It means something only to clients that log on.
const CLIENT_GUID: &[u8; 16] = b"gracewatch clock";

/// Between the seconds of 1601, from which FILETIME counts, and those of 1970.
const EPOCH_DIFFERENCE: u64 = 11_644_473_600;
const TICKS_A_SECOND: u64 = 10_000_000;
/// The first second of the year 10000, from 1970.
const END_OF_CALENDAR: u64 = 253_402_300_800;

/// The NEGOTIATE request (2.2.3).
pub fn request() -> Vec<u8> {
    let mut body = Vec::with_capacity(96);
    let put = |bytes: &mut Vec<u8>, fields: &[u16]| bytes.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
    let count = u16::try_from(DIALECTS.len()).unwrap_or_default();
    // Structure size; signing enabled and not required, no capabilities.
    put(&mut body, &[36, count, 1, 0, 0, 0]);
    body.extend(CLIENT_GUID);
    // Dialect 3.1.1 comes with one context, which follows the dialects, at a multiple of eight.
    let contexts = (HEADER + 36 + DIALECTS.len() * 2).next_multiple_of(8);
    body.extend(u32::try_from(contexts).unwrap_or_default().to_le_bytes());
    put(&mut body, &[1, 0]);
    put(&mut body, &DIALECTS);
    body.resize(contexts - HEADER, 0);
    // Pre-authentication integrity: one hash, SHA-512, and 32 bytes of salt (2.2.3.1.1). Nothing will be signed.
    put(&mut body, &[1, 38, 0, 0, 1, 32, 1]);
    body.extend([0x47; 32]);

    let length = u32::try_from(HEADER + body.len()).unwrap_or_default();
    let mut message = length.to_be_bytes().to_vec();
    message.extend(PROTOCOL);
    // Structure size, credit charge, status in two halves, command, one credit asked for (2.2.1.2).
    put(&mut message, &[64, 0, 0, 0, NEGOTIATE, 1]);
    // Flags, next command, message and tree and session identifiers, signature: all none.
    message.resize(TRANSPORT_HEADER + HEADER, 0);
    message.extend(body);
    message
}

/// Reads the time off an answer.
///
/// # Errors
/// [`NoTime::Incomplete`] until enough of it is there; another [`NoTime`] where it is no SMB2, an error, or has no time.
pub fn decode(answer: &[u8]) -> Result<SystemTime, NoTime> {
    let mut transport = Reader::new(answer, ByteOrder::Big);
    // Whoever speaks something else is not waited for.
    if answer.first().is_some_and(|first| *first != 0) {
        return Err(NoTime::Foreign(detail!("not-smb")));
    }
    let length = usize::try_from(transport.u32()?).unwrap_or(usize::MAX);
    let message = answer.get(TRANSPORT_HEADER..).unwrap_or_default();
    let begin = message.get(..PROTOCOL.len()).unwrap_or(message);
    if SMB1.starts_with(begin) && !begin.is_empty() {
        return Err(NoTime::Foreign(detail!("smb1-alone")));
    }
    if !PROTOCOL.starts_with(begin) || length < HEADER {
        return Err(NoTime::Foreign(detail!("not-smb2")));
    }
    // What follows the message is not part of it, however much there is.
    let message = message.get(..length).unwrap_or(message);
    let ends = |incomplete| if message.len() == length { NoTime::Foreign(detail!("smb2-short")) } else { incomplete };
    system_time(message).map_err(|error| if error == NoTime::Incomplete { ends(error) } else { error })
}

/// Reads header and body up to the time (2.2.1.2, 2.2.4).
fn system_time(message: &[u8]) -> Result<SystemTime, NoTime> {
    let mut reader = Reader::new(message, ByteOrder::Little);
    reader.take(PROTOCOL.len())?;
    let (size, _charge, status) = (reader.u16()?, reader.u16()?, reader.u32()?);
    let (command, _credits, flags) = (reader.u16()?, reader.u16()?, reader.u32()?);
    if size != 64 || command != NEGOTIATE || flags & SERVER_TO_REDIR == 0 {
        return Err(NoTime::Foreign(detail!("smb2-other-answer")));
    }
    if status != 0 {
        return Err(NoTime::Refused(detail!("smb2-status", status = format!("0x{status:08X}"))));
    }
    reader.take(HEADER - 20)?;
    if reader.u16()? != 65 {
        return Err(NoTime::Foreign(detail!("smb2-other-answer")));
    }
    // Security mode, dialect, context count, server GUID, capabilities, three limits.
    reader.take(2 + 2 + 2 + 16 + 4 + 12)?;
    let ticks = u64::from(reader.u32()?) | u64::from(reader.u32()?) << 32;
    if ticks == 0 {
        return Err(NoTime::Absent(detail!("smb2-no-time")));
    }
    from_file_time(ticks).ok_or(NoTime::OutOfRange)
}

/// A FILETIME, which counts 100 ns from 1601 (MS-DTYP 2.3.3). `None` before 1970 and after 9999.
fn from_file_time(ticks: u64) -> Option<SystemTime> {
    let seconds =
        (ticks / TICKS_A_SECOND).checked_sub(EPOCH_DIFFERENCE).filter(|seconds| *seconds < END_OF_CALENDAR)?;
    let nanoseconds = u32::try_from(ticks % TICKS_A_SECOND * 100).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds))
}

#[cfg(test)]
mod tests;

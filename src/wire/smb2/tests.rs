//! Answers as bytes: good ones, half ones, and what is none.

use super::*;
use crate::observation::Detail;
use proptest::prelude::*;
use std::time::UNIX_EPOCH;

/// An answer with this status and time.
fn answer(status: u32, ticks: u64) -> Vec<u8> {
    let mut message = PROTOCOL.to_vec();
    message.extend([64, 0, 1, 0]);
    message.extend(status.to_le_bytes());
    message.extend([0, 0, 1, 0]);
    message.extend(SERVER_TO_REDIR.to_le_bytes());
    message.resize(HEADER, 0);
    message.extend([65, 0, 1, 0, 0x11, 0x03, 1, 0]);
    message.extend([7; 16]);
    message.extend([0; 16]);
    message.extend(ticks.to_le_bytes());
    message.extend([0; 24]);
    let mut bytes = u32::try_from(message.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(message);
    bytes
}

/// The time in an answer with a clock at so many seconds from 1601.
fn reading(seconds: u64) -> Result<u64, NoTime> {
    decode(&answer(0, seconds * TICKS_A_SECOND)).map(|reading| reading.duration_since(UNIX_EPOCH).unwrap().as_secs())
}

#[test]
fn the_time_is_read_to_the_hundred_nanoseconds() {
    let expected = UNIX_EPOCH + Duration::new(1_795_448_198, 123_456_700);
    assert_eq!(decode(&answer(0, 134_399_217_981_234_567)), Ok(expected));
}

#[test]
fn years_beyond_every_rollover_are_read_and_those_no_clock_shows_refused() {
    for seconds in [0, 2_085_978_496, 2_147_483_648, END_OF_CALENDAR - 1] {
        assert_eq!(reading(EPOCH_DIFFERENCE + seconds), Ok(seconds));
    }
    assert_eq!(reading(0), Err(NoTime::Absent(detail!("smb2-no-time"))));
    assert_eq!(reading(1), Err(NoTime::OutOfRange), "1601");
    assert_eq!(reading(EPOCH_DIFFERENCE - 1), Err(NoTime::OutOfRange), "1969");
    assert_eq!(reading(EPOCH_DIFFERENCE + END_OF_CALENDAR), Err(NoTime::OutOfRange), "10000");
    assert_eq!(decode(&answer(0, u64::MAX)), Err(NoTime::OutOfRange));
}

#[test]
fn an_error_is_shown_by_its_number() {
    let error = decode(&answer(0xC000_00BB, 0)).unwrap_err();
    assert_eq!(error, NoTime::Refused(detail!("smb2-status", status = "0xC00000BB")));
}

#[test]
fn every_part_of_an_answer_waits_for_the_rest() {
    let whole = answer(0, 134_399_217_981_234_567);
    let needed = TRANSPORT_HEADER + HEADER + 48;
    for length in 0..needed {
        assert_eq!(decode(&whole[..length]), Err(NoTime::Incomplete), "{length} bytes");
    }
    assert!(decode(&whole[..needed]).is_ok());
}

#[test]
fn what_is_not_smb2_is_reported_at_once() {
    let cases: [(&[u8], Detail); 6] = [
        (b"HTTP/1.1 400 Bad Request\r\n", detail!("not-smb")),
        (b"\x83\x00\x00\x01\x8f", detail!("not-smb")),
        (b"\x00\x00\x00\x55\xffSMBr", detail!("smb1-alone")),
        (b"\x00\x00\x00\x55\xfeSMC", detail!("not-smb2")),
        (b"\x00\x00\x00\x05\xfeSMB\x40", detail!("not-smb2")),
        (b"\x00\x00\x00\x55\xfdSMB", detail!("not-smb2")),
    ];
    for (bytes, why) in cases {
        assert_eq!(decode(bytes), Err(NoTime::Foreign(why.clone())), "{bytes:?}");
    }
    let mut question = request();
    question[0] = 0;
    assert!(matches!(decode(&question), Err(NoTime::Foreign(_))), "our own words come back");
}

#[test]
fn an_answer_that_says_it_is_over_is_not_waited_for() {
    let mut short = answer(0, 1)[..100].to_vec();
    short[..4].copy_from_slice(&96_u32.to_be_bytes());
    assert_eq!(decode(&short), Err(NoTime::Foreign(detail!("smb2-short"))));
}

/// Where the fields of the request are (2.2.1.2, 2.2.3, 2.2.3.1).
#[test]
fn the_request_is_laid_out_as_specified() {
    let request = request();
    let length = u32::from_be_bytes(request[..4].try_into().unwrap());
    assert_eq!(usize::try_from(length).unwrap(), request.len() - 4);
    let message = &request[4..];
    let field = |at: usize| u16::from_le_bytes([message[at], message[at + 1]]);
    assert_eq!((&message[..4], field(4), field(12)), (&PROTOCOL[..], 64, NEGOTIATE));
    assert_eq!((field(64), field(66), field(68)), (36, 5, 1));
    let dialects: Vec<_> = (0..5).map(|index| field(100 + 2 * index)).collect();
    assert_eq!(dialects, DIALECTS);
    let context = usize::from(field(92));
    assert_eq!((context % 8, field(96)), (0, 1));
    assert_eq!((field(context), field(context + 2)), (1, 38), "integrity capabilities of 38 bytes");
    assert_eq!(message.len(), context + 8 + 38);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        let _ = system_time(&bytes);
    }

    #[test]
    fn a_flipped_byte_never_panics(at in 0_usize..136, with in any::<u8>(), cut in 0_usize..140) {
        let mut bytes = answer(0, 134_399_217_981_234_567);
        bytes[at] ^= with;
        bytes.truncate(cut);
        let _ = decode(&bytes);
    }

    #[test]
    fn what_is_written_is_read_back(seconds in 0..END_OF_CALENDAR, ticks in 0..TICKS_A_SECOND) {
        let file_time = (EPOCH_DIFFERENCE + seconds) * TICKS_A_SECOND + ticks;
        let moment = UNIX_EPOCH + Duration::new(seconds, u32::try_from(ticks * 100).unwrap());
        prop_assert_eq!(decode(&answer(0, file_time)), Ok(moment));
    }
}

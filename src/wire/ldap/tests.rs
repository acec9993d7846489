//! Answers as bytes: in short and long form, half ones, and what is none.

use super::*;
use bcder::encode::Values;
use proptest::prelude::*;
use std::time::UNIX_EPOCH;

fn message(tag: u32, operation: impl Values) -> Vec<u8> {
    let message = sequence((1_u8.encode(), sequence_as(Tag::application(tag), operation)));
    Captured::from_values(Mode::Der, message).as_slice().to_vec()
}

fn entry(attribute: &[u8], value: &[u8]) -> Vec<u8> {
    let attributes = sequence(sequence((attribute.encode(), bcder::encode::set(value.encode()))));
    message(SEARCH_RESULT_ENTRY, (b"".as_slice().encode(), attributes))
}

fn result(tag: u32, code: u8) -> Vec<u8> {
    message(tag, (code.encode_as(Tag::ENUMERATED), b"".as_slice().encode(), b"why".as_slice().encode()))
}

fn seconds(answer: &[u8]) -> Result<u64, NoTime> {
    decode(answer).map(|moment| moment.duration_since(UNIX_EPOCH).unwrap().as_secs())
}

#[test]
fn the_time_is_read_whatever_follows() {
    let mut answer = entry(b"currentTime", b"20261123153638.0Z");
    assert_eq!(seconds(&answer), Ok(1_795_448_198));
    answer.extend(result(SEARCH_RESULT_DONE, 0));
    assert_eq!(seconds(&answer), Ok(1_795_448_198));
    assert_eq!(seconds(&entry(b"CURRENTTIME", b"99991231235959.0Z")), Ok(253_402_300_799));
}

/// Windows writes every length in five bytes.
#[test]
fn lengths_in_the_long_form_are_read() {
    let mut value = vec![0x04, 0x84, 0, 0, 0, 17];
    value.extend(b"20261123153638.0Z");
    let wrap = |tag: u8, content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x84], length.as_slice(), content].concat()
    };
    let attribute = wrap(0x30, &[wrap(0x04, b"currentTime"), wrap(0x31, &value)].concat());
    let entry = wrap(0x64, &[wrap(0x04, b""), wrap(0x30, &attribute)].concat());
    let message = wrap(0x30, &[vec![2, 1, 1], entry].concat());
    assert_eq!(seconds(&message), Ok(1_795_448_198));
    for length in 0..message.len() {
        assert_eq!(seconds(&message[..length]), Err(NoTime::Incomplete), "{length} bytes");
    }
}

#[test]
fn an_answer_without_the_time_says_why() {
    let absent = NoTime::Absent(detail!("ldap-no-time"));
    assert_eq!(seconds(&entry(b"vendorName", b"x")), Err(absent));
    assert_eq!(seconds(&result(SEARCH_RESULT_DONE, 1)), Err(NoTime::Refused(detail!("ldap-result", code = 1_u8))));
    assert_eq!(seconds(&result(EXTENDED_RESPONSE, 52)), Err(NoTime::Refused(detail!("ldap-result", code = 52_u8))));
    assert_eq!(seconds(&entry(b"currentTime", b"16010101000000.0Z")), Err(NoTime::OutOfRange));
    assert!(matches!(seconds(&entry(b"currentTime", b"yesterday")), Err(NoTime::Foreign(_))));
}

#[test]
fn what_is_not_ldap_is_reported_at_once() {
    let cases: [&[u8]; 6] = [
        b"HTTP/1.1 400",
        b"\x30\x80\x02\x01\x01",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x00",
        b"\x30\x85\x00\x00\x00\x00\x05",
    ];
    for bytes in cases {
        assert_eq!(decode(bytes), Err(NoTime::Foreign(detail!("not-ldap"))), "{bytes:?}");
    }
    assert_eq!(decode(&request()), Err(NoTime::Foreign(detail!("not-ldap"))), "our own words come back");
}

/// Written out by hand from RFC 4511.
#[test]
fn the_request_is_a_search_of_the_root() {
    let expected = b"\x30\x32\x02\x01\x01\x63\x2d\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x01\x02\x01\x00\x01\x01\x00\
                     \x87\x0bobjectClass\x30\x0d\x04\x0bcurrentTime";
    assert_eq!(request(), expected);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        // And what passes for a message.
        bytes.splice(0..0, [0x30, 0x82, 0, 40, 2, 1, 1, 0x64]);
        let _ = decode(&bytes);
    }

    #[test]
    fn a_flipped_byte_never_panics(at in 0_usize..40, with in any::<u8>(), cut in 0_usize..60) {
        let mut bytes = entry(b"currentTime", b"20261123153638.0Z");
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= with;
        }
        bytes.truncate(cut);
        let _ = decode(&bytes);
    }

    #[test]
    fn what_is_written_is_read_back(seconds in 0_u64..253_402_300_800) {
        let moment = UNIX_EPOCH + Duration::from_secs(seconds);
        let answer = entry(b"currentTime", generalized_time::format(moment).as_bytes());
        prop_assert_eq!(decode(&answer), Ok(moment));
    }
}

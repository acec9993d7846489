//! Errors as bytes: good ones, half ones, and what is none.

use super::*;
use proptest::prelude::*;
use std::time::UNIX_EPOCH;

/// A KRB-ERROR as a KDC sends it over TCP: code 6, the client is not known.
fn error(time: &[u8], microseconds: u32) -> Vec<u8> {
    let fields = sequence((
        explicit(0, VERSION.encode()),
        explicit(1, KRB_ERROR.encode()),
        explicit(4, time.encode_as(Tag::GENERALIZED_TIME)),
        explicit(5, microseconds.encode()),
        explicit(6, 6_u8.encode()),
        explicit(9, text(REALM)),
        explicit(10, sequence((explicit(0, 2_u8.encode()), explicit(1, sequence(text(b"krbtgt")))))),
        explicit(11, text(b"CLIENT_NOT_FOUND")),
    ));
    framed(Captured::from_values(Mode::Der, sequence_as(Tag::application(30), fields)).as_slice())
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
}

fn seconds(answer: &[u8]) -> Result<u64, NoTime> {
    decode(answer).map(|moment| moment.duration_since(UNIX_EPOCH).unwrap().as_secs())
}

#[test]
fn the_time_is_read_to_the_microsecond() {
    let expected = UNIX_EPOCH + Duration::new(1_795_448_198, 123_456_000);
    assert_eq!(decode(&error(b"20261123153638Z", 123_456)), Ok(expected));
    assert_eq!(seconds(&error(b"20380119031408Z", 0)), Ok(2_147_483_648));
    assert_eq!(seconds(&error(b"99991231235959Z", 999_999)), Ok(253_402_300_799));
}

#[test]
fn a_time_that_is_none_is_refused() {
    assert_eq!(seconds(&error(b"16010101000000Z", 0)), Err(NoTime::OutOfRange));
    assert_eq!(seconds(&error(b"20261123153638Z", 1_000_000)), Err(NoTime::OutOfRange));
    assert!(matches!(seconds(&error(b"now", 0)), Err(NoTime::Foreign(_))));
}

#[test]
fn every_part_of_an_answer_waits_for_the_rest() {
    let whole = error(b"20261123153638Z", 5);
    for length in 0..whole.len() {
        assert_eq!(decode(&whole[..length]), Err(NoTime::Incomplete), "{length} bytes");
    }
}

#[test]
fn what_is_not_kerberos_is_reported_at_once() {
    let cases: [&[u8]; 5] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\x01\x00\x00",
        b"\x80\x00\x00\x10",
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x02\x30\x00",
    ];
    for bytes in cases {
        assert_eq!(decode(bytes), Err(NoTime::Foreign(detail!("not-kerberos"))), "{bytes:?}");
    }
    assert_eq!(decode(&request(7)), Err(NoTime::Foreign(detail!("not-kerberos"))), "our own words come back");
}

/// The outline of RFC 4120 section 5.4.1: what is where, by its tags.
#[test]
fn the_request_is_an_as_req() {
    let request = request(7);
    let length = u32::from_be_bytes(request[..4].try_into().unwrap());
    assert_eq!(usize::try_from(length).unwrap(), request.len() - 4);
    let fields = Mode::Der.decode(&request[4..], |content| {
        content.take_constructed_if(Tag::application(10), |message| {
            message.take_sequence(|fields| {
                fields.take_constructed_if(Tag::ctx(1), |version| version.skip_u8_if(5))?;
                fields.take_constructed_if(Tag::ctx(2), |kind| kind.skip_u8_if(10))?;
                fields.take_constructed_if(Tag::ctx(4), |body| {
                    body.take_sequence(|body| {
                        let mut numbers = Vec::new();
                        while body
                            .take_opt_constructed(|tag, field| {
                                numbers.push(tag.number());
                                field.skip_all()
                            })?
                            .is_some()
                        {}
                        Ok(numbers)
                    })
                })
            })
        })
    });
    assert_eq!(fields.unwrap(), [0, 1, 2, 3, 5, 7, 8]);
    assert_ne!(request, super::request(8), "or the answer may be an old one");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        let _ = decode(&framed(&bytes));
        let _ = decode(&framed(&[&[0x7e, 0x30], bytes.as_slice()].concat()));
    }

    #[test]
    fn a_flipped_byte_never_panics(at in 4_usize..110, with in any::<u8>()) {
        let mut bytes = error(b"20261123153638Z", 5);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= with;
        }
        let _ = decode(&bytes);
    }

    #[test]
    fn what_is_written_is_read_back(seconds in 0_u64..253_402_300_800, microseconds in 0_u32..1_000_000) {
        let moment = UNIX_EPOCH + Duration::from_secs(seconds);
        let answer = error(generalized_time::format(moment).as_bytes(), microseconds);
        prop_assert_eq!(decode(&answer), Ok(moment + Duration::from_micros(microseconds.into())));
    }
}

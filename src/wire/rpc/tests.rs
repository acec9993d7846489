//! The bind exchange as tables of bytes: what we send, what servers answer, and every way an answer can be cut.

use super::*;

/// A `bind_ack` as Windows sends one over TCP: secondary address "135", NDR32 rejected, NDR64 accepted, features
/// negotiated. Its call is ours.
const WINDOWS_ACK: &[u8] = &[
    0x05, 0x00, 0x0c, 0x03, 0x10, 0x00, 0x00, 0x00, 0x6c, 0x00, 0x00, 0x00, 0x0d, 0x0a, 0x0d, 0x0a, // header
    0xd0, 0x16, 0xd0, 0x16, 0x5c, 0x21, 0x00, 0x00, // 5840, 5840, association group
    0x04, 0x00, 0x31, 0x33, 0x35, 0x00, 0x00, 0x00, // "135", padded
    0x03, 0x00, 0x00, 0x00, // three results
    0x02, 0x00, 0x02, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    0x00, 0x00, 0x00, 0x00, 0x33, 0x05, 0x71, 0x71, 0xba, 0xbe, 0x37, 0x49, 0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc,
    0x36, 0x01, 0x00, 0x00, 0x00, //
    0x03, 0x00, 0x03, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

const CONGESTED_NAK: &[u8] =
    &[0x05, 0x00, 0x0d, 0x03, 0x10, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00, 0x00, 0x0d, 0x0a, 0x0d, 0x0a, 0x01, 0x00];

fn decode(bytes: &[u8]) -> Result<BindAnswer, NotAnAnswer> {
    let (header, rest) = bytes.split_first_chunk().ok_or(TooShort)?;
    let header = Header::decode(header)?;
    let body = rest.get(..header.body_length()).ok_or(TooShort)?;
    BindAnswer::decode(&header, body)
}

fn changed(bytes: &[u8], changes: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, value) in changes {
        bytes[*at] = *value;
    }
    bytes
}

#[test]
fn the_bind_is_exactly_these_bytes() {
    let context = |id: u8, syntax: &[u8]| {
        let kms = b"\x75\x21\xc8\x51\x4e\x84\x50\x47\xb0\xd8\xec\x25\x55\x55\xbc\x06\x01\x00\x00\x00";
        [&[id, 0, 1, 0], kms.as_slice(), syntax].concat()
    };
    let expected = [
        b"\x05\x00\x0b\x03\x10\x00\x00\x00\xa0\x00\x00\x00\x0d\x0a\x0d\x0a".as_slice(),
        b"\xd0\x16\xd0\x16\x00\x00\x00\x00\x03\x00\x00\x00",
        &context(0, b"\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\x00\x2b\x10\x48\x60\x02\x00\x00\x00"),
        &context(1, b"\x33\x05\x71\x71\xba\xbe\x37\x49\x83\x19\xb5\xdb\xef\x9c\xcc\x36\x01\x00\x00\x00"),
        &context(2, b"\x2c\x1c\xb7\x6c\x12\x98\x40\x45\x03\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00"),
    ]
    .concat();
    assert_eq!(bind(), expected);
}

#[test]
fn an_accepted_context_means_the_interface_is_served() {
    let answer = decode(WINDOWS_ACK).unwrap();
    let provider = ContextAnswer::Rejected { by_provider: true, reason: 2 };
    assert_eq!(answer, BindAnswer::Ack([provider, ContextAnswer::Accepted, ContextAnswer::Negotiated]));
    assert_eq!(answer.accepted(), Some(TransferSyntax::Ndr64));
}

#[test]
fn negotiated_features_alone_are_no_interface() {
    let answer = decode(&changed(WINDOWS_ACK, &[(60, 2), (62, 1)])).unwrap();
    assert_eq!(answer.accepted(), None);
    let BindAnswer::Ack(contexts) = answer else { panic!("not an ack") };
    assert_eq!(contexts[1].detail().to_string(), "provider rejection, abstract syntax not supported");
}

#[test]
fn a_refused_bind_says_why() {
    let answer = decode(CONGESTED_NAK).unwrap();
    assert_eq!(answer, BindAnswer::Nak(NakReason(1)));
    assert_eq!(answer.accepted(), None);
    assert_eq!(NakReason(1).detail().to_string(), "temporary congestion");
}

#[test]
fn big_endian_servers_are_understood() {
    let nak = [5, 0, 13, 3, 0, 0, 0, 0, 0, 18, 0, 0, 0x0a, 0x0d, 0x0a, 0x0d, 0, 4];
    assert_eq!(decode(&nak), Ok(BindAnswer::Nak(NakReason(4))));
}

#[test]
fn every_truncation_is_an_error() {
    for answer in [WINDOWS_ACK, CONGESTED_NAK] {
        for length in 0..answer.len() {
            assert_eq!(decode(&answer[..length]), Err(NotAnAnswer::TooShort), "{length} bytes");
        }
    }
}

#[test]
fn a_length_field_that_cuts_the_message_is_an_error() {
    for length in 16..WINDOWS_ACK.len() {
        let cut = changed(WINDOWS_ACK, &[(8, u8::try_from(length).unwrap())]);
        assert_eq!(decode(&cut), Err(NotAnAnswer::TooShort), "{length} bytes announced");
    }
}

#[test]
fn what_does_not_answer_our_bind_is_refused() {
    let cases: &[(&[(usize, u8)], NotAnAnswer)] = &[
        (&[(0, b'H')], NotAnAnswer::Version),
        (&[(1, 2)], NotAnAnswer::Version),
        (&[(2, 2)], NotAnAnswer::PacketType(2)),
        (&[(2, 0)], NotAnAnswer::PacketType(0)),
        (&[(3, 1)], NotAnAnswer::Fragmented),
        (&[(3, 2)], NotAnAnswer::Fragmented),
        (&[(12, 1)], NotAnAnswer::CallId),
        (&[(8, 15)], NotAnAnswer::Length(15)),
        (&[(8, 0)], NotAnAnswer::Length(0)),
        (&[(8, 0x01), (9, 0x10)], NotAnAnswer::Length(4097)),
        (&[(8, 0xff), (9, 0xff)], NotAnAnswer::Length(65535)),
        (&[(24, 0xff), (25, 0xff)], NotAnAnswer::TooShort),
        (&[(32, 0)], NotAnAnswer::Contexts(0)),
        (&[(32, 255)], NotAnAnswer::Contexts(255)),
        (&[(10, 16)], NotAnAnswer::TooShort),
    ];
    for (changes, expected) in cases {
        assert_eq!(decode(&changed(WINDOWS_ACK, changes)).as_ref(), Err(expected), "{changes:?}");
    }
}

#[test]
fn nothing_may_trail() {
    let mut longer = changed(WINDOWS_ACK, &[(8, 0x70)]);
    longer.extend([0; 4]);
    assert_eq!(decode(&longer), Err(NotAnAnswer::Trailing(4)));
}

#[test]
fn an_authentication_trailer_is_passed_over() {
    let mut signed = changed(WINDOWS_ACK, &[(8, 0x6c + 8 + 16), (10, 16)]);
    signed.extend([0; 8 + 16]);
    assert!(decode(&signed).is_ok());
}

#[test]
fn no_changed_byte_makes_another_server_a_kms_host() {
    let rejected = changed(WINDOWS_ACK, &[(60, 2)]);
    assert_eq!(decode(&rejected).unwrap().accepted(), None);
    for at in 0..rejected.len() {
        for value in 0..=u8::MAX {
            let accepted = decode(&changed(&rejected, &[(at, value)])).ok().and_then(|answer| answer.accepted());
            // Where a result field itself says so, it is accepted; nowhere else.
            let says_so = value == 0 && [36, 60, 84].contains(&at);
            assert!(accepted.is_none() || says_so, "byte {at} changed to {value}");
        }
    }
}

//! Kerberos: what a KDC answers to a login, as far as it has to be looked at. Section numbers are those of RFC 4120.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the name of a method is not general enough in its lifetimes for the decoder"
)]

use bcder::decode::{Constructed, DecodeError, Source};
use bcder::encode::{PrimitiveContent, Values, sequence, sequence_as};
use bcder::{Captured, Mode, OctetString, Tag};

const VERSION: u8 = 5;

/// The message types an answer may have, as application tags (5.10).
const AS_REP: u8 = 11;
const KRB_ERROR: u8 = 30;

/// `KDC_ERR_PREAUTH_REQUIRED` (7.5.9).
const PROOF_REQUIRED: u8 = 25;

/// The error code of a KRB-ERROR (5.9.1), and nothing for any other message.
pub fn error_code(message: &[u8]) -> Option<u32> {
    Mode::Der.decode(message, take_error_code).ok()
}

fn take_error_code<S: Source>(content: &mut Constructed<'_, S>) -> Result<u32, DecodeError<S::Error>> {
    content.take_constructed_if(Tag::application(KRB_ERROR.into()), |message| {
        message.take_sequence(|fields| {
            // Version, type, and the times of the client and the server.
            for number in 0..=5 {
                fields.take_opt_constructed_if(Tag::ctx(number), |field| field.skip_all())?;
            }
            let code = fields.take_constructed_if(Tag::ctx(6), |field| field.take_u32())?;
            fields.skip_all()?;
            Ok(code)
        })
    })
}

/// The refusal of a KDC that first wants proof of the password, made of a ticket it gave without: an AS-REP (5.4.2).
/// What helps to derive a key from a password has the same form in both (5.2.7). Nothing for any other message.
pub fn demand_proof(message: &[u8]) -> Option<Vec<u8>> {
    let hints = Mode::Der.decode(message, take_hints).ok()?;
    let nothing = || b"".as_slice().encode_as(Tag::GENERAL_STRING);
    let error = sequence((
        explicit(0, VERSION.encode()),
        explicit(1, KRB_ERROR.encode()),
        explicit(4, b"19700101000000Z".as_slice().encode_as(Tag::GENERALIZED_TIME)), // a field that must be there
        explicit(5, 0_u8.encode()),
        explicit(6, PROOF_REQUIRED.encode()),
        explicit(9, nothing()), // as must the realm and the service
        explicit(10, sequence((explicit(0, 0_u8.encode()), explicit(1, sequence(nothing()))))),
        hints.as_ref().map(|hints| explicit(12, OctetString::encode_slice(hints.as_slice()))),
    ));
    let error = Captured::from_values(Mode::Der, sequence_as(Tag::application(KRB_ERROR.into()), error));
    Some(error.as_slice().to_vec())
}

fn take_hints<S: Source>(content: &mut Constructed<'_, S>) -> Result<Option<Captured>, DecodeError<S::Error>> {
    content.take_constructed_if(Tag::application(AS_REP.into()), |message| {
        message.take_sequence(|fields| {
            for number in 0..=1 {
                fields.take_constructed_if(Tag::ctx(number), |field| field.skip_all())?;
            }
            let hints = fields.take_opt_constructed_if(Tag::ctx(2), |field| field.capture_all())?;
            fields.skip_all()?;
            Ok(hints)
        })
    })
}

/// A field of a Kerberos message: every one has a number and keeps its own tag within.
fn explicit(number: u32, value: impl Values) -> impl Values {
    sequence_as(Tag::ctx(number), value)
}

#[cfg(test)]
mod tests {
    use super::{demand_proof, error_code};

    /// An AS-REP, as far as it is read: the hints are one PA-DATA of type 19 that names AES-256.
    const TICKET: [u8; 41] = [
        0x6b, 39, 0x30, 37, 0xa0, 3, 2, 1, 5, 0xa1, 3, 2, 1, 11, 0xa2, 20, 0x30, 18, 0x30, 16, 0xa1, 3, 2, 1, 19, 0xa2,
        9, 4, 7, 0x30, 5, 0xa0, 3, 2, 1, 18, 0xa3, 3, 0x1b, 1, b'R',
    ];

    #[test]
    fn a_ticket_becomes_a_demand_with_the_same_hints() {
        let demand = demand_proof(&TICKET).expect("it is a ticket");
        assert_eq!(error_code(&demand), Some(25));
        assert!(demand.ends_with(&TICKET[16..36]), "{demand:02x?}");
        assert_eq!(demand_proof(&demand), None);
        assert_eq!(error_code(&TICKET), None);
        for end in 0..TICKET.len() {
            assert_eq!(demand_proof(&TICKET[..end]), None, "{end} bytes");
        }
        for end in 0..demand.len() {
            assert_eq!(error_code(&demand[..end]), None, "{end} bytes");
        }
    }
}

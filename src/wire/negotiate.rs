//! Negotiate (RFC 4178), the wrapping around Kerberos and NTLM, as far as it has to be looked at.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the name of a method is not general enough in its lifetimes for the decoder"
)]

use bcder::decode::{Constructed, DecodeError, Source};
use bcder::{Mode, Tag};

/// `reject`, among the states a negotiation can be in (section 4.2.2).
const REJECT: u8 = 2;

/// Whether a server ends the negotiation with its message.
pub fn is_rejection(message: &[u8]) -> bool {
    Mode::Der.decode(message, take_state).is_ok_and(|state| state == Some(REJECT))
}

/// A `NegTokenResp` (section 4.2.2), as far as its state.
fn take_state<S: Source>(content: &mut Constructed<'_, S>) -> Result<Option<u8>, DecodeError<S::Error>> {
    content.take_constructed_if(Tag::CTX_1, |message| {
        message.take_sequence(|fields| {
            let state = fields.take_opt_constructed_if(Tag::CTX_0, |field| {
                field.take_primitive_if(Tag::ENUMERATED, |state| state.to_u8())
            })?;
            fields.skip_all()?;
            Ok(state)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::is_rejection;

    #[test]
    fn a_rejection_is_distinguished_from_what_goes_on() {
        let rejection = [0xa1, 7, 0x30, 5, 0xa0, 3, 0x0a, 1, 2];
        assert!(is_rejection(&rejection));
        assert!(!is_rejection(&[0xa1, 7, 0x30, 5, 0xa0, 3, 0x0a, 1, 1]));
        assert!(!is_rejection(&[0xa1, 2, 0x30, 0]));
        for end in 0..rejection.len() {
            assert!(!is_rejection(&rejection[..end]), "{end} bytes");
        }
    }
}

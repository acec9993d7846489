//! What a mistyped code may have been: known codes that differ by a digit or two, or in which two are swapped.

use super::facts::{self, Confidence};
use crate::codes::Code;

/// How many codes are suggested.
const SUGGESTED: usize = 5;

/// How many digits may be wrong.
const MAX_WRONG: usize = 2;

/// What may have been meant by a text that is no code. Empty where it does not look like one.
pub fn to_text(text: &str) -> Vec<Code> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    // Six to ten letters and digits, of which most could be a code's. A word of prose is none.
    let is_digit = |byte: u8| byte.is_ascii_hexdigit();
    let looks_like_one = (6..=10).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && digits.bytes().filter(|byte| is_digit(*byte)).count() + MAX_WRONG >= digits.len()
        && digits.bytes().any(|byte| byte.is_ascii_digit());
    if looks_like_one { nearest(&digits.to_ascii_uppercase()) } else { Vec::new() }
}

/// What may have been meant by a code that is not described.
pub fn to_code(code: Code) -> Vec<Code> {
    nearest(&digits(code))
}

fn digits(code: Code) -> String {
    format!("{:08X}", code.0)
}

/// The codes at the least distance: those with two digits swapped first, then what is documented.
fn nearest(given: &str) -> Vec<Code> {
    let mut candidates: Vec<_> = facts::all()
        .filter(|fact| fact.code.0 != 0)
        .filter_map(|fact| {
            let known = digits(fact.code);
            // Two neighbours swapped are one mistake, and two wrong digits by their count.
            let distance = strsim::osa_distance(given, &known);
            let is_swapped = distance == 1 && strsim::hamming(given, &known) == Ok(2);
            let rank = (distance, !is_swapped, fact.confidence != Confidence::Documented, fact.code);
            (distance <= MAX_WRONG).then_some(rank)
        })
        .collect();
    candidates.sort();
    let least = candidates.first().map(|candidate| candidate.0);
    let nearest = candidates.into_iter().take_while(|candidate| Some(candidate.0) == least);
    nearest.map(|(_, _, _, code)| code).take(SUGGESTED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(codes: &[Code]) -> Vec<String> {
        codes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn swapped_digits_come_before_wrong_ones() {
        assert_eq!(shown(&to_code(Code(0xC004_F047 + 0x1000_0000)))[0], "0xC004F047");
        assert_eq!(shown(&to_code(Code(0xC040_F074)))[0], "0xC004F074");
        assert_eq!(shown(&to_code(Code(0x8070_232B))), ["0x8007232B"]);
    }

    #[test]
    fn digits_may_be_wrong_missing_or_doubled() {
        assert_eq!(shown(&to_text("0xC00G4F074"))[0], "0xC004F074");
        assert_eq!(shown(&to_text("0xC04F074"))[0], "0xC004F074");
        assert_eq!(shown(&to_text("C004F0Z4")).len(), 5);
        assert!(shown(&to_text("8OO7232B")).contains(&"0x8007232B".to_owned()));
    }

    #[test]
    fn what_is_far_from_all_or_no_code_has_no_neighbour() {
        for text in ["", "0x", "activation", "facade00000", "0x12345678", "slmgr", "\u{e4}\u{f6}\u{fc}12345"] {
            assert_eq!(to_text(text), [], "{text}");
        }
    }
}

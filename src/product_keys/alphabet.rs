//! The characters of product keys, and which of them look like those that no key has.

use crate::words;

/// Every character that occurs in a key. N is in keys since Windows 8 alone.
pub const ALPHABET: &str = "BCDFGHJKMNPQRTVWXY2346789";

/// The same, one by one.
const CHARACTERS: [char; 25] = [
    'B', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'M', 'N', 'P', 'Q', 'R', 'T', 'V', 'W', 'X', 'Y', '2', '3', '4', '6', '7',
    '8', '9',
];

/// True for a character that occurs in keys, in upper case.
pub(super) fn is_possible(character: char) -> bool {
    ALPHABET.contains(character)
}

/// The characters of keys that this one, which occurs in none, is likely misread or mistyped for; the likeliest first.
/// Empty where nothing looks like it.
pub(super) fn similar(character: char) -> &'static [char] {
    match character {
        // Left out of keys because people confuse them with others, which are not in keys either: 0 and O, 1 and I
        // and L, 5 and S, 2 and Z. So what was meant is something less like them.
        '0' | 'O' => &['Q', 'D', 'C', 'G'],
        '1' | 'I' | 'L' => &['7', 'J', 'T'],
        '5' => &['6', '3', '9'],
        'S' => &['8', '6', 'G'],
        'Z' => &['2', '7'],
        'A' => &['R', 'H', '4'],
        'E' => &['F', 'B', '3'],
        'U' => &['V', 'W', 'J'],
        _ => twin(character),
    }
}

/// The character that looks the same as one of another script, in either case.
fn twin(character: char) -> &'static [char] {
    let place = words::twin(character).and_then(|twin| ALPHABET.find(twin));
    place.and_then(|place| CHARACTERS.get(place)).map_or(&[], std::slice::from_ref)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_and_digit_is_possible_or_looks_like_one_that_is() {
        for character in ('A'..='Z').chain('0'..='9') {
            let similar = similar(character);
            assert_eq!(is_possible(character), similar.is_empty(), "{character}");
            assert!(similar.iter().all(|other| is_possible(*other)), "{character}");
        }
    }

    #[test]
    fn letters_of_other_scripts_have_their_twin() {
        assert_eq!([similar('\u{412}'), similar('\u{39d}'), similar('\u{e4}')], [&['B'][..], &['N'], &[]]);
    }
}

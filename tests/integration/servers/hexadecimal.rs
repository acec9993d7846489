//! Bytes as hexadecimal digits and back, for messages and for captured packets in tests.

/// Two lower-case digits a byte.
pub fn encode(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Reads digits, ignoring any white space between them.
pub fn decode(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| {
            let digit = character.to_digit(16).unwrap_or_else(|| panic!("{character:?} is no hexadecimal digit"));
            u8::try_from(digit).expect("a digit is below 16")
        })
        .collect();
    assert!(digits.len().is_multiple_of(2), "half a byte at the end of {text:?}");
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

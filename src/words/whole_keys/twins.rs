//! Letters of other scripts that look like those of keys.

/// The letter of a key, in upper case, that this one looks like: one of Cyrillic or Greek script, in small capitals, or of
/// the scripts of Cherokee and Lisu. Digits of other scripts are the same digits. What decomposes to a letter, such as one
/// of full width, is not here.
pub fn twin(character: char) -> Option<char> {
    Some(match character {
        'В' | 'в' | 'Β' | 'β' | 'ʙ' | 'Ᏼ' | 'ꓐ' => 'B',
        'С' | 'с' | 'Ϲ' | 'ϲ' | 'ᴄ' | 'Ꮯ' | 'ꓚ' => 'C',
        'ᴅ' | 'Ꭰ' | 'ꓓ' | 'Ð' | 'Đ' => 'D',
        'ꜰ' | 'Ϝ' | 'ꓝ' => 'F',
        'ɢ' | 'Ꮐ' | 'ꓖ' | 'Ԍ' => 'G',
        'Н' | 'н' | 'Η' | 'ʜ' | 'Ꮋ' | 'ꓧ' => 'H',
        'Ј' | 'ј' | 'Ϳ' | 'ϳ' | 'ᴊ' | 'ȷ' | 'Ꭻ' | 'ꓙ' => 'J',
        'К' | 'к' | 'Κ' | 'κ' | 'ᴋ' | 'Ꮶ' | 'ꓗ' => 'K',
        'М' | 'м' | 'Μ' | 'ᴍ' | 'Ꮇ' | 'ꓟ' => 'M',
        'Ν' | 'ɴ' | 'ꓠ' => 'N',
        'Р' | 'р' | 'Ρ' | 'ρ' | 'ᴘ' | 'Ꮲ' | 'ꓑ' => 'P',
        'Ԛ' | 'ԛ' | 'ꞯ' => 'Q',
        'ʀ' | 'Ꮢ' | 'ꓣ' => 'R',
        'Т' | 'т' | 'Τ' | 'τ' | 'ᴛ' | 'Ꭲ' | 'ꓔ' => 'T',
        'ν' | 'Ѵ' | 'ѵ' | 'ᴠ' | 'Ꮩ' | 'ꓦ' => 'V',
        'Ԝ' | 'ԝ' | 'ᴡ' | 'Ꮤ' | 'Ꮃ' | 'ꓪ' => 'W',
        'Х' | 'х' | 'Χ' | 'χ' | 'ꓫ' => 'X',
        'У' | 'у' | 'Υ' | 'υ' | 'Ү' | 'ү' | 'ʏ' | 'Ꮍ' | 'ꓬ' => 'Y',
        'З' | 'з' | 'Ʒ' | 'Ȝ' => '3',
        '\u{1f150}'..='\u{1f169}' => return letter(character, '\u{1f150}'),
        '\u{1f170}'..='\u{1f189}' => return letter(character, '\u{1f170}'),
        '\u{1f1e6}'..='\u{1f1ff}' => return letter(character, '\u{1f1e6}'),
        _ => return digit(character),
    })
}

/// The letter of an alphabet in signs, which begins at `first`.
fn letter(character: char, first: char) -> Option<char> {
    u8::try_from(u32::from(character) - u32::from(first)).ok().map(|index| char::from(b'A' + index))
}

/// The digit of Arabic, Persian, Devanagari, Bengali or Thai script.
fn digit(character: char) -> Option<char> {
    let zeroes = [0x660, 0x6F0, 0x966, 0x9E6, 0xE50];
    zeroes.into_iter().find_map(|zero| char::from_digit(u32::from(character).checked_sub(zero)?, 10))
}

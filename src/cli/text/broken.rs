//! Breaking sentences into lines that fit a terminal, between words, and in Japanese between characters. A command stays
//! on one line where it fits, so that it can be copied.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks a sentence that begins at column `indent`, so that no line is longer than `width` columns. What is longer by
/// itself, such as an address, is broken anywhere.
pub(in crate::cli) fn broken(sentence: &str, width: usize, indent: usize) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut column = indent;
    let room = width.saturating_sub(indent).max(2);
    for Piece { text: piece, columns, is_spaced } in pieces(sentence, room) {
        let space = usize::from(is_spaced && column > indent);
        if column > indent && column.saturating_add(space).saturating_add(columns) > width {
            new_line(&mut text, indent);
            column = indent;
        } else if space > 0 {
            text.push(' ');
            column += 1;
        }
        if columns <= room {
            text.push_str(piece);
            column += columns;
            continue;
        }
        for character in piece.chars() {
            let columns = character.width().unwrap_or(0);
            if column.saturating_add(columns) > indent + room {
                new_line(&mut text, indent);
                column = indent;
            }
            text.push(character);
            column += columns;
        }
    }
    text
}

fn new_line(text: &mut String, indent: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n(' ', indent));
}

/// How many columns a text takes on a terminal.
pub(in crate::cli) fn columns(text: &str) -> usize {
    text.width()
}

/// A text that takes no more than so many columns: what is longer ends in three dots.
pub(in crate::cli) fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    for character in text.chars() {
        if columns(&cut) + character.width().unwrap_or(0) + 1 > width {
            break;
        }
        cut.push(character);
    }
    cut + "…"
}

/// A text with spaces behind it, so that it takes so many columns.
pub(in crate::cli) fn padded(text: &str, width: usize) -> String {
    text.to_owned() + &" ".repeat(width.saturating_sub(columns(text)))
}

/// What stays on one line.
struct Piece<'a> {
    text: &'a str,
    columns: usize,
    /// True where a space parts it from the piece before.
    is_spaced: bool,
}

/// The words of a sentence, and each of its wide characters with what may not begin a line.
fn pieces(sentence: &str, room: usize) -> impl Iterator<Item = Piece<'_>> {
    words(sentence, room).flat_map(|word| {
        let mut rest = Some(word);
        let mut is_spaced = true;
        std::iter::from_fn(move || {
            let text = rest?;
            let end = piece_end(text);
            let (piece, tail) = text.split_at_checked(end).unwrap_or((text, ""));
            rest = (!tail.is_empty()).then_some(tail);
            let columns = columns(piece);
            Some(Piece { text: piece, columns, is_spaced: std::mem::take(&mut is_spaced) })
        })
    })
}

/// What spaces divide, but for those in a command between backquotes that takes no more than `room` columns.
fn words(sentence: &str, room: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(sentence);
    std::iter::from_fn(move || {
        let text = rest?;
        let (word, tail) = text.split_at_checked(word_end(text, room)).unwrap_or((text, ""));
        rest = tail.strip_prefix(' ');
        Some(word)
    })
}

/// Where the first word of a text ends, in bytes.
fn word_end(text: &str, room: usize) -> usize {
    let mut end = text.find(' ').unwrap_or(text.len());
    let mut quotes = text.match_indices('`').map(|(at, _)| at);
    while let (Some(opened), Some(closed)) = (quotes.next(), quotes.next()) {
        let is_kept = opened < end && end < closed && columns(text.get(opened..=closed).unwrap_or_default()) <= room;
        if is_kept {
            end = text.get(closed..).and_then(|tail| tail.find(' ')).map_or(text.len(), |at| closed + at);
        }
    }
    end
}

/// Where the first piece of a word ends, in bytes.
fn piece_end(word: &str) -> usize {
    let mut before = None;
    for (index, character) in word.char_indices() {
        let may_break = before.is_some_and(|before| {
            (is_wide(before) || is_wide(character)) && !begins_no_line(character) && !ends_no_line(before)
        });
        if may_break {
            return index;
        }
        before = Some(character);
    }
    word.len()
}

/// True for characters of two columns: Japanese, Chinese, Korean, and full-width forms.
fn is_wide(character: char) -> bool {
    character.width() == Some(2)
}

/// Closing marks, the sign of a long vowel and small kana (JIS X 4051).
const fn begins_no_line(character: char) -> bool {
    matches!(
        character,
        '、' | '。'
            | '」'
            | '』'
            | '）'
            | '・'
            | 'ー'
            | 'ァ'
            | 'ィ'
            | 'ゥ'
            | 'ェ'
            | 'ォ'
            | 'ッ'
            | 'ャ'
            | 'ュ'
            | 'ョ'
            | 'っ'
            | 'ゃ'
            | 'ゅ'
            | 'ょ'
            | ')'
            | ','
            | '.'
            | ':'
            | ';'
    )
}

const fn ends_no_line(character: char) -> bool {
    matches!(character, '「' | '『' | '（' | '(')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_broken_between_words() {
        assert_eq!(broken("one two three", usize::MAX, 0), "one two three");
        assert_eq!(broken("one two three", 7, 0), "one two\nthree");
        assert_eq!(broken("one two three", 8, 2), "one\n  two\n  three");
        assert_eq!(broken("unbreakable", 5, 0), "unbre\nakabl\ne");
        assert_eq!(broken("see http://kms01/", 10, 2), "see\n  http://k\n  ms01/");
        assert_eq!(broken("", 3, 0), "");
    }

    #[test]
    fn a_command_stays_on_one_line_where_it_fits() {
        assert_eq!(broken("on kms01: `sc query a`, then", 16, 2), "on kms01:\n  `sc query a`,\n  then");
        assert_eq!(broken("on `sc query abcdefghijk` now", 12, 0), "on `sc query\nabcdefghijk`\nnow");
        assert_eq!(broken("`a b` or `c d` or", 9, 0), "`a b` or\n`c d` or");
        assert_eq!(broken("認証は`a b`で", 8, 0), "認証は\n`a b`で");
        assert_eq!(broken("an odd ` one", 8, 0), "an odd `\none");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!([columns("ab"), columns("認証"), columns("認 a")], [2, 4, 4]);
        assert_eq!([padded("認証", 6), padded("認証", 3)], ["認証  ", "認証"]);
    }

    #[test]
    fn what_is_cut_fits() {
        assert_eq!([cut("abcd", 4), cut("abcde", 4), cut("認証する", 5)], ["abcd", "abc…", "認証…"]);
    }

    #[test]
    fn japanese_is_broken_between_characters_but_not_before_a_full_stop() {
        assert_eq!(broken("認証に失敗した。", 8, 0), "認証に失\n敗した。");
        assert_eq!(broken("認証した。次", 8, 0), "認証し\nた。次");
        assert_eq!(broken("`slmgr /ato` を実行", 14, 0), "`slmgr /ato`\nを実行");
        assert_eq!(broken("「設定」を", 4, 0), "「設\n定」\nを");
        assert_eq!(broken("認証 a", usize::MAX, 0), "認証 a");
    }
}

//! Breaking sentences into lines that fit a terminal, between words, and in Japanese between phrases: after a particle or a
//! mark. A command stays on one line where it fits, so that it can be copied.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks a sentence that begins at column `indent`, so that no line is longer than `width` columns. What is longer by
/// itself, such as an address, is broken anywhere.
pub(crate) fn broken(sentence: &str, width: usize, indent: usize) -> String {
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
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// A text that takes no more than so many columns: what is longer ends in three dots.
pub(crate) fn cut(text: &str, width: usize) -> String {
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
pub(crate) fn padded(text: &str, width: usize) -> String {
    text.to_owned() + &" ".repeat(width.saturating_sub(columns(text)))
}

/// What stays on one line.
struct Piece<'a> {
    text: &'a str,
    columns: usize,
    /// True where a space parts it from the piece before.
    is_spaced: bool,
}

/// The words of a sentence, and in Japanese its phrases.
fn pieces(sentence: &str, room: usize) -> impl Iterator<Item = Piece<'_>> {
    words(sentence, room).flat_map(move |word| {
        let mut rest = Some(word);
        let mut is_spaced = true;
        std::iter::from_fn(move || {
            let text = rest?;
            let end = piece_end(text, room);
            let (piece, tail) = text.split_at_checked(end).unwrap_or((text, ""));
            rest = (!tail.is_empty()).then_some(tail);
            let columns = columns(piece);
            Some(Piece { text: piece, columns, is_spaced: std::mem::take(&mut is_spaced) })
        })
    })
}

/// What spaces divide, but for those in a command between backquotes and those within a phrase, where that takes no more
/// than `room` columns.
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
    let mut end = command_end(text, room);
    while let Some((word, tail)) = text.split_at_checked(end)
        && let Some(tail) = tail.strip_prefix(' ')
        && goes_on(word, tail)
    {
        let begun = last_piece(word, room);
        let phrase = text.get(begun..end + 1 + piece_end(tail, room)).unwrap_or_default();
        if columns(phrase) > room {
            break;
        }
        end += 1 + command_end(tail, room);
    }
    end
}

/// Where the first word of a text ends of which spaces in a command are part, in bytes.
fn command_end(text: &str, room: usize) -> usize {
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

/// True where what follows a space is of the same phrase: a particle, or what a number counts.
fn goes_on(word: &str, tail: &str) -> bool {
    let next = tail.chars().next();
    let counted = word.ends_with(|last: char| last.is_ascii_digit()) && next.is_some_and(is_wide);
    counted || next.is_some_and(is_hiragana)
}

/// Where the first piece of a word ends, in bytes: a phrase, and where that takes more than `room` columns a character.
fn piece_end(word: &str, room: usize) -> usize {
    let phrase = end_where(word, |before, character| ends_phrase(before) && !is_hiragana(character));
    let fits = columns(word.get(..phrase).unwrap_or_default()) <= room;
    if fits { phrase } else { end_where(word, |before, character| is_wide(before) || is_wide(character)) }
}

/// Where the last piece of a word begins, in bytes.
fn last_piece(word: &str, room: usize) -> usize {
    let mut begun = 0;
    while let Some(rest) = word.get(begun..) {
        let end = piece_end(rest, room);
        if end >= rest.len() {
            break;
        }
        begun += end;
    }
    begun
}

/// Where the first two characters are that may be parted, in bytes.
fn end_where(word: &str, may_part: impl Fn(char, char) -> bool) -> usize {
    let next = word.char_indices().skip(1);
    let mut pairs = word.chars().zip(next);
    let parted = pairs.find(|&(before, (_, character))| {
        may_part(before, character) && !begins_no_line(character) && !ends_no_line(before)
    });
    parted.map_or(word.len(), |(_, (at, _))| at)
}

/// True for what a phrase ends with: a particle, an ending, or a mark.
fn ends_phrase(character: char) -> bool {
    is_hiragana(character) || matches!(character, '、' | '。' | '」' | '』' | '）' | '・')
}

const fn is_hiragana(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{309f}')
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
    fn japanese_is_broken_between_phrases() {
        assert_eq!(broken("認証に失敗した。", 10, 0), "認証に\n失敗した。");
        assert_eq!(broken("認証した。次", 10, 0), "認証した。\n次");
        assert_eq!(broken("`slmgr /ato` を実行", 17, 0), "`slmgr /ato` を\n実行");
        assert_eq!(broken("KMS ホストを確認する", 16, 0), "KMS ホストを\n確認する");
        assert_eq!(broken("認証 a", usize::MAX, 0), "認証 a");
        assert_eq!(broken("期限は、7 日以内、4 時間 5 分", 14, 0), "期限は、\n7 日以内、\n4 時間 5 分");
        assert_eq!(broken("更新の 12 台が corp を使う", 14, 0), "更新の 12 台が\ncorp を使う");
    }

    #[test]
    fn what_is_too_long_for_a_line_is_broken_between_characters_but_not_before_a_full_stop() {
        assert_eq!(broken("認証に失敗した。", 8, 0), "認証に失\n敗した。");
        assert_eq!(broken("「設定」を", 4, 0), "「設\n定」\nを");
        assert_eq!(broken("`slmgr /ato` を実行", 13, 0), "`slmgr /ato`\nを実行");
    }
}

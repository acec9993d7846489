//! Where the key comes from: typed at a terminal without echo, or the first line on stdin that is not empty. It is wiped
//! from memory once it is no longer needed.

use crate::catalogue::{Message, message};
use crate::signal::Signals;
use crate::text::{Words, say};
use encoding_rs::Encoding;
use std::io::{self, IsTerminal, Read};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// The most bytes that are read on stdin, and that are looked at of what was typed. A key takes 29, and twice that in
/// UTF-16.
const MAX_BYTES: usize = 1024;

/// How long the terminal may take to be itself again, after Ctrl-C.
const RESTORING: Duration = Duration::from_secs(1);

/// Why no key is read.
#[derive(Debug)]
pub(super) enum InputError {
    /// By the person who was to type it.
    Interrupted,
    /// It is longer than any key.
    TooLong,
    /// The system does not let us.
    Io(io::Error),
}

impl InputError {
    /// What to say of it.
    pub(super) fn message(&self) -> Message {
        match self {
            Self::Interrupted => message!("key-interrupted"),
            Self::TooLong => message!("key-too-long", most = MAX_BYTES),
            Self::Io(error) => message!("other-error", error = error.to_string()),
        }
    }
}

impl From<io::Error> for InputError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The line the key is in; empty where nothing was typed.
///
/// # Errors
/// Where it cannot be read, is interrupted, or is longer than any key.
pub(super) async fn read(words: Words) -> Result<Zeroizing<String>, InputError> {
    let line = if io::stdin().is_terminal() { typed(words).await? } else { first_line(io::stdin().lock())? };
    if line.len() > MAX_BYTES { Err(InputError::TooLong) } else { Ok(line) }
}

/// What is typed at the terminal.
async fn typed(words: Words) -> Result<Zeroizing<String>, InputError> {
    // At Ctrl-C the signal is raised while echo is off. It must not end the process before echo is back.
    let mut signals = Signals::listen()?;
    let prompt = say!(words, "key-prompt") + " ";
    let (sender, mut receiver) = oneshot::channel();
    // A thread of its own: nothing can end the reading, and the runtime would wait for one of its own to the end.
    std::thread::Builder::new().spawn(move || {
        // Nobody listens any more where it was interrupted.
        let _ = sender.send(rpassword::prompt_password(prompt).map(Zeroizing::new));
    })?;
    tokio::select! {
        read = &mut receiver => Ok(read.map_err(|_| InputError::Interrupted)??),
        _ = signals.next() => {
            let _ = timeout(RESTORING, receiver).await;
            Err(InputError::Interrupted)
        }
    }
}

/// The first line that is not empty, as soon as its end is read; what comes after it is not waited for.
fn first_line(mut input: impl Read) -> Result<Zeroizing<String>, InputError> {
    // One byte more than there may be. It does not grow, so no copy of it is left behind.
    let mut bytes = Zeroizing::new([0; MAX_BYTES + 1]);
    let mut length = 0;
    loop {
        let free = bytes.get_mut(length..).unwrap_or_default();
        let is_full = free.is_empty();
        let count = match input.read(free) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        length += count;
        let is_at_end = count == 0 && !is_full;
        let text = decoded(bytes.get(..length).unwrap_or_default());
        let mut lines = text.split_inclusive(['\n', '\r']).filter(|line| !line.trim().is_empty());
        match lines.next() {
            Some(line) if is_at_end || line.ends_with(['\n', '\r']) => {
                return Ok(Zeroizing::new(line.trim().to_owned()));
            }
            None if is_at_end => return Ok(Zeroizing::default()),
            _ if is_full => return Err(InputError::TooLong),
            _ => {}
        }
    }
}

/// The text, by its byte order mark in UTF-16, which is how PowerShell writes files, else in UTF-8.
fn decoded(bytes: &[u8]) -> Zeroizing<String> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
    let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
    Zeroizing::new(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out its pieces one by one, and fails when asked for more than there are.
    struct Pieces<'a>(Vec<&'a [u8]>);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(io::Error::other("there is no more"));
            }
            let piece = self.0.remove(0);
            buffer[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    fn line(input: impl Read) -> Result<String, String> {
        first_line(input).map(|line| line.to_string()).map_err(|error| error.message().to_string())
    }

    #[test]
    fn the_first_line_that_is_not_empty_is_read() {
        for (input, expected) in [
            (&b"BCDFG"[..], "BCDFG"),
            (b"\r\n \n BCDFG \r\nHJKMP\n", "BCDFG"),
            (b"\xef\xbb\xbfBCDFG\n", "BCDFG"),
            (b"\xff\xfeB\0C\0\r\0\n\0D\0", "BC"),
            (b"\xfe\xff\0B\0C", "BC"),
            (b"B\xffC", "B\u{fffd}C"),
            (b"", ""),
            (b" \n\n", ""),
        ] {
            assert_eq!(line(input).as_deref(), Ok(expected), "{input:?}");
        }
    }

    #[test]
    fn nothing_is_waited_for_beyond_the_line() {
        assert_eq!(line(Pieces(vec![b"BC", b"DF\nG"])).as_deref(), Ok("BCDF"));
        assert_eq!(line(Pieces(vec![b"BC", b"DF"])), Err("there is no more".to_owned()));
    }

    #[test]
    fn no_more_is_read_than_a_key_can_take() {
        let refused = Err(InputError::TooLong.message().to_string());
        assert_eq!(line(io::repeat(b'B')), refused);
        assert_eq!(line(io::repeat(b'\n')), refused);
        assert_eq!(line([b'B'; MAX_BYTES].as_slice()).map(|line| line.len()), Ok(MAX_BYTES));
        assert_eq!(line([b'B'; MAX_BYTES + 1].as_slice()), refused);
    }
}

//! A line on the terminal that says what is being done, gone once it is done.

use std::io::{IsTerminal, Write, stderr};

/// The line. On anything but a terminal it stays away.
#[derive(Debug)]
pub(super) struct Progress {
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { shown: stderr().is_terminal() }
    }

    /// Shows what is being done, in place of what was shown before.
    pub(super) fn show(&self, doing: &str) {
        if self.shown {
            // A progress line that cannot be written is not worth an error.
            let _ = write!(stderr(), "\r\x1b[K{doing}");
        }
    }

    /// Says something that stays, on a line of its own.
    pub(super) fn print(&self, message: &str) {
        self.show("");
        anstream::eprintln!("gracewatch: {message}");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

//! A line on the terminal that says how far a round is, gone once it is complete.

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

    /// Shows that `done` of `planned` probes are done.
    pub(super) fn show(&self, (done, planned): (usize, usize)) {
        if self.shown {
            // A progress line that cannot be written is not worth an error.
            let _ = write!(stderr(), "\r\x1b[Kprobing: {done} of {planned}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

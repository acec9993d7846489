//! A clock that is wrong by a known amount: libfaketime gives a program another time than this machine's.

use std::path::Path;
use std::process::Command;

use super::program;

/// Shifts the clock of what `command` runs by `offset`, as libfaketime writes it: `+14700s`.
///
/// (The `faketime` command does the same and forks: its process id would not be the server's.)
pub fn shift(command: &mut Command, offset: &str) {
    let library = format!("/usr/lib/{}-linux-gnu/faketime/libfaketime.so.1", std::env::consts::ARCH);
    command.env("LD_PRELOAD", program::file(library, "libfaketime"));
    command.env("FAKETIME", offset);
    // A server's own timers run on the monotonic clock, and a jump there would stop them.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    // The offset is looked up again every ten seconds, and nginx has emptied its environment by then.
    command.env("FAKETIME_CACHE_DURATION", "86400");
}

/// Lets the clock of what `command` runs follow a file that holds its offset, as libfaketime writes it: `+14700s`.
pub fn follow(command: &mut Command, file: &Path) {
    shift(command, "+0");
    command.env_remove("FAKETIME").env_remove("FAKETIME_CACHE_DURATION");
    command.env("FAKETIME_TIMESTAMP_FILE", file).env("FAKETIME_NO_CACHE", "1");
}

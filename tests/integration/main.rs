//! The program against real servers: `check` and `serve` as users run them.

mod servers;

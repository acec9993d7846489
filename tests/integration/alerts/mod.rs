//! From a fault to who is told of it: a daemon in a network with everything it watches, a Prometheus and an
//! Alertmanager with the files we ship, and the receivers of the latter.
//!
//! Each module is a scene: something breaks, the right alert arrives and no other, it is mended, and that arrives too.
//! [`world`] is what all scenes play in, [`fleet`] who depends on it, [`watch`] who watches, [`shipped`] how the files
//! are made to run here, and [`told`] what arrives.
//!
//! A scene waits more than it works, so many of them run well at a time: `--test-threads 8`.

mod before;
mod blocked;
mod certificates;
mod clock;
mod coverage;
mod dns;
mod down;
mod fleet;
mod grace;
mod history;
mod hosts;
mod intermittent;
mod itself;
mod machines;
mod proxy;
mod redundancy;
mod replication;
mod reports;
mod restarts;
pub mod shipped;
mod time;
mod told;
mod unknown;
mod watch;
mod world;
